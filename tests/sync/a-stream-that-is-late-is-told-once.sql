-- A stream is late after a day without a complete run; what its runs told is not told twice.
begin;
set local search_path = public, extensions;
select plan(8);

select vault.create_secret(secret, name)
from (values ('https://shop.supabase.test', 'project_url'), ('sb_secret_planted', 'cron_secret_key')) s (secret, name);

create function pg_temp.answer(job text, status integer, content text default '{}') returns void
language sql
as $$
  select sync.tick($1);
  insert into net._http_response (id, status_code, content, timed_out, error_msg, created)
  select max(c.request_id), $2, $3, $2 is null, case when $2 is null then 'Timeout was reached' end, clock_timestamp()
  from sync.calls c where c.job = $1;
  select sync.tick('watch');
$$;

insert into sync.runs (stream, status, started_by, mark, lease_seconds, lease_until, error, finished_at)
values ('pianos', 'failed', 'cron', 1, 90, now(), '{}', now());
select sync.raise_alert(r, 'run_failed', '{"message": "why"}') from sync.runs r;
update sync.alerts set last_at = clock_timestamp() + interval '1 minute';
select pg_temp.answer('pianos', 502), pg_temp.answer('pianos', 502), pg_temp.answer('pianos', 502);
select is((select count(*)::integer from sync.alerts where job = 'pianos'), 0,
  'what a run has told already is not told again');
update sync.alerts set last_at = clock_timestamp() - interval '1 day';
select sync.tick('watch');
select is((select message from sync.alerts where job = 'pianos'), 'calls of pianos: failed 3 times in a row',
  'but what is older tells nothing of these calls');

update sync.jobs set on_since = now() - interval '1 day 1 minute' where job = 'timeline';
select sync.tick('watch');
select is((select message from sync.alerts where job = 'timeline'),
  'schedule of timeline: no complete run for longer than 1 day', 'a stream without a complete run for too long is late');
insert into sync.runs (stream, status, step, started_by, mark, lease_seconds, lease_until, finished_at)
values ('timeline', 'complete', 'finish', 'cron', 1, 90, now(), now());
select sync.tick('watch');
select isnt((select resolved_at from sync.alerts where job = 'timeline'), null, 'until it has one');
update sync.settings set late_after = '2 days';
update sync.runs set finished_at = now() - interval '47 hours' where stream = 'timeline';
update sync.alerts set resolved_at = null where job = 'timeline';
select sync.tick('watch');
select isnt((select resolved_at from sync.alerts where job = 'timeline'), null, 'or until it may be so late');
update sync.jobs set is_on = false;
update sync.settings set late_after = '1 hour';
select sync.tick('watch');
select is_empty('select from sync.alerts where kind = ''stream_late'' and resolved_at is null',
  'what is off is not late');

update sync.jobs set is_on = true where job = 'watch';
select vault.create_secret('htps:/a-secret-place', 'alert_webhook_url');
create function pg_temp.refuse() returns trigger
language plpgsql
as $$ begin raise exception 'no address: %', new.url; end $$;
create trigger refuse before insert on net.http_request_queue for each row execute function pg_temp.refuse();
insert into sync.alerts (job, kind, message) values ('users', 'job_failing', 'open');
insert into sync.calls (job, answered_at, outcome, error) values ('users', now(), 'failed', 'why');
select sync.tick('watch');
select is((select last_error from sync.schedules where job = 'watch'),
  'alerts cannot be posted: alert_webhook_url in Vault is no address that pg_net takes',
  'a webhook that is none fails the watch, and stays a secret');
select sync.tick('watch'), sync.tick('watch'), sync.tick('watch');
select is((select times from sync.alerts where job = 'watch' and resolved_at is null), 3, 'which is an alert itself');

select * from finish();
rollback;
