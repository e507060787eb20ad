-- A run as callers see it.

create function sync.plan_of(run sync.runs)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
  select jsonb_build_object(
    'insert', run.to_insert, 'update', run.to_update, 'missing', run.to_miss, 'lacking', run.lacking,
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
    when run.status = 'running' then '{}'
    else jsonb_build_object('unposted_alerts', sync.count_unposted(), 'checks', (
      select coalesce(jsonb_object_agg(c.name, jsonb_build_object('expected', c.expected, 'found', c.found,
        'passed', c.passed)), '{}')
      from sync.checks c
      where c.run_id = run.id
    ))
  end || case
    when run.dry_run or run.status = 'tripped' then jsonb_build_object('plan', sync.plan_of(run))
    else '{}'
  end
$$;
comment on function sync.report(sync.runs) is 'A run as callers see it; with its plan where that is all there is.';
