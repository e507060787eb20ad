-- From supabase/schemas/sync/schedule.sql

-- The jobs of the schedule, and each call that they made. pg_cron holds those that are on.

alter table sync.settings
  add column failures_alarm integer not null default 3 check (failures_alarm > 0),
  add column late_after interval not null default '1 day',
  add column keep_calls interval not null default '14 days',
  add column keep_runs interval not null default '1 year',
  -- What can be taken back is kept.
  add constraint settings_runs_outlive_changes check (keep_runs >= keep_changes);
comment on column sync.settings.failures_alarm is 'After how many failed calls in a row a job raises an alert.';
comment on column sync.settings.late_after is 'How long a stream on schedule may be without a complete run.';
comment on column sync.settings.keep_calls is 'How long the calls of the schedule stay on record.';
comment on column sync.settings.keep_runs is 'How long runs stay on record, with their alerts.';

create function sync.is_schedule_field(field text, low integer, high integer)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- As pg_cron takes it, without names: there a step belongs to a range, and it passes over one that does not.
  select bool_and(
    p.parts is not null
    and coalesce(p.parts[4], p.parts[1], low::text)::integer >= low
    and coalesce(p.parts[4], p.parts[2], high::text)::integer <= high
    and coalesce(p.parts[1], '0')::integer <= coalesce(p.parts[2], '99')::integer
    and coalesce(p.parts[3], '1')::integer between 1 and high)
  from regexp_split_to_table(field, ',') part
  left join lateral regexp_matches(part, '^(?:(?:\*|(\d{1,2})-(\d{1,2}))(?:/(\d{1,2}))?|(\d{1,2}))$') p (parts) on true
$$;
comment on function sync.is_schedule_field(text, integer, integer) is
  'Whether a field of a schedule is a list of *, numbers and ranges, with steps.';

