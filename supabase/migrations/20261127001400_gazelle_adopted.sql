-- From supabase/schemas/gazelle/hold.sql

select gazelle.lock_tables();

do $$
declare
  held regclass;
begin
  for held in select t.tbl from gazelle.taken_over t where t.held <> '{}' loop
    execute format('drop trigger "~gazelle_hold" on %s', held);
    execute format('drop trigger "~gazelle_hold_all" on %s', held);
  end loop;
end
$$;

-- From supabase/schemas/gazelle/adoption.sql

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
