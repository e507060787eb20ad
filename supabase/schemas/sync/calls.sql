-- What pg_cron calls: a job's edge function, over pg_net, or its work in the database. Neither key nor address is
-- in the cron job, in a table of ours or in a message: they come out of Vault each time.

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
comment on function sync.schedule_lacks() is 'What is missing for the schedule to work; empty when nothing is.';

create function sync.note_call(job text, problem text default null)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Of what goes well every minute, the last time is enough.
  delete from sync.calls c
  where c.job = note_call.job and c.outcome = 'ok' and c.request_id is null and note_call.problem is null;

  insert into sync.calls (job, answered_at, outcome, error)
  values (note_call.job, clock_timestamp(), case when problem is null then 'ok' else 'failed' end, problem)
$$;
comment on function sync.note_call(text, text) is 'Puts on record what was done at once, or could not be begun.';

create function sync.call_function(job text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  called sync.jobs := (select j from sync.jobs j where j.job = call_function.job);
  lacks text[] := sync.schedule_lacks();
  request bigint;
begin
  if cardinality(lacks) > 0 then
    perform sync.note_call(called.job, 'missing: ' || array_to_string(lacks, ', '));
    return;
  end if;
  begin
    request := net.http_post(
      url := rtrim(sync.secret('project_url'), '/') || '/functions/v1/' || called.edge_function,
      body := '{}',
      headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', sync.secret('cron_secret_key')),
      timeout_milliseconds := called.timeout_milliseconds
    );
    insert into sync.calls (job, request_id) values (called.job, request);
  exception when others then
    -- The message names the address at most.
    perform sync.note_call(called.job, sqlerrm);
  end;
end;
$$;
comment on function sync.call_function(text) is
  'Puts a call of a job''s function into pg_net''s queue, with the key from Vault, and notes it.';

create function sync.judge_answer(status integer)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- Busy (409) and switched off (423) are answers of a function that works as it should.
  select case when status between 200 and 299 or status in (409, 423) then 'ok' else 'failed' end
$$;
comment on function sync.judge_answer(integer) is 'What an HTTP status means for a job.';

create function sync.message_in(content text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return left(coalesce(content::jsonb #>> '{error, message}', content::jsonb ->> 'message', content), 300);
exception when others then
  -- No JSON: a page of a gateway's, or nothing at all.
  return left(content, 300);
end;
$$;
comment on function sync.message_in(text) is 'What an answer says went wrong, in few words.';

create function sync.collect_answers()
returns void
language plpgsql
volatile
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
  -- A crash of the server empties pg_net's queue, and its numbers begin anew.
  where r.id = c.request_id and r.created >= c.called_at and c.outcome = 'waiting';

  update sync.calls c
  set answered_at = clock_timestamp(), outcome = 'failed', error = 'no answer: pg_net never sent it, or lost it'
  from sync.jobs j
  where c.job = j.job and c.outcome = 'waiting'
    and c.called_at < clock_timestamp() - make_interval(secs => j.timeout_milliseconds / 1000.0) - interval '2 minutes';
end;
$$;
comment on function sync.collect_answers() is 'Notes what the functions answered, before pg_net forgets it.';

create function sync.resume_run()
returns void
language plpgsql
volatile
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
      -- A source is asked by one call at a time.
      and not exists (
        select from sync.runs h
        join sync.streams o on o.stream = h.stream and o.source = s.source
        where h.status = 'running' and sync.is_held(h))
      and not exists (
        select from sync.calls c
        join sync.jobs b on b.job = c.job
        join sync.streams o on o.stream = b.stream and o.source = s.source
        where c.outcome = 'waiting')
    order by r.id
    limit 1
  );
begin
  if next is not null then
    perform sync.call_function(next);
  end if;
end;
$$;
comment on function sync.resume_run() is
  'Calls the function of the oldest run that nobody works on and whose source is not being read at this moment.';

create function sync.resume()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.collect_answers();
  perform sync.resume_run();
  return null;
end;
$$;
comment on function sync.resume() is 'The job resume: goes on with a run that nobody works on.';

create function sync.work(job text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  execute 'select ' || (select j.work from sync.jobs j where j.job = work.job) into problem;
  perform sync.note_call(job, problem);
exception when others then
  -- What this job did is taken back; that it failed is on record.
  perform sync.note_call(job, sqlerrm);
end;
$$;
comment on function sync.work(text) is 'Does what a job does in the database, and notes it.';

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
comment on function sync.check_job(text) is 'Refuses (PT404) a job that there is not.';

create function sync.tick(job text)
returns void
language plpgsql
volatile
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
comment on function sync.tick(text) is 'What the cron job of a job does: calls its edge function, or works in the database.';

select sync.register_job('resume', 'go on with a run that is paused, or whose holder is gone', '* * * * *',
  work => 'sync.resume()');