create function sync.is_schedule(schedule text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select cardinality(f.fields) = 5 and (
    select bool_and(coalesce(sync.is_schedule_field(f.fields[b.place], b.low, b.high), false))
    from (values (1, 0, 59), (2, 0, 23), (3, 1, 31), (4, 1, 12), (5, 0, 7)) b (place, low, high)
  )
  from (select string_to_array(schedule, ' ') as fields) f
$$;
comment on function sync.is_schedule(text) is
  'Whether a text is a schedule: minute, hour, day of the month, month, day of the week, one space between.';

create table sync.jobs (
  job text primary key check (job ~ '^[a-z]+(-[a-z]+)*$'),
  purpose text not null,
  stream text unique references sync.streams,
  edge_function text unique check (edge_function ~ '^[a-z][a-z0-9-]*$'),
  schedule text not null,
  is_on boolean not null default true,
  timeout_milliseconds integer not null default 60000 check (timeout_milliseconds between 1000 and 400000),
  on_since timestamptz not null default clock_timestamp(),
  -- What pg_cron would not take, or would take for something else, does not get here.
  constraint jobs_schedule_is_one check (sync.is_schedule(schedule)),
  -- A stream is synced by a function.
  constraint jobs_stream_has_function check (stream is null or edge_function is not null)
);
comment on table sync.jobs is
  'What is done on schedule, by an edge function or in the database. Changed by sync.schedule and sync.unschedule.';
comment on column sync.jobs.schedule is 'Minute, hour, day of the month, month, day of the week; in UTC.';
comment on column sync.jobs.is_on is 'Whether the job is among those that sync.schedule() hands to pg_cron.';
comment on column sync.jobs.timeout_milliseconds is
  'How long an answer is waited for: a slice of 25 s, and the page that it ends with.';
comment on column sync.jobs.on_since is 'Since when pg_cron has it: no stream is late before.';

-- Two streams seldom begin in the same minute: Gazelle is asked for one page at a time.
insert into sync.jobs (job, purpose, stream, edge_function, schedule) values
  ('users', 'sync users', 'users', 'sync-users', '2 */6 * * *'),
  ('clients', 'sync clients', 'clients', 'sync-clients', '5 * * * *'),
  ('contacts', 'sync contacts', 'contacts', 'sync-contacts', '10 */6 * * *'),
  ('pianos', 'sync pianos', 'pianos', 'sync-pianos', '15 * * * *'),
  ('appointments', 'sync appointments', 'appointments', 'sync-appointments', '20,50 * * * *'),
  ('timeline', 'sync the timeline', 'timeline', 'sync-timeline', '25 */6 * * *'),
  ('detect-pls', 'read new service notes, and set the badges they prove', null, 'detect-pls', '40 * * * *'),
  ('resume', 'go on with a run that is paused, or whose holder is gone', null, null, '* * * * *'),
  ('watch', 'read the answers of the functions, raise and post alerts', null, null, '*/5 * * * *'),
  ('verify', 'check what the shop should have against what it has', null, null, '30 6 * * *'),
  ('clean-up', 'drop what is too old, of ours, of pg_cron''s and of pg_net''s', null, null, '45 3 * * *');

create table sync.calls (
  id bigint generated always as identity primary key,
  job text not null references sync.jobs on update cascade on delete cascade,
  called_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  answered_at timestamptz,
  status integer,
  outcome text not null default 'waiting' check (outcome in ('waiting', 'ok', 'failed')),
  error text,
  -- What is judged has ended.
  constraint calls_judged_have_ended check ((outcome = 'waiting') = (answered_at is null)),
  -- What failed says why.
  constraint calls_failed_has_error check ((outcome = 'failed') = (error is not null))
);
create index calls_job_idx on sync.calls (job, id);
create index calls_waiting_idx on sync.calls (request_id) where outcome = 'waiting';
comment on table sync.calls is
  'What the schedule began, and what came of it. A cron run that "succeeded" only put a request into pg_net''s queue.';
comment on column sync.calls.request_id is 'The request in pg_net; null for what is done in the database.';
comment on column sync.calls.status is 'The HTTP status of the answer; null where there was none.';

create function sync.schedule_lacks()
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select array_remove(array[
    case when to_regprocedure('cron.schedule(text, text, text)') is null then 'the extension pg_cron' end,
    case when to_regclass('net._http_response') is null then 'the extension pg_net' end,
    case when sync.secret('project_url') is null then 'the secret project_url in Vault' end,
    case when sync.secret('cron_secret_key') is null then 'the secret cron_secret_key in Vault' end
  ], null)
$$;
comment on function sync.schedule_lacks() is 'What is missing for the schedule to work; empty when nothing is.';

create index runs_complete_idx on sync.runs (stream, finished_at) where status = 'complete';

-- What pg_cron calls: a job's edge function, over pg_net, or its work in the database. Neither key nor address is
-- in the cron job, in a table of ours or in a message: they come out of Vault each time.

create function sync.note_call(job text, problem text default null)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Of what goes well every minute, the last time is enough.
  delete from sync.calls c
  where c.job = note_call.job and c.outcome = 'ok' and c.request_id is null and note_call.problem is null;

  insert into sync.calls (job, answered_at, outcome, error)
  values (note_call.job, clock_timestamp(), case when problem is null then 'ok' else 'failed' end, problem)
$$;
comment on function sync.note_call(text, text) is 'Puts on record what was done at once, or could not be begun.';

create function sync.call_function(job text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  called sync.jobs := (select j from sync.jobs j where j.job = call_function.job);
  lacks text[] := sync.schedule_lacks();
  request bigint;
begin
  if cardinality(lacks) > 0 then
    perform sync.note_call(called.job, 'missing: ' || array_to_string(lacks, ', '));
    return;
  end if;
  begin
    request := net.http_post(
      url := rtrim(sync.secret('project_url'), '/') || '/functions/v1/' || called.edge_function,
      body := '{}',
      headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', sync.secret('cron_secret_key')),
      timeout_milliseconds := called.timeout_milliseconds
    );
    insert into sync.calls (job, request_id) values (called.job, request);
  exception when others then
    -- The message names the address at most.
    perform sync.note_call(called.job, sqlerrm);
  end;
end;
$$;
comment on function sync.call_function(text) is
  'Puts a call of a job''s function into pg_net''s queue, with the key from Vault, and notes it.';

create function sync.judge_answer(status integer)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- Busy (409) and switched off (423) are answers of a function that works as it should.
  select case when status between 200 and 299 or status in (409, 423) then 'ok' else 'failed' end
$$;
comment on function sync.judge_answer(integer) is 'What an HTTP status means for a job.';

create function sync.message_in(content text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return left(coalesce(content::jsonb #>> '{error, message}', content::jsonb ->> 'message', content), 300);
exception when others then
  -- No JSON: a page of a gateway's, or nothing at all.
  return left(content, 300);
end;
$$;
comment on function sync.message_in(text) is 'What an answer says went wrong, in few words.';

create function sync.collect_answers()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('net._http_response') is null then
    return;
  end if;
  update sync.calls c
  set answered_at = r.created,
      status = r.status_code,
      outcome = coalesce(sync.judge_answer(r.status_code), 'failed'),
      error = case when sync.judge_answer(r.status_code) = 'ok' then null
        else coalesce(r.error_msg, 'answered ' || r.status_code || coalesce(': ' || sync.message_in(r.content), ''),
          'no answer in time') end
  from net._http_response r
  -- A crash of the server empties pg_net's queue, and its numbers begin anew.
  where r.id = c.request_id and r.created >= c.called_at and c.outcome = 'waiting';

  update sync.calls c
  set answered_at = clock_timestamp(), outcome = 'failed', error = 'no answer: pg_net never sent it, or lost it'
  from sync.jobs j
  where c.job = j.job and c.outcome = 'waiting'
    and c.called_at < clock_timestamp() - make_interval(secs => j.timeout_milliseconds / 1000.0) - interval '2 minutes';
end;
$$;
comment on function sync.collect_answers() is 'Notes what the functions answered, before pg_net forgets it.';

create function sync.resume_run()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  next text := (
    select j.job
    from sync.runs r
    join sync.jobs j on j.stream = r.stream
    join sync.streams s on s.stream = r.stream
    where r.status in ('running', 'paused') and j.is_on and s.is_enabled
      and not sync.is_held(r) and not sync.must_wait(r)
      -- Gazelle is asked by one call at a time.
      and not exists (select from sync.runs h where h.status = 'running' and sync.is_held(h))
      and not exists (select from sync.calls c join sync.jobs o on o.job = c.job
        where c.outcome = 'waiting' and o.stream is not null)
    order by r.id
    limit 1
  );
begin
  if next is not null then
    perform sync.call_function(next);
  end if;
end;
$$;
comment on function sync.resume_run() is
  'Calls the function of the oldest run that nobody works on, unless Gazelle is being read at this moment.';

-- Alerts of the schedule itself. A function that cannot be reached tells nobody, so they are posted from here.

create function sync.raise_job_alert(
  job text,
  kind text,
  message text,
  details text,
  hint text,
  times integer default 1
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.alerts as a (job, kind, message, details, hint, times)
  values (job, kind, message, details, hint, times)
  on conflict (stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint, times = excluded.times,
      last_at = excluded.last_at
$$;
comment on function sync.raise_job_alert(text, text, text, text, text, integer) is
  'Raises an alert about a job, or renews it where it is open.';

create function sync.resolve_job_alert(job text, kind text default null)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where a.job = resolve_job_alert.job and a.kind = coalesce(resolve_job_alert.kind, a.kind) and a.resolved_at is null
$$;
comment on function sync.resolve_job_alert(text, text) is 'Closes the open alerts about a job, of one kind or all.';

create function sync.alert_failing()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  for found in
    select j.job, coalesce(last.outcome, 'ok') as outcome, last.error, s.failures_alarm, (
      select count(*)::integer
      from sync.calls c
      where c.job = j.job and c.outcome = 'failed'
        and c.id > coalesce((select max(o.id) from sync.calls o where o.job = j.job and o.outcome = 'ok'), 0)
    ) as failures,
      -- A run that the call worked on has an alert of its own.
      exists (select from sync.alerts a where a.stream = j.stream and a.last_at >= last.called_at
        and a.kind in ('run_failed', 'run_tripped', 'token_refused')) as is_told
    from sync.jobs j
    cross join sync.settings s
    left join lateral (
      select c.outcome, c.error, c.called_at
      from sync.calls c
      where c.job = j.job and c.outcome <> 'waiting'
      order by c.id desc
      limit 1
    ) last on true
  loop
    if found.outcome = 'ok' then
      perform sync.resolve_job_alert(found.job, 'job_failing');
    elsif found.failures >= found.failures_alarm and not found.is_told then
      perform sync.raise_job_alert(found.job, 'job_failing',
        format('%s failed %s times in a row', found.job, found.failures), found.error,
        'Keys, secrets and deployed functions are the usual reasons: see docs/operations.md.', found.failures);
    end if;
  end loop;
end;
$$;
comment on function sync.alert_failing() is 'Raises an alert for each job that failed several times in a row.';

create function sync.alert_late()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  for found in
    select j.job, last.finished_at, s.late_after,
      j.is_on and t.is_enabled
        and greatest(last.finished_at, j.on_since) < clock_timestamp() - s.late_after as is_late
    from sync.jobs j
    cross join sync.settings s
    join sync.streams t on t.stream = j.stream
    cross join lateral (
      select max(r.finished_at) as finished_at
      from sync.runs r
      where r.stream = j.stream and r.status = 'complete' and not r.dry_run and not r.is_replay
    ) last
  loop
    if found.is_late then
      perform sync.raise_job_alert(found.job, 'stream_late',
        format('%s has had no complete run for longer than %s', found.job, found.late_after),
        coalesce(format('The last one ended at %s.', found.finished_at), 'There was none yet.'),
        'sync.schedules says what came of its calls; docs/operations.md has more.');
    else
      perform sync.resolve_job_alert(found.job, 'stream_late');
    end if;
  end loop;
end;
$$;
comment on function sync.alert_late() is
  'Raises an alert for each stream on schedule that has been without a complete run for too long.';

create function sync.post_job_alerts()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  webhook text := sync.secret('alert_webhook_url');
begin
  if webhook is null or to_regclass('net._http_response') is null then
    return null;
  end if;
  update sync.alerts a
  set posted_at = r.created
  from net._http_response r
  where r.id = a.request_id and r.created >= a.first_at and a.posted_at is null and r.status_code between 200 and 299;

  -- What the webhook did not take is posted again.
  update sync.alerts a
  set request_id = net.http_post(
    url := webhook,
    -- What a function answered must not become a link, or call everybody: Slack's own three signs.
    body := jsonb_build_object('text', format('*%s: %s*', a.job, a.kind) || E'\n' ||
      replace(replace(replace(concat_ws(E'\n', a.message, a.details, a.hint), '&', '&amp;'), '<', '&lt;'), '>', '&gt;')),
    timeout_milliseconds := 5000
  )
  where a.job is not null and a.resolved_at is null and a.posted_at is null and not exists (
    select from net.http_request_queue q where q.id = a.request_id);
  return null;
exception when others then
  -- pg_net's own words may name the address, which is a secret.
  return 'alerts cannot be posted: alert_webhook_url in Vault is no address that pg_net takes';
end;
$$;
comment on function sync.post_job_alerts() is
  'Posts the open alerts about jobs to the webhook, each until it was taken; or says why they cannot be posted.';

-- What the schedule does in the database: verification, and dropping what is too old.

create function sync.verify_shop()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wrong record;
begin
  select count(*)::integer as checks, string_agg(v.name, ', ' order by v.name) as names,
    string_agg(format('%s: expected %s, found %s %s', v.name, v.expected, v.found, v.examples), E'\n' order by v.name)
      as details
  into wrong
  from shop.verify() v
  where not v.ok;

  if wrong.checks = 0 then
    perform sync.resolve_job_alert('verify', 'verification_failed');
    return;
  end if;
  -- What got worse, or better, is told anew.
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where a.kind = 'verification_failed' and a.resolved_at is null and a.details is distinct from wrong.details;
  perform sync.raise_job_alert('verify', 'verification_failed', 'the shop is not as expected: ' || wrong.names,
    wrong.details, 'select * from shop.verify(); docs/operations.md says what to do.');
end;
$$;
comment on function sync.verify_shop() is 'Runs shop.verify, and raises an alert about what is not as it should be.';

create function sync.clean_platform()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before timestamptz := clock_timestamp() - (select s.keep_calls from sync.settings s);
begin
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details d
    where d.end_time < before and d.command like 'select sync.tick(%' and d.username = current_user;
  end if;
  if to_regclass('net._http_response') is not null then
    delete from net._http_response r
    using sync.calls c
    where r.id = c.request_id and r.created between c.called_at and before;
  end if;
  -- The last call of a job stays: it says when it was.
  delete from sync.calls c
  where c.called_at < before
    and exists (select from sync.calls l where l.job = c.job and l.id > c.id);
end;
$$;
comment on function sync.clean_platform() is
  'Drops what is too old of our calls, and of what pg_cron and pg_net keep of them. Others'' jobs are left alone.';

create function sync.clean_runs()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Within keep_changes everything stays that undo, replay and a look at the plan need. The last run of a stream stays.
  with old as materialized (
    select r.id, r.finished_at < clock_timestamp() - s.keep_runs as is_dropped
    from sync.runs r
    cross join sync.settings s
    where r.finished_at < clock_timestamp() - s.keep_changes
      and exists (select from sync.runs l where l.stream = r.stream and l.status = 'complete' and l.id > r.id)
  ), columns as (
    delete from sync.planned_columns p using old where p.run_id = old.id
  ), samples as (
    delete from sync.planned_samples p using old where p.run_id = old.id
  ), rejected as (
    delete from sync.rejected_records j using old where j.run_id = old.id
  ), checks as (
    delete from sync.checks c using old where c.run_id = old.id
  ), changed as (
    delete from sync.changes c using old where c.run_id = old.id
  ), inserted as (
    delete from sync.insertions i using old where i.run_id = old.id
  ), resolved as (
    delete from sync.alerts a
    using sync.settings s
    where a.resolved_at < clock_timestamp() - s.keep_runs
  )
  delete from sync.runs r
  using old
  where r.id = old.id and old.is_dropped
    and not exists (select from sync.alerts a where a.run_id = r.id and a.resolved_at is null)
$$;
comment on function sync.clean_runs() is
  'Drops what was kept of runs that cannot be taken back any more, and after keep_runs the runs and their alerts.';

create function sync.clean_staging()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  idle text;
begin
  for idle in select s.stream from sync.streams s loop
    -- No run of the stream begins meanwhile.
    if pg_try_advisory_xact_lock(hashtext('sync.start'), hashtext(idle))
      and not exists (select from sync.runs r where r.stream = idle and r.status in ('running', 'paused')) then
      execute format('truncate sync.%I', 'staged_' || idle);
    end if;
  end loop;
end;
$$;
comment on function sync.clean_staging() is 'Empties the staging of streams whose last run is over.';

create function sync.work(job text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  case work.job
    when 'resume' then
      perform sync.collect_answers();
      perform sync.resume_run();
    when 'watch' then
      perform sync.collect_answers();
      perform sync.alert_failing();
      perform sync.alert_late();
      problem := sync.post_job_alerts();
    when 'verify' then
      perform sync.verify_shop();
      perform sync.check_token();
    when 'clean-up' then
      perform sync.clean_platform();
      perform sync.clean_runs();
      perform sync.clean_staging();
  end case;
  perform sync.note_call(job, problem);
exception when others then
  -- What this job did is taken back; that it failed is on record.
  perform sync.note_call(job, sqlerrm);
end;
$$;
comment on function sync.work(text) is 'Does what a job does in the database, and notes it.';

create function sync.check_job(job text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from sync.jobs j where j.job = check_job.job) then
    raise exception 'there is no job %', check_job.job using
      errcode = 'PT404',
      hint = 'Jobs: ' || (select string_agg(j.job, ', ' order by j.job) from sync.jobs j);
  end if;
end;
$$;
comment on function sync.check_job(text) is 'Refuses (PT404) a job that there is not.';

create function sync.tick(job text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.check_job(job);
  if (select j.edge_function is not null from sync.jobs j where j.job = tick.job) then
    perform sync.call_function(job);
  else
    perform sync.work(job);
  end if;
end;
$$;
comment on function sync.tick(text) is 'What the cron job of a job does: calls its edge function, or works in the database.';

-- The schedule as people see it: pg_cron's jobs beside what came of them.

create function sync.cron_jobs()
returns table (cron_id bigint, job text, schedule text, active boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('cron.job') is null then
    return;
  end if;
  return query
  select c.jobid, j.job, c.schedule, c.active
  from cron.job c
  join sync.jobs j on c.jobname = 'sync ' || j.job
  where c.username = current_user;
end;
$$;
comment on function sync.cron_jobs() is 'Our jobs as pg_cron has them; none where it is not installed.';

create view sync.schedules with (security_invoker = true) as
select
  j.job,
  coalesce(c.schedule, j.schedule) as schedule,
  coalesce(c.active, false) as active,
  (select l.called_at from sync.calls l where l.job = j.job order by l.id desc limit 1) as last_start,
  answered.status as last_answer,
  answered.error as last_error,
  run.status as last_run,
  j.purpose
from sync.jobs j
left join sync.cron_jobs() c on c.job = j.job
left join lateral (
  select l.status, l.error
  from sync.calls l
  where l.job = j.job and l.outcome <> 'waiting'
  order by l.id desc
  limit 1
) answered on true
left join lateral (
  select r.status from sync.runs r where r.stream = j.stream order by r.id desc limit 1
) run on true;
comment on view sync.schedules is
  'Each job, its cadence (in UTC), and what came of it: when it last began, what was answered, how its last run stands.';
comment on column sync.schedules.active is 'Whether pg_cron has it: whether it runs at all.';
comment on column sync.schedules.last_answer is
  'The HTTP status of the last answer that was read, which may be of an earlier call; null in the database.';

-- The schedule: pg_cron's jobs are made from sync.jobs. Off until it has all it needs, for cron cannot tell anybody.

-- Where the platform has its own, or something that stands in for them, they are there already.
do $$
begin
  if to_regnamespace('cron') is null then
    create extension pg_cron with schema pg_catalog;
  end if;
exception when others then
  raise notice 'pg_cron cannot be installed in this database, so nothing runs on schedule: %', sqlerrm;
end $$;

do $$
begin
  if to_regnamespace('net') is null then
    create extension pg_net with schema extensions;
  end if;
exception when others then
  raise notice 'pg_net cannot be installed in this database, so nothing runs on schedule: %', sqlerrm;
end $$;

create function sync.align_cron()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted record;
begin
  for wanted in
    select j.job, j.schedule, j.is_on, c.cron_id, c.active
    from sync.jobs j
    left join sync.cron_jobs() c on c.job = j.job
    order by j.job
  loop
    -- pg_cron leaves a job that is not active so when it is scheduled anew.
    if wanted.cron_id is not null and not (wanted.is_on and wanted.active) then
      perform cron.unschedule(wanted.cron_id);
    end if;
    if wanted.is_on then
      perform cron.schedule('sync ' || wanted.job, wanted.schedule, format('select sync.tick(%L)', wanted.job));
      update sync.jobs j
      set on_since = clock_timestamp()
      where j.job = wanted.job and wanted.active is not true;
    end if;
  end loop;
end;
$$;
comment on function sync.align_cron() is 'Makes pg_cron''s jobs those that are on, with their schedules.';

create function sync.check_schedule(job text, schedule text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  lacks text[] := sync.schedule_lacks();
begin
  if job is not null then
    perform sync.check_job(job);
  end if;
  if schedule is not null and (job is null or not sync.is_schedule(schedule)) then
    raise exception '% is no schedule%', quote_literal(schedule), case when job is null then ' for all jobs' else '' end
    using
      errcode = 'SY001',
      detail = 'It is minute, hour, day of the month, month and day of the week (0 is Sunday), in UTC.',
      hint = 'Each is *, a number, a range 1-5, */15 or 0-30/10, or several with commas. Every 15 minutes: */15 * * * *';
  end if;
  if cardinality(lacks) > 0 then
    raise exception 'nothing can run on schedule without %', array_to_string(lacks, ', ') using
      errcode = 'SY002',
      detail = 'pg_cron calls the functions through pg_net, at project_url with cron_secret_key.',
      hint = 'select vault.create_secret(''https://<project>.supabase.co'', ''project_url''); and a secret key of the '
        'project as cron_secret_key. Extensions are switched on in the dashboard. Then: select sync.schedule();';
  end if;
end;
$$;
comment on function sync.check_schedule(text, text) is
  'Refuses a job that there is not (PT404), what is no schedule (SY001), and a database that lacks something (SY002).';

create function sync.schedule(job text default null, schedule text default null)
returns setof sync.schedules
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tidy text := btrim(regexp_replace(schedule, '\s+', ' ', 'g'));
begin
  perform sync.check_schedule(job, tidy);
  update sync.jobs j
  set schedule = coalesce(tidy, j.schedule), is_on = true
  where j.job = schedule.job;
  perform sync.align_cron();
  return query
  select s.* from sync.schedules s where s.job = coalesce(schedule.job, s.job) order by s.job;
end;
$$;
comment on function sync.schedule(text, text) is
  'Puts a job on its schedule, the one given or the one it had; without a job all but those that were taken off.
   PT404 for no job, SY001 for no schedule, SY002 where something is missing.';

create function sync.unschedule(job text default null)
returns setof sync.schedules
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  if job is not null then
    perform sync.check_job(job);
    update sync.jobs j set is_on = false where j.job = unschedule.job;
  end if;
  for found in select c.cron_id, c.job from sync.cron_jobs() c where c.job = coalesce(unschedule.job, c.job) loop
    perform cron.unschedule(found.cron_id);
    perform sync.resolve_job_alert(found.job);
  end loop;
  return query
  select s.* from sync.schedules s where s.job = coalesce(unschedule.job, s.job) order by s.job;
end;
$$;
comment on function sync.unschedule(text) is
  'Takes a job off its schedule; without a job all of them, until sync.schedule(). PT404 for no job.';

revoke all on sync.jobs, sync.calls, sync.schedules from public, anon, authenticated, service_role;
do $$
declare
  entry regprocedure;
begin
  for entry in
    select p.oid::regprocedure
    from pg_catalog.pg_proc p
    where p.pronamespace = 'sync'::regnamespace
      and exists (select from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
        where a.grantee = 0)
  loop
    execute format('revoke execute on function %s from public, anon, authenticated, service_role', entry);
  end loop;
end $$;

do $$
begin
  if cardinality(sync.schedule_lacks()) > 0 then
    raise notice 'nothing runs on schedule yet, for this is missing: %. Then: select sync.schedule();',
      array_to_string(sync.schedule_lacks(), ', ');
  else
    perform sync.schedule();
  end if;
end $$;
