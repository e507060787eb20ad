-- How a run is held and shown. Every public function of the sync runs as gazelle_sync:
-- the role is what ownership goes by, and only a function's own setting can switch to it.

create function sync.plan_of(run sync.runs)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'insert', run.to_insert, 'update', run.to_update, 'missing', run.to_miss,
    'unchanged', run.staged - run.to_insert - run.to_update,
    'columns', (
      select coalesce(jsonb_object_agg(p.col, jsonb_strip_nulls(jsonb_build_object('filled', p.filled,
        'replaced', p.replaced, 'blanked', p.blanked, 'kept', p.kept, 'standing', p.standing))), '{}')
      from sync.planned_columns p
      where p.run_id = run.id
    ),
    'samples', (
      select coalesce(jsonb_agg(jsonb_build_object('effect', s.effect, 'column', s.col,
        'external_id', s.external_id, 'stands', s.stands, 'sent', s.sent) order by s.id), '[]')
      from sync.planned_samples s
      where s.run_id = run.id
    )
  )
$$;
comment on function sync.plan_of(sync.runs) is
  'What a run would do, or was about to: rows, values by column, a few samples. Columns in which nothing differs are
   left out.';

create function sync.report(run sync.runs)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'run_id', run.id, 'stream', run.stream, 'status', run.status, 'step', run.step, 'mark', run.mark,
    'dry_run', run.dry_run, 'slices', run.slices, 'not_before', run.not_before,
    'started_by', run.started_by, 'started_at', run.started_at, 'finished_at', run.finished_at,
    'counters', jsonb_build_object(
      'total', run.total_count, 'fetched', run.fetched, 'staged', run.staged,
      'rejected', run.rejected, 'duplicates', run.duplicates, 'unknown_fields', run.unknown_fields,
      'inserted', run.inserted, 'updated', run.updated,
      'unchanged', run.staged - run.inserted - run.updated,
      'kept', run.kept, 'missing', run.missing
    ),
    'milliseconds', run.timings, 'error', run.error
  ) || case
    when run.dry_run or run.status = 'tripped' then jsonb_build_object('plan', sync.plan_of(run))
    else '{}'
  end
$$;
comment on function sync.report(sync.runs) is 'A run as callers see it; with its plan where that is all there is.';

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
