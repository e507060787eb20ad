-- A set that stands as it is sent is not written, whatever ownership knows of the last one.
begin;
set local search_path = public, extensions;
select plan(1);

create function pg_temp.the_sync_reads(records jsonb, total integer default null)
returns jsonb
language plpgsql
set role = 'service_role'
as $$
declare
  run record;
  state jsonb;
begin
  select * into run
  from jsonb_to_record(public.sync_start_run('clients', 'test')) r (run_id bigint, lease uuid);
  state := public.sync_stage_page(run.run_id, run.lease, records::text, '[]', null, true,
    coalesce(total, jsonb_array_length(records)));
  while state ->> 'step' = 'plan' loop
    state := public.sync_plan_run(run.run_id, run.lease, 1);
  end loop;
  while state ->> 'step' = 'apply' loop
    state := public.sync_apply_run(run.run_id, run.lease, 1);
  end loop;
  state := public.sync_finish_run(run.run_id, run.lease, '{}');
  return jsonb_build_object('status', state -> 'status') || (state -> 'counters');
end;
$$;

create function pg_temp.versions() returns text language sql as $$
  select string_agg(concat_ws(' ', c.external_id, c.ctid, c.xmin, c.cmin), ', ' order by c.external_id)
  from public.gazelle_clients c
$$;

select pg_temp.the_sync_reads('[{"external_id": "a", "tags": ["x"]}, {"external_id": "b", "tags": ["y", "z"]}]');
-- Protected over values that stand there: what the source sent last is not known to ownership.
select ownership.protect('gazelle_clients', 'tags', 'merge_set');
select pg_temp.the_sync_reads(jsonb_agg(jsonb_build_object('external_id', c.external_id, 'tags', c.tags)))
from gazelle_clients c;

create temporary table before on commit drop as select pg_temp.versions() as rows;
select pg_temp.the_sync_reads(jsonb_agg(jsonb_build_object('external_id', c.external_id, 'tags', c.tags)))
from gazelle_clients c;
select is(pg_temp.versions(), rows, 'the sets are what they were, and no row is rewritten') from before;

select * from finish();
rollback;
