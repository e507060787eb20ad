-- Alerts: what a person should look at. One open alert for each stream and kind, however often it happens again.

create table sync.alerts (
  id bigint generated always as identity primary key,
  stream text references sync.streams,
  job text,
  kind text not null check (kind in (
    'run_failed', 'run_tripped', 'run_partial', 'check_failed', 'token_refused', 'token_expiring',
    'job_failing', 'stream_late', 'verification_failed'
  )),
  run_id bigint references sync.runs on delete cascade,
  message text not null,
  details text,
  hint text,
  times integer not null default 1,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  posted_at timestamptz,
  resolved_at timestamptz,
  -- What happens to a stream happens in a run of it.
  constraint alerts_of_a_stream_has_run check ((stream is null) = (run_id is null))
);
create unique index alerts_one_open on sync.alerts (stream, job, kind) nulls not distinct where resolved_at is null;
grant select, insert, update on sync.alerts to gazelle_sync;
comment on table sync.alerts is 'What went wrong, until a complete run of the stream shows that it is over.';
comment on column sync.alerts.stream is 'None where it is the connection that all streams share, or a job of the schedule.';
comment on column sync.alerts.job is 'The job of the schedule that it is about.';
comment on column sync.alerts.run_id is 'The last run that it happened to.';
comment on column sync.alerts.times is 'To how many runs or calls it has happened, or how many checks found it.';
comment on column sync.alerts.request_id is 'The request in pg_net that posts it, where the schedule does so.';
comment on column sync.alerts.posted_at is 'When the webhook took it.';

create function sync.raise_alert(stream text, run_id bigint, kind text, error jsonb)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.alerts as a (stream, kind, run_id, message, details, hint)
  values (stream, kind, run_id, error ->> 'message', error ->> 'details', error ->> 'hint')
  on conflict (stream, job, kind) where resolved_at is null do update
  set run_id = excluded.run_id, message = excluded.message, details = excluded.details, hint = excluded.hint,
      times = a.times + 1, last_at = excluded.last_at
$$;
comment on function sync.raise_alert(text, bigint, text, jsonb) is
  'Raises an alert with message, details and hint, or counts it up where it is open.';

create function sync.raise_alert(run sync.runs, kind text, error jsonb)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select sync.raise_alert(run.stream, run.id, kind, error)
  -- Who starts a dry run reads what it answers.
  where not run.dry_run
$$;
comment on function sync.raise_alert(sync.runs, text, jsonb) is 'The same, for a run that is no dry one.';

create function sync.why_checks_failed(run sync.runs)
returns jsonb
language sql
stable
security invoker
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
      -- What there should be none of is told when it grows, not every night.
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

create function sync.tell(run sync.runs)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  failed jsonb := sync.why_checks_failed(run);
begin
  if failed is not null then
    perform sync.raise_alert(run, 'check_failed', failed);
  end if;
  if not sync.is_complete(run) then
    perform sync.raise_alert(run, 'run_partial', jsonb_build_object(
      'message', format('run %s of %s saw %s of %s records', run.id, run.stream, run.staged + run.rejected,
        run.total_count),
      'details', 'What was seen is applied. Nothing was marked missing.',
      'hint', 'Pages shift while people work in Gazelle: the next run is complete as a rule.'));
  end if;
  if run.status = 'complete' and not run.dry_run then
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.stream = run.stream and a.resolved_at is null and (a.kind <> 'check_failed' or not exists (
      select from sync.checks c where c.run_id = run.id and not c.passed));
  end if;
end;
$$;
comment on function sync.tell(sync.runs) is 'Raises the alerts of a run that went to its end, or closes those that it resolves.';

create function sync.count_unposted()
returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select count(*)::integer
  from sync.alerts a
  where a.posted_at is null and a.resolved_at is null and a.job is null
    and sync.secret('alert_webhook_url') is not null
$$;
comment on function sync.count_unposted() is 'Open alerts that the webhook is still to be told by a function, where there is one.';

