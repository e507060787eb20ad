-- What callers are told of runs.

create function sync.find_run(run_id bigint)
returns sync.runs
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  select * into run from sync.runs r where r.id = find_run.run_id;
  if run.id is null then
    raise exception 'there is no run %', coalesce(run_id::text, 'NULL') using
      errcode = 'PT404',
      detail = coalesce((select 'The newest is ' || max(r.id) || '.' from sync.runs r), 'There was none so far.'),
      hint = 'Give the number of a run that was: etiquette runs.';
  end if;
  return run;
end;
$$;
comment on function sync.find_run(bigint) is 'A run by its number. PT404 where there is none.';

create function sync.plan_of(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
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
  'What a run would do: counts of rows, counts of values by column, a few samples. Columns in which nothing differs are
   left out.';

create function sync.replaced_at_first(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(p.col, jsonb_build_array(p.replaced, p.standing) order by p.replaced desc, p.col)
  from sync.planned_columns p
  where p.run_id = run.id and run.is_first and p.replaced > 0
$$;
comment on function sync.replaced_at_first(sync.runs) is
  'For the first run of a stream, of each column how many values it replaces, and how many stood there; NULL where it
   replaces none.';

create function sync.report(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'run_id', run.id, 'stream', run.stream, 'status', run.status, 'step', run.step, 'mark', run.mark,
    'dry_run', run.dry_run, 'slices', run.slices, 'not_before', run.not_before,
    'started_by', run.started_by, 'started_at', run.started_at, 'finished_at', run.finished_at,
    'counters', jsonb_build_object(
      'total', run.total_count, 'fetched', run.fetched, 'staged', run.staged,
      'rejected', run.rejected + run.refused, 'duplicates', run.duplicates, 'unknown_fields', run.unknown_fields,
      'inserted', run.inserted, 'updated', run.updated,
      -- Nothing was left alone by a run that has not written, or never will.
      'unchanged', case when run.step = 'finish' and run.status <> 'tripped' and not run.dry_run
        then run.staged - run.refused - run.inserted - run.updated end,
      'kept', run.kept, 'missing', run.missing
    ),
    'milliseconds', run.timings, 'error', run.error, 'replaced_at_first', sync.replaced_at_first(run)
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
comment on function sync.report(sync.runs) is
  'What callers are told of a run; with its plan where it wrote nothing: of a dry or tripped run.';

create function public.sync_list_runs(stream text default null, row_limit integer default 20)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  perform sync.check_stream(stream);
  return (
    select coalesce(jsonb_agg(sync.report(r) - 'checks' - 'plan' - 'unposted_alerts' order by r.id desc), '[]')
    from (
      select o.*
      from sync.runs o
      where o.stream = sync_list_runs.stream or sync_list_runs.stream is null
      order by o.id desc
      limit row_limit
    ) newest
    join sync.runs r on r.id = newest.id
  );
end;
$$;
comment on function public.sync_list_runs(text, integer) is
  'The newest runs of a stream or of all streams, newest first. PT404 for an unknown stream.';

create function public.sync_show_run(run_id bigint)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.find_run(run_id);
begin
  return sync.report(run) || jsonb_build_object(
    'is_replay', run.is_replay, 'allow', run.allow, 'reverted_at', run.reverted_at, 'plan', sync.plan_of(run),
    'checks', (
      select coalesce(jsonb_object_agg(c.name, jsonb_build_object('is_binding', c.is_binding, 'expected', c.expected,
        'found', c.found, 'passed', c.passed)), '{}')
      from sync.checks c
      where c.run_id = run.id
    ));
end;
$$;
comment on function public.sync_show_run(bigint) is
  'A run with its checks, its plan, and samples of what it inserted, replaced, blanked and kept. PT404 for an unknown
   run.';
