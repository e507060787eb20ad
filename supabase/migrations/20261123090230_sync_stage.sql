-- stage: pages of records, with the cursor in the same transaction. Nothing live is touched.

create function sync.why_not_stored(target regclass, payload jsonb)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  execute format('select jsonb_populate_record(null::%s, $1)', target) using payload;
  return null;
exception
  when data_exception then
    return sqlerrm;
end;
$$;
comment on function sync.why_not_stored(regclass, jsonb) is
  'Why the table''s types refuse a record, or null when they take it.';

create function sync.can_store_all(target regclass, records jsonb)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  execute format('select count(jsonb_populate_record(null::%s, e)) from jsonb_array_elements($1) e', target)
  using records;
  return true;
exception
  when data_exception then
    return false;
end;
$$;
comment on function sync.can_store_all(regclass, jsonb) is
  'Whether the table''s types take every record of a page: one pass for the page that is sound.';

create function sync.quarantine(run_id bigint, rejected jsonb)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  with stored as (
    insert into sync.rejected_records (run_id, external_id, path, reason, payload, is_mapped)
    select quarantine.run_id, r ->> 'external_id', r ->> 'path', r ->> 'reason', (r ->> 'payload')::json,
      coalesce((r ->> 'is_mapped')::boolean, false)
    from jsonb_array_elements(quarantine.rejected) r
    returning 1
  )
  select count(*)::integer from stored
$$;
comment on function sync.quarantine(bigint, jsonb) is
  'Keeps rejected records: an array of {external_id, path, reason, payload}, the payload as JSON text.';

create function sync.stage(stream text, records jsonb, ordinal integer)
returns integer
language sql
volatile
security invoker
set search_path = ''
as $$
  with stored as (
    insert into sync.staged_records as staged (stream, external_id, ordinal, payload)
    select distinct on (record ->> 'external_id')
      stage.stream,
      record ->> 'external_id',
      stage.ordinal + place::integer,
      record - 'external_id'
    from jsonb_array_elements(stage.records) with ordinality page (record, place)
    order by record ->> 'external_id', place desc
    on conflict on constraint staged_records_pkey do update
    set payload = excluded.payload
    returning staged.ordinal > stage.ordinal as is_new
  )
  select count(*) filter (where is_new)::integer from stored
$$;
comment on function sync.stage(text, jsonb, integer) is
  'Stages a page of records, the last one of an id winning, and returns how many ids are new.';

create function public.sync_stage_page(
  run_id bigint,
  lease uuid,
  records jsonb,
  rejected jsonb,
  cursor text,
  is_last boolean,
  total_count integer,
  unknown_fields integer default 0
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  sound jsonb := records;
  refused jsonb := rejected;
  read integer := jsonb_array_length(records) + jsonb_array_length(rejected);
  new_ids integer;
  quarantined integer;
begin
  if not sync.can_store_all(target, records) then
    select
      coalesce(jsonb_agg(record) filter (where reason is null), '[]'),
      refused || coalesce(jsonb_agg(jsonb_build_object('external_id', record ->> 'external_id',
        'path', '', 'reason', reason, 'payload', record::text, 'is_mapped', true)) filter (where reason is not null), '[]')
    into sound, refused
    from jsonb_array_elements(records) record,
      lateral (select sync.why_not_stored(target, record) as reason) tried;
  end if;
  new_ids := sync.stage(run.stream, sound, run.fetched);
  quarantined := sync.quarantine(run.id, refused);

  update sync.runs r
  set cursor = sync_stage_page.cursor,
      step = case when is_last then 'plan' else 'stage' end,
      -- A total that shrinks while pages are read means that pages shifted: the largest one counts.
      total_count = greatest(r.total_count, sync_stage_page.total_count),
      fetched = r.fetched + read,
      staged = r.staged + new_ids,
      rejected = r.rejected + quarantined,
      duplicates = r.duplicates + jsonb_array_length(sound) - new_ids,
      unknown_fields = r.unknown_fields + sync_stage_page.unknown_fields,
      waits = 0,
      error = null
  where r.id = run.id
  returning * into run;
  return jsonb_build_object('step', run.step, 'staged', new_ids, 'rejected', quarantined);
end;
$$;
comment on function public.sync_stage_page(bigint, uuid, jsonb, jsonb, text, boolean, integer, integer) is
  'Stages one page and moves the cursor. Records that the table cannot hold as sent go to quarantine.';
