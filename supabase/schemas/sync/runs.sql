-- How a run is held. Every public function of the sync begins as sync_worker, by a setting of its own, and works as the
-- role of the run's source from where it touches the stream's table: the role is what ownership goes by.

create function sync.has_lost_records(run sync.runs)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return run.staged > 0 and not exists (select from sync.staged_pages s where s.stream = run.stream);
end;
$$;
comment on function sync.has_lost_records(sync.runs) is
  'Whether a crash of the server emptied the unlogged staging under a run.';

create function sync.empty_staging(stream text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  staged text := format('sync.%I', 'staged_' || stream);
begin
  -- New files take longer than deleting little; what piles up from that goes with the next ones.
  if pg_table_size(staged::regclass) < 1048576 then
    execute format('delete from %s', staged);
  else
    execute format('truncate %s', staged);
  end if;
end;
$$;
comment on function sync.empty_staging(text) is 'Forgets what a stream read.';

create function sync.read_anew(run sync.runs)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from sync.rejected_records j where j.run_id = run.id;
  delete from sync.planned_columns p where p.run_id = run.id;
  delete from sync.planned_samples p where p.run_id = run.id;
  perform sync.empty_staging(run.stream);
  update sync.runs r
  set step = 'stage', cursor = null, reached = null,
      total_count = case when r.is_replay then r.total_count end,
      fetched = 0, staged = 0, rejected = 0, duplicates = 0, unknown_fields = 0,
      to_insert = 0, to_update = 0, to_offer = 0, lacking = 0, to_miss = 0, kept = 0
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.read_anew(sync.runs) is
  'Sends a run that has written nothing back to its beginning: what it read no longer holds.';

create function sync.hold(run_id bigint, lease uuid, step text)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds)
  where r.id = hold.run_id and r.lease = hold.lease and r.status = 'running'
  returning * into run;

  if run.id is null then
    perform sync.not_yours(hold.run_id);
  end if;
  if run.step <> hold.step then
    raise exception 'run % is at step %, not %', run.id, run.step, hold.step using
      errcode = 'PT409',
      hint = 'The steps are stage, plan, apply, finish, in this order.';
  end if;
  if sync.has_lost_records(run) then
    raise exception 'run % lost its staged records', run.id using
      errcode = 'PT409',
      detail = 'The database server was restarted after a crash, which empties the staging.',
      hint = 'Nothing live was lost. Start the stream again: it reads everything anew.';
  end if;
  return run;
end;
$$;
comment on function sync.hold(bigint, uuid, text) is
  'Renews the lease of a run for its holder and returns the run, or raises PT409.';

-- How a run stops before its end: paused, to be gone on with, or failed.

create function sync.add_timings(spent jsonb, more jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(sum.key, sum.value)
  from (
    select t.key, sum(t.value::numeric) as value
    from (select * from jsonb_each_text(spent) union all select * from jsonb_each_text(more)) t
    group by t.key
  ) sum
$$;
comment on function sync.add_timings(jsonb, jsonb) is 'Milliseconds by step, of all slices of a run.';

create function sync.since(began timestamptz)
returns integer
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select greatest(round(extract(epoch from clock_timestamp() - began) * 1000), 0)::integer
$$;
comment on function sync.since(timestamptz) is 'Milliseconds; none where the clock was put back.';

create function sync.spend(run sync.runs, step text, began timestamptz)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  update sync.runs r
  set timings = sync.add_timings(r.timings, jsonb_build_object(spend.step, sync.since(began)))
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.spend(sync.runs, text, timestamptz) is 'Puts down how long a step took.';

create function sync.not_yours(run_id bigint)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'run % is not yours', not_yours.run_id using
    errcode = 'PT409',
    detail = 'It is over, or its lease ran out and another caller took it over.',
    hint = 'Stop here. Start the stream again if nobody else works on it.';
end;
$$;
comment on function sync.not_yours(bigint) is 'Raises PT409: the caller does not hold the run.';

create function public.sync_pause_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
volatile
security invoker
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
    perform sync.not_yours(run_id);
  end if;
  return sync.report(run);
end;
$$;
comment on function public.sync_pause_run(bigint, uuid, jsonb) is
  'Lets go of a run at the end of a slice. The next start of the stream goes on with it.';

create function public.sync_fail_run(
  run_id bigint,
  lease uuid,
  error jsonb,
  timings jsonb,
  retry_seconds integer default null
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = case when waits.again then 'paused' else 'failed' end,
      waits = r.waits + 1,
      not_before = case when waits.again
        then clock_timestamp() + make_interval(secs => least(retry_seconds, 86400)) end,
      lease = null,
      error = sync_fail_run.error,
      timings = sync.add_timings(r.timings, sync_fail_run.timings),
      finished_at = case when not waits.again then clock_timestamp() end
  from (
    -- A wait without a page since the last ones is not worth another.
    select retry_seconds is not null and w.waits < 5 as again
    from sync.runs w
    where w.id = sync_fail_run.run_id
  ) waits
  where r.id = sync_fail_run.run_id and r.lease = sync_fail_run.lease and r.status = 'running'
  returning r.* into run;
  if run.id is null then
    perform sync.not_yours(run_id);
  end if;
  if run.status = 'failed' then
    perform sync.raise_alert(run, case
      when run.error ->> 'code' = any ((sync.source_of(run.stream)).unauthorized_codes) then 'token_refused'
      else 'run_failed'
    end, run.error);
  end if;
  perform sync.check_access((sync.source_of(run.stream)).source);
  return sync.report(run);
end;
$$;
comment on function public.sync_fail_run(bigint, uuid, jsonb, jsonb, integer) is
  'Ends a run as failed, with the reason on record. Nothing applied so far is taken back. With seconds after which it
   may succeed the run is paused for so long, five times at most without a page in between.';

-- How a run begins: anew, or taken over where another holder left it.

create function sync.take_over(run_id bigint)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = 'running',
      lease = gen_random_uuid(),
      lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds),
      not_before = null,
      slices = r.slices + 1
  where r.id = take_over.run_id
  returning * into run;

  if sync.has_lost_records(run) then
    run := sync.read_anew(run);
  end if;
  return run;
end;
$$;
comment on function sync.take_over(bigint) is
  'Gives a run that nobody holds to a new holder, at the place where it stopped.';

create function sync.has_rows(stream text)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  found boolean;
begin
  execute format('select exists (select external_id from %s)',
    (select s.target from sync.streams s where s.stream = has_rows.stream)) into found;
  return found;
end;
$$;
comment on function sync.has_rows(text) is 'Whether the table of a stream holds anything.';

create function sync.begin_run(stream text, started_by text, lease_seconds integer, dry_run boolean, allow text[])
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  insert into sync.runs (stream, started_by, mark, dry_run, allow, lease, lease_seconds, lease_until)
  select
    begin_run.stream,
    begin_run.started_by,
    ownership.mark('run ' || begin_run.stream),
    begin_run.dry_run,
    begin_run.allow,
    gen_random_uuid(),
    leased.seconds,
    clock_timestamp() + make_interval(secs => leased.seconds)
  from sync.settings s, lateral (select coalesce(begin_run.lease_seconds, s.lease_seconds) as seconds) leased
  returning * into run;
  perform sync.empty_staging(run.stream);
  perform sync.forget_known(run.stream);
  perform sync.forget_changes(run.stream);
  return run;
end;
$$;
comment on function sync.begin_run(text, text, integer, boolean, text[]) is
  'Writes down a new run and empties its staging.';

create function sync.check_start(stream text, allow text[])
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = check_start.stream);
  unknown text := (
    select string_agg(quote_literal(a), ', ')
    from unnest(allow) a
    where a <> 'lose' and not exists (
      select from sync.columns_of(target) c where a in ('blank:' || c.name, 'replace:' || c.name))
  );
