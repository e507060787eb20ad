-- Stand-in for pg_cron, where a server does not have the real one: the signatures are its own. Jobs and what came of
-- them are rows; the local scheduler runs them. It runs again at every start.

set client_min_messages = warning;

create schema if not exists cron;
revoke all on schema cron from public;

create table if not exists cron.job (
  jobid bigint generated always as identity primary key,
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default 5432,
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  unique (jobname, username)
);

create table if not exists cron.job_run_details (
  jobid bigint,
  runid bigint generated always as identity primary key,
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

create or replace function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql volatile set search_path = pg_catalog, pg_temp
as $$
  insert into cron.job as j (jobname, schedule, command)
  values (job_name, schedule, command)
  on conflict (jobname, username) do update
  set schedule = excluded.schedule, command = excluded.command
  returning j.jobid
$$;

create or replace function cron.schedule(schedule text, command text) returns bigint
language sql volatile set search_path = pg_catalog, pg_temp
as $$
  insert into cron.job as j (schedule, command) values (schedule, command) returning j.jobid
$$;

create or replace function cron.unschedule(job_id bigint) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  delete from cron.job as j where j.jobid = job_id;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_id using errcode = 'XX000';
  end if;
  return true;
end
$$;

create or replace function cron.unschedule(job_name text) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  delete from cron.job as j where j.jobname = job_name and j.username = current_user;
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_name using errcode = 'XX000';
  end if;
  return true;
end
$$;

reset client_min_messages;
