-- migration: gazelle_access

-- Where a table had row level security already, its application decides what signed-in users see: our policies go.
do $$
declare
  taken record;
begin
  for taken in
    select t.tbl, p.polname
    from gazelle.taken_over t
    join pg_catalog.pg_policy p on p.polrelid = t.tbl and p.polname in ('signed_in', 'signed_in_tag')
    where t.had_row_security
  loop
    execute format('drop policy %I on %s', taken.polname, taken.tbl);
  end loop;
end
$$;

-- migration: gazelle_client_adoption

-- Adoption: nobody knows who wrote the values of existing tables. They count as people's until Gazelle sends the same.

-- A trigger that sets updated_at at each change would overwrite what the sync wrote, and the sync would write it again
-- in every run. The sync loses its grant on such a column, and leaves it to the trigger.
do $$
declare
  stamped regclass;
begin
  for stamped in
    select t.tbl
    from gazelle.taken_over t
    where exists (
      select from pg_catalog.pg_trigger g
      join pg_catalog.pg_proc p on p.oid = g.tgfoid
      -- The bits of pg_trigger.tgtype: row 1, before 2, update 16.
      where g.tgrelid = t.tbl and g.tgtype & 19 = 19 and g.tgenabled <> 'D' and not g.tgisinternal
        and (p.prosrc ~* '\mnew\s*\.\s*"?updated_at"?\s*:?=' or encode(g.tgargs, 'escape') ~ '\mupdated_at\M')
    )
  loop
    execute format('revoke insert (updated_at), update (updated_at) on %s from gazelle_sync', stamped);
  end loop;
end
$$;

create function gazelle.try_writes(tbl regclass)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  set local role gazelle_sync;
  execute format('insert into %s (external_id) values (''etiquette_tries'')', tbl);
  execute format('update %1$s set missing_since = now() where ctid = (select ctid from %1$s limit 1)', tbl);
  raise exception using errcode = 'GZ008';
exception
  when sqlstate 'GZ008' then
    return null;
  when others then
    return sqlerrm;
end;
$$;
comment on function gazelle.try_writes(regclass) is
  'Inserts a row and updates one as the sync, and returns the error that the table''s own defaults, triggers or
   constraints raise, or null. The writes and the role are rolled back (GZ008).';
revoke execute on function gazelle.try_writes from public;

-- Defaults and triggers run with the writer's rights, and from now on the sync is a writer: what would fail is reported
-- now, not by the first run.
do $$
declare
  tried record;
begin
  for tried in select t.tbl, gazelle.try_writes(t.tbl) as refused from gazelle.taken_over t loop
    if tried.refused is not null then
      raise warning '% refuses what the sync writes: %', tried.tbl, tried.refused using
        hint = 'If a function of a trigger or a default wants rights of its own, make it security definer with a search_path.';
    end if;
  end loop;
end
$$;

select ownership.mark('tables were taken over') from gazelle.taken_over having count(*) > 0;

create function gazelle.adopt_values(name name)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Most elements of the sets came from Gazelle: each set is recorded as what Gazelle sent last, and claims keep all of
  -- its elements as a person's.
  perform ownership.adopt(p.tbl, p.col, sent_by_source => true)
  from ownership.policies p
  join gazelle.taken_over t on t.tbl = p.tbl
  where p.tbl = to_regclass(format('public.%I', name))
  order by p.col;
  update gazelle.taken_over t set adopted_at = now() where t.tbl = to_regclass(format('public.%I', name));
end;
$$;
comment on function gazelle.adopt_values(name) is
  'Adopts what stands in the protected columns of a table that was taken over. Writers of that table wait for it.';
revoke execute on function gazelle.adopt_values from public;

-- Writers wait for the adoption of one table at a time.
select gazelle.adopt_values('gazelle_clients');

-- migration: gazelle_contact_adoption

select gazelle.adopt_values('gazelle_contacts');

-- migration: gazelle_piano_adoption

select gazelle.adopt_values('gazelle_pianos');

-- migration: gazelle_activity_adoption

select gazelle.adopt_values(name) from unnest(array['gazelle_users', 'gazelle_appointments']::name[]) name;

-- migration: gazelle_adopted

-- Nothing is protected in the timeline.
update gazelle.taken_over set adopted_at = now() where adopted_at is null;

create function sync.keys_read(target regclass, run_id bigint)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  keys text[];
begin
  execute format($sql$
    select array_agg(live.external_id) from %s live
    where live.missing_since is null
      and not exists (
        select from sync.rejected_records r where r.run_id = $1 and r.external_id = live.external_id
      )$sql$, target)
  into keys using run_id;
  return keys;
end;
$$;
comment on function sync.keys_read(regclass, bigint) is
  'The external_ids of the rows whose record a complete run saw and could read.';

create function sync.settle_adoption()
returns table (tbl regclass, col name, handed_back bigint, kept bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  adopted record;
begin
  perform ownership.require_person('settle_adoption');
  for adopted in
    select t.tbl, t.adopted_at, p.col, run.id as run
    from gazelle.taken_over t
    join sync.streams s on s.target = t.tbl
    join ownership.policies p on p.tbl = t.tbl
    -- Only columns of the stream: of the others Gazelle sends nothing.
    join lateral sync.columns_of(t.tbl) c on c.name = p.col
    -- The last run that read every record with every field.
    cross join lateral (
      select max(r.id) as id
      from sync.runs r
      where r.stream = s.stream and r.status = 'complete' and not r.dry_run and not r.is_replay
        and r.unknown_fields = 0
    ) run
    where run.id is not null
    order by t.tbl::text, p.col
  loop
    tbl := adopted.tbl;
    col := adopted.col;
    handed_back := ownership.unadopt(
      tbl, col, adopted.adopted_at, sync.keys_read(tbl, adopted.run), 'gazelle_sync');
    kept := (
      select count(*) from ownership.claims c
      where c.tbl = adopted.tbl and c.col = adopted.col and c.since = adopted.adopted_at
    );
    return next;
  end loop;
end;
$$;
comment on function sync.settle_adoption() is
  'For tables that were taken over, after their first complete run: an adopted value that Gazelle sent too becomes
   Gazelle''s again, any other stays a person''s. Returns both counts by column. Error: OW001.';

revoke execute on function sync.keys_read, sync.settle_adoption from public;
