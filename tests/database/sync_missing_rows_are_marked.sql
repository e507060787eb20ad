-- What a complete read no longer holds is marked missing, never deleted; an incomplete read marks nothing.
begin;
set local search_path = public, extensions;
select plan(8);

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

create function pg_temp.missing() returns text[] language sql as $$
  select coalesce(array_agg(c.external_id order by c.external_id), '{}')
  from public.gazelle_clients c where c.missing_since is not null
$$;

select pg_temp.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}, {"external_id": "c"}]');
select is(pg_temp.the_sync_reads('[{"external_id": "a"}]', 3) ->> 'status', 'partial',
  'a read of one when there are three is partial');
select is(pg_temp.missing(), '{}', 'it marks nothing');

select is(pg_temp.the_sync_reads('[{"external_id": "a"}, {"external_id": "b", "created_at": "0000-01-01"}]')
  ->> 'missing', '1', 'a complete read marks what it does not hold');
select is(pg_temp.missing(), '{c}', 'but not what it holds in quarantine');

create temporary table before on commit drop as
select c.missing_since from gazelle_clients c where external_id = 'c';
select is(pg_temp.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}]') ->> 'missing', '0',
  'it counts once');
select is((select c.missing_since from gazelle_clients c where external_id = 'c'), missing_since,
  'and keeps the day it was missed first') from before;

select is(pg_temp.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}, {"external_id": "c"}]')
  ->> 'updated', '1', 'a record that is back is written');
select is(pg_temp.missing(), '{}', 'and no longer missing');

select * from finish();
rollback;
