-- A run as callers see it.

create function sync.plan_of(run sync.runs)
returns jsonb
language sql
stable
security invoker
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
  'What a run would do, or was about to: rows, values by column, a few samples. Columns in which nothing differs are
   left out.';

create function sync.report(run sync.runs)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
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

-- What is missing upstream is marked, never deleted, and only after two complete reads in a row without it.

create function sync.mark_missing(run sync.runs)
returns integer
language plpgsql
volatile
security invoker
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
    $sql$, target, sync.lacking(run)) into marked using run.id, run.stream;
  return marked;
end;
$$;
comment on function sync.mark_missing(sync.runs) is
  'Marks rows that two complete reads in a row lacked, or one that was allowed to lose them. Rows that come back are
   cleared when they are applied.';

-- The end of a run.

create function sync.end_run(run sync.runs, timings jsonb)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
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
  perform sync.check_access((sync.source_of(run.stream)).source);
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
  'Ends a run: complete when everything Gazelle counts was seen and every binding check passed, else partial. timings
   has the milliseconds that the caller spent, by what it spent them on.';

-- The one call a page of records takes: it is staged, the cursor moves, and the last one of a run goes on.

create function sync.go_on(run sync.runs, timings jsonb, began timestamptz)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  run := sync.plan_chunk(run);
  if run.status = 'running' and run.step = 'apply' then
    run := sync.apply_chunk(run);
  end if;
  if run.status = 'running' and run.step = 'finish' then
    run := sync.end_run(run, sync.add_timings(timings, jsonb_build_object('total', sync.since(began))));
  end if;
  return run;
end;
$$;
comment on function sync.go_on(sync.runs, jsonb, timestamptz) is
  'Plans a chunk, applies a chunk and ends the run, as far as that goes: few records need no more calls than this one,
   which began then.';

create function public.sync_stage_page(
  run_id bigint,
  lease uuid,
  records text,
  rejected jsonb,
  cursor text,
  is_last boolean,
  total_count integer,
  unknown_fields integer default 0,
  fingerprints text default '',
  known text default '',
  next text default '',
  timings jsonb default null
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  began timestamptz := clock_timestamp();
  run sync.runs := sync.hold(run_id, lease, 'stage');
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  sent jsonb := records;
  sound jsonb := sent;
  refused jsonb := rejected;
  known_ids text[] := string_to_array(known, E'\n');
  read integer := jsonb_array_length(sent) + cardinality(known_ids) + jsonb_array_length(rejected);
  new_rows integer;
  quarantined integer := 0;
  repeated integer := 0;
begin
  perform sync.act_as_source(run.stream);
  if not sync.can_store_all(target, sent) then
    select
      coalesce(jsonb_agg(record) filter (where reason is null), '[]'),
      refused || coalesce(jsonb_agg(jsonb_build_object('external_id', record ->> 'external_id',
        'path', '', 'reason', reason, 'payload', record::text, 'is_mapped', true)) filter (where reason is not null), '[]')
    into sound, refused
    from jsonb_array_elements(sent) record,
      lateral (select sync.why_not_stored(target, record) as reason) tried;
  end if;
  new_rows := sync.stage(run.stream, sound, fingerprints, known_ids);
  if refused <> '[]' then
    quarantined := sync.quarantine(run.id, refused);
  end if;
  if is_last then
    repeated := sync.supersede(run.stream);
  end if;

  update sync.runs r
  set cursor = sync_stage_page.cursor,
      step = case when is_last then 'plan' else 'stage' end,
      -- A total that shrinks while pages are read means that pages shifted: the largest one counts.
      total_count = greatest(r.total_count, sync_stage_page.total_count),
      fetched = r.fetched + read,
      staged = r.staged + new_rows - repeated,
      rejected = r.rejected + quarantined,
      duplicates = r.duplicates + jsonb_array_length(sound) + cardinality(known_ids) - new_rows + repeated,
      unknown_fields = r.unknown_fields + sync_stage_page.unknown_fields,
      waits = 0,
      error = null,
      timings = sync.add_timings(r.timings, jsonb_build_object('stage', sync.since(began)))
  where r.id = run.id
  returning * into run;
  if is_last and timings is not null then
    run := sync.go_on(run, timings, began);
    return sync.report(run) || '{"wanted": []}';
  end if;
  -- What a crash could take is read again anyway: it empties the staging.
  perform set_config('synchronous_commit', 'off', true);
  return jsonb_build_object('step', run.step, 'staged', new_rows, 'rejected', quarantined,
    'wanted', sync.wanted(run.stream, next));
end;
$$;
comment on function
  public.sync_stage_page(bigint, uuid, text, jsonb, text, boolean, integer, integer, text, text, text, jsonb) is
  'Stages one page (JSON, as text: what carries it need not take it apart) and moves the cursor. Records that the table
   cannot hold as sent go to quarantine. Of records that come with fingerprints (as in sync_wanted_records) those that
   turn out to need no write are known next time. known has the ids of records that were left out, a line each; next the
   fingerprints of the page to come: wanted is what of it has to be sent. With timings (milliseconds spent so far, by
   what on) and the last page the run goes on at once, to its end where a chunk for each step will do, and the answer is
   its report.';
