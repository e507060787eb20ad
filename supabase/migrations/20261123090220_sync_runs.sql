-- How a run is held, shown and ended as failed. Every public function of the sync runs as gazelle_sync:
-- the role is what ownership goes by, and only a function's own setting can switch to it.

create function sync.report(run sync.runs)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'run_id', run.id, 'stream', run.stream, 'status', run.status, 'mark', run.mark,
    'started_by', run.started_by, 'started_at', run.started_at, 'finished_at', run.finished_at,
    'counters', jsonb_build_object(
      'total', run.total_count, 'fetched', run.fetched, 'staged', run.staged,
      'rejected', run.rejected, 'duplicates', run.duplicates, 'unknown_fields', run.unknown_fields,
      'inserted', run.inserted, 'updated', run.updated,
      'unchanged', run.staged - run.inserted - run.updated,
      'kept', run.kept, 'missing', run.missing
    ),
    'milliseconds', run.timings, 'error', run.error
  )
$$;
comment on function sync.report(sync.runs) is 'A run as callers see it.';

create function sync.has_lost_records(run sync.runs)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select run.staged > 0 and not exists (select from sync.staged_records s where s.stream = run.stream)
$$;
comment on function sync.has_lost_records(sync.runs) is
  'Whether a crash of the server emptied the unlogged staging under a run.';

create function sync.hold(run_id bigint, lease uuid, step text)
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
  set lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds)
  where r.id = hold.run_id and r.lease = hold.lease and r.status = 'running'
  returning * into run;

  if run.id is null then
    raise exception 'run % is not yours', hold.run_id using
      errcode = 'PT409',
      detail = 'It is over, or its lease ran out and another caller took it over.',
      hint = 'Stop here. Start the stream again if nobody else works on it.';
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

create function public.sync_fail_run(run_id bigint, lease uuid, error jsonb, timings jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = 'failed',
      lease = null,
      error = sync_fail_run.error,
      timings = sync_fail_run.timings,
      finished_at = clock_timestamp()
  where r.id = sync_fail_run.run_id and r.lease = sync_fail_run.lease and r.status = 'running'
  returning * into run;

  if run.id is null then
    raise exception 'run % is not yours', sync_fail_run.run_id using
      errcode = 'PT409',
      detail = 'It is over, or its lease ran out and another caller took it over.';
  end if;
  return sync.report(run);
end;
$$;
comment on function public.sync_fail_run(bigint, uuid, jsonb, jsonb) is
  'Ends a run as failed, with the reason on record. Nothing applied so far is taken back.';
