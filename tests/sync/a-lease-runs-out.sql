-- A lease blocks a stream no longer than it is long, whatever the clock does; a paused run is anybody's.
begin;
set local search_path = public, extensions;
select plan(11);

create function pg_temp.start() returns jsonb language sql as $$
  select public.sync_start_run('clients', 'test')
$$;
create function pg_temp.held_until(wanted timestamptz) returns void language sql as $$
  update sync.runs set lease_until = wanted where stream = 'clients'
$$;

update sync.settings set lease_seconds = 30;
create temporary table first_call on commit drop as
select r.* from jsonb_to_record(pg_temp.start()) r (run_id bigint, lease uuid);

select cmp_ok((select r.lease_until - clock_timestamp() from sync.runs r), '<=', interval '30 seconds',
  'a lease is as long as the setting says');
select throws_ok($$ select pg_temp.start() $$, 'PT409', null, 'while it lasts nobody else gets the run');

select pg_temp.held_until(clock_timestamp() + interval '1 second');
select sync_stage_page(run_id, lease, '[]', '[]', 'after-1', false, 0) from first_call;
select cmp_ok((select r.lease_until - clock_timestamp() from sync.runs r), '>', interval '20 seconds',
  'each call of its holder is a sign of life');

select pg_temp.held_until(clock_timestamp() + interval '1 hour');
select isnt(pg_temp.start() ->> 'lease', (select lease::text from first_call),
  'a lease longer than there are means that the clock was put back: it does not bind');
select pg_temp.held_until(clock_timestamp() - interval '1 second');
select lives_ok($$ select pg_temp.start() $$, 'nor does one that ran out');

select is((select sync_pause_run(r.id, r.lease, '{"fetch": 5}') ->> 'status' from sync.runs r), 'paused',
  'the holder lets go');
create temporary table second_call on commit drop as
select r.* from jsonb_to_record(pg_temp.start()) r (run_id bigint, lease uuid, slices integer, cursor text);
select is((select array[cursor, slices::text] from second_call), '{after-1,4}',
  'and the next call goes on at once, where it stopped');
select is((select sync_pause_run(run_id, lease, '{"fetch": 7, "total": 9}') -> 'milliseconds' from second_call) - 'stage',
  '{"fetch": 12, "total": 9}', 'the time of all slices adds up, beside that of the steps');
select throws_ok($$ select sync_pause_run(run_id, lease, '{}') from second_call $$, 'PT409', null,
  'who has let go holds nothing');

select throws_ok($$ select sync_start_run('clients', 'test', dry_run => true) $$, 'PT409', null,
  'a dry run never goes on with a run that writes');
update sync.runs set not_before = clock_timestamp() + interval '1 hour';
select is(pg_temp.start() ->> 'lease', null, 'a run that waits for Gazelle is given to nobody');

select * from finish();
rollback;
