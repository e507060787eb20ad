-- The jobs of the schedule, and the calls that they made. sync.schedule hands the jobs to pg_cron.

create function sync.is_schedule_field(field text, low integer, high integer)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- As pg_cron reads it, without names of days or months. A step needs a range: pg_cron would ignore another one
  -- silently.
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
  work text,
  schedule text not null,
  is_on boolean not null default true,
  timeout_milliseconds integer not null default 60000 check (timeout_milliseconds between 1000 and 400000),
  on_since timestamptz not null default clock_timestamp(),
  -- A schedule that pg_cron would refuse or misread is refused here.
  constraint jobs_schedule_is_one check (sync.is_schedule(schedule)),
  -- A job is done either by an edge function or in the database.
  constraint jobs_have_one_way check (num_nonnulls(edge_function, work) = 1),
  -- A stream is synced by an edge function.
  constraint jobs_stream_has_function check (stream is null or edge_function is not null)
);
comment on table sync.jobs is
  'What is done on schedule, by an edge function or in the database. sync.schedule and sync.unschedule change it.';
comment on column sync.jobs.work is
  'A call of the function that does it in the database. The function returns what went wrong, or NULL.';
comment on column sync.jobs.schedule is 'Minute, hour, day of the month, month, day of the week; in UTC.';
comment on column sync.jobs.is_on is 'Whether the job is among those that sync.schedule() hands to pg_cron.';
comment on column sync.jobs.timeout_milliseconds is
  'How long pg_net waits for an answer: a slice takes 25 s, and then finishes its page.';
comment on column sync.jobs.on_since is 'Since when pg_cron has the job. A stream is late only some time after that.';

create function sync.register_job(
  job text,
  purpose text,
  schedule text,
  stream text default null,
  edge_function text default null,
  work regprocedure default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.jobs as j (job, purpose, schedule, stream, edge_function, work)
  values (job, purpose, schedule, stream, edge_function, work::text)
  on conflict on constraint jobs_pkey do update
  set purpose = excluded.purpose, stream = excluded.stream, edge_function = excluded.edge_function, work = excluded.work
$$;
comment on function sync.register_job(text, text, text, text, text, regprocedure) is
  'Adds a job, done by an edge function or in the database, or changes it; but the schedule of a job that exists stays.
   sync.schedule hands it to pg_cron.';

create table sync.calls (
  id bigint generated always as identity primary key,
  job text not null references sync.jobs on update cascade on delete cascade,
  called_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  answered_at timestamptz,
  status integer,
  outcome text not null default 'waiting' check (outcome in ('waiting', 'ok', 'failed')),
  error text,
  -- A call has an outcome exactly when it is over.
  constraint calls_judged_have_ended check ((outcome = 'waiting') = (answered_at is null)),
  -- A failed call says why.
  constraint calls_failed_has_error check ((outcome = 'failed') = (error is not null))
);
create index calls_job_idx on sync.calls (job, id);
create index calls_waiting_idx on sync.calls (request_id) where outcome = 'waiting';
comment on table sync.calls is
  'The calls of the jobs, and how they ended. A cron run that "succeeded" only put a request into pg_net''s queue.';
comment on column sync.calls.request_id is 'The request in pg_net''s queue; NULL for work in the database.';
comment on column sync.calls.status is 'The HTTP status of the answer; NULL where there was none.';
