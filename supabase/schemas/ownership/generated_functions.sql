-- What all generated functions have in common: their settings, and names and quotes that no column's name breaks.

create function ownership_private.fixed_settings()
returns table (setting text, value text, type_name regtype)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('timezone', 'UTC', 'timestamptz'::regtype),
    ('datestyle', 'ISO, YMD', null),
    ('intervalstyle', 'postgres', 'interval'),
    ('bytea_output', 'hex', 'bytea'),
    ('extra_float_digits', '1', 'double precision'),
    ('extra_float_digits', '1', 'real'),
    ('lc_monetary', 'C', 'money'),
    ('xmloption', 'content', 'xml')
$$;
comment on function ownership_private.fixed_settings is
  'The settings on which the text of a value depends, with the types they matter to (dates: within arrays and ranges).
   Functions that write keys or values set them, so that a row has one key in every session.';

create function ownership_private.plpgsql_names(body text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(body,
    '(?<!["''])\m(new|old|by_engine)\.(begin|by|declare|execute|foreach|if|loop|strict|while)\M', '\1."\2"', 'g')
$$;
comment on function ownership_private.plpgsql_names is
  'The body of a generated function, with quotes around columns whose names are reserved words of PL/pgSQL alone: SQL
   needs none there, so that format leaves them out.';

create function ownership_private.quotes(t ownership_private.protected_tables, around text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('$%s_%s$', around, md5(string_agg(p.col, ' ' order by p.id) || t.identity_key::text))
  from ownership_private.policies p where p.table_id = t.id
$$;
comment on function ownership_private.quotes is
  'Dollar quotes for a part of a table''s generated functions, such as no name in them can contain: it depends on them
   all.';

create function ownership_private.settings_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(string_agg(distinct format('set %s = %L', s.setting, s.value), E'\n'), '')
  from (
    select unnest(t.identity_key) as col
    union
    select p.col from ownership_private.policies p where p.table_id = t.id
  ) c
  cross join ownership_private.column_facts(t.tbl, c.col) f
  join pg_type b on b.oid = f.base
  -- The text of an array is that of its elements; only of some types is it known to be free of settings.
  join pg_type e on e.oid = case when f.is_array then ownership_private.base_type(b.typelem) else b.oid end
  join ownership_private.fixed_settings() s on s.type_name = f.base or not (
    e.typtype = 'e' or ownership_private.is_citext(e.oid) or e.oid::regtype in
      ('text', 'varchar', 'bpchar', 'name', 'boolean', 'smallint', 'integer', 'bigint', 'oid', 'numeric', 'uuid', 'json', 'jsonb')
    or not f.is_array and (e.oid::regtype in ('date', 'timestamp', 'time')
      or exists (select from ownership_private.fixed_settings() o where o.type_name = e.oid))
  )
$$;
comment on function ownership_private.settings_sql is
  'Settings for a generated function, under which each value of the table''s columns has the same text in every
   session. Most tables need none.';