create function public.sync_read_alerts()
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select jsonb_build_object(
    'webhook_url', sync.secret('alert_webhook_url'),
    'alerts', coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'stream', a.stream, 'kind', a.kind,
      'run_id', a.run_id, 'message', a.message, 'details', a.details, 'hint', a.hint,
      'link', replace((select s.run_link from sync.settings s), '{run}', a.run_id::text)) order by a.id), '[]')
  )
  from sync.alerts a
  where a.posted_at is null and a.resolved_at is null and a.job is null
$$;
comment on function public.sync_read_alerts() is
  'Open alerts that the webhook has not been told, and where it is. Those about jobs the schedule posts itself.';

create function public.sync_mark_posted(ids bigint[])
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  update sync.alerts a set posted_at = clock_timestamp() where a.id = any(ids)
$$;
comment on function public.sync_mark_posted(bigint[]) is 'Notes which alerts the webhook took.';

-- The connection to Gazelle as people see it, and what alarms them while there is time.

create function sync.token_status()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('way', t.way, 'is_connected', coalesce(t.way = 'api_key', false) or s.access
      or s.refresh and t.error ->> 'code' is distinct from 'gazelle_unauthorized')
    || case when t.way = 'oauth' and (s.access or s.refresh) then jsonb_build_object(
        'source', t.source, 'connected_at', t.connected_at, 'renewed_at', t.renewed_at, 'expires_at', t.expires_at,
        'is_renewable', s.refresh, 'error', t.error || jsonb_build_object('at', t.failed_at))
      else '{}' end
    || jsonb_build_object('attempt', (
      select jsonb_build_object('id', a.id, 'begun_at', a.begun_at, 'expires_at', a.expires_at, 'error', a.error,
        'outcome', case
          when a.error is not null then 'failed'
          when a.ended_at is not null then 'connected'
          when a.expires_at <= clock_timestamp() then 'expired'
          else 'waiting'
        end)
      from sync.authorizations a
      order by a.id desc
      limit 1
    ))
  from sync.token t, lateral (
    select
      sync.secret('gazelle_access_token') is not null and coalesce(t.expires_at > clock_timestamp(), true) as access,
      sync.secret('gazelle_refresh_token') is not null as refresh
  ) s
$$;
comment on function sync.token_status() is 'How Gazelle is reached, without anything secret.';

create function public.sync_token_status()
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select sync.token_status()
$$;
comment on function public.sync_token_status() is
  'How Gazelle is reached: way (oauth, api_key, or null before the first call), since when, until when, whether the
   token can be renewed, why it was not; and what became of the last attempt to connect. Nothing in it is secret.';

create function sync.set_token_alert(kind text, error jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if error is not null then
    perform sync.raise_alert(null::text, null::bigint, kind, error);
  else
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.stream is null and a.kind = set_token_alert.kind and a.resolved_at is null;
  end if;
end;
$$;
comment on function sync.set_token_alert(text, jsonb) is 'Raises an alert that is no stream''s own, or closes it when there is no error.';

create function sync.check_token()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token sync.token;
  is_renewable boolean := sync.secret('gazelle_refresh_token') is not null;
  fact text;
begin
  select * into token from sync.token where way = 'oauth';
  if token.expires_at < clock_timestamp() + interval '14 days' and (not is_renewable or token.error is not null) then
    fact := format('the access to Gazelle %s on %s',
      case when token.expires_at > clock_timestamp() then 'ends' else 'ended' end,
      to_char(token.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'));
  end if;
  perform sync.set_token_alert('token_expiring', case when fact is not null then jsonb_build_object(
    'message', fact || case when is_renewable then ', and could not be renewed' else ', and cannot be renewed' end,
    'details', token.error ->> 'message',
    'hint', 'Connect again before: etiquette connect. Or set GAZELLE_API_KEY, which does not end.') end);
  perform sync.set_token_alert('token_refused',
    case when token.error ->> 'code' = 'gazelle_unauthorized' then token.error end);
  return (select count(*) from sync.alerts a where a.stream is null and a.job is null and a.resolved_at is null);
end;
$$;
comment on function sync.check_token() is
  'Raises an alert when the token ends within two weeks and is not renewed, and when Gazelle refuses to; closes those
   that are over. Called at the end of each run, and for the schedule to call. Returns how many are open.';
