-- finish: rows that the source does not have any more are marked missing, never deleted, and only when two complete
-- reads in a row lack them. Then the checks are counted, and the run ends.

create function sync.unstored_reasons(run sync.runs)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(E'\n', (
    select string_agg(format('%s%s: %s', case when b.path <> '' then b.path || ', ' end, b.count, b.reason), E'\n'
      order by b.count desc, b.path)
    from (
      select j.path, count(*), min(j.reason) as reason
      from sync.rejected_records j
      where j.run_id = run.id
      group by j.path
      order by count(*) desc, j.path
      limit 3
    ) b
  ), case when run.unclear > 0 then format('%s with a field for which %s answered an error', run.unclear,
    (sync.source_of(run.stream)).label) end)
$$;
comment on function sync.unstored_reasons(sync.runs) is
  'Why records of a run were not stored: the three most frequent fields or constraints, each with one of its reasons.';

create function sync.why_degraded(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', 'run_degraded',
    'message', format('run %s of %s could not store %s of %s records as they are', run.id, run.stream, found.bad,
      run.staged + run.rejected),
    'details', sync.unstored_reasons(run),
    'hint', format('All others are stored. etiquette rejected %s lists those that are not; in docs/operations.md: a '
      'degraded run.', run.id)
  )
  from sync.streams s
  cross join lateral (select run.rejected + run.refused + run.unclear as bad) found
  -- A replay reads nothing but records that were bad before.
  where s.stream = run.stream and not run.is_replay
    and found.bad > 1 and found.bad > s.max_unstored * (run.staged + run.rejected)
$$;
comment on function sync.why_degraded(sync.runs) is
  'The error of a run that left more records unstored than its stream allows, or NULL.';

create function sync.mark_missing(run sync.runs)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  marked integer;
begin
  if run.dry_run or not sync.proves_absence(run) then
    return 0;
  elsif run.lacking = 0 then
    delete from sync.absent_records a where a.stream = run.stream;
    return 0;
  end if;
  execute format(
    $sql$
      with lacking as materialized (select * from %2$s l),
      forgotten as (
        delete from sync.absent_records a where a.stream = $2
      ), remembered as (
        insert into sync.absent_records (stream, external_id)
        select $2, l.external_id from lacking l where l.missing_since is null
      ), marked as (
        update %1$s live
        set missing_since = lacking.missing_since
        from lacking
        where live.external_id = lacking.external_id and lacking.missing_since is not null
        returning live.external_id, live.missing_since
      ), noted as (
        insert into sync.changes (run_id, external_id, was, became)
        select $1, m.external_id, '{"missing_since": null}', jsonb_build_object('missing_since', m.missing_since)
        from marked m
      )
      select count(*) from marked
    $sql$, target, sync.lacking_sql(run)) into marked using run.id, run.stream;
  return marked;
end;
$$;
comment on function sync.mark_missing(sync.runs) is
  'Marks rows missing that two complete reads in a row did not contain, or one that was allowed to lose rows. The mark
   goes when apply writes the row again.';

create function sync.end_run(run sync.runs, timings jsonb)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  marked integer := sync.mark_missing(run);
  passed boolean := sync.check_run(run);
  unstored jsonb := sync.why_degraded(run);
begin
  update sync.runs r
  set status = case
        when unstored is not null then 'degraded'
        when sync.is_complete(r) and passed then 'complete'
        else 'partial'
      end,
      error = unstored,
      missing = marked,
      lease = null,
      timings = sync.add_timings(r.timings, end_run.timings),
      finished_at = clock_timestamp()
  where r.id = run.id
  returning * into run;
  perform sync.update_alerts(run);
  perform sync.check_access((sync.source_of(run.stream)).source);
  return run;
end;
$$;
comment on function sync.end_run(sync.runs, jsonb) is
  'Ends a run: degraded when it left too many records unstored, complete when it read as many ids as the source has and
   every binding check passed, else partial.';

create function public.sync_finish_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'finish');
begin
  perform sync.act_as_source(run.stream);
  run := sync.end_run(run, timings);
  return sync.report(run);
end;
$$;
comment on function public.sync_finish_run(bigint, uuid, jsonb) is
  'Ends a run: degraded when it left too many records unstored, complete when it read as many ids as the source has and
   every binding check passed, else partial. timings has the milliseconds that the caller spent, by activity.';
