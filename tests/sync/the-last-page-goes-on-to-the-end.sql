-- The call that stages the last page ends the run where that takes no more than a chunk a step.
begin;
select plan(13);

create function pg_temp.start(dry_run boolean default false) returns sync.runs language plpgsql as $$
declare
  run sync.runs;
begin
  perform sync_start_run('users', 'a test', dry_run => dry_run);
  select * into run from sync.runs r order by r.id desc limit 1;
  return run;
end $$;
create function pg_temp.last_page(run sync.runs, records text, timings jsonb) returns jsonb language sql as $$
  select sync_stage_page(run.id, run.lease, records, '[]', null, true, json_array_length(records::json),
    timings => timings)
$$;

select is(
  pg_temp.last_page(pg_temp.start(true), '[{"external_id": "usr_1", "first_name": "Ada"}]', '{"fetch": 3, "total": 5}')
    @> '{"status": "complete", "wanted": [], "plan": {"insert": 1}}', true,
  'a dry run ends with its plan');
select is((select r.to_insert from sync.runs r order by r.id desc limit 1), 1, 'which is on record');
select is((select count(*) from gazelle_users), 0::bigint, 'and writes nothing');

create temp table done as
select pg_temp.last_page(pg_temp.start(), '[{"external_id": "usr_1", "first_name": "Ada"}, {"external_id": "usr_2"}]',
  '{"fetch": 3, "total": 5}') as report;
select is((select report #>> '{status}' from done), 'complete', 'few records: the run is over');
select is((select report #>> '{counters,inserted}' from done), '2', 'and has written');
select is((select count(*) from gazelle_users), 2::bigint, 'what was sent');
select ok((select report -> 'milliseconds' ?& '{fetch,stage,plan,apply,total}' from done), 'each step was timed');
select ok((select (report #>> '{milliseconds,total}')::integer >= 5 from done), 'beside what the caller spent');

update sync.settings set apply_rows = 1, plan_rows = 1;
select is(pg_temp.last_page(pg_temp.start(), '[{"external_id": "usr_1", "first_name": "Grace"}, {"external_id": "usr_2"}]',
  null) - 'wanted', '{"step": "plan", "staged": 2, "rejected": 0}', 'without timings it stops after its page');
select is((select sync_plan_run(r.id, r.lease) ->> 'step' from sync.runs r where r.status = 'running'), 'apply',
  'to be gone on with call by call');
select is((select sync_apply_run(r.id, r.lease) ->> 'step' from sync.runs r where r.status = 'running'), 'finish',
  'as ever');

select isnt(sync_finish_run(r.id, r.lease, '{}'), null, 'and ended') from sync.runs r where r.status = 'running';

create temp table run as select * from pg_temp.start();
select sync_stage_page(id, lease, '[{"external_id": "usr_1", "first_name": "Emmy"}]', '[]', 'next', false, 2) from run;
select is(sync_stage_page(id, lease, '[{"external_id": "usr_2", "first_name": "Sofia"}]', '[]', null, true, 2,
    timings => '{"fetch": 3, "total": 5}') @> '{"status": "running", "step": "plan", "wanted": []}',
  true, 'more than a chunk: it goes on as far as one does, and the caller from there') from run;

select * from finish();
rollback;
