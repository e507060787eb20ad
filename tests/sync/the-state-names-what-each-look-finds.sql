-- The state: each look names what is wrong under a stable code, and the state is the gravest of them.
begin;
set local search_path = public, extensions;
select plan(24);

create function pg_temp.told(wanted text) returns text language sql as $$
  select string_agg(format('%s %s: %s', f.name, f.state, f.message), '; ' order by f.name)
  from sync.findings() f where f.code = wanted and f.state <> 'well'
$$;
create function pg_temp.ends(stream text, status text, more interval default '0') returns void language sql as $$
  insert into sync.runs (stream, status, step, started_by, mark, lease_seconds, lease_until, error, started_at,
    finished_at, total_count, staged)
  select stream, status, 'finish', 'cron', 1, 90, now(), case when status <> 'complete' then '{"message": "why"}'::jsonb end,
    clock_timestamp() - more, clock_timestamp() - more, c.count, c.count
  from (select count(*) from gazelle_pianos where stream = 'pianos') c
$$;
create function pg_temp.state() returns text language sql as $$ select shop_status() ->> 'state' $$;

select is(pg_temp.state(), 'failed', 'nothing can run on schedule');
select matches(pg_temp.told('stream_never_ran'), '^last run of appointments degraded: there was none; .*users');
select matches(pg_temp.told('schedule_off'), 'no job is active');
insert into gazelle_pianos (external_id) values ('ins_1'), ('ins_2'), ('ins_3');
select pg_temp.ends(s.stream, 'complete') from sync.streams s;
select vault.create_secret(secret, name)
from (values ('https://shop.supabase.test', 'project_url'), ('sb_secret_planted', 'cron_secret_key')) s (secret, name);
select sync.schedule();
select is(shop_status() -> 'findings' #>> '{0,code}', 'no_webhook', 'nobody would be told: the first finding');
select is(pg_temp.state(), 'well', 'a notice is well all the same');

select pg_temp.ends('users', status) from unnest(array['failed', 'tripped', 'partial', 'degraded']) status;
select matches(pg_temp.told('run_degraded'), '^last run of users degraded: run \d+, 0.0 h ago, is degraded: why$');
update sync.runs set status = 'tripped' where id = (select max(id) from sync.runs);
select matches(pg_temp.told('run_tripped'), '^last run of users failed: .* is tripped: why$');
select is(pg_temp.state(), 'failed', 'a run that tripped: failed');
select pg_temp.ends('users', 'complete');
update sync.runs set started_at = now() - interval '3 days' where id = (select max(id) from sync.runs);
select matches(pg_temp.told('run_old'), '^last run of users degraded: run \d+, 72.0 h ago, is complete$');
select pg_temp.ends('users', 'complete');
update sync.streams set is_enabled = false where stream = 'users';
select is(pg_temp.told('stream_off'), 'last run of users degraded: the stream is switched off');
update sync.streams set is_enabled = true where stream = 'users';

insert into sync.calls (job, answered_at, status, outcome) values ('users', clock_timestamp(), 200, 'ok');
select is(pg_temp.told('call_without_run'), 'calls of users failed: the last was answered 200, and there is no run of it');
select pg_temp.ends('users', 'complete');
select is(pg_temp.told('call_without_run'), null, 'with a run it is what it says');

update sync.jobs set on_since = clock_timestamp() - interval '21 minutes' where job = 'watch';
select matches(pg_temp.told('watch_silent'), '^watch degraded: it has not run since ');
select sync.tick('watch');
select is(pg_temp.told('watch_silent'), null, 'until it runs');
select sync.unschedule('watch');
select is(pg_temp.told('watch_off'), 'watch degraded: it is off the schedule: nothing is noticed, and nobody is told');
select sync.schedule('watch');
set local default_transaction_read_only = on;
select matches(pg_temp.told('database_read_only'), '^database failed: it takes no writes');
set local default_transaction_read_only = off;
select vault.create_secret('https://hooks.test/T', 'alert_webhook_url');
insert into sync.alerts (job, kind, message, first_at) values ('pianos', 'badges_held', 'm', now() - interval '1 hour');
select matches(pg_temp.told('alerts_not_posted'), '^webhook degraded');
select is(pg_temp.told('badges_held'), 'alerts degraded: badges_held: m', 'an alert that no look sees is one');
delete from sync.alerts;

delete from gazelle_pianos where external_id = 'ins_2';
select matches(pg_temp.told('rows_lost'), '^rows of pianos lost: 2, and run \d+ left 3$', 'a row that the last read left');
select sync.register_look('broken', 'pg_catalog.pg_ls_dir(text)');
update sync.looks set work = 'sync.gone()' where look = 'broken';
select is(pg_temp.told('cannot_tell'), 'broken cannot tell: the look at it failed: function sync.gone() does not exist');
select is(pg_temp.state(), 'lost', 'what is lost is lost, whatever else cannot be told');
insert into gazelle_pianos (external_id) values ('ins_2');
select is(pg_temp.state(), 'cannot tell', 'and else nobody can tell, which is not well');
delete from sync.looks where look = 'broken';
select is(pg_temp.state(), 'well', 'all that was wrong is right again');
delete from sync.looks;
select is(pg_temp.state(), 'cannot tell', 'without a look nobody knows');

select * from finish();
rollback;
