-- The schedule as people see it: pg_cron's jobs beside what came of them.

create function sync.cron_jobs()
returns table (cron_id bigint, job text, schedule text, active boolean)
language plpgsql
stable
security definer
set search_path = ''
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
