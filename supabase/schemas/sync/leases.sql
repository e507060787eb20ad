-- Who works on a run: its holder has a lease, which each call renews. Every public function of the sync begins as
-- sync_worker, by a setting of its own, and works as the role of the run's source from where it touches the stream's
-- table:
-- the role is what ownership goes by.

create function sync.has_lost_records(run sync.runs)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return run.staged > 0 and not exists (select from sync.staged_pages s where s.stream = run.stream);
end;
$$;
comment on function sync.has_lost_records(sync.runs) is
  'Whether a crash of the server emptied the staging, whose tables are unlogged, while the run was under way.';

create function sync.empty_staging(stream text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  staged text := format('sync.%I', 'staged_' || stream);
begin
  -- Up to 1 MB, delete is faster than truncate, which makes new files. Dead rows of many deletes go with the next
  -- truncate.
  if pg_table_size(staged::regclass) < 1048576 then
    execute format('delete from %s', staged);
  else
    execute format('truncate %s', staged);
  end if;
end;
$$;
comment on function sync.empty_staging(text) is 'Empties the staging of a stream.';

create function sync.read_anew(run sync.runs)
returns sync.runs
language plpgsql
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
      fetched = 0, staged = 0, rejected = 0, refused = 0, duplicates = 0, unknown_fields = 0,
      unclear = 0,
      to_insert = 0, to_update = 0, to_offer = 0, lacking = 0, to_miss = 0, kept = 0
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.read_anew(sync.runs) is
  'Sends a run that has written nothing yet back to its beginning, because what it read is of no use any more.';

create function sync.raise_not_held(run_id bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'run % is not yours', raise_not_held.run_id using
    errcode = 'PT409',
    detail = 'It is over, or its lease ran out and another caller took it over.',
    hint = 'Stop here. Start the stream again if nobody else works on it.';
end;
$$;
comment on function sync.raise_not_held(bigint) is 'Raises PT409: the caller does not hold the run.';

create function sync.hold(run_id bigint, lease uuid, step text)
returns sync.runs
language plpgsql
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
    perform sync.raise_not_held(hold.run_id);
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

create function sync.is_held(run sync.runs)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- A lease that ends later than any lease can means that the clock was put back since: it does not count.
  select run.status = 'running'
    and run.lease_until between clock_timestamp() and clock_timestamp() + make_interval(secs => run.lease_seconds)
$$;
comment on function sync.is_held(sync.runs) is 'Whether a caller holds the run: its lease has not run out.';

create function sync.must_wait(run sync.runs)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select run.status = 'paused'
    and coalesce(run.not_before between clock_timestamp() and clock_timestamp() + interval '1 day', false)
$$;
comment on function sync.must_wait(sync.runs) is
  'Whether a paused run still has to wait, because its source asked for it.';

create function sync.progress_of(run sync.runs)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', run.step, run.fetched, run.reached, run.refused)
$$;
comment on function sync.progress_of(sync.runs) is 'A text that changes with each batch that is read, planned or written.';

create function sync.take_over(run_id bigint)
returns sync.runs
language plpgsql
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
      slices = r.slices + 1,
      progress = sync.progress_of(r),
      idle_slices = case when r.progress = sync.progress_of(r) then r.idle_slices + 1 else 0 end
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
