-- Looks at the schedule and at the watch: what does not run, what fails, and whether anybody would be told.

create function sync.look_at_database()
returns setof sync.finding
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'database_read_only', 'database', case when d.is_read_only then 'failed' else 'well' end,
    case when d.is_read_only then 'it takes no writes: no sync, no edit and no alert is stored'
      else 'it takes writes' end,
    null::text[],
    case when d.is_read_only then case when pg_is_in_recovery() then 'Connect to the primary, or promote this one.'
      else 'A full disk is the usual reason: give it space, then set default_transaction_read_only = off.' end end,
    null::bigint, null::bigint, 'watch', null::integer
  -- Not transaction_read_only: the API asks within a transaction that reads only.
  from (select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as is_read_only) d
$$;
comment on function sync.look_at_database() is 'Whether the database takes writes.';

create function sync.look_at_secrets()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'secret_missing', 'secrets in Vault', case when m.names is null then 'well' else 'failed' end,
    case when m.names is null then 'project_url and cron_secret_key are there'
      else array_to_string(m.names, ' and ') || ' missing: nothing can run on schedule' end,
    null::text[], format('select vault.create_secret(''…'', %L);', m.names[1]),
    null::bigint, null::bigint, null::text, null::integer
  from (
    select array_agg(n.name order by n.name) as names
    from unnest(array['project_url', 'cron_secret_key']) n (name)
    where sync.secret(n.name) is null
  ) m
$$;
comment on function sync.look_at_secrets() is 'Whether Vault can be read, and has what the schedule needs.';

create function sync.look_at_webhook()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.code, 'webhook', coalesce(f.state, 'well'), coalesce(f.message, 'alerts are posted'), null::text[], f.hint,
    null::bigint, null::bigint, null::text, null::integer
  from (select sync.secret('alert_webhook_url') is not null as is_set) w
  left join lateral (
    select * from (values
      (not w.is_set, 'no_webhook', 'notice', 'nobody is told of an alert: no address is set that alerts are posted to',
        'select vault.create_secret(''https://…'', ''alert_webhook_url'');'),
      (exists (
        select from sync.alerts a
        where a.resolved_at is null and a.posted_at is null and a.acknowledged_at is null
          and a.first_at < clock_timestamp() - interval '15 minutes'
      ), 'alerts_not_posted', 'degraded', 'open alerts were not taken by the webhook for a quarter of an hour',
        'Correct the secret alert_webhook_url in Vault.')
    ) v (holds, code, state, message, hint)
    where v.holds
    limit 1
  ) f on true
$$;
comment on function sync.look_at_webhook() is 'Whether anybody would be told of an alert.';

create function sync.look_at_watch()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with jobs as (
    select j.job, j.is_on, coalesce(c.active, false) as is_active, j.on_since,
      (select max(l.called_at) from sync.calls l where l.job = j.job) as last_call
    from sync.jobs j
    left join sync.cron_jobs() c on c.job = j.job
  ), counted as (
    select count(*) filter (where j.is_active) as active,
      string_agg(j.job, ', ' order by j.job) filter (where not j.is_active) as off
    from jobs j
  )
  select case when c.active = 0 then 'schedule_off' end, 'schedule',
    case when c.active = 0 then 'degraded' else 'well' end,
    case when c.active = 0 then 'no job is active'
      -- A single job that is off was taken off on purpose.
      else format('%s jobs are active', c.active) || coalesce(', and off: ' || c.off, '') end,
    null::text[], case when c.active = 0 then 'etiquette schedule all on' end,
    null::bigint, null::bigint, null::text, null::integer
  from counted c
  union all
  select case when not j.is_active then 'watch_off' when f.is_silent then 'watch_silent' end, 'watch',
    case when not j.is_active or f.is_silent then 'degraded' else 'well' end,
    case
      when not j.is_active then 'it is off the schedule: nothing is noticed, and nobody is told'
      when f.is_silent
        then format('it has not run since %s: pg_cron does not run its jobs', coalesce(j.last_call, j.on_since))
      else 'looks every few minutes, and tells'
    end,
    null, case
      when not j.is_active then 'etiquette schedule watch on'
      when f.is_silent then 'select * from cron.job_run_details order by runid desc limit 5;'
    end,
    null, null, null, null
  from jobs j
  cross join lateral (
    select greatest(j.last_call, j.on_since) < clock_timestamp() - interval '20 minutes' as is_silent
  ) f
  where j.job = 'watch' and (select c.active from counted c) > 0
$$;
comment on function sync.look_at_watch() is 'Whether the jobs are on schedule, and the watch among them runs.';

create function sync.look_at_calls()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'job_failing', format('calls of %s', j.job), 'failed', format('failed %s times in a row', f.failures),
    array[last.error], 'Keys, secrets and deployed functions are the usual reasons: see docs/operations.md.',
    null::bigint, null::bigint, j.job, f.failures
  from sync.jobs j
  cross join sync.settings s
  cross join lateral (
    select c.outcome, c.error, c.called_at
    from sync.calls c
    where c.job = j.job and c.outcome <> 'waiting'
    order by c.id desc
    limit 1
  ) last
  cross join lateral (
    select count(*)::integer as failures
    from sync.calls c
    where c.job = j.job and c.outcome = 'failed'
      and c.id > coalesce((select max(o.id) from sync.calls o where o.job = j.job and o.outcome = 'ok'), 0)
  ) f
  where j.is_on and last.outcome = 'failed' and f.failures >= s.failures_alarm
    -- A failed run has an alert of its own: the job needs no second one.
    and not exists (select from sync.alerts a where a.stream = j.stream and a.last_at >= last.called_at
      and a.kind in ('run_failed', 'run_tripped', 'token_refused'))
  union all
  select 'call_without_run', format('calls of %s', j.job), 'failed',
    format('the last was answered %s, and there is no run of it', last.status), null,
    'The secret project_url in Vault may be the address of another project: compare it with this one''s.',
    null, null, j.job, null
  from sync.jobs j
  cross join lateral (
    select c.status, c.called_at
    from sync.calls c
    where c.job = j.job and c.status between 200 and 299
    order by c.id desc
    limit 1
  ) last
  -- A call that did something began or ended a run, or left one that goes on.
  where j.is_on and j.stream is not null and not exists (
    select from sync.runs r
    where r.stream = j.stream and (r.finished_at is null or r.finished_at >= last.called_at))
$$;
comment on function sync.look_at_calls() is
  'Jobs whose last calls failed (settings.failures_alarm), and streams whose last good answer left no run.';

select sync.register_look('database', 'sync.look_at_database()');
select sync.register_look('vault', 'sync.look_at_secrets()');
select sync.register_look('schedule', 'sync.look_at_watch()');
select sync.register_look('calls', 'sync.look_at_calls()');
select sync.register_look('webhook', 'sync.look_at_webhook()');

revoke execute on function
  sync.look_at_database, sync.look_at_secrets, sync.look_at_webhook, sync.look_at_watch, sync.look_at_calls
from public, anon, authenticated, service_role;
