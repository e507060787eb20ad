-- migration: gazelle_survey

-- Constraints of an application's own on columns that Gazelle fills. They are no obstacles, for nobody knows beforehand
-- what Gazelle will send, and the application may rely on them: they are told, and a record that one of them refuses is
-- not stored.

create or replace function gazelle.strict_constraints()
returns table (tbl regclass, name name, definition text, change text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with filled as (
    select old.oid as tbl, array_agg(a.attnum) as columns,
      array_agg(a.attnum) filter (where a.attname = 'external_id') as key
    from pg_catalog.pg_class shape
    join pg_catalog.pg_class old
      on old.relnamespace = 'public'::regnamespace and old.relname = shape.relname and old.relkind = 'r'
    join pg_catalog.pg_attribute pattern on pattern.attrelid = shape.oid and pattern.attnum > 0
      and not pattern.attisdropped and pattern.attname not in ('id', 'missing_since')
    join pg_catalog.pg_attribute a on a.attrelid = old.oid and a.attname = pattern.attname
    where shape.relnamespace = 'gazelle'::regnamespace and shape.relname like 'gazelle\_%' and shape.relkind = 'r'
    group by old.oid
  )
  select f.tbl::regclass, c.conname, pg_catalog.pg_get_constraintdef(c.oid),
    format('alter table %s drop constraint %I;', f.tbl::regclass, c.conname)
  from filled f
  join pg_catalog.pg_constraint c on c.conrelid = f.tbl and c.conkey && f.columns
  where c.contype in ('c', 'f', 'x') or c.contype in ('u', 'p') and c.conkey <> f.key
  union all
  select f.tbl::regclass, x.relname, pg_catalog.pg_get_indexdef(i.indexrelid), format('drop index %s;', i.indexrelid::regclass)
  from filled f
  join pg_catalog.pg_index i on i.indrelid = f.tbl and i.indisunique
  join pg_catalog.pg_class x on x.oid = i.indexrelid
  cross join lateral (select string_to_array(i.indkey::text, ' ')::int2[] as columns) k
  where k.columns && f.columns and k.columns <> f.key
    and not exists (select from pg_catalog.pg_constraint c where c.conindid = i.indexrelid)
  order by 1, 2
$$;
comment on function gazelle.strict_constraints() is
  'Checks, foreign keys and unique keys of an application on columns that Gazelle fills, each with the statement that
   takes it away. Such a statement is the application''s to decide.';
revoke execute on function gazelle.strict_constraints from public;
