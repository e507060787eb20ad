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
set search_path = ''
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
delete from ownership_private.bases b
using ownership_private.policies p, ownership_private.protected_tables e, gazelle.taken_over t
where b.policy_id = p.id and p.table_id = e.id and e.tbl = t.tbl;

select ownership.adopt(p.tbl, p.col)
from ownership.policies p
join gazelle.taken_over t on t.tbl = p.tbl
order by p.tbl, p.col;

update gazelle.taken_over set adopted_at = now();

create function sync.settling(stream text, target regclass, col name, is_set boolean)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select format($sql$
    with sent as (
      select r.payload ->> 'external_id' as key, v.%2$I as value
      from sync.staged_pages s
      cross join lateral jsonb_array_elements(s.records) r (payload)
      cross join lateral jsonb_populate_record(null::%1$s, r.payload) v
      where s.stream = %3$L and r.payload ? %4$L and r.payload ->> 'external_id' <> all(s.superseded)
    ), handed_back as (
      delete from ownership_private.claims c
      using sent
      where c.policy_id = $1 and c.key = sent.key and c.since = $2 and c.rank >= 100 and not c.removed and %5$s
      returning c.key, c.element, c.value
    ), noted as materialized (
      select ownership_private.remember($1, h.key, h.element, 'released', $3, h.value, h.value) from handed_back h
    )
    select count(*) from noted$sql$,
    settling.target, settling.col, settling.stream, settling.col,
    case when settling.is_set then 'c.element = any (ownership_private.elements(sent.value::text[]))'
      else 'c.value is not distinct from to_jsonb(sent.value)' end)
$$;
comment on function sync.settling(text, regclass, name, boolean) is
  'The SQL that drops the adopted claims of a column ($1 policy, $2 since, $3 writer) where Gazelle sends the same value.';

create function sync.settle_adoption()
returns table (tbl regclass, col name, handed_back bigint, kept bigint)
language plpgsql
volatile
security definer
set search_path = ''
set timezone = 'UTC'
as $$
declare
  adopted record;
begin
  perform ownership_private.require_person('settle_adoption');
  for adopted in
    select p.id, t.tbl, t.adopted_at, p.col, p.mode, s.stream, w.writer
    from gazelle.taken_over t
    join sync.streams s on s.target = t.tbl
    join ownership_private.protected_tables e on e.tbl = t.tbl
    join ownership_private.policies p on p.table_id = e.id
    cross join ownership_private.current_writer() w
    -- The pages that lie staged are those of the stream's last run: it must have read to the end.
    where (
      select r.status = 'complete' and not r.is_replay
      from sync.runs r where r.stream = s.stream order by r.id desc limit 1
    )
    order by t.tbl::text, p.id
  loop
    tbl := adopted.tbl;
    col := adopted.col;
    execute sync.settling(adopted.stream, adopted.tbl, adopted.col, adopted.mode = 'merge_set')
      into handed_back using adopted.id, adopted.adopted_at, adopted.writer;
    kept := (
      select count(*) from ownership_private.claims c where c.policy_id = adopted.id and c.since = adopted.adopted_at
    );
    return next;
  end loop;
end;
$$;
comment on function sync.settle_adoption() is
  'After the first complete run over tables that were taken over: values that Gazelle sends too are Gazelle''s again, the
   others stay people''s. Returns how many of each, by column. Error: OW001.';

revoke execute on function sync.settling, sync.settle_adoption from public;
