-- Alerts about jobs. A function that cannot be reached cannot post its alert, so the database posts these itself.

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
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.alerts as a (job, kind, message, details, hint, times)
  values (job, kind, message, details, hint, times)
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint, times = excluded.times,
      last_at = excluded.last_at
$$;
comment on function sync.raise_job_alert(text, text, text, text, text, integer) is
  'Raises an alert about a job, or updates it where it is open.';

create function sync.resolve_job_alert(job text, kind text default null)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where a.job = resolve_job_alert.job and a.kind = coalesce(resolve_job_alert.kind, a.kind) and a.resolved_at is null
$$;
comment on function sync.resolve_job_alert(text, text) is
  'Closes the open alerts about a job, of one kind or of all kinds.';

create function sync.alert_failing()
returns void
language plpgsql
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
      -- A failed run has an alert of its own: the job needs no second one.
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
comment on function sync.alert_failing() is
  'Raises an alert for each job whose last calls failed (settings.failures_alarm), and closes it once a call succeeds.';

create function sync.alert_late()
returns void
language plpgsql
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
    -- A degraded run has an alert of its own.
    cross join lateral (
      select max(r.finished_at) as finished_at
      from sync.runs r
      where r.stream = j.stream and r.status in ('complete', 'degraded') and not r.dry_run and not r.is_replay
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
  'Raises an alert for each stream on schedule that has had no complete run for too long (settings.late_after).';

create function sync.post_job_alerts()
returns text
language plpgsql
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

  -- An alert that the webhook did not accept is posted again.
  update sync.alerts a
  set request_id = net.http_post(
    url := webhook,
    body := jsonb_build_object('text', sync.alert_text(a.job, a.kind, null, a.message, a.details, a.hint)),
    timeout_milliseconds := 5000
  )
  where a.job is not null and a.resolved_at is null and a.posted_at is null and not exists (
    select from net.http_request_queue q where q.id = a.request_id);
  return null;
exception when others then
  -- The message of pg_net may contain the address, which is a secret.
  return 'alerts cannot be posted: alert_webhook_url in Vault is no address that pg_net takes';
end;
$$;
comment on function sync.post_job_alerts() is
  'Posts the open alerts about jobs until the webhook has accepted them. Returns why they cannot be posted, or NULL.';

create function sync.watch()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.collect_answers();
  perform sync.alert_failing();
  perform sync.alert_late();
  return sync.post_job_alerts();
end;
$$;
comment on function sync.watch() is
  'The work of the job watch: raises alerts about what failed or is late, and posts them.';

select sync.register_job('watch', 'read the answers of the functions, raise and post alerts', '*/5 * * * *',
  work => 'sync.watch()');
