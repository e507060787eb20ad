-- migration: gazelle_survey

-- Each stream's file has the pattern of its table: an empty table that nobody uses. Tables of an older application are
-- compared with the patterns before anything is changed. This migration may run again when it refuses.

create schema if not exists gazelle;
comment on schema gazelle is
  'The patterns of Gazelle''s tables, and how tables that were there before are taken over. The tables are in public.';

-- Columns of tables that were there before: which are missing, which keep their type, which must be converted.

create or replace function gazelle.to_set(value text)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when btrim(value) = '' then '{}'::text[]
    when value ~ '^\s*\[' then array(select jsonb_array_elements_text(value::jsonb))
    when value ~ '^\s*null\s*$' then null
    else value::text[]
  end;
end;
$$;
comment on function gazelle.to_set(text) is 'A set that was kept as text: a JSON array, or an array as Postgres writes it.';

create or replace function gazelle.conversion(col name, from_type regtype, to_type regtype)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case
      when to_type = 'text[]'::regtype then 'gazelle.to_set(%1$I::text)'
      when to_type = 'text'::regtype and from_type in ('json'::regtype, 'jsonb'::regtype) then '%1$I #>> ''{}'''
      when to_type = 'boolean'::regtype and t.typcategory = 'N' then '%1$I <> 0'
      when to_type <> 'text'::regtype and t.typcategory = 'S' then 'nullif(btrim(%1$I::text), '''')::%2$s'
      else '%1$I::%2$s'
    end, col, to_type)
  from pg_catalog.pg_type t
  where t.oid = from_type
$$;
comment on function gazelle.conversion(name, regtype, regtype) is 'The SQL that turns a column''s values into another type.';

create or replace function gazelle.takes(found_type text, to_type regtype)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  kind "char" := (select t.typtype from pg_catalog.pg_type t where t.oid = to_regtype(found_type));
  sample constant text := case to_type
    when 'text'::regtype then 'cli_9UMLkteep8EsISbG'
    when 'timestamptz'::regtype then '2026-01-19T08:00:00Z'
    when 'date'::regtype then '2026-01-19'
    when 'time'::regtype then '08:00:00'
    when 'integer'::regtype then '1921'
    when 'boolean'::regtype then 'true'
    else '{institutional}'
  end;
begin
  -- What an enum or a domain does not take is quarantined record by record; blanks behind a char are no one's wish.
  if found_type is null or kind in ('e', 'd') then
    return true;
  elsif to_regtype(found_type) = 'bpchar'::regtype then
    return false;
  end if;
  execute format('select %L::%s', sample, found_type);
  return true;
exception
  when data_exception then
    return false;
end;
$$;
comment on function gazelle.takes(text, regtype) is 'Whether a column of this type can hold what Gazelle sends.';

create or replace function gazelle.existing_columns()
returns table (
  tbl regclass, col name, wanted regtype, found_type text, is_there boolean, using_sql text, rewrites boolean,
  not_null boolean, filled_by_database boolean
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- With these the shop reckons: a set is merged by element, the badge and the dates decide what the notes prove.
  with needed (col) as (
    values ('tags'), ('dampp_chaser_installed'), ('dampp_chaser_mfg_date'), ('occurred_at')
  )
  select
    there.oid::regclass, pattern.attname, pattern.atttypid::regtype, kind.found_type, there.attname is not null,
    case when kind.converts then gazelle.conversion(pattern.attname, there.atttypid, pattern.atttypid) end,
    -- At UTC a timestamp is stored as a timestamptz is.
    kind.converts and not (there.atttypid = 'timestamp'::regtype and pattern.atttypid = 'timestamptz'::regtype),
    coalesce(there.attnotnull, false), coalesce(there.attgenerated <> '' or there.attidentity <> '', false)
  from pg_catalog.pg_class shape
  join pg_catalog.pg_attribute pattern
    on pattern.attrelid = shape.oid and pattern.attnum > 0 and not pattern.attisdropped and pattern.attname <> 'id'
  join pg_catalog.pg_class old
    on old.relnamespace = 'public'::regnamespace and old.relname = shape.relname and old.relkind = 'r'
  left join pg_catalog.pg_attribute existing
    on existing.attrelid = old.oid and existing.attname = pattern.attname and not existing.attisdropped
  cross join lateral (
    select
      old.oid, existing.attname, existing.atttypid, existing.attnotnull, existing.attgenerated, existing.attidentity
  ) there
  cross join lateral (
    select pg_catalog.format_type(existing.atttypid, existing.atttypmod) as found_type
  ) named
  left join pg_catalog.pg_type found on found.oid = existing.atttypid
  cross join lateral (
    select named.found_type,
      existing.atttypid <> pattern.atttypid and (
        pattern.attname in (select n.col from needed n)
        -- One moment has many spellings: as text each would look like a change.
        or pattern.atttypid = 'timestamptz'::regtype and found.typcategory = 'S'
        or not gazelle.takes(named.found_type, pattern.atttypid)
      ) as converts
  ) kind
  where shape.relnamespace = 'gazelle'::regnamespace and shape.relkind = 'r'
  order by old.relname, pattern.attnum
$$;
comment on function gazelle.existing_columns() is
  'Each column that a table which was there before should have: whether it is there, its type, and the SQL that converts
   it where it must be. Other types stay: a later record is stored in them as Gazelle sends it.';

revoke execute on function
  gazelle.to_set, gazelle.conversion, gazelle.takes, gazelle.existing_columns
from public;
