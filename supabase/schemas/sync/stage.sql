-- Quarantine: what the table's types refuse, and what did not validate, is kept whole.

create table sync.rejected_records (
  id bigint generated always as identity primary key,
  run_id bigint not null references sync.runs on delete cascade,
  external_id text,
  path text not null,
  reason text not null,
  payload json not null,
  is_mapped boolean not null,
  rejected_at timestamptz not null default clock_timestamp(),
  replayed_by bigint references sync.runs on delete set null
);
create index rejected_records_run_id_idx on sync.rejected_records (run_id);
comment on table sync.rejected_records is 'Quarantine: records that could not be stored as sent, whole.';
comment on column sync.rejected_records.payload is
  'The record as sent: json keeps also the text that jsonb refuses (NUL, unpaired surrogates).';
comment on column sync.rejected_records.is_mapped is
  'Whether the payload has the columns of the table, which refused it; else the fields of Gazelle, which did not validate.';
comment on column sync.rejected_records.replayed_by is 'The run that staged it again.';
grant select, insert, update, delete on sync.rejected_records to sync_worker;

create function sync.why_not_stored(target regclass, payload jsonb)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A text takes every string; the other types may refuse what was sent.
  choosy text := (
    select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
    from pg_attribute a
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.atttypid <> 'text'::regtype
  );
begin
  if choosy is not null then
    execute format('select count(*) from jsonb_to_recordset($1) r (%s)', choosy) using records;
  end if;
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
set search_path = pg_catalog, pg_temp
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

-- stage: pages of records, with the cursor in the same transaction. Nothing live is touched.

create function sync.without_repeats(records jsonb)
returns jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(last.record order by last.place)
  from (
    select distinct on (r.record ->> 'external_id') r.record, r.place
    from jsonb_array_elements(records) with ordinality r (record, place)
    order by r.record ->> 'external_id', r.place desc
  ) last
$$;
comment on function sync.without_repeats(jsonb) is 'A page of records, the last one of each id.';

create function sync.fingerprints_of(ids text[], fingerprints text)
returns uuid[]
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(f.fingerprint order by i.place)
  from unnest(ids) with ordinality i (id, place)
  left join (
    -- Of an id that comes twice the last record counts.
    select distinct on (l.external_id) l.external_id, l.fingerprint
    from (select f.*, row_number() over () as place from sync.fingerprinted(fingerprints) f) l
    order by l.external_id, l.place desc
  ) f on f.external_id = i.id
$$;
comment on function sync.fingerprints_of(text[], text) is 'The fingerprint of each id, or null.';

create function sync.stage(stream text, records jsonb, fingerprints text, known text[])
returns integer
language plpgsql
volatile
security invoker
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
  'Stages a page of records, the last one of an id winning, and returns how many ids it holds, known ones among them.';

create function sync.supersede(stream text)
returns integer
language sql
volatile
security invoker
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
  'Of an id that came in several pages the last record counts. Returns how many do not.';