begin
  if target is null then
    raise exception 'there is no stream %', check_start.stream using
      errcode = 'PT404',
      hint = 'Streams: ' || (select string_agg(s.stream, ', ' order by s.stream) from sync.streams s);
  end if;
  if not (select s.is_enabled from sync.streams s where s.stream = check_start.stream) then
    raise exception 'stream % is switched off', check_start.stream using
      errcode = 'PT423',
      hint = format('update sync.streams set is_enabled = true where stream = %L;', check_start.stream);
  end if;
  if unknown is not null then
    raise exception 'the breaker of % has no %', check_start.stream, unknown using
      errcode = 'PT400',
      hint = 'What a run may be allowed: lose, blank:<column>, replace:<column>, with a column of the stream.';
  end if;
end;
$$;
comment on function sync.check_start(text, text[]) is
  'Refuses a stream (PT404) or an allowance (PT400) that there is not, and a stream that is switched off (PT423).';

create function sync.is_held(run sync.runs)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- A time further away than it can have been set to means that the clock was put back since.
  select run.status = 'running'
    and run.lease_until between clock_timestamp() and clock_timestamp() + make_interval(secs => run.lease_seconds)
$$;
comment on function sync.is_held(sync.runs) is 'Whether somebody works on a run at this moment.';

create function sync.must_wait(run sync.runs)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select run.status = 'paused'
    and coalesce(run.not_before between clock_timestamp() and clock_timestamp() + interval '1 day', false)
$$;
comment on function sync.must_wait(sync.runs) is 'Whether a paused run waits because Gazelle asked it to.';

create function public.sync_start_run(
  stream text,
  started_by text,
  lease_seconds integer default null,
  dry_run boolean default false,
  allow text[] default '{}'
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  active sync.runs;
begin
  perform sync.check_start(stream, allow);
  perform sync.act_as_source(stream);
  -- One start at a time for each stream: the second waits here, then finds the first one's run.
  perform pg_advisory_xact_lock(hashtext('sync.start'), hashtext(sync_start_run.stream));

  select * into active
  from sync.runs r
  where r.stream = sync_start_run.stream and r.status in ('running', 'paused');

  if active.id is null then
    active := sync.begin_run(stream, started_by, lease_seconds, dry_run, allow);
  elsif sync.is_held(active) or sync_start_run.dry_run and not active.dry_run then
    raise exception 'stream % is being synced by run %', active.stream, active.id using
      errcode = 'PT409',
      detail = format('Started by %s at %s, %s.', active.started_by, active.started_at,
        case active.status when 'running' then 'held until ' || active.lease_until else 'paused' end),
      hint = 'Wait for it to end, then start again.';
  elsif not sync.must_wait(active) then
    active := sync.take_over(active.id);
    update sync.runs r set allow = r.allow || sync_start_run.allow where r.id = active.id;
  end if;
  return sync.report(active) || jsonb_build_object('lease', active.lease, 'cursor', active.cursor,
    'is_replay', active.is_replay, 'has_rows', sync.has_rows(active.stream),
    'slice_milliseconds', (select s.slice_milliseconds from sync.settings s),
    'slice_rows', (select s.slice_rows from sync.settings s),
    'stage_rows', (select s.stage_rows from sync.settings s));
end;
$$;
comment on function public.sync_start_run(text, text, integer, boolean, text[]) is
  'Starts a run, or goes on with one that is paused or whose holder is gone. Without a lease in the answer the run
   waits. PT409 when one is at work, PT404 for no stream, PT400 for an allowance there is not, PT423 when it is off.';
