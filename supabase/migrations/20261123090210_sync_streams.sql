-- A stream is one registration: its columns are the ones its table grants to gazelle_sync.

create function sync.register_stream(stream text, target regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
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
set search_path = ''
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
