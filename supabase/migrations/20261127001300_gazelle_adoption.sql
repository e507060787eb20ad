-- From supabase/schemas/gazelle/adoption.sql

-- What stood in a table before: nobody knows who wrote it, so it is people's until Gazelle is seen to say the same.

-- A trigger that stamps a row with the time of its last change would undo what the sync wrote there, and the sync would
-- write it again for ever: such a column stays the trigger's.
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

create function gazelle.try_triggers(tbl regclass)
returns text
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  set local role gazelle_sync;
  execute format('update %1$s set missing_since = now() where ctid = (select ctid from %1$s limit 1)', tbl);
  raise exception using errcode = 'GZ008';
exception
  when sqlstate 'GZ008' then
    return null;
  when others then
    return sqlerrm;
end;
$$;
comment on function gazelle.try_triggers(regclass) is
  'What a table''s own triggers and constraints say to a write of the sync. The write is taken back (GZ008), the role too.';
revoke execute on function gazelle.try_triggers from public;

-- A trigger runs with the rights of whoever writes, which is the sync too from now on: better told now than by its run.
do $$
declare
  tried record;
begin
  for tried in select t.tbl, gazelle.try_triggers(t.tbl) as refused from gazelle.taken_over t loop
    if tried.refused is not null then
      raise warning '% refuses what the sync writes: %', tried.tbl, tried.refused using
        hint = 'If a trigger function wants rights of its own, make it security definer with a search_path.';
    end if;
  end loop;
end
$$;

alter table gazelle.taken_over add column adopted_at timestamptz;
comment on column gazelle.taken_over.adopted_at is 'Claims of this time are of no one who was seen to write the value.';

select ownership.mark('tables were taken over') from gazelle.taken_over having count(*) > 0;

-- A set that is protected counts as nobody's. Of these Gazelle brought the most: as its last word they are settled,
-- while the claims keep each element.
select ownership.adopt(p.tbl, p.col, sent_by_source => true)
from ownership.policies p
join gazelle.taken_over t on t.tbl = p.tbl
order by p.tbl, p.col;

update gazelle.taken_over set adopted_at = now();

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
      and not exists (select from sync.rejected_records r where r.run_id = $1 and r.external_id = live.external_id)$sql$,
    target)
  into keys using run_id;
  return keys;
end;
$$;
comment on function sync.keys_read(regclass, bigint) is
  'The rows of a table whose record a complete run has seen, and could read.';

create function sync.settle_adoption()
returns table (tbl regclass, col name, handed_back bigint, kept bigint)
language plpgsql
volatile
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
    -- Of what Gazelle does not have it says nothing.
    join lateral sync.columns_of(t.tbl) c on c.name = p.col
    -- A run that has read everything, and every field of it.
    cross join lateral (
      select max(r.id) as id
      from sync.runs r
      where r.stream = s.stream and r.status = 'complete' and not r.dry_run and not r.is_replay
        and r.unknown_fields = 0
    ) run
    where run.id is not null
    order by t.tbl::text, p.protected_at, p.col
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
  'After the first complete run over tables that were taken over: values that Gazelle sent too are Gazelle''s again, the
   others stay people''s. Returns how many of each, by column. Error: OW001.';

revoke execute on function sync.keys_read, sync.settle_adoption from public;
