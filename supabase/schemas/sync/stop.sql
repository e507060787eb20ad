-- How a run stops before its end: paused, to be continued later, or failed; and how the time of its steps is kept.

create function sync.add_timings(spent jsonb, more jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(sum.key, sum.value)
  from (
    select t.key, sum(t.value::numeric) as value
    from (select * from jsonb_each_text(spent) union all select * from jsonb_each_text(more)) t
    group by t.key
  ) sum
$$;
comment on function sync.add_timings(jsonb, jsonb) is 'Adds up two objects of milliseconds by step.';

create function sync.milliseconds_since(began timestamptz)
returns integer
language sql
set search_path = pg_catalog, pg_temp
as $$
  select greatest(round(extract(epoch from clock_timestamp() - began) * 1000), 0)::integer
$$;
comment on function sync.milliseconds_since(timestamptz) is
  'Milliseconds since a moment; 0 where the clock was put back.';

create function sync.add_time(run sync.runs, step text, began timestamptz)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update sync.runs r
  set timings = sync.add_timings(r.timings, jsonb_build_object(add_time.step, sync.milliseconds_since(began)))
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.add_time(sync.runs, text, timestamptz) is
  'Adds the time since a step began to the timings of its run.';

create function public.sync_pause_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = 'paused', lease = null, timings = sync.add_timings(r.timings, sync_pause_run.timings)
  where r.id = sync_pause_run.run_id and r.lease = sync_pause_run.lease and r.status = 'running'
  returning * into run;
  if run.id is null then
    perform sync.raise_not_held(run_id);
  end if;
  return sync.report(run);
end;
$$;
comment on function public.sync_pause_run(bigint, uuid, jsonb) is
  'Gives up the lease of a run at the end of a slice. The next start of the stream continues the run.';

create function public.sync_interrupt(stream text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  perform sync.check_stream(stream);
  update sync.runs r
  set status = 'paused', lease = null
  where r.stream = sync_interrupt.stream and r.status = 'running'
  returning * into run;
  return case when run.id is not null then sync.report(run) end;
end;
$$;
comment on function public.sync_interrupt(text) is
  'Pauses the running run of a stream: the caller that holds it stops with its next call, and the next start of the
   stream continues the run. Returns the run, or null where none is running. PT404 for an unknown stream.';

create function sync.fail(run_id bigint, error jsonb, is_told boolean default true)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
  source sync.sources;
  is_refusal boolean;
begin
  update sync.runs r
  set status = 'failed', lease = null, not_before = null, error = fail.error, finished_at = clock_timestamp()
  where r.id = fail.run_id
  returning * into run;
  source := sync.source_of(run.stream);
  is_refusal := coalesce(error ->> 'code' = any (source.unauthorized_codes), false);
  if is_told and not (is_refusal and sync.is_refusal_told(source.source, besides => run.stream)) then
    perform sync.raise_alert(run, case when is_refusal then 'token_refused' else 'run_failed' end, error);
  end if;
  return run;
end;
$$;
comment on function sync.fail(bigint, jsonb, boolean) is
  'Ends a run as failed, with the reason on record and, unless whoever asked for it knows, in an alert.';

create function public.sync_end_run(run_id bigint)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.find_run(run_id);
begin
  if run.status not in ('running', 'paused') then
    raise exception 'run % is over: %', run.id, run.status using
      errcode = 'PT409',
      hint = 'Only a run that is running or paused can be ended: etiquette runs.';
  end if;
  run := sync.fail(run.id, jsonb_build_object(
    'code', 'run_ended',
    'message', format('run %s of %s was ended by hand', run.id, run.stream),
    'details', 'What it had applied stays.',
    'hint', format('etiquette sync %s begins a new one.', run.stream)), is_told => false);
  return sync.report(run);
end;
$$;
comment on function public.sync_end_run(bigint) is
  'Ends a run that is running or paused as failed, whatever it waits for; its holder stops with the next call. PT404 for
   an unknown run, PT409 for one that is over.';

create function public.sync_fail_run(
  run_id bigint,
  lease uuid,
  error jsonb,
  timings jsonb,
  retry_seconds integer default null
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = case when waits.again then 'paused' else r.status end,
      waits = r.waits + 1,
      not_before = case when waits.again
        then clock_timestamp() + make_interval(secs => least(retry_seconds, 900)) end,
      lease = case when not waits.again then r.lease end,
      error = sync_fail_run.error,
      timings = sync.add_timings(r.timings, sync_fail_run.timings)
  from (
    -- After five waits in a row without a page in between, another one is not worth while.
    select retry_seconds is not null and w.waits < 5 as again
    from sync.runs w
    where w.id = sync_fail_run.run_id
  ) waits
  where r.id = sync_fail_run.run_id and r.lease = sync_fail_run.lease and r.status = 'running'
  returning r.* into run;
  if run.id is null then
    perform sync.raise_not_held(run_id);
  end if;
  if run.status = 'running' then
    run := sync.fail(run.id, error);
  end if;
  perform sync.check_access((sync.source_of(run.stream)).source);
  return sync.report(run);
end;
$$;
comment on function public.sync_fail_run(bigint, uuid, jsonb, jsonb, integer) is
  'Ends a run as failed, with the reason on record. What it has applied stays. With retry_seconds it is paused for so
   long, a quarter of an hour at most, and not failed, at most five times in a row without a page in between.';
