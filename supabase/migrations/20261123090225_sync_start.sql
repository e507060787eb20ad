-- How a run begins: anew, or taken over where another holder left it.

create function sync.take_over(run_id bigint)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = 'running',
      lease = gen_random_uuid(),
      lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds)
  where r.id = take_over.run_id
  returning * into run;

  if sync.has_lost_records(run) then
    delete from sync.rejected_records j where j.run_id = run.id;
    update sync.runs r
    set step = 'stage', cursor = null, reached = null, total_count = null,
        fetched = 0, staged = 0, rejected = 0, duplicates = 0, unknown_fields = 0,
        to_insert = 0, to_update = 0, kept = 0
    where r.id = run.id
    returning * into run;
  end if;
  return run;
end;
$$;
comment on function sync.take_over(bigint) is
  'Gives a run whose lease ran out to a new holder, at the place where it stopped.';

create function sync.begin_run(stream text, started_by text, lease_seconds integer)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  run sync.runs;
begin
  insert into sync.runs (stream, started_by, mark, lease, lease_seconds, lease_until)
  values (
    begin_run.stream,
    begin_run.started_by,
    ownership.mark('run ' || begin_run.stream),
    gen_random_uuid(),
    begin_run.lease_seconds,
    clock_timestamp() + make_interval(secs => begin_run.lease_seconds)
  )
  returning * into run;
  execute format('truncate sync.%I', 'staged_' || run.stream);
  return run;
end;
$$;
comment on function sync.begin_run(text, text, integer) is 'Writes down a new run and empties its staging.';

create function public.sync_start_run(stream text, started_by text, lease_seconds integer default 120)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  active sync.runs;
begin
  if not exists (select from sync.streams s where s.stream = sync_start_run.stream) then
    raise exception 'there is no stream %', sync_start_run.stream using
      errcode = 'PT404',
      hint = 'Streams: ' || (select string_agg(s.stream, ', ' order by s.stream) from sync.streams s);
  end if;

  -- One start at a time for each stream: the second waits here, then finds the first one's run.
  perform pg_advisory_xact_lock(hashtext('sync.start'), hashtext(sync_start_run.stream));

  select * into active
  from sync.runs r
  where r.stream = sync_start_run.stream and r.status in ('running', 'paused');

  if active.id is null then
    active := sync.begin_run(sync_start_run.stream, sync_start_run.started_by, sync_start_run.lease_seconds);
  elsif active.lease_until < clock_timestamp() then
    active := sync.take_over(active.id);
  else
    raise exception 'stream % is being synced by run %', active.stream, active.id using
      errcode = 'PT409',
      detail = format('Started by %s at %s, held until %s.',
        active.started_by, active.started_at, active.lease_until),
      hint = 'Wait for it to end, then start again.';
  end if;
  return jsonb_build_object('run_id', active.id, 'lease', active.lease, 'mark', active.mark,
    'step', active.step, 'cursor', active.cursor);
end;
$$;
comment on function public.sync_start_run(text, text, integer) is
  'Starts a run, or takes over one whose lease ran out. PT409 when one is active, PT404 for no stream.';
