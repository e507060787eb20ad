-- Columns: what the engine must know of a column, and the SQL that tests, compares and converts its values.

create function ownership_private.base_type(type_of_value oid)
returns oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_type oid := type_of_value;
  beneath oid;
begin
  loop
    beneath := (select nullif(t.typbasetype, 0) from pg_type t where t.oid = found_type);
    exit when beneath is null;
    found_type := beneath;
  end loop;
  return found_type;
end
$$;
comment on function ownership_private.base_type is 'The type beneath a domain, and beneath a domain over a domain.';

create function ownership_private.types_within(type_of_value oid)
returns setof oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with recursive within (type_oid) as (
    select type_of_value
    union
    select part.type_oid
    from within w
    join pg_type y on y.oid = w.type_oid
    left join pg_range r on y.oid in (r.rngtypid, r.rngmultitypid)
    left join pg_attribute a on y.typtype = 'c' and a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
    cross join lateral (
      values (y.typbasetype), (case when y.typcategory = 'A' then y.typelem end), (r.rngsubtype), (a.atttypid)
    ) part (type_oid)
    where part.type_oid <> 0
  )
  select w.type_oid from within w;
end
$$;
comment on function ownership_private.types_within is
  'A type, and the types beneath it: of a domain, elements, bounds and attributes.';

create function ownership_private.checks_values(tbl regclass, col name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_attribute a
    cross join ownership_private.types_within(a.atttypid) w
    join pg_type y on y.oid = w and y.typtype = 'd'
    where a.attrelid = tbl and a.attname = col and not a.attisdropped
  )
$$;
comment on function ownership_private.checks_values is
  'Whether a column''s type is a domain or holds one, whose constraints can refuse a value, also one that stood there.';

create function ownership_private.unchecked_type_sql(tbl regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when y.typtype = 'd' then format_type(ownership_private.base_type(y.oid), y.typtypmod)
    else format_type(a.atttypid, a.atttypmod) end
  from pg_attribute a
  join pg_type y on y.oid = a.atttypid
  where a.attrelid = tbl and a.attname = col and not a.attisdropped
$$;
comment on function ownership_private.unchecked_type_sql is
  'The type of a column; of a domain the one beneath it, which refuses no value that stood there.';

create function ownership_private.is_citext(base regtype)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from pg_type t where t.oid = base and t.typname = 'citext' and t.typtype = 'b')
$$;
comment on function ownership_private.is_citext is 'Whether a type is that of the extension citext.';

create function ownership_private.is_exact(type_of_value oid, its_collation oid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  base pg_type;
  subtype pg_range;
begin
  select t.* into base from pg_type t where t.oid = ownership_private.base_type(type_of_value);
  if base.typcategory = 'A' then
    return ownership_private.is_exact(base.typelem, its_collation);
  elsif base.typtype in ('r', 'm') then
    select r.* into subtype from pg_range r where base.oid in (r.rngtypid, r.rngmultitypid);
    return ownership_private.is_exact(subtype.rngsubtype, subtype.rngcollation);
  end if;
  -- The equality of enums takes no domain over one. Of others Postgres itself has to know, for deduplication in
  -- B-trees, whether equal values have the same image.
  return base.oid <> 'bpchar'::regtype and (base.typtype <> 'e' or base.oid = type_of_value) and exists (
    select from pg_opclass c
    join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
    join pg_amproc s on s.amprocfamily = c.opcfamily and s.amproclefttype = c.opcintype
      and s.amprocrighttype = c.opcintype and s.amprocnum = 4
    where c.opcdefault
      and c.opcintype = case
        when base.typtype = 'e' then 'anyenum'::regtype when base.oid = 'varchar'::regtype then 'text'::regtype else base.oid
      end
      and (
        s.amproc = 'btequalimage'::regproc
        or s.amproc = 'btvarstrequalimage'::regproc
          and exists (select from pg_collation l where l.oid = its_collation and l.collisdeterministic)
      )
  );
end
$$;
comment on function ownership_private.is_exact is
  'Whether values of a type that are equal are also written alike. Not so are numeric (1.0 and 1.00), interval (1 mon
   and 30 days), citext, text under a nondeterministic collation, and types without an equality.';

