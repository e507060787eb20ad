-- What is known need not be sent, staged or compared: records that are as they were, of rows that nobody wrote since.

create function sync.fingerprinted(fingerprints text)
returns table (external_id text, fingerprint uuid)
language sql
immutable
rows 1000
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select substr(line, 34), left(line, 32)::uuid
  from string_to_table(fingerprints, E'\n') line
  where line <> ''
$$;
comment on function sync.fingerprinted(text) is
  'A line a record: 32 hexadecimal digits, a space, its id. Read from text for it is read often, and JSON costs more.';

create function sync.make_known(stream text, target regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  known text := format('sync.%I', 'known_' || stream);
begin
  -- Unlogged, as what is staged: without it everything is compared once.
  execute format(
    $sql$
      create unlogged table if not exists %s (
        external_id text collate "C" primary key, fingerprint uuid not null, version xid not null, place tid not null
      )
    $sql$, known);
  execute format('comment on table %s is %L', known,
    'What was read last of the records that need no write, and the version (xmin) and place (ctid) of the row that was so.');
  execute format('grant select, insert, update, truncate on %s to gazelle_sync', known);
  execute format(
    $sql$
      create or replace function sync.%I(fingerprints text)
      returns text[]
      language plpgsql
      stable
      security invoker
      set search_path = pg_catalog, pg_temp
      -- The plan is kept, and made perhaps while there is little to look for: by the index all the same.
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
    'Of some records those that are not as they were when their row was last compared, or whose row was written since.');
end;
$$;
comment on function sync.make_known(text, regclass) is
  'Makes the table in which a stream keeps what it knows, and the function that looks it up.';

create function sync.forget_known(stream text)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A column that came since was never compared.
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
comment on function sync.forget_known(text) is 'Forgets what is known of a stream whose columns are others than before.';

create function sync.wanted(stream text, fingerprints text)
returns jsonb
language plpgsql
stable
security invoker
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
comment on function sync.wanted(text, text) is 'The ids of the records that have to be sent; all others are known.';

create function public.sync_wanted_records(run_id bigint, lease uuid, fingerprints text)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
begin
  return jsonb_build_object('wanted', sync.wanted(run.stream, fingerprints));
end;
$$;
comment on function public.sync_wanted_records(bigint, uuid, text) is
  'Of the records of a page those that have to be sent: {wanted}, by id. The others are as they were, and so are their
   rows. fingerprints has a line a record: 128 bits of a digest of it as 32 hexadecimal digits, a space, its id.';

-- A stream is one registration: its columns are the ones its table grants to gazelle_sync.

create function sync.register_stream(stream text, target regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  staged text := format('sync.%I', 'staged_' || register_stream.stream);
begin
  insert into sync.streams (stream, target)
  values (register_stream.stream, register_stream.target)
  on conflict on constraint streams_pkey do update set target = excluded.target;

  if to_regclass(staged) is null then
    execute format('create unlogged table %s partition of sync.staged_pages for values in (%L)',
      staged, register_stream.stream);
    execute format('grant select, insert, update, delete, truncate on %s to gazelle_sync', staged);
  end if;
  perform sync.make_known(register_stream.stream, register_stream.target);
end;
$$;
comment on function sync.register_stream(text, regclass) is
  'Makes a table a stream: it has a unique external_id, a missing_since, column grants to gazelle_sync.';

create function sync.columns_of(target regclass)
returns table (name name, category "char", default_value text, has_value text)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL keeps its plan: a run asks many times.
  return query
  select
    a.attname,
    t.typcategory,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    -- Whether a live row has a value there, cheap enough to count a whole table.
    format(case t.typcategory
      when 'A' then 'cardinality(live.%I) > 0'
      when 'S' then 'btrim(live.%I) <> '''''
      when 'B' then 'live.%I'
      else 'live.%I is not null'
    end, a.attname)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = columns_of.target
    and a.attnum > 0
    and not a.attisdropped
    and a.attname <> 'missing_since'
    and pg_catalog.has_column_privilege('gazelle_sync', a.attrelid, a.attnum, 'update')
  order by a.attnum;
end;
$$;
comment on function sync.columns_of(regclass) is
  'The columns a stream may write: those granted to gazelle_sync. category is that of pg_type: A is an array, and a set.';

select sync.register_stream('users', 'public.gazelle_users');
select sync.register_stream('clients', 'public.gazelle_clients');
select sync.register_stream('contacts', 'public.gazelle_contacts');
select sync.register_stream('pianos', 'public.gazelle_pianos');
select sync.register_stream('appointments', 'public.gazelle_appointments');
select sync.register_stream('timeline', 'public.gazelle_timeline_entries');
