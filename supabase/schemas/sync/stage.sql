-- stage: a page of records and the cursor behind it are stored in one transaction. The stream's table is not touched.

create function sync.without_repeats(records jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(last.record order by last.place)
  from (
    select distinct on (r.record ->> 'external_id') r.record, r.place
    from jsonb_array_elements(records) with ordinality r (record, place)
    order by r.record ->> 'external_id', r.place desc
  ) last
$$;
comment on function sync.without_repeats(jsonb) is 'The records of a page, of each id only the last one.';

create function sync.fingerprints_of(ids text[], fingerprints text)
returns uuid[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(f.fingerprint order by i.place)
  from unnest(ids) with ordinality i (id, place)
  left join (
    -- Of two records with one id the last counts.
    select distinct on (l.external_id) l.external_id, l.fingerprint
    from (select f.*, row_number() over () as place from sync.fingerprinted(fingerprints) f) l
    order by l.external_id, l.place desc
  ) f on f.external_id = i.id
$$;
comment on function sync.fingerprints_of(text[], text) is 'The fingerprint of each id, or null.';

create function sync.stage(stream text, records jsonb, fingerprints text, known text[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept jsonb := records;
  kept_ids text[] := array(select r ->> 'external_id' from jsonb_array_elements(records) r);
  all_ids text[] := kept_ids || known;
  distinct_ids text[] := array(select distinct id collate "C" from unnest(all_ids) id);
begin
  if distinct_ids = '{}' then
    return 0;
  end if;
  if cardinality(distinct_ids) < cardinality(all_ids) then
    kept := coalesce(sync.without_repeats(records), '[]');
    kept_ids := array(select r ->> 'external_id' from jsonb_array_elements(kept) r);
  end if;
  insert into sync.staged_pages (stream, page, records, fingerprints, ids)
  select stage.stream, coalesce(max(p.page), 0) + 1, kept,
    case stage.fingerprints when '' then '{}' else sync.fingerprints_of(kept_ids, stage.fingerprints) end, distinct_ids
  from sync.staged_pages p
  where p.stream = stage.stream;
  return cardinality(distinct_ids);
end;
$$;
comment on function sync.stage(text, jsonb, text, text[]) is
  'Stages a page of records, of each id the last one, and returns how many ids the page has, those of known records
   included.';

create function sync.supersede(stream text)
returns integer
language sql
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
as $$
  with repeated as materialized (
    select id, max(p.page) as last
    from sync.staged_pages p, unnest(p.ids) id
    where p.stream = supersede.stream
    group by id
    having count(*) > 1
  ), found as (
    select p.page, array_agg(r.id) as ids
    from repeated r
    join sync.staged_pages p on p.stream = supersede.stream and p.page < r.last and r.id = any(p.ids)
    group by p.page
  ), marked as (
    update sync.staged_pages p
    set superseded = found.ids
    from found
    where p.stream = supersede.stream and p.page = found.page
    returning cardinality(found.ids) as ids
  )
  select coalesce(sum(ids), 0)::integer from marked
$$;
comment on function sync.supersede(text) is
  'Notes for each page which of its ids a later page has too. Returns how many records do not count for this reason.';

-- The one call that a page takes: it is staged, the cursor moves, and with the last page the run goes on to its next
-- steps.

create function sync.continue_run(run sync.runs, timings jsonb, began timestamptz)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  run := sync.plan_chunk(run);
  if run.status = 'running' and run.step = 'apply' then
    run := sync.apply_chunk(run);
  end if;
  if run.status = 'running' and run.step = 'finish' then
    run := sync.end_run(run, sync.add_timings(timings, jsonb_build_object('total', sync.milliseconds_since(began))));
  end if;
  return run;
end;
$$;
comment on function sync.continue_run(sync.runs, jsonb, timestamptz) is
  'Plans a chunk, applies a chunk and ends the run, as far as one chunk of each step will do: a run of few records needs
   no further call. began is when this call began.';

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
  timings jsonb default null,
  unclear integer default 0,
  account jsonb default null
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  began timestamptz := clock_timestamp();
  run sync.runs := sync.hold(run_id, lease, 'stage');
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  sent jsonb := records;
  sound jsonb := sent;
  all_rejected jsonb := rejected;
  known_ids text[] := string_to_array(known, E'\n');
  read integer := jsonb_array_length(sent) + cardinality(known_ids) + jsonb_array_length(rejected);
  new_rows integer;
  quarantined integer := 0;
  repeated integer := 0;
begin
  perform sync.act_as_source(run.stream);
  perform sync.check_account(run, account);
  if not sync.can_store_all(target, sent) then
    select
      coalesce(jsonb_agg(record) filter (where reason is null), '[]'),
      all_rejected || coalesce(jsonb_agg(jsonb_build_object('external_id', record ->> 'external_id',
        'path', '', 'reason', reason, 'payload', record::text, 'is_mapped', true))
        filter (where reason is not null), '[]')
    into sound, all_rejected
    from jsonb_array_elements(sent) record,
      lateral (select sync.why_not_stored(target, record) as reason) tried;
  end if;
  new_rows := sync.stage(run.stream, sound, fingerprints, known_ids);
  if all_rejected <> '[]' then
    quarantined := sync.quarantine(run.id, all_rejected);
  end if;
  if is_last then
    repeated := sync.supersede(run.stream);
  end if;

  update sync.runs r
  set cursor = sync_stage_page.cursor,
      account = coalesce(sync_stage_page.account, r.account),
      step = case when is_last then 'plan' else 'stage' end,
      -- A total that shrinks while pages are read means that pages shifted: the largest one counts.
      total_count = greatest(r.total_count, sync_stage_page.total_count),
      fetched = r.fetched + read,
      staged = r.staged + new_rows - repeated,
      rejected = r.rejected + quarantined,
      duplicates = r.duplicates + jsonb_array_length(sound) + cardinality(known_ids) - new_rows + repeated,
      unknown_fields = r.unknown_fields + sync_stage_page.unknown_fields,
      unclear = r.unclear + sync_stage_page.unclear,
      waits = 0,
      error = null,
      timings = sync.add_timings(r.timings, jsonb_build_object('stage', sync.milliseconds_since(began)))
  where r.id = run.id
  returning * into run;
  if is_last and timings is not null then
    run := sync.continue_run(run, timings, began);
    return sync.report(run) || '{"wanted": []}';
  end if;
  -- A crash empties the staging, so the page would be read again in any case: its commit need not reach the disk.
  perform set_config('synchronous_commit', 'off', true);
  return jsonb_build_object('step', run.step, 'staged', new_rows, 'rejected', quarantined,
    'wanted', sync.wanted(run.stream, next));
end;
$$;
comment on function public.sync_stage_page is
  'Stages one page of records and moves the cursor.
   records: a JSON array as text, so that what transports it need not parse it. Records that the table cannot hold go to
   quarantine. rejected: records that did not validate.
   unknown_fields, unclear: fields for which the source answered an error, and the records that have some.
   fingerprints: those of the records, as in sync_wanted_records. A record that needs no write is known from then on.
   known: the ids of known records, which were left out, a line each.
   next: the fingerprints of the next page. wanted in the answer says which of its records have to be sent.
   account: whose records they are, with id and name, where the source tells; SY004 if this database has another''s.
   timings: milliseconds spent so far, by activity. With them and the last page the run goes on at once, to its end
   where a chunk for each step will do, and the answer is its report.';