-- In PL/pgSQL, which plans a query once a session: whatever is generated or compared asks for these many times.
create function ownership_private.column_facts(tbl regclass, col name)
returns table (
  type_sql text, base regtype, is_array boolean, is_set boolean, is_set_of_text boolean, not_null boolean,
  default_sql text, type_id oid, collation_id oid, kind "char", collation_sql text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select
    format_type(a.atttypid, a.atttypmod),
    b.oid::regtype,
    t.typcategory = 'A',
    t.typcategory = 'A' and e.typcategory in ('S', 'N', 'U', 'D', 'E', 'B'),
    t.typcategory = 'A' and a.attndims <= 1
      and (e.typcategory in ('S', 'E') or ownership_private.is_citext(ownership_private.base_type(e.oid)::regtype)),
    a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid),
    a.atttypid,
    a.attcollation,
    t.typcategory,
    (select format('%I.%I', n.nspname, l.collname) from pg_collation l join pg_namespace n on n.oid = l.collnamespace
      where l.oid = a.attcollation)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_type b on b.oid = ownership_private.base_type(a.atttypid)
  left join pg_catalog.pg_type e on e.oid = b.typelem
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = tbl and a.attname = col and a.attnum > 0 and not a.attisdropped;
end
$$;
comment on function ownership_private.column_facts is
  'What the generator must know of a column; no row where the table has no such column. base: the type beneath a
   domain.';

create function ownership_private.changed_sql(tbl regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.is_exact(f.type_id, f.collation_id) then 'new.%1$I is distinct from old.%1$I'
    else 'record_image_ne(row(new.%1$I), row(old.%1$I))' end, col)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.changed_sql is
  'The test that an update changes a column in any way. Types without equality, or with one that ignores differences
   (citext, numeric), are compared by the bytes that are stored.';

create function ownership_private.recorded(value anyelement)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- json takes \u0000, and jsonb does not. A value that looks as if it were recorded so is, too.
  if strpos(value::text, '\u0000') > 0 or strpos(value::text, 'text of json') > 0 then
    return jsonb_build_object('text of json', value::text);
  end if;
  return to_jsonb(value);
end
$$;
comment on function ownership_private.recorded is
  'A value of a type that holds json, as it is recorded: what jsonb cannot hold as its text.';

