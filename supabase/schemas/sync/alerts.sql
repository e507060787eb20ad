-- Alerts: what a person should look at. An alert that is raised again while it is open is counted up.

create table sync.alerts (
  id bigint generated always as identity primary key,
  source text references sync.sources,
  stream text references sync.streams,
  job text,
  kind text not null check (kind ~ '^[a-z_]+$'),
  looks text[] not null default '{}',
  subjects text[] not null default '{}',
  run_id bigint references sync.runs on delete cascade,
  message text not null,
  details text,
  hint text,
  times integer not null default 1,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  posted_at timestamptz,
  acknowledged_at timestamptz,
  resolved_at timestamptz,
  over_request_id bigint,
  over_posted_at timestamptz,
  -- An alert about a stream is about a run of it.
  constraint alerts_of_a_stream_has_run check ((stream is null) = (run_id is null))
);
create unique index alerts_one_open on sync.alerts (source, stream, job, kind) nulls not distinct
  where resolved_at is null;
grant select, insert, update on sync.alerts to sync_worker;
comment on table sync.alerts is 'What went wrong. An alert about a stream is open until the stream has a complete run.';
comment on column sync.alerts.source is
  'The source, where the alert is about its credentials, which all its streams share.';
comment on column sync.alerts.stream is 'The stream, where the alert is about a run.';
comment on column sync.alerts.job is 'The job of the schedule, where the alert is about one.';
comment on column sync.alerts.kind is
  'What went wrong: of a finding its code. docs/operations.md says of each what it means and what to do.';
comment on column sync.alerts.looks is
  'The looks that raised it (sync.looks). It is open until one of them sees that its cause is gone.';
comment on column sync.alerts.subjects is 'What the looks found it of. When something is added, it is posted again.';
comment on column sync.alerts.run_id is 'The last run that raised it.';
comment on column sync.alerts.times is 'How often it was raised. For a job: how many of its calls failed.';
comment on column sync.alerts.request_id is 'The request in pg_net''s queue that posts it; only for alerts about jobs.';
comment on column sync.alerts.posted_at is 'When the webhook accepted it.';
comment on column sync.alerts.acknowledged_at is
  'When somebody said that he knows of it: it is not posted any more. What comes to it is told all the same.';
comment on column sync.alerts.over_request_id is 'The request in pg_net''s queue that says that it is over.';
comment on column sync.alerts.over_posted_at is 'When the webhook accepted that it is over.';

create function sync.raise_alert(run sync.runs, kind text, error jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.alerts as a (stream, kind, run_id, message, details, hint)
  select run.stream, kind, run.id, error ->> 'message', error ->> 'details', error ->> 'hint'
  -- Whoever starts a dry run reads its answer.
  where not run.dry_run
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set run_id = excluded.run_id, message = excluded.message, details = excluded.details, hint = excluded.hint,
      times = a.times + 1, last_at = excluded.last_at
$$;
comment on function sync.raise_alert(sync.runs, text, jsonb) is
  'Raises an alert about a run that is not a dry run, with the message, details and hint of an error; or counts it up
   where it is open.';

create function sync.is_refusal_told(source text, besides text default null)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from sync.alerts a
    left join sync.streams s on s.stream = a.stream
    where a.kind = 'token_refused' and a.resolved_at is null
      and is_refusal_told.source = coalesce(a.source, s.source) and a.stream is distinct from is_refusal_told.besides
  )
$$;
comment on function sync.is_refusal_told(text, text) is
  'Whether an alert is open that a source refuses the credentials, of the source or of a stream of it besides this one:
   all of them share the credentials, and one alert is enough.';

create function sync.set_access_alert(source text, kind text, error jsonb)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where set_access_alert.error is null
    and a.source = set_access_alert.source and a.kind = set_access_alert.kind and a.resolved_at is null;

  insert into sync.alerts as a (source, kind, message, details, hint)
  select source, kind, error ->> 'message', error ->> 'details', error ->> 'hint'
  where error is not null
    and not (kind = 'token_refused' and sync.is_refusal_told(source))
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint,
      times = a.times + 1, last_at = excluded.last_at
$$;
comment on function sync.set_access_alert(text, text, jsonb) is
  'Raises an alert about the credentials of a source, or closes it where error is NULL.';

create function sync.why_checks_failed(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with failed as (
    select c.name, c.expected, c.found
    from sync.checks c
    left join lateral (
      select l.found
      from sync.checks l
      where l.name = c.name and l.run_id < run.id and l.found is not null
      order by l.run_id desc
      limit 1
    ) last on true
    where c.run_id = run.id and not c.passed and c.name <> 'records_read'
      -- Rows that should not exist are reported when there are more of them than last time, and not each time.
      and (c.is_binding or c.found > coalesce(last.found, 0))
  )
  select jsonb_build_object(
    'code', 'check_failed',
    'message', format('run %s of %s did not pass %s', run.id, run.stream, string_agg(f.name, ', ' order by f.name)),
    'details', string_agg(format('%s: expected %s, found %s', f.name, f.expected, f.found), E'\n' order by f.name),
    'hint', 'docs/operations.md says for each check what it means and what to do.'
  )
  from failed f
  having count(*) > 0
$$;
comment on function sync.why_checks_failed(sync.runs) is 'The error of the checks that a run did not pass, or null.';

create function sync.update_alerts(run sync.runs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  failed jsonb := sync.why_checks_failed(run);
begin
  if failed is not null then
    perform sync.raise_alert(run, 'check_failed', failed);
  end if;
  if run.status = 'degraded' then
    perform sync.raise_alert(run, 'run_degraded', run.error);
  elsif not sync.is_complete(run) then
    perform sync.raise_alert(run, 'run_partial', jsonb_build_object(
      'message', format('run %s of %s saw %s of %s records', run.id, run.stream, run.staged + run.rejected,
        run.total_count),
      'details', 'What was seen is applied. Nothing was marked missing.',
      'hint', format('Pages shift while people work in %s: the next run is complete as a rule.',
        (sync.source_of(run.stream)).label)));
  end if;
  if run.status = 'complete' and not run.dry_run then
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.resolved_at is null
      and case a.kind
        -- Credentials that work for one stream work for all of its source.
        when 'token_refused' then (sync.source_of(a.stream)).source = (sync.source_of(run.stream)).source
        else a.stream = run.stream
      end
      and (a.kind <> 'check_failed' or not exists (
        select from sync.checks c where c.run_id = run.id and not c.passed));
  end if;
end;
$$;
comment on function sync.update_alerts(sync.runs) is
  'Raises the alerts of a run that reached its end, and closes those that it resolves.';
