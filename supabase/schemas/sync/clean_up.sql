-- Old rows are deleted: in the tables of the sync, what pg_cron and pg_net keep of its jobs, and what the engine writes
-- down.

create function sync.clean_platform()
returns void
language plpgsql
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
  -- The last call of each job stays, so that sync.schedules can tell when it was.
  delete from sync.calls c
  where c.called_at < before
    and exists (select from sync.calls l where l.job = c.job and l.id > c.id);
end;
$$;
comment on function sync.clean_platform() is
  'Deletes old calls, and what pg_cron and pg_net keep of them. The jobs of others are left alone.';

create function sync.clean_runs()
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Within keep_changes a run can be reverted, replayed and looked at, so everything stays. The last runs stay for
  -- ever.
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
  'Deletes plans, checks and changes of runs that cannot be reverted any more, and after keep_runs the runs and
   alerts.';

create function sync.clean_staging()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  idle text;
begin
  for idle in select s.stream from sync.streams s loop
    -- The lock keeps a run of the stream from beginning meanwhile.
    if pg_try_advisory_xact_lock(hashtext('sync.start'), hashtext(idle))
      and not exists (select from sync.runs r where r.stream = idle and r.status in ('running', 'paused')) then
      execute format('truncate sync.%I', 'staged_' || idle);
    end if;
  end loop;
end;
$$;
comment on function sync.clean_staging() is 'Empties the staging of each stream that has no active run.';

create function sync.clean_up()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.clean_platform();
  perform sync.clean_runs();
  perform sync.clean_staging();
  perform ownership.prune();
  return null;
end;
$$;
comment on function sync.clean_up() is 'The work of the job clean-up.';

select sync.register_job('clean-up', 'drop what is too old, of ours, of pg_cron''s and of pg_net''s', '45 3 * * *',
  work => 'sync.clean_up()');
