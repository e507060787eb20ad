-- migration: gazelle_survey

-- The survey compares tables that an older application left in public with patterns: empty tables of the same names in
-- the schema gazelle, which nobody uses. Each stream's file defines its pattern. Statements of this migration can be
-- run again, for it is repeated after it has refused to install.

-- Without its schema the survey cannot even look: what keeps it from that is told alone, before everything else.
do $$
declare
  purpose constant text := 'Patterns of Gazelle''s tables, and the functions that take over existing tables. The tables themselves are in
   public.';
begin
  if to_regnamespace('gazelle') is null and not pg_catalog.has_database_privilege(current_database(), 'create') then
    raise exception using errcode = 'GZ010',
      message = format('role %s may not make schemas in database %s', current_user, current_database()),
      detail = format('Let it: grant create on database %I to %I;', current_database(), current_user),
      hint = 'Nothing was changed. Do what is said above, then install again.';
  elsif to_regnamespace('gazelle') is null then
    create schema gazelle;
    execute format('comment on schema gazelle is %L', purpose);
  elsif obj_description(to_regnamespace('gazelle'), 'pg_namespace') is distinct from purpose then
    raise exception using errcode = 'GZ009',
      message = 'schema gazelle is something else, and one of ours has this name',
      detail = 'Rename it: alter schema gazelle rename to gazelle_before;',
      hint = 'Nothing was changed. Do what is said above, then install again.';
  end if;
end
$$;

-- Columns of existing tables: which are missing, which keep their type, which must be converted.

create or replace function gazelle.to_set(value text)
returns text[]
language plpgsql
immutable
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
comment on function gazelle.to_set(text) is
  'Parses a set that was stored as text: a JSON array, or an array in the notation of Postgres.';

create or replace function gazelle.conversion_sql(col name, from_type regtype, to_type regtype)
returns text
language sql
stable
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
comment on function gazelle.conversion_sql(name, regtype, regtype) is
  'SQL that converts the values of a column to another type.';

create or replace function gazelle.takes(from_type regtype, modifier integer, to_type regtype)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  kind "char" := (select t.typtype from pg_catalog.pg_type t where t.oid = from_type);
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
  -- A value that an enum or a domain refuses is quarantined with its record. char(n) would pad every value with blanks.
  if from_type is null or kind in ('e', 'd') then
    return true;
  elsif from_type = 'bpchar'::regtype then
    return false;
  end if;
  execute format('select %L::%s', sample, pg_catalog.format_type(from_type, modifier));
  return true;
exception
  when data_exception then
    return false;
end;
$$;
comment on function gazelle.takes(regtype, integer, regtype) is
  'Whether a column of from_type, with its modifier (pg_attribute.atttypmod), can hold what Gazelle sends for a column
   of to_type; tried with a sample.';

create or replace function gazelle.becomes(from_type regtype, to_type regtype, using_sql text, col name)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_type = 'text[]'::regtype then
    return (
      select t.typcategory in ('A', 'S') or t.oid in ('json'::regtype, 'jsonb'::regtype)
      from pg_catalog.pg_type t
      where t.oid = from_type
    );
  end if;
  execute format('select %s from (select null::%s as %I) one', using_sql, from_type, col);
  return true;
exception
  when cannot_coerce or undefined_function or datatype_mismatch then
    return false;
end;
$$;
comment on function gazelle.becomes(regtype, regtype, text, name) is
  'Whether the values of a column that is to be converted (conversion_sql) can be of that kind at all.';

create or replace function gazelle.existing_columns()
returns table (
  tbl regclass, col name, wanted regtype, found_type text, is_there boolean, using_sql text, rewrites boolean,
  not_null boolean, filled_by_database boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Our own functions compute with these columns, so they must have the exact type: sets are merged by element, and the
  -- detection compares badges and dates.
  with needed (col) as (
    values ('tags'), ('dampp_chaser_installed'), ('dampp_chaser_mfg_date'), ('occurred_at')
  )
  select
    there.oid::regclass, pattern.attname, pattern.atttypid::regtype, kind.found_type, there.attname is not null,
    case when kind.converts then gazelle.conversion_sql(pattern.attname, there.atttypid, pattern.atttypid) end,
    -- With the time zone UTC, Postgres converts timestamp to timestamptz without rewriting the table.
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
        -- The same moment can be written in many ways: in a text column each would look like a change.
        or pattern.atttypid = 'timestamptz'::regtype and found.typcategory = 'S'
        or not gazelle.takes(existing.atttypid, existing.atttypmod, pattern.atttypid)
      ) as converts
  ) kind
  where shape.relnamespace = 'gazelle'::regnamespace and shape.relkind = 'r'
  order by old.relname, pattern.attnum
$$;
comment on function gazelle.existing_columns() is
  'The columns that each existing table should have: whether the column exists, its type, and the SQL that converts it
   where that is necessary. Any other type is kept if it can hold what Gazelle sends.';

revoke execute on function
  gazelle.to_set, gazelle.conversion_sql, gazelle.takes, gazelle.becomes, gazelle.existing_columns
from public;
