-- How a run begins: a new one, or one that is continued where another caller left it.

create function sync.has_rows(stream text)
returns boolean
language plpgsql
stable
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
comment on function sync.has_rows(text) is 'Whether the table of a stream has rows.';

create function sync.check_stream(stream text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if stream is not null and not exists (select from sync.streams s where s.stream = check_stream.stream) then
    raise exception 'there is no stream %', stream using
      errcode = 'PT404',
      hint = 'Streams: ' || (select string_agg(s.stream, ', ' order by s.stream) from sync.streams s);
  end if;
end;
$$;
comment on function sync.check_stream(text) is
  'Raises PT404 where there is no such stream. NULL, which stands for all streams, passes.';

create function sync.check_start(stream text, allow text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = check_start.stream);
  unknown text := (
    select string_agg(quote_literal(a), ', ')
    from unnest(allow) a
    where a not in ('lose', 'insert') and not exists (
      select from sync.columns_of(target) c where a in ('blank:' || c.name, 'replace:' || c.name))
  );
begin
  perform sync.check_stream(coalesce(stream, ''));
  if not (select s.is_enabled from sync.streams s where s.stream = check_start.stream) then
    raise exception 'stream % is switched off', check_start.stream using
      errcode = 'PT423',
      hint = format('update sync.streams set is_enabled = true where stream = %L;', check_start.stream);
  end if;
  if unknown is not null then
    raise exception 'the breaker of % has no %', check_start.stream, unknown using
      errcode = 'PT400',
      hint = 'What a run may be allowed: lose, insert, blank:<column>, replace:<column>, with a column of the stream.';
  end if;
end;
$$;
comment on function sync.check_start(text, text[]) is
  'Raises PT404 where there is no such stream, PT423 where it is switched off, PT400 for an allowance that no run can
   have.';

create function sync.begin_run(stream text, started_by text, lease_seconds integer, dry_run boolean, allow text[])
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  insert into sync.runs (stream, started_by, mark, dry_run, allow, is_first, lease, lease_seconds, lease_until)
  select
    begin_run.stream,
    begin_run.started_by,
    ownership.mark('run ' || begin_run.stream),
    begin_run.dry_run,
    begin_run.allow,
    not exists (
      select from sync.runs b
      where b.stream = begin_run.stream and not b.dry_run and not b.is_replay
        and b.status in ('complete', 'partial', 'degraded')),
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
  'Inserts a new run, and empties the staging of its stream.';

create function sync.active_run(stream text)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  active sync.runs;
begin
  select * into active from sync.runs r where r.stream = active_run.stream and r.status in ('running', 'paused');
  if active.idle_slices < 20 or sync.is_held(active) then
    return active;
  end if;
  perform sync.fail(active.id, jsonb_build_object(
    'code', 'run_stalled',
    'message', format('run %s of %s has made no progress in %s calls', active.id, active.stream, active.idle_slices),
    'details', format('It stopped at step %s, with %s of %s records read.', active.step, active.fetched,
      coalesce(active.total_count::text, '?')),
    'hint', 'The log of the function says what its calls ended by. The next run begins anew.'));
  return null;
end;
$$;
comment on function sync.active_run(text) is
  'The run of a stream that is under way. One that goes no further, whoever takes it up, is failed instead.';

create function public.sync_start_run(
  stream text,
  started_by text,
  lease_seconds integer default null,
  dry_run boolean default false,
  allow text[] default '{}'
)
returns jsonb
language plpgsql
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

  active := sync.active_run(stream);
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
    'is_replay', active.is_replay, 'schema_version', sync.schema_version(), 'has_rows', sync.has_rows(active.stream),
    'slice_milliseconds', (select s.slice_milliseconds from sync.settings s),
    'slice_rows', (select s.slice_rows from sync.settings s),
    'stage_rows', (select s.stage_rows from sync.settings s));
end;
$$;
comment on function public.sync_start_run(text, text, integer, boolean, text[]) is
  'Starts a run of a stream, or continues one that is paused or whose lease ran out. Without a lease in the answer the
   run has to wait. PT409 while another caller holds the run, PT404 for an unknown stream, PT400 for an unknown
   allowance, PT423 where the stream is switched off.';

-- A round is one run of each stream. A call that has no time for all of them leaves the others to the next call.

create function public.sync_due_streams(streams text[])
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  with last_runs as (
    select
      s.stream,
      s.place,
      run.id as run,
      coalesce(run.status in ('running', 'paused'), false) as is_active,
      -- A round begins with the run of its first stream.
      first_value(run.id) over (order by s.place) as round
    from unnest(sync_due_streams.streams) with ordinality s (stream, place)
    -- A stream that is switched off cannot have its run, and would be due for ever.
    join sync.streams t on t.stream = s.stream and t.is_enabled
    left join lateral (
      select r.id, r.status from sync.runs r where r.stream = s.stream order by r.id desc limit 1
    ) run on true
  ), due as (
    select l.stream, l.place
    from last_runs l
    where l.is_active
      or l.round is null
      or coalesce(l.run < l.round, true)
  )
  select coalesce(jsonb_agg(d.stream order by d.place), '[]')
  from (
    select * from due
    union all
    -- Where none is due the round is over, and the next one begins.
    select l.stream, l.place from last_runs l where not exists (select from due)
  ) d
$$;
comment on function public.sync_due_streams(text[]) is
  'Which of these streams, in this order, still need a run in the current round; all of them when the round is over.
   Those that are switched off never do.';
