-- What the command line asks of a run: to stop, and of rejected records: one run a stream, however many they are.
begin;
set local search_path = public, extensions;
select plan(10);

select is(sync_interrupt('pianos'), null, 'where no run is at work there is nothing to stop');
create temporary table begun on commit drop as
select (sync_start_run('pianos', 'test')) as run;
select is(sync_interrupt('pianos') ->> 'status', 'paused', 'a run that is at work is paused');
select throws_ok(
  $$ select sync_stage_page((run ->> 'run_id')::bigint, (run ->> 'lease')::uuid, '[]', '[]', null, true, 0) from begun $$,
  'PT409', null, 'its holder finds that it is not his any more');
select is(
  sync_start_run('pianos', 'another') ->> 'run_id', (select run ->> 'run_id' from begun),
  'and the next start goes on with it');
select throws_ok($$ select sync_interrupt('dogs') $$, 'PT404', 'there is no stream dogs', 'a stream there is not');
select sync_interrupt('pianos');
update sync.runs set status = 'partial', finished_at = now() where stream = 'pianos';

insert into sync.runs (stream, status, started_by, mark, lease_seconds, lease_until, finished_at)
values ('clients', 'partial', 'test', 0, 90, now(), now()), ('users', 'partial', 'test', 0, 90, now(), now());
insert into sync.rejected_records (run_id, external_id, path, reason, payload, is_mapped)
select r.id, r.stream || n, 'x', 'wrong', '{}', false
from sync.runs r, generate_series(1, 2) n
where r.stream in ('clients', 'users');
select is(jsonb_array_length(sync_list_rejected(row_limit => 3)), 3, 'no more are listed than asked for');
select is(
  (select jsonb_agg(jsonb_build_array(r -> 'stream', r -> 'counters' -> 'total', r -> 'status'))
   from jsonb_array_elements(sync_begin_replay()) r),
  '[["clients", 2, "paused"], ["users", 2, "paused"]]', 'a replay of all is one paused run a stream');
select is(jsonb_array_length(sync_list_rejected()), 0, 'what is being replayed is not listed any more');
select throws_ok($$ select sync_begin_replay() $$, 'PT404', 'there is nothing to replay', 'nor replayed twice');
select throws_ok($$ select sync_begin_replay(0) $$, 'PT404', 'there is no run 0', 'a run there is not');

select * from finish();
rollback;
