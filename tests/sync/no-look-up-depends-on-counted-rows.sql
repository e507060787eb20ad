-- Tables that fill up within a run have no statistics yet. No look-up of theirs compares each row with each other one:
-- no step of a plan touches more than a few rows a record.
begin;
set local search_path = public, extensions;
select plan(7);

create function pg_temp.dearest_step(statement text) returns numeric language plpgsql as $$
declare
  plan jsonb;
begin
  execute 'explain (analyze, timing off, summary off, format json) ' || statement into plan;
  return (
    with recursive steps (step) as (
      select plan #> '{0,Plan}'
      union all
      select below.step from steps s, jsonb_array_elements(s.step -> 'Plans') below (step)
    )
    select max((s.step ->> 'Actual Loops')::numeric * ((s.step ->> 'Actual Rows')::numeric
      + coalesce((s.step ->> 'Rows Removed by Filter')::numeric, 0)
      + coalesce((s.step ->> 'Rows Removed by Join Filter')::numeric, 0)))
    from steps s
  );
end;
$$;
-- The body of a function as it would be planned now, under its settings.
create function pg_temp.body_of(entry regprocedure, variadic parts text[]) returns text language plpgsql as $$
declare
  body text := (select p.prosrc from pg_proc p where p.oid = entry);
begin
  perform set_config(split_part(c, '=', 1), split_part(c, '=', 2), true)
  from pg_proc p, unnest(p.proconfig) c where p.oid = entry and c !~ '^search_path';
  for place in 1 .. cardinality(parts) by 2 loop
    body := replace(body, parts[place], parts[place + 1]);
  end loop;
  return body;
end;
$$;
create function pg_temp.read(note text) returns jsonb language plpgsql as $$
declare
  run record;
  state jsonb;
begin
  select * into run from jsonb_to_record(sync_start_run('appointments', 'test')) r (run_id bigint, lease uuid);
  state := sync_stage_page(run.run_id, run.lease, (
      select jsonb_agg(jsonb_build_object('external_id', 'e' || n, 'notes', note || n)) from generate_series(1, 2000) n
    )::text, (
      select jsonb_agg(jsonb_build_object('external_id', 'e' || n, 'path', '', 'reason', 'bad', 'payload', '{}'))
      from generate_series(2001, 3000) n
    ), null, true, 3000, timings => '{}');
  return state;
end;
$$;

-- Notes of people, each of which Gazelle has otherwise.
insert into gazelle_appointments (external_id, notes)
select 'e' || n, case when n <= 2000 then 'by hand ' || n end from generate_series(1, 3001) n;
select is(pg_temp.read('a') #>> '{counters,kept}', '2000', 'two thousand values are kept out');
select is((select c.reltuples <= 0 from pg_class c where c.oid = 'ownership_private.claims'::regclass), true,
  'and nobody has counted the claims');

create temporary table keys on commit drop as
select array_agg(external_id) as keys from gazelle_appointments where notes is not null;
select cmp_ok(pg_temp.dearest_step(pg_temp.body_of('ownership.known_answers(regclass,text[],name)',
    'known_answers.tbl', '''gazelle_appointments''::regclass', 'known_answers.writer', '''gazelle_sync''::name',
    'known_answers.keys', '(select keys from keys)::text[]')), '<=', 20000::numeric, 'what they were told before');
reset all;
select cmp_ok(pg_temp.dearest_step(format('select count(*) from %s l', sync.lacking_sql(r))), '<=', 20000::numeric,
  'which rows lack their record, where a thousand were rejected')
from sync.runs r;
select cmp_ok(pg_temp.dearest_step(pg_temp.body_of('sync.supersede(text)', 'supersede.stream', '''appointments''')),
  '<=', 20000::numeric, 'which ids a later page has too');
reset all;
select cmp_ok(pg_temp.dearest_step(ownership_private.owned_sql(t)), '<=', 20000::numeric, 'which values stand as they are owned')
from ownership_private.protected_tables t where t.tbl = 'gazelle_appointments'::regclass;
select cmp_ok(pg_temp.dearest_step(pg_temp.body_of('sync.replayable(bigint[])', 'replayable.ids',
    'array(select id from sync.rejected_records)')), '<=', 20000::numeric, 'which rejected records can be replayed');

select * from finish();
rollback;
