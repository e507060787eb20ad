-- A run that is taken up again and again and goes no further is failed; people can end any run; runs take turns.
begin;
set local search_path = public, extensions;
select plan(15);

create function pg_temp.start(stream text) returns jsonb language sql as $$ select sync_start_run(stream, 'test') $$;
create function pg_temp.slice(stream text) returns bigint language sql as $$
  select r.run_id from jsonb_to_record(sync_start_run(stream, 'test')) r (run_id bigint, lease uuid),
    lateral sync_pause_run(r.run_id, r.lease, '{"fetch": 1, "total": 1}')
$$;
create function pg_temp.run(id bigint) returns text language sql as $$
  select concat_ws(' ', r.status, r.idle_slices, r.error ->> 'code') from sync.runs r where r.id = run.id
$$;
create function pg_temp.last_run(stream text) returns bigint language sql as $$
  select max(r.id) from sync.runs r where r.stream = last_run.stream
$$;

select pg_temp.slice('clients') from generate_series(1, 10);
select is(pg_temp.run(pg_temp.last_run('clients')), 'paused 8', 'ten calls that bring nothing');
select alike((select f.code || ': ' || f.message from sync.look_at_runs() f where f.name = 'last run of clients'),
  'run_stuck: % is paused, without progress in 8 calls', 'the state of the shop tells of them');
select sync_stage_page(r.run_id, r.lease, '[{"external_id": "a"}]', '[]', 'x', false, 3)
from jsonb_to_record(pg_temp.start('clients')) r (run_id bigint, lease uuid);
select sync_interrupt('clients');
select pg_temp.slice('clients');
select is(pg_temp.run(pg_temp.last_run('clients')), 'paused 0', 'one that brings a record counts anew');
create temporary table stalled on commit drop as select pg_temp.last_run('clients') as run;
select pg_temp.slice('clients') from generate_series(1, 20);
select is(pg_temp.run(run), 'paused 20', 'twenty more') from stalled;
select isnt(pg_temp.slice('clients'), run, 'the next call begins a new run') from stalled;
select is(pg_temp.run(run), 'failed 20 run_stalled', 'and the old one is failed') from stalled;
select is((select array[a.kind, a.message] from sync.alerts a),
  array['run_failed', format('run %s of clients has made no progress in 20 calls', run)], 'people are told') from stalled;

create temporary table ended on commit drop as
select (sync_end_run(pg_temp.last_run('clients')) ->> 'run_id')::bigint as run;
select is(pg_temp.run(run), 'failed 0 run_ended', 'a paused run can be ended') from ended;
create temporary table held on commit drop as
select r.* from jsonb_to_record(pg_temp.start('clients')) r (run_id bigint, lease uuid);
select is(sync_end_run(run_id) ->> 'status', 'failed', 'and one that is running') from held;
select is((tests.refusal(format('select sync_stage_page(%s, %L, ''[]'', ''[]'', null, true, 0)', run_id, lease))).code, 'PT409',
  'whose holder has lost it') from held;
select is((select array[(tests.refusal('select sync_end_run(' || run_id || ')')).code,
  (tests.refusal('select sync_end_run(0)')).code]), '{PT409,PT404}', 'one that is over cannot, nor one that never was') from held;
update sync.runs r set status = 'paused', finished_at = null, error = null, not_before = now() + interval '9 hours'
from held where r.id = held.run_id;
select is(sync_end_run(run_id) -> 'not_before', 'null', 'whatever it waits for') from held;
select is((select count(*)::integer from sync.alerts), 1, 'whoever ends a run is told nothing');
select isnt(pg_temp.slice('clients'), run_id, 'the next call begins a new one') from held;

select pg_temp.slice(s.stream) from sync.streams s where s.stream in ('pianos', 'timeline');
update sync.jobs set is_on = true;
create function pg_temp.resumed() returns text language plpgsql as $$
declare
  called text;
begin
  delete from sync.calls;
  perform sync.resume_run();
  called := (select c.job from sync.calls c);
  perform pg_temp.slice(called);
  return called;
end;
$$;
select is((select array_agg(pg_temp.resumed()) from generate_series(1, 6)), '{clients,pianos,timeline,clients,pianos,timeline}',
  'runs that wait take turns');

select * from finish();
rollback;
