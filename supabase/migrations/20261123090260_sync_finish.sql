-- The end of a run.

create function sync.end_run(run sync.runs, timings jsonb)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  marked integer := sync.mark_missing(run);
  passed boolean := sync.check_run(run);
begin
  update sync.runs r
  set status = case when sync.is_complete(r) and passed then 'complete' else 'partial' end,
      missing = marked,
      lease = null,
      timings = sync.add_timings(r.timings, end_run.timings),
      finished_at = clock_timestamp()
  where r.id = run.id
  returning * into run;
  perform sync.tell(run);
  perform sync.check_token();
  return run;
end;
$$;
comment on function sync.end_run(sync.runs, jsonb) is
  'Ends a run: complete when everything Gazelle counts was seen and every binding check passed, else partial.';

create function public.sync_finish_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.end_run(sync.hold(run_id, lease, 'finish'), timings);
begin
  return sync.report(run);
end;
$$;
comment on function public.sync_finish_run(bigint, uuid, jsonb) is
  'Ends a run: complete when everything Gazelle counts was seen and every binding check passed, else partial. timings
   has the milliseconds that the caller spent, by what it spent them on.';
