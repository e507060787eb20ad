-- stage: pages of records, with the cursor in the same transaction. Nothing live is touched.

create function sync.without_repeats(records jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = ''
as $$
  select jsonb_agg(last.record order by last.place)
  from (
    select distinct on (r.record ->> 'external_id') r.record, r.place
    from jsonb_array_elements(records) with ordinality r (record, place)
    order by r.record ->> 'external_id', r.place desc
  ) last
$$;
comment on function sync.without_repeats(jsonb) is 'A page of records, the last one of each id.';

create function sync.stage(stream text, records jsonb, fingerprints jsonb, known text[])
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  kept jsonb := records;
  kept_ids text[] := array(select r ->> 'external_id' from jsonb_array_elements(records) r);
  prints uuid[] := '{}';
  distinct_ids text[] := array(select distinct id from unnest(kept_ids || known) id);
begin
  if distinct_ids = '{}' then
    return 0;
  end if;
  if cardinality(distinct_ids) < cardinality(kept_ids || known) then
    kept := coalesce(sync.without_repeats(records), '[]');
    kept_ids := array(select r ->> 'external_id' from jsonb_array_elements(kept) r);
  end if;
  if fingerprints <> '{}' then
    prints := array(
      select (fingerprints ->> k.id)::uuid from unnest(kept_ids) with ordinality k (id, place) order by k.place);
  end if;
  insert into sync.staged_pages (stream, page, records, fingerprints, ids)
  select stage.stream, coalesce(max(p.page), 0) + 1, kept, prints, distinct_ids
  from sync.staged_pages p
  where p.stream = stage.stream;
  return cardinality(distinct_ids);
end;
$$;
comment on function sync.stage(text, jsonb, jsonb, text[]) is
  'Stages a page of records, the last one of an id winning, and returns how many ids it holds, known ones among them.';

create function sync.supersede(stream text)
returns integer
language sql
volatile
security invoker
set search_path = ''
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
  'Of an id that came in several pages the last record counts. Returns how many do not.';

create function public.sync_stage_page(
  run_id bigint,
  lease uuid,
  records jsonb,
  rejected jsonb,
  cursor text,
  is_last boolean,
  total_count integer,
  unknown_fields integer default 0,
  fingerprints jsonb default '{}',
  known text[] default '{}',
  next jsonb default '{}'
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
  read integer := jsonb_array_length(records) + cardinality(known) + jsonb_array_length(rejected);
  new_rows integer;
  quarantined integer := 0;
  repeated integer := 0;
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
  -- What a crash could take is read again anyway: it empties the staging.
  perform set_config('synchronous_commit', 'off', true);
  new_rows := sync.stage(run.stream, sound, fingerprints, known);
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
      duplicates = r.duplicates + jsonb_array_length(sound) + cardinality(known) - new_rows + repeated,
      unknown_fields = r.unknown_fields + sync_stage_page.unknown_fields,
      waits = 0,
      error = null
  where r.id = run.id
  returning * into run;
  return jsonb_build_object('step', run.step, 'staged', new_rows, 'rejected', quarantined,
    'known', sync.known_in(run.stream, next));
end;
$$;
comment on function
  public.sync_stage_page(bigint, uuid, jsonb, jsonb, text, boolean, integer, integer, jsonb, text[], jsonb) is
  'Stages one page and moves the cursor. Records that the table cannot hold as sent go to quarantine. With the
   fingerprints of the records by id, what turns out to need no write is known next time; known are those left out, next
   the fingerprints of the page to come, of which the answer says what is known.';
