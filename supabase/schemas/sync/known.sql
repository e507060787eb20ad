-- A record is known when it has not changed since it was last compared with its row, and neither has the row. Known
-- records
-- need not be sent, staged or compared again.

create function sync.fingerprinted(fingerprints text)
returns table (external_id text, fingerprint uuid)
language sql
immutable
rows 1000
set search_path = pg_catalog, pg_temp
as $$
  select substr(line, 34), left(line, 32)::uuid
  from string_to_table(fingerprints, E'\n') line
  where line <> ''
$$;
comment on function sync.fingerprinted(text) is
  'Reads fingerprints, a record a line: 32 hexadecimal digits, a space, its id. Text, because parsing JSON costs more.';

create function sync.make_known(stream text, target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known text := format('sync.%I', 'known_' || stream);
begin
  -- Unlogged, as the staging: after a crash everything is compared once.
  execute format(
    $sql$
      create unlogged table if not exists %s (
        external_id text collate "C" primary key, fingerprint uuid not null, version xid not null, place tid not null
      )
    $sql$, known);
  execute format('comment on table %s is %L', known,
    'The fingerprint of each record that equalled its row, and the version (xmin) and place (ctid) of that row.');
  execute format('grant select, insert, update, truncate on %s to sync_worker', known);
  execute format(
    $sql$
      create or replace function sync.%I(fingerprints text)
      returns text[]
      language plpgsql
      stable
      set search_path = pg_catalog, pg_temp
      -- PL/pgSQL keeps the plan, which may be made while the tables are small: it must use the index all the same.
      set enable_seqscan = off
      set enable_hashjoin = off
      set enable_mergejoin = off
      set jit = off
      as $wanted$
      begin
        return array(
          select f.external_id
          from sync.fingerprinted(fingerprints) f
          left join %s k on k.external_id = f.external_id and k.fingerprint = f.fingerprint
          left join %s live on live.ctid = k.place and live.xmin = k.version and live.external_id = k.external_id
          where live.external_id is null
        );
      end
      $wanted$
    $sql$, 'wanted_' || stream, known, target);
  execute format('comment on function sync.%I(text) is %L', 'wanted_' || stream,
    'The ids of the records that are not known.');
  execute format('revoke execute on function sync.%I(text) from public, anon, authenticated', 'wanted_' || stream);
  execute format('grant execute on function sync.%I(text) to sync_worker', 'wanted_' || stream);
end;
$$;
comment on function sync.make_known(text, regclass) is
  'Makes the table in which a stream keeps its known records, and the function that looks them up.';

create function sync.forget_known(stream text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Of a column that was added since, no value has been compared.
  update sync.streams s
  set known_columns = now.columns
  from (
    select array(select c.name from sync.columns_of(t.target) c) as columns
    from sync.streams t
    where t.stream = forget_known.stream
  ) now
  where s.stream = forget_known.stream and s.known_columns <> now.columns;
  if found then
    execute format('truncate sync.%I', 'known_' || forget_known.stream);
  end if;
end;
$$;
comment on function sync.forget_known(text) is 'Forgets the known records of a stream whose columns have changed.';

create function sync.wanted(stream text, fingerprints text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  ids text[] := '{}';
begin
  if fingerprints <> '' then
    execute format('select sync.%I($1)', 'wanted_' || stream) into ids using fingerprints;
  end if;
  return to_jsonb(ids);
end;
$$;
comment on function sync.wanted(text, text) is
  'The ids of the records that have to be sent, because they are not known.';

create function public.sync_wanted_records(run_id bigint, lease uuid, fingerprints text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
begin
  perform sync.act_as_source(run.stream);
  return jsonb_build_object('wanted', sync.wanted(run.stream, fingerprints));
end;
$$;
comment on function public.sync_wanted_records(bigint, uuid, text) is
  'Which records of a page have to be sent: {wanted}, an array of ids. The others are known. fingerprints has a line for
   each record: 128 bits of its digest as 32 hexadecimal digits, a space, its id.';
