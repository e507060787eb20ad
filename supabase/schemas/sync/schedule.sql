-- What people call to see and change the schedule. The cron jobs are made from sync.jobs.

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
comment on function sync.cron_jobs() is 'The cron jobs of our jobs; none where pg_cron is not installed.';

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
  'Each job with its schedule (in UTC), its last call and answer, and the state of its stream''s last run.';
comment on column sync.schedules.active is 'Whether pg_cron has the job, so that it runs.';
comment on column sync.schedules.last_answer is
  'The HTTP status of the last answer that was read, perhaps that of an earlier call; NULL for work in the database.';

create function sync.align_cron()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  planned record;
begin
  for planned in
    select j.job, j.schedule, j.is_on, c.cron_id, c.active
    from sync.jobs j
    left join sync.cron_jobs() c on c.job = j.job
    order by j.job
  loop
    -- Scheduling an inactive cron job again would leave it inactive, so it is removed first.
    if planned.cron_id is not null and not (planned.is_on and planned.active) then
      perform cron.unschedule(planned.cron_id);
    end if;
    if planned.is_on then
      perform cron.schedule('sync ' || planned.job, planned.schedule, format('select sync.tick(%L)', planned.job));
      update sync.jobs j
      set on_since = clock_timestamp()
      where j.job = planned.job and planned.active is not true;
    end if;
  end loop;
end;
$$;
comment on function sync.align_cron() is
  'Brings the cron jobs in line with sync.jobs: those that are on, with their schedules.';

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
  'Raises PT404 for an unknown job, SY001 for an invalid schedule, SY002 where the database lacks something.';

create function sync.schedule(job text default null, schedule text default null)
returns setof sync.schedules
language plpgsql
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
  'Puts a job on schedule, this one or the one that it had; without a job all jobs except those that were taken off.
   PT404 for an unknown job, SY001 for an invalid schedule, SY002 where the database lacks something.';

create function sync.unschedule(job text default null)
returns setof sync.schedules
language plpgsql
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
  'Takes a job off its schedule; without a job all of them, until sync.schedule() is called. PT404 for an unknown job.';

revoke all on sync.jobs, sync.calls, sync.schedules, sync.looks from public, anon, authenticated, service_role;

-- Functions that were made after grants.sql are for the owner alone.
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

-- migration: schedule

-- This comes last, because the jobs need everything else. Nothing is put on schedule while something is missing: a cron
-- job that fails tells nobody.

-- Where the schemas cron and net exist, the platform has the extensions, or a stand-in for them.
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

do $$
begin
  if cardinality(sync.schedule_lacks()) > 0 then
    raise notice 'nothing runs on schedule yet, for this is missing: %. Then: select sync.schedule();',
      array_to_string(sync.schedule_lacks(), ', ');
  else
    perform sync.schedule();
  end if;
end $$;
