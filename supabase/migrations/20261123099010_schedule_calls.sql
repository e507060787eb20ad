-- What pg_cron calls: a job's edge function, over pg_net, or its work in the database. Neither key nor address is
-- in the cron job, in a table of ours or in a message: they come out of Vault each time.

create function sync.note_call(job text, problem text default null)
returns void
language sql
volatile
security definer
set search_path = ''
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
set search_path = ''
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
set search_path = ''
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
set search_path = ''
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
set search_path = ''
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
set search_path = ''
as $$
declare
  next text := (
    select j.job
    from sync.runs r
    join sync.jobs j on j.stream = r.stream
    join sync.streams s on s.stream = r.stream
    where r.status in ('running', 'paused') and j.is_on and s.is_enabled
      and not sync.is_held(r) and not sync.must_wait(r)
      -- Gazelle is asked by one call at a time.
      and not exists (select from sync.runs h where h.status = 'running' and sync.is_held(h))
      and not exists (select from sync.calls c join sync.jobs o on o.job = c.job
        where c.outcome = 'waiting' and o.stream is not null)
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
  'Calls the function of the oldest run that nobody works on, unless Gazelle is being read at this moment.';
