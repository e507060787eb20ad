-- Quarantine: records that did not validate, or that the types of the table cannot hold, are kept as they were sent.

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
comment on table sync.rejected_records is 'Quarantine: records that could not be stored as they were sent, and why.';
comment on column sync.rejected_records.payload is
  'The record as it was sent. The type is json, which also holds text that jsonb cannot (NUL, unpaired surrogates).';
comment on column sync.rejected_records.is_mapped is
  'Whether the payload has the columns of the table, whose types cannot hold it, or which refused it; else it has the
   fields of the source, which did not validate.';
comment on column sync.rejected_records.replayed_by is 'The run that read it again.';
grant select, insert, update, delete on sync.rejected_records to sync_worker;

create function sync.why_not_stored(target regclass, payload jsonb)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('select jsonb_populate_record(null::%s, $1)', target) using payload;
  return null;
exception
  -- A domain has constraints of its own.
  when data_exception or integrity_constraint_violation then
    return sqlerrm;
end;
$$;
comment on function sync.why_not_stored(regclass, jsonb) is
  'The error that the types of the table raise for a record, or null where they can hold it.';

create function sync.can_store_all(target regclass, records jsonb)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A column of type text can hold every string, so only the others are tried.
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
  when data_exception or integrity_constraint_violation then
    return false;
end;
$$;
comment on function sync.can_store_all(regclass, jsonb) is
  'Whether the types of the table can hold every record of a page. Nearly always they can, so this one pass is all it
   takes.';

create function sync.quarantine(run_id bigint, rejected jsonb)
returns integer
language sql
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
  'Stores rejected records: an array of {external_id, path, reason, payload, is_mapped}, the payload as JSON text.';

create function public.sync_list_rejected(run_id bigint default null, row_limit integer default 50)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  if run_id is not null then
    perform sync.find_run(run_id);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'run_id', j.run_id, 'stream', j.stream,
      'external_id', j.external_id, 'path', j.path, 'reason', j.reason, 'rejected_at', j.rejected_at,
      -- As text, because jsonb could not hold every payload.
      'payload', j.payload::text, 'replayed_by', j.replayed_by,
      'is_replayable', j.id in (select p.id from sync.replayable(array[j.id]) p)) order by j.id desc), '[]')
    from (
      select q.*, r.stream
      from sync.rejected_records q
      join sync.runs r on r.id = q.run_id
      where q.run_id = sync_list_rejected.run_id
        or sync_list_rejected.run_id is null and q.replayed_by is null
      order by q.id desc
      limit row_limit
    ) j
  );
end;
$$;
comment on function public.sync_list_rejected(bigint, integer) is
  'Rejected records, newest first: those of a run, or all that were not replayed. PT404 for an unknown run.';
