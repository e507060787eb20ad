-- Alerts about jobs, and the watch, which raises one for what the looks find. A function that cannot be reached cannot
-- post its alert, so the database posts these itself.

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

create function sync.tell_findings(depth text default 'whole')
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  with taken as materialized (
    select f.* from sync.findings(depth, with_open => true) f
  ), told as (
    select f.job, f.code, array_agg(distinct f.look) as looks, array_agg(distinct f.name) as subjects,
      string_agg(format('%s: %s', f.name, f.message), E'\n' order by f.place) as message,
      string_agg(array_to_string(f.details, E'\n'), E'\n' order by f.place) as details,
      (array_agg(f.hint order by f.place))[1] as hint, coalesce(max(f.times), 1) as times
    from taken f
    where f.job is not null and sync.gravity(f.state) > sync.gravity('notice')
    group by f.job, f.code
  ), over as (
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.resolved_at is null and a.looks <> '{}'
      and not exists (select from told t where t.job = a.job and t.code = a.kind)
      -- Of a look that failed nobody knows whether it is over.
      and not exists (select from taken f where f.code = 'cannot_tell' and f.look = any (a.looks) and a.kind <> f.code)
  )
  insert into sync.alerts as a (job, kind, message, details, hint, times, looks, subjects)
  select t.job, t.code, t.message, t.details, t.hint, t.times, t.looks, t.subjects from told t
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint, times = excluded.times,
      looks = excluded.looks, last_at = excluded.last_at,
      -- What was not among it before is told again.
      posted_at = case when excluded.subjects <@ a.subjects then a.posted_at end,
      acknowledged_at = case when excluded.subjects <@ a.subjects then a.acknowledged_at end,
      subjects = array(select s from unnest(a.subjects) s union select s from unnest(excluded.subjects) s)
$$;
comment on function sync.tell_findings(text) is
  'Raises an alert for what the looks find, one for each job and code, and closes those whose cause is gone.';

create function sync.post(alert sync.alerts, is_over boolean default false)
returns bigint
-- PL/pgSQL looks for pg_net when it is called, and not where it is installed.
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  post constant jsonb := sync.post_of(alert, is_over);
begin
  return net.http_post(url := post ->> 'url', body := post -> 'body', timeout_milliseconds := 5000);
end;
$$;
comment on function sync.post(sync.alerts, boolean) is
  'Puts what is posted about an alert into pg_net''s queue, and returns the number of the request.';

create function sync.note_posts()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update sync.alerts a
  set posted_at = r.created
  from net._http_response r
  where r.id = a.request_id and r.created >= a.first_at and a.posted_at is null and r.status_code between 200 and 299;

  update sync.alerts a
  set over_posted_at = r.created
  from net._http_response r
  where r.id = a.over_request_id and r.created >= a.resolved_at and a.over_posted_at is null
    and r.status_code between 200 and 299;
end;
$$;
comment on function sync.note_posts() is 'Notes what the webhook has accepted.';

create function sync.post_alerts()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('net._http_response') is null or sync.secret('alert_webhook_url') is null then
    return null;
  end if;
  perform sync.note_posts();
  -- What the webhook did not accept is posted again. Alerts about runs and credentials are posted by functions.
  update sync.alerts a
  set request_id = sync.post(a)
  where a.job is not null and a.resolved_at is null and a.posted_at is null and a.acknowledged_at is null
    and not exists (select from net.http_request_queue q where q.id = a.request_id);
  -- Whoever was told of it is told that it is over; of what is long ago, nobody any more.
  update sync.alerts a
  set over_request_id = sync.post(a, is_over => true)
  where a.posted_at is not null and a.over_posted_at is null and a.resolved_at > clock_timestamp() - interval '1 day'
    and not exists (select from net.http_request_queue q where q.id = a.over_request_id);
  return null;
exception when others then
  -- The message of pg_net may contain the address, which is a secret.
  return 'alerts cannot be posted: alert_webhook_url in Vault is no address that pg_net takes';
end;
$$;
comment on function sync.post_alerts() is
  'Posts open alerts about jobs, and that an alert is over, until the webhook has accepted it. Returns why nothing can
   be posted, or NULL.';

create function sync.attempt(work text)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  execute 'select ' || work into problem;
  return nullif(problem, '');
exception when others then
  return format('%s: %s', work, sqlerrm);
end;
$$;
comment on function sync.attempt(text) is
  'Calls a function; what goes wrong in it is returned, and undoes nothing of what was done before.';

create function sync.watch()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problems text[];
begin
  problems := array[sync.attempt('sync.collect_answers()')];
  -- A source that cannot look at its credentials is told by the look at them.
  perform sync.attempt('sync.check_access()');
  problems := problems || sync.attempt('sync.tell_findings()');
  problems := problems || sync.attempt('sync.post_alerts()');
  return nullif(array_to_string(problems, E'\n'), '');
end;
$$;
comment on function sync.watch() is
  'The work of the job watch: takes the looks, raises, closes and posts alerts. A step that fails stops no other.';

select sync.register_job('watch', 'look at the state of everything, raise, close and post alerts', '*/5 * * * *',
  work => 'sync.watch()');