create function ownership_private.recorded_sql(tbl regclass, col name, value_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  y pg_type;
begin
  select t.* into y
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  where a.attrelid = tbl and a.attname = col and not a.attisdropped;
  -- Asked for each cell that is released; most types hold no other.
  if y.oid = 'json'::regtype or (y.typtype in ('d', 'c') or y.typcategory = 'A')
    and 'json'::regtype in (select ownership_private.types_within(y.oid)) then
    return format('ownership_private.recorded(%s)', value_sql);
  end if;
  return format('to_jsonb(%s)', value_sql);
end
$$;
comment on function ownership_private.recorded_sql(regclass, name, text) is
  'An SQL expression for a value of a column as claims, history and offers have it. from_jsonb_sql turns it back.';

create function ownership_private.recorded_sql(p ownership_private.policies, record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.recorded_sql(t.tbl, p.col, format('%s.%I', record_sql, p.col))
  from ownership_private.protected_tables t
  where t.id = p.table_id
$$;
comment on function ownership_private.recorded_sql(ownership_private.policies, text) is
  'The same for the column of a policy in a record.';

create function ownership_private.is_default_sql(tbl regclass, col name, record_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Asked for every column of a table; most have none.
  if not (select a.atthasdef from pg_attribute a where a.attrelid = tbl and a.attname = col) then
    return null;
  end if;
  return (
    -- In the type beneath a domain, whose constraints may refuse the default today.
    select format('%s::text is not distinct from %s::text',
      ownership_private.recorded_sql(tbl, col, format('%s.%I', record_name, col)),
      ownership_private.recorded_sql(tbl, col, format('(%s)::%s',
        case when f.type_sql <> unchecked and right(f.default_sql, length(f.type_sql) + 2) = '::' || f.type_sql
          then left(f.default_sql, -length(f.type_sql) - 2) else f.default_sql end, unchecked)))
    from ownership_private.column_facts(tbl, col) f
    cross join ownership_private.unchecked_type_sql(tbl, col) unchecked
    join pg_attribute a on a.attrelid = tbl and a.attname = col
    join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where f.default_sql <> 'NULL'
      -- Where no function of others is called, and none that is volatile, evaluating it once more in the same statement
      -- has no effect and gives the same value.
      and not exists (
        select from regexp_matches(d.adbin::text, 'funcid (\d+)', 'g') called (id)
        left join pg_proc p on p.oid = called.id[1]::oid
        where p.provolatile = 'v' or p.pronamespace is distinct from 'pg_catalog'::regnamespace
      )
  );
end
$$;
comment on function ownership_private.is_default_sql is
  'The test that an inserted value is the column''s default, which nobody has to have written; NULL where the column has
   none, or one that may give another value each time.';

create function ownership_private.blank_forms(tbl regclass, col name, blank_values text[])
returns jsonb[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  type_sql text := ownership_private.unchecked_type_sql(tbl, col);
  blank text;
  form jsonb;
  forms jsonb[] := '{}';
begin
  foreach blank in array blank_values loop
    execute 'select ' || ownership_private.recorded_sql(tbl, col, format('%L::%s', blank, type_sql)) into form;
    forms := forms || form;
  end loop;
  return forms;
exception when data_exception or integrity_constraint_violation then
  perform ownership_private.fail('OW016', format('blank value %L is no value of column %I of table %s', blank, col, tbl),
    sqlerrm || '.', format('Give blank_values as values of %s.', type_sql));
end
$$;
comment on function ownership_private.blank_forms is
  'A policy''s own blank values in the form in which to_jsonb gives values of the column, so that 0 is 0.00 and f is
   false (OW016 where one is no value of the column).';

create function ownership_private.blank_sql(tbl regclass, col name, blank_values text[], value_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('(%s%s)',
    format(case
      when f.is_array then 'ownership.is_blank(%s::text[])'
      when f.base = 'jsonb'::regtype then 'ownership.is_blank(%s::jsonb)'
      when f.base = 'json'::regtype then 'ownership.is_blank(ownership_private.recorded(%s))'
      when f.kind = 'S' then 'ownership.is_blank(%s::text)'
      else '%s is null' end, value_sql),
    case when cardinality(blank_values) > 0
      then format(' or %s = any (%L::jsonb[])', ownership_private.recorded_sql(tbl, col, value_sql),
        ownership_private.blank_forms(tbl, col, blank_values))
      else '' end)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.blank_sql is
  'The test for a blank value of a column, with the policy''s own blank values.';

create function ownership_private.from_jsonb_sql(
  tbl regclass, col name, value_sql text, type_sql text default null
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.recorded_sql(tbl, col, '') like 'to_jsonb%' then '%3$s'
      else '(case when %1$s ? ''text of json'' then (%1$s ->> ''text of json'')::%2$s else %3$s end)' end,
    value_sql, wanted, format(case
      -- In a JSON column null is a value, and jsonb_to_record would turn it into SQL's NULL.
      when f.base in ('json', 'jsonb') then '(%1$s)::%2$s'
      when f.base in ('text', 'boolean', 'smallint', 'integer', 'bigint', 'uuid', 'date', 'timestamptz')
        then '((%1$s) #>> ''{}'')::%2$s'
      else '(select cell.value from jsonb_to_record(jsonb_build_object(''value'', %1$s)) cell (value %2$s))'
    end, value_sql, wanted))
  from ownership_private.column_facts(tbl, col) f
  cross join lateral coalesce(from_jsonb_sql.type_sql, f.type_sql) wanted
$$;
comment on function ownership_private.from_jsonb_sql is
  'An SQL expression that turns a recorded value back into the column''s type, or into another. It names no other
   column of the table: one whose type forbids NULL would make it fail.';

create function ownership_private.differs_sql(tbl regclass, col name, live_sql text, recorded_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.is_exact(f.type_id, f.collation_id) then '%1$s is distinct from %2$s' else '%3$s::text is distinct from %4$s::text' end,
    live_sql, read_sql,
    ownership_private.recorded_sql(tbl, col, live_sql), ownership_private.recorded_sql(tbl, col, read_sql))
  from ownership_private.column_facts(tbl, col) f
  cross join ownership_private.from_jsonb_sql(
    tbl, col, recorded_sql, ownership_private.unchecked_type_sql(tbl, col)) read_sql
$$;
comment on function ownership_private.differs_sql is
  'The test that a live value is not the recorded one. The recorded one is first read in the column''s type, so that
   both are written in the same way.';
