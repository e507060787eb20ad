-- What pg_cron does for a job: it calls an edge function through pg_net, or a function in the database. Key and address
-- are
-- read from Vault each time, and are in no cron job, table or message.

create function sync.schedule_lacks()
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select array_remove(array[
    case when to_regprocedure('cron.schedule(text, text, text)') is null then 'the extension pg_cron' end,
    case when to_regclass('net._http_response') is null then 'the extension pg_net' end,
    case when sync.secret('project_url') is null then 'the secret project_url in Vault' end,
    case when sync.secret('cron_secret_key') is null then 'the secret cron_secret_key in Vault' end
  ], null)
$$;
comment on function sync.schedule_lacks() is 'What the schedule needs and this database lacks.';

create function sync.note_call(job text, problem text default null)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Jobs that succeed every minute leave one row, and not 1,440 a day.
  delete from sync.calls c
  where c.job = note_call.job and c.outcome = 'ok' and c.request_id is null and note_call.problem is null;

  insert into sync.calls (job, answered_at, outcome, error)
  values (note_call.job, clock_timestamp(), case when problem is null then 'ok' else 'failed' end, problem)
$$;
comment on function sync.note_call(text, text) is
  'Notes a call that is over at once: work in the database, or a call that could not be made.';

create function sync.call_function(job text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  called sync.jobs := (select j from sync.jobs j where j.job = call_function.job);
  lacks text[];
  request bigint;
begin
  lacks := sync.schedule_lacks();
  if cardinality(lacks) > 0 then
    perform sync.note_call(called.job, 'missing: ' || array_to_string(lacks, ', '));
    return;
  end if;
  request := net.http_post(
    url := rtrim(sync.secret('project_url'), '/') || '/functions/v1/' || called.edge_function,
    body := '{}',
    headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', sync.secret('cron_secret_key')),
    timeout_milliseconds := called.timeout_milliseconds
  );
  insert into sync.calls (job, request_id) values (called.job, request);
exception when others then
  -- Also where Vault cannot be read. The message may name the address, and never the key.
  perform sync.note_call(called.job, sqlerrm);
end;
$$;
comment on function sync.call_function(text) is
  'Puts a call of a job''s edge function into pg_net''s queue, with the key from Vault, and notes it.';

create function sync.judge_answer(status integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- 409 (busy) and 423 (switched off) are answers of a function that works as it should.
  select case when status between 200 and 299 or status in (409, 423) then 'ok' else 'failed' end
$$;
comment on function sync.judge_answer(integer) is 'Whether an HTTP status means that a call succeeded: ok or failed.';

create function sync.message_in(content text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return left(coalesce(content::jsonb #>> '{error, message}', content::jsonb ->> 'message', content), 300);
exception when others then
  -- Not JSON: perhaps the error page of a gateway.
  return left(content, 300);
end;
$$;
comment on function sync.message_in(text) is 'The error message in an answer, at most 300 characters.';

create function sync.collect_answers()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('net._http_response') is null then
    return;
  end if;
  update sync.calls c
  set answered_at = r.created,
      status = r.status_code,
      outcome = coalesce(sync.judge_answer(r.status_code), 'failed'),
      error = case when sync.judge_answer(r.status_code) = 'ok' then null
        else coalesce(r.error_msg, 'answered ' || r.status_code || coalesce(': ' || sync.message_in(r.content), ''),
          'no answer in time') end
  from net._http_response r
  -- After a crash of the server pg_net counts its requests from 1 again: an older answer may have the same number.
  where r.id = c.request_id and r.created >= c.called_at and c.outcome = 'waiting';

  update sync.calls c
  set answered_at = clock_timestamp(), outcome = 'failed', error = 'no answer: pg_net never sent it, or lost it'
  from sync.jobs j
  where c.job = j.job and c.outcome = 'waiting'
    and c.called_at < clock_timestamp() - make_interval(secs => j.timeout_milliseconds / 1000.0) - interval '2 minutes';
end;
$$;
comment on function sync.collect_answers() is 'Notes the answers of the edge functions, before pg_net drops them.';

create function sync.resume_run()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  next text := (
    select j.job
    from sync.runs r
    join sync.jobs j on j.stream = r.stream
    join sync.streams s on s.stream = r.stream
    where r.status in ('running', 'paused') and j.is_on and s.is_enabled
      and not sync.is_held(r) and not sync.must_wait(r)
      -- One call at a time reads from a source.
      and not exists (
        select from sync.runs h
        join sync.streams o on o.stream = h.stream and o.source = s.source
        where h.status = 'running' and sync.is_held(h))
      and not exists (
        select from sync.calls c
        join sync.jobs b on b.job = c.job
        join sync.streams o on o.stream = b.stream and o.source = s.source
        where c.outcome = 'waiting')
    -- They take turns: the one comes first that was called longest ago.
    order by r.lease_until, r.id
    limit 1
  );
begin
  if next is not null then
    perform sync.call_function(next);
  end if;
end;
$$;
comment on function sync.resume_run() is
  'Calls the function of a run that nobody works on and whose source nobody is reading: the one that waits longest.';

create function sync.resume()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.collect_answers();
  perform sync.resume_run();
  return null;
end;
$$;
comment on function sync.resume() is 'The work of the job resume: continues a run that nobody works on.';

create function sync.work(job text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  execute 'select ' || (select j.work from sync.jobs j where j.job = work.job) into problem;
  perform sync.note_call(job, problem);
exception when others then
  -- What the job did is rolled back. That it failed is noted.
  perform sync.note_call(job, sqlerrm);
end;
$$;
comment on function sync.work(text) is 'Does the work of a job in the database, and notes how it went.';

create function sync.check_job(job text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from sync.jobs j where j.job = check_job.job) then
    raise exception 'there is no job %', check_job.job using
      errcode = 'PT404',
      hint = 'Jobs: ' || (select string_agg(j.job, ', ' order by j.job) from sync.jobs j);
  end if;
end;
$$;
comment on function sync.check_job(text) is 'Raises PT404 where there is no such job.';

create function sync.tick(job text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.check_job(job);
  if (select j.edge_function is not null from sync.jobs j where j.job = tick.job) then
    perform sync.call_function(job);
  else
    perform sync.work(job);
  end if;
end;
$$;
comment on function sync.tick(text) is
  'The command of a job''s cron job: calls its edge function, or does its work in the database. PT404 for an unknown
   job.';

select sync.register_job('resume', 'go on with a run that is paused, or whose holder is gone', '* * * * *',
  work => 'sync.resume()');
