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
set search_path = ''
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
set search_path = ''
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
set search_path = ''
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
