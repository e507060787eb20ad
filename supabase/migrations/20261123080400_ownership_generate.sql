-- The generator: one static trigger function a table and event, policy and ranks baked in.

create function ownership_private.column_facts(tbl regclass, col name)
returns table (
  type_sql text, is_array boolean, is_set boolean, not_null boolean, default_sql text, comparable boolean, kind "char"
)
language sql
stable
set search_path = ''
as $$
  select
    format_type(a.atttypid, a.atttypmod),
    t.typcategory = 'A',
    t.typcategory = 'A' and e.typcategory in ('S', 'N', 'U', 'D', 'E', 'B'),
    a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid),
    t.typname not in ('json', 'xml', 'citext', '_json', '_citext', 'point', 'polygon', 'path', 'box', 'line', 'lseg', 'circle'),
    t.typcategory
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  left join pg_type e on e.oid = t.typelem
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = tbl and a.attname = col and a.attnum > 0 and not a.attisdropped
$$;
comment on function ownership_private.column_facts is 'What the generator must know of a column. No row where there is no such column.';

create function ownership_private.changed_sql(tbl regclass, col name)
returns text
language sql
stable
set search_path = ''
as $$
  select format(case when f.comparable then 'new.%1$I is distinct from old.%1$I'
    else 'new.%1$I::text is distinct from old.%1$I::text' end, col)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.changed_sql is
  'The test that a column changes, to the letter: types without equality, or with a lenient one, are compared as text.';

create function ownership_private.blank_sql(tbl regclass, col name, blank_values text[], value_sql text)
returns text
language sql
stable
set search_path = ''
as $$
  select format('(%s%s)',
    format(case
      when f.is_array then 'ownership.is_blank(%s::text[])'
      when f.type_sql in ('json', 'jsonb') then 'ownership.is_blank(%s::jsonb)'
      when f.kind = 'S' then 'ownership.is_blank(%s::text)'
      else '%s is null' end, value_sql),
    case when cardinality(blank_values) > 0 then format(' or %s::text = any (%L::text[])', value_sql, blank_values) else '' end)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.blank_sql is 'The test for a blank value of a column, with the policy''s own blank values.';

create function ownership_private.from_jsonb_sql(tbl regclass, col name, value_sql text)
returns text
language sql
stable
set search_path = ''
as $$
  select format(case
      when f.type_sql in ('json', 'jsonb') then '(%1$s)::%2$s'
      when f.is_array then '(select case when jsonb_typeof(%1$s) = ''array'' then array(select jsonb_array_elements_text(%1$s)) end)::%2$s'
      else '(%1$s #>> ''{}'')::%2$s' end, value_sql, f.type_sql)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.from_jsonb_sql is 'Turns a recorded value back into the column''s type.';

create function ownership_private.key_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language sql
stable
set search_path = ''
as $$
  select case when cardinality(identity_key) = 1
    then format('(to_jsonb(%1$s.%2$I) #>> ''{}'')', record_sql, identity_key[1])
    else format('jsonb_build_array(%s)::text', (select string_agg(format('%s.%I', record_sql, k), ', ') from unnest(identity_key) k)) end
$$;
comment on function ownership_private.key_sql is
  'The identity key as text: its value, or for several columns their jsonb array. Through jsonb, so that no session setting shows.';

create function ownership_private.match_sql(identity_key name[], left_sql text, right_sql text)
returns text
language sql
immutable
set search_path = ''
as $$
  select string_agg(format('%s.%I = %s.%I', left_sql, k, right_sql, k), ' and ') from unnest(identity_key) k
$$;
comment on function ownership_private.match_sql is 'The condition that two records have the same identity key.';

