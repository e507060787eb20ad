-- What is new or changed is noted by triggers, so that a pass reads that and nothing else.

create table pls.changes (
  id bigint generated always as identity primary key,
  piano_id text not null,
  entry_id text
);
comment on table pls.changes is
  'What is still to be read: an entry, or a piano with all its entries. Append-only for writers, so that no change
   can get lost between a reader and a writer.';
create index changes_piano_id_idx on pls.changes (piano_id);

create table pls.progress (
  only_row boolean primary key default true check (only_row),
  history_id bigint not null default 0
);
comment on table pls.progress is 'Up to which entry of the ownership history released badges were noticed. One row.';
insert into pls.progress default values;

alter table pls.changes enable row level security;
alter table pls.progress enable row level security;
create policy detector on pls.changes
  to pls_detector using (true);
grant select, delete on pls.changes to pls_detector;

create function pls.note_all()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into pls.changes (piano_id)
  select p.external_id from public.gazelle_pianos p
  union
  select e.piano_id from public.pls_evidence e
$$;
comment on function pls.note_all() is 'Every piano is to be read anew.';

create function pls.everything_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pls.note_all();
  return null;
end
$$;
comment on function pls.everything_changed() is 'After a rule changed, or a table was emptied.';

create function pls.entries_came()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pls.changes (piano_id, entry_id)
  select n.piano_id, n.external_id
  from new_rows n
  where n.piano_id is not null and n.entry_type = any (pls.service_types());
  return null;
end
$$;
comment on function pls.entries_came() is 'New entries that carry service text are to be read.';

create function pls.entry_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What an entry said of the piano it was at before is to be forgotten, so that one is noted too.
  insert into pls.changes (piano_id, entry_id)
  select distinct c.piano_id, c.entry_id
  from (
    values (old.piano_id, old.external_id),
      (case when tg_op = 'UPDATE' then new.piano_id end, case when tg_op = 'UPDATE' then new.external_id end)
  ) c (piano_id, entry_id)
  where c.piano_id is not null;
  return null;
end
$$;
comment on function pls.entry_changed() is 'An entry that changed, moved or went is to be read again.';

create function pls.pianos_came()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pls.changes (piano_id) select n.external_id from new_rows n;
  return null;
end
$$;
comment on function pls.pianos_came() is 'New pianos are to be read, with entries that came before them.';

create function pls.piano_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('role') <> 'pls_detector' then
    insert into pls.changes (piano_id) values (new.external_id);
  end if;
  return new;
end
$$;
comment on function pls.piano_changed() is
  'A piano whose notes or badge somebody else changes is to be read. Before ownership judges, so that an offer counts.';

create function pls.note_releases()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into pls.changes (piano_id)
  select distinct h.key
  from pls.progress p
  join ownership.history h on h.id > p.history_id
  where h.tbl = 'public.gazelle_pianos' and h.col = 'dampp_chaser_installed'
    and h.event = 'released' and h.writer <> 'pls_detector';
  update pls.progress p set history_id = coalesce((select max(h.id) from ownership.history h), 0)
$$;
comment on function pls.note_releases() is
  'Badges that a person gave back are to be decided: a release that changes no value fires no trigger.';

create function pls.take_changes(
  after text, pianos integer, out reached text, out whole text[], out entries text[], out all_pianos text[]
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  -- From one piano to the next by the index: a plain distinct would read all that is noted, for each slice again.
  with recursive slice as (
    (
      select c.piano_id, 1 as place
      from pls.changes c
      where c.piano_id > take_changes.after
      order by c.piano_id
      limit 1
    )
    union all
    select n.piano_id, s.place + 1
    from slice s
    cross join lateral (
      select c.piano_id from pls.changes c where c.piano_id > s.piano_id order by c.piano_id limit 1
    ) n
    where s.place < take_changes.pianos
  ), taken as (
    delete from pls.changes c
    where c.piano_id > take_changes.after and c.piano_id <= (select max(s.piano_id) from slice s)
    returning c.piano_id, c.entry_id
  )
  select
    max(t.piano_id),
    coalesce(array_agg(distinct t.piano_id) filter (where t.entry_id is null), '{}'),
    coalesce(array_agg(distinct t.entry_id) filter (where t.entry_id is not null), '{}'),
    array_agg(distinct t.piano_id)
  from taken t
$$;
comment on function pls.take_changes(text, integer) is
  'Takes what is to be read of the next pianos: those to be read whole, single entries, and all of them.';

-- migration: shop_changes

create trigger pls_everything_changed
after insert or update or delete or truncate on public.pls_rules
for each statement execute function pls.everything_changed();

create trigger pls_everything_changed
after truncate on public.gazelle_timeline_entries
for each statement execute function pls.everything_changed();

create trigger pls_entries_came
after insert on public.gazelle_timeline_entries
referencing new table as new_rows
for each statement execute function pls.entries_came();

create trigger pls_entry_changed
after update on public.gazelle_timeline_entries
for each row when (
  (old.external_id, old.piano_id, old.entry_type, old.occurred_at, old.title, old.description)
  is distinct from (new.external_id, new.piano_id, new.entry_type, new.occurred_at, new.title, new.description)
)
execute function pls.entry_changed();

create trigger pls_entry_went
after delete on public.gazelle_timeline_entries
for each row execute function pls.entry_changed();

create trigger pls_pianos_came
after insert on public.gazelle_pianos
referencing new table as new_rows
for each statement execute function pls.pianos_came();

create trigger pls_piano_changed
before update on public.gazelle_pianos
for each row when (
  (old.external_id, old.notes, old.dampp_chaser_installed, old.dampp_chaser_mfg_date)
  is distinct from (new.external_id, new.notes, new.dampp_chaser_installed, new.dampp_chaser_mfg_date)
)
execute function pls.piano_changed();

-- This may install over tables that hold data.
select pls.note_all();
