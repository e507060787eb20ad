-- Triggers note which pianos and timeline entries are new or changed, so that a pass of the detection reads only those.

create table pls.changes (
  id bigint generated always as identity primary key,
  piano_id text not null,
  entry_id text
);
comment on table pls.changes is
  'What the next pass has to read: a timeline entry, or a piano with all of its entries. Writers only add rows, so that
   a change made during a pass is not lost.';
create index changes_piano_id_idx on pls.changes (piano_id);

create table pls.progress (
  only_row boolean primary key default true check (only_row),
  history_id bigint not null default 0,
  rules text,
  accepted boolean not null default false
);
comment on table pls.progress is
  'How far the detection is. One row.';
comment on column pls.progress.history_id is
  'The last entry of the ownership history in which released badges were looked for.';
comment on column pls.progress.rules is 'A fingerprint of the rules by which badges may be taken.';
comment on column pls.progress.accepted is
  'An operator has agreed that the next pass takes all badges that are held back.';
insert into pls.progress default values;

alter table pls.changes enable row level security;
alter table pls.progress enable row level security;
create policy detector on pls.changes
  to pls_detector using (true);
grant select, delete on pls.changes to pls_detector;

create function pls.note_all()
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into pls.changes (piano_id)
  select p.external_id from public.gazelle_pianos p
  union
  select e.piano_id from public.pls_evidence e
$$;
comment on function pls.note_all() is 'Notes every piano: the next pass reads all notes.';

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
comment on function pls.everything_changed() is 'Trigger: notes every piano, after a change of rules or a truncate.';

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
comment on function pls.entries_came() is 'Trigger: notes new timeline entries of service types.';

create function pls.entry_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- If the entry moved, its evidence for the former piano has to go: both pianos are noted.
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
comment on function pls.entry_changed() is
  'Trigger: notes a timeline entry that was changed, moved to another piano, or deleted.';

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
comment on function pls.pianos_came() is 'Trigger: notes new pianos, whose entries may have come before them.';

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
  'Trigger: notes a piano whose notes or badge anyone but the detector writes. It fires before the ownership guard, so
   that it sees values that ownership then keeps out.';

create function pls.note_releases()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A variable, for a join would read the view of the history whole.
  seen constant bigint := (select p.history_id from pls.progress p);
begin
  with newer as materialized (
    select h.id, h.key, h.tbl, h.col, h.event, h.writer from ownership.history h where h.id > seen
  ), noted as (
    insert into pls.changes (piano_id)
    select distinct n.key
    from newer n
    where n.tbl = 'public.gazelle_pianos' and n.col = 'dampp_chaser_installed'
      and n.event = 'released' and n.writer <> 'pls_detector'
  )
  update pls.progress p
  set history_id = n.id
  from (select max(n.id) as id from newer n) n
  where n.id is not null;
end
$$;
comment on function pls.note_releases() is
  'Notes pianos whose badge was released since the last pass: a release that changes no value fires no trigger.';

create function pls.take_changes(
  after text, pianos integer, out reached text, out whole text[], out entries text[], out all_pianos text[]
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- A loose index scan: each step finds the next piano in the index. distinct would read every noted row in every
  -- slice.
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
  'Removes the notes of the next pianos from pls.changes and returns them: reached is the last of these pianos, whole
   those to be read with all of their entries, entries the single ones, all_pianos both.';

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

-- Tables that were taken over hold data already.
select pls.note_all();
