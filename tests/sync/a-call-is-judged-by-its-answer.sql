-- A cron run that succeeded only queued a request: what was answered is read from pg_net, and judged.
begin;
set local search_path = public, extensions;
select plan(13);

select vault.create_secret(secret, name)
from (values ('https://shop.supabase.test', 'project_url'), ('sb_secret_planted', 'cron_secret_key'),
  ('https://hooks.test/T', 'alert_webhook_url')) s (secret, name);

-- What the good answers below would have left.
insert into sync.runs (stream, status, step, started_by, mark, lease_seconds, lease_until, finished_at)
values ('clients', 'complete', 'finish', 'cron', 1, 90, now(), now() + interval '1 hour');

create function pg_temp.answer(job text, status integer, content text default '{}') returns void
language sql
as $$
  select sync.tick($1);
  insert into net._http_response (id, status_code, content, timed_out, error_msg, created)
  select max(c.request_id), $2, $3, $2 is null, case when $2 is null then 'Timeout was reached' end, clock_timestamp()
  from sync.calls c where c.job = $1;
  select sync.tick('watch');
$$;
create function pg_temp.open_alerts() returns text[]
language sql
as $$ select array_agg(concat_ws(' ', job, kind, times) order by id) from sync.alerts where resolved_at is null $$;

select sync.tick('clients');
select results_eq(
  $$ select method, url, headers ->> 'apikey', timeout_milliseconds from net.http_request_queue $$,
  $$ values ('POST', 'https://shop.supabase.test/functions/v1/sync-clients', 'sb_secret_planted', 60000) $$,
  'a tick queues a call of the function, with the key from Vault and a time-out');
select is((select outcome from sync.calls), 'waiting', 'whose answer is awaited');
update sync.calls set called_at = called_at - interval '4 minutes';
select sync.tick('watch');
select is((select outcome || ': ' || error from sync.calls where job = 'clients'),
  'failed: no answer: pg_net never sent it, or lost it', 'a call that is never answered has failed');

select pg_temp.answer('clients', 200);
select is((select last_answer || coalesce(last_error, '') from sync.schedules where job = 'clients'), '200', 'ended');
select pg_temp.answer('clients', 202), pg_temp.answer('clients', 409), pg_temp.answer('clients', 423);
select is((select count(*)::integer from sync.calls where job = 'clients' and outcome = 'ok'), 4,
  'paused, busy and switched off are no failures');

select pg_temp.answer('detect-pls', 401, '{"message":"Invalid key"}'), pg_temp.answer('detect-pls', null);
select results_eq($$ select status, error from sync.calls where job = 'detect-pls' order by id $$,
  $$ values (401, 'answered 401: Invalid key'), (null, 'Timeout was reached') $$,
  'a refused key and no answer in time are failures, with the reason');
select is(pg_temp.open_alerts(), null, 'two in a row alarm nobody');
select pg_temp.answer('detect-pls', 503);
select is(pg_temp.open_alerts(), '{detect-pls job_failing 3}', 'the third does');
select pg_temp.answer('detect-pls', 503);
select is(pg_temp.open_alerts(), '{detect-pls job_failing 4}', 'and is counted up');
select is((select count(*)::integer from net.http_request_queue where url = 'https://hooks.test/T'), 1,
  'the webhook is told once');
select pg_temp.answer('detect-pls', 200);
select is(pg_temp.open_alerts(), null, 'an answer closes it');

insert into sync.calls (job, request_id) select 'users', max(request_id) from sync.calls;
select sync.tick('watch');
select is((select outcome from sync.calls where job = 'users'), 'waiting',
  'an answer from before a call is another one''s: pg_net''s numbers begin anew after a crash');
update sync.jobs set work = 'sync.gone()' where job = 'watch';
select sync.tick('watch');
select is((select outcome || ': ' || error from sync.calls where job = 'watch' order by id desc limit 1),
  'failed: function sync.gone() does not exist', 'work that fails is on record too');

select * from finish();
rollback;
