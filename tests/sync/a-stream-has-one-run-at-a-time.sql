-- One active run a stream, held by one caller at a time; what a run may be is in its constraints.
begin;
set local search_path = public, extensions;
select plan(14);

create temporary table first_run on commit drop as
select r.* from jsonb_to_record(sync_start_run('clients', 'cron')) r (run_id bigint, lease uuid, step text);

select is((select step from first_run), 'stage', 'a run begins with staging');
select throws_ok($$ select sync_start_run('clients', 'person') $$, 'PT409', null, 'a second one is refused');
select lives_ok($$ select sync_start_run('pianos', 'cron') $$, 'another stream is not in its way');
select throws_ok($$ select sync_start_run('guitars', 'cron') $$, 'PT404', 'there is no stream guitars',
  'a stream must be registered');
select throws_ok(
  $$ insert into sync.runs (stream, started_by, mark, lease, lease_seconds, lease_until)
     values ('clients', 'by hand', 1, gen_random_uuid(), 90, now()) $$,
  '23505', null, 'the second run is refused by the table itself');

select throws_ok(
  $$ select sync_stage_page(run_id, gen_random_uuid(), '[]', '[]', null, true, 0) from first_run $$,
  'PT409', null, 'without the lease nobody stages');
select throws_ok($$ select sync_plan_run(run_id, lease) from first_run $$, 'PT409', null,
  'a step does not come before its turn');
select throws_ok($$ select sync_finish_run(run_id, lease, '{}') from first_run $$, 'PT409', null,
  'a run that has read nothing is not finished');

select sync_stage_page(run_id, lease, '[{"external_id": "cli_1"}]', '[]', 'after-1', false, 2) from first_run;
update sync.runs set lease_until = clock_timestamp() - interval '1 second' where stream = 'clients';
create temporary table second_holder on commit drop as
select r.* from jsonb_to_record(sync_start_run('clients', 'cron')) r (run_id bigint, lease uuid, cursor text);

select is((select array[s.run_id::text, s.cursor] from second_holder s),
  (select array[f.run_id::text, 'after-1'] from first_run f),
  'a run whose lease ran out is taken over where it stopped');
select throws_ok(
  $$ select sync_stage_page(run_id, lease, '[]', '[]', null, true, 2) from first_run $$, 'PT409', null,
  'and the first holder is out');

truncate sync.staged_clients;
select throws_ok(
  $$ select sync_stage_page(run_id, lease, '[]', '[]', null, true, 2) from second_holder $$, 'PT409', null,
  'a run whose staging a crash emptied does not go on as if nothing were');
update sync.runs set lease_until = clock_timestamp() - interval '1 second' where stream = 'clients';
select is((select jsonb_object_agg(k, v) from jsonb_each(sync_start_run('clients', 'cron')) s (k, v)
   where k in ('run_id', 'step', 'cursor')),
  (select jsonb_build_object('run_id', run_id, 'step', 'stage', 'cursor', null) from first_run),
  'it is read anew');

select throws_ok(
  $$ update sync.runs set status = 'complete', lease = null, finished_at = now() where stream = 'clients' $$,
  '23514', null, 'nothing is complete that skipped a step');
select throws_ok(
  $$ update sync.runs set status = 'failed', lease = null, finished_at = now() where stream = 'clients' $$,
  '23514', null, 'a failed run says why');

select * from finish();
rollback;
