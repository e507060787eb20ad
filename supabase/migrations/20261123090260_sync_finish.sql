-- The end of a run: what is missing upstream is marked, never deleted, and only after a complete read.

create function sync.is_complete(run sync.runs)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select run.step = 'finish' and run.staged + run.rejected >= run.total_count
$$;
comment on function sync.is_complete(sync.runs) is
  'Whether the end of the pages was reached and as many ids were seen as Gazelle said there are.';

create function sync.mark_missing(run sync.runs)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  marked integer;
begin
  -- A rejected record without an id may be any row: then nothing can be called missing.
  if not sync.is_complete(run)
    or exists (select from sync.rejected_records j where j.run_id = run.id and j.external_id is null) then
    return 0;
  end if;
  execute format(
    $sql$
      update %s live
      set missing_since = clock_timestamp()
      where live.missing_since is null
        and not exists (
          select from sync.staged_records s where s.stream = $1 and s.external_id = live.external_id)
        and not exists (
          select from sync.rejected_records j where j.run_id = $2 and j.external_id = live.external_id)
    $sql$, target) using run.stream, run.id;
  get diagnostics marked = row_count;
  return marked;
end;
$$;
comment on function sync.mark_missing(sync.runs) is
  'Marks rows that a complete read no longer holds. Rows that come back are cleared when they are applied.';

create function public.sync_finish_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'finish');
begin
  update sync.runs r
  set status = case when sync.is_complete(r) then 'complete' else 'partial' end,
      missing = sync.mark_missing(r),
      lease = null,
      timings = sync_finish_run.timings,
      finished_at = clock_timestamp()
  where r.id = run.id
  returning * into run;
  return sync.report(run);
end;
$$;
comment on function public.sync_finish_run(bigint, uuid, jsonb) is
  'Ends a run: complete when everything Gazelle counts was seen, else partial.';
