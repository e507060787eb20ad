-- Which streams are due: those without a run since the round began, and those that are at work.
begin;
set local search_path = public, extensions;
select plan(11);

create function pg_temp.due() returns jsonb
language sql
as $$ select sync_due_streams('{users,clients,pianos}') $$;

create function pg_temp.run(stream text, status text default 'failed') returns void
language sql
as $$
  insert into sync.runs (stream, status, started_by, mark, lease_seconds, lease_until, error, finished_at)
  values ($1, $2, 'cron', 1, 90, now(), '{}', case when $2 <> 'paused' then now() end)
$$;

select is(pg_temp.due(), '["users", "clients", "pianos"]', 'before the first run, all are due');
select pg_temp.run('pianos');
select is(pg_temp.due(), '["users", "clients", "pianos"]', 'also when another than the first had a run');

select pg_temp.run('users');
select is(pg_temp.due(), '["clients", "pianos"]', 'what ran before the first stream is due again');

select pg_temp.run('clients', 'paused');
select is(pg_temp.due(), '["clients", "pianos"]', 'a run that is paused goes on');

update sync.runs set status = 'complete', step = 'finish', finished_at = now() where status = 'paused';
select is(pg_temp.due(), '["pianos"]', 'what had its run, whatever its end, waits for the next round');

select pg_temp.run('pianos');
select is(pg_temp.due(), '["users", "clients", "pianos"]', 'after the last one the next round begins');

select pg_temp.run('users', 'paused');
select is(pg_temp.due(), '["users", "clients", "pianos"]', 'with the first stream, as long as it takes');

-- Whoever may not run is no reason for the others to wait.
update sync.runs set status = 'complete', step = 'finish', finished_at = now() where status = 'paused';
select pg_temp.run('clients');
update sync.streams set is_enabled = false where stream = 'pianos';
select is(pg_temp.due(), '["users", "clients"]', 'without one that is switched off the round is over with the others');
select pg_temp.run('users');
select pg_temp.run('clients');
select is(pg_temp.due(), '["users", "clients"]', 'each time');
update sync.streams set is_enabled = stream <> 'users';
select is(pg_temp.due(), '["pianos"]', 'also when it is the first that is off: its last run begins no round');
update sync.streams set is_enabled = false;
select is(pg_temp.due(), '[]', 'where all are off, none is due');

select * from finish();
rollback;
