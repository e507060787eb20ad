-- Columns: what the engine must know of a column, and the SQL that tests, compares and converts its values.

create function ownership_private.column_facts(tbl regclass, col name)
returns table (
  type_sql text, is_array boolean, is_set boolean, not_null boolean, default_sql text, comparable boolean, kind "char"
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    format_type(a.atttypid, a.atttypmod),
    t.typcategory = 'A',
    t.typcategory = 'A' and e.typcategory in ('S', 'N', 'U', 'D', 'E', 'B'),
    a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid),
    t.typname not in ('json', '_json', 'xml', '_xml', 'citext', '_citext') and t.typcategory <> 'G',
    t.typcategory
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_type e on e.oid = t.typelem
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = tbl and a.attname = col and a.attnum > 0 and not a.attisdropped
$$;
comment on function ownership_private.column_facts is
  'What the generator must know of a column; no row where the table has no such column. comparable: no two values that
   are written differently are equal.';

create function ownership_private.changed_sql(tbl regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when f.comparable then 'new.%1$I is distinct from old.%1$I'
    else 'new.%1$I::text is distinct from old.%1$I::text' end, col)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.changed_sql is
  'The test that an update changes a column in any way. Types without equality, or with one that ignores differences
   (citext), are compared as text.';

create function ownership_private.blank_sql(tbl regclass, col name, blank_values text[], value_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('(%s%s)',
    format(case
      when f.is_array then 'ownership.is_blank(%s::text[])'
      when f.type_sql in ('json', 'jsonb') then 'ownership.is_blank(%s::jsonb)'
      when f.kind = 'S' then 'ownership.is_blank(%s::text)'
      else '%s is null' end, value_sql),
    case when cardinality(blank_values) > 0
      then format(' or %s::text = any (%L::text[])', value_sql, blank_values) else '' end)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.blank_sql is
  'The test for a blank value of a column, with the policy''s own blank values.';

create function ownership_private.from_jsonb_sql(tbl regclass, col name, value_sql text, table_sql text default null)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    -- In a JSON column null is a value, and jsonb_populate_record would turn it into SQL's NULL.
    case when f.type_sql in ('json', 'jsonb') then '(%3$s)::%4$s'
      else '(jsonb_populate_record(null::%1$s, jsonb_build_object(%2$L, %3$s))).%2$I' end,
    coalesce(table_sql, tbl::text), col, value_sql, f.type_sql)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.from_jsonb_sql is
  'An SQL expression that turns a recorded value back into the column''s type. table_sql: how the expression names the
   table, where not by its current name.';

create function ownership_private.differs_sql(tbl regclass, col name, live_sql text, recorded_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case
      when f.type_sql in ('json', 'json[]') then 'to_jsonb(%1$s) is distinct from %2$s'
      when f.comparable then '%1$s is distinct from %3$s'
      else '%1$s::text is distinct from %3$s::text'
    end, live_sql, recorded_sql, ownership_private.from_jsonb_sql(tbl, col, recorded_sql))
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.differs_sql is
  'The test that a live value is not the recorded one. They are compared in the column''s type, because the text of a
   value may depend on settings of the session.';
