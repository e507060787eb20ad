-- Identity keys: how a key is written as text, and how a row is found by it.

create function ownership_private.key_part_sql(tbl regclass, col name, record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select format(
      case
        when f.base in ('text', 'varchar', 'bpchar', 'name', 'uuid', 'smallint', 'integer', 'bigint') or f.is_array
          then '%s.%I::text'
        when f.base = 'numeric'::regtype then 'trim_scale(%s.%I)::text'
        -- 0 and -0
        when f.base in ('real', 'double precision') then '(to_jsonb(%s.%I + 0) #>> ''{}'')'
        when f.base = 'interval'::regtype then 'justify_interval(%s.%I)::text'
        when ownership_private.is_citext(f.base) then 'lower(%s.%I::text collate pg_catalog."default")'
        else '(to_jsonb(%s.%I) #>> ''{}'')'
      end, record_sql, col)
    from ownership_private.column_facts(tbl, col) f
  );
end
$$;
comment on function ownership_private.key_part_sql is
  'An SQL expression for one column of the identity key as text. Values that are equal have the same text; columns for
   which that cannot be said are refused by key_problem.';

create function ownership_private.whole_key_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In PL/pgSQL, as all that is asked for each key of a document: it keeps its plans.
  if cardinality(identity_key) = 1 then
    return ownership_private.key_part_sql(tbl, identity_key[1], record_sql);
  end if;
  return (
    select format('jsonb_build_array(%s)::text',
      string_agg(ownership_private.key_part_sql(tbl, k.name, record_sql), ', ' order by k.place))
    from unnest(identity_key) with ordinality k (name, place)
  );
end
$$;
comment on function ownership_private.whole_key_sql is
  'An SQL expression for the identity key as text of any length: the value of its column, or the jsonb array of several.';

-- An index takes no more than 2704 bytes, in which an element of a set and a writer must also fit. A longer key is
-- known by its digest; long_keys has its text.

create function ownership_private.is_long_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select case when cardinality(identity_key) = 1 then min(format(
      case when f.kind = 'S' or ownership_private.is_citext(f.base)
        -- A text that looks like a digest must not be taken for one.
        then '(octet_length(%1$s) > 1500 or starts_with((%1$s) collate "C", ''sha256:''))'
        else '(octet_length(%1$s) > 1500)' end, part))
    -- What JSON makes of a text is at most six times as long.
    else format('(%s > 200 and octet_length(%s) > 1500)',
      string_agg(format('coalesce(octet_length(%s), 0)', part), ' + '),
      ownership_private.whole_key_sql(tbl, identity_key, record_sql)) end
  from unnest(identity_key) k (name)
  cross join lateral ownership_private.column_facts(tbl, k.name) f
  cross join lateral ownership_private.key_part_sql(tbl, k.name, record_sql) part
  where f.base not in ('uuid', 'boolean', 'smallint', 'integer', 'bigint', 'oid', 'real', 'double precision', 'money', 'name',
    'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'inet', 'cidr', 'macaddr', 'macaddr8')
  having count(*) > 0);
end
$$;
comment on function ownership_private.is_long_sql is
  'The test that a key is too long for an index, or looks as if it were; NULL where the types of its columns are short.';

create function ownership_private.digest_of_key(whole_key text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select 'sha256:' || encode(sha256(convert_to(whole_key, getdatabaseencoding())), 'hex')
$$;
comment on function ownership_private.digest_of_key is 'The digest by which a long key is known.';

create function ownership_private.whole_key(row_key text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if starts_with(row_key collate "C", 'sha256:') then
    return coalesce((select l.whole_key from ownership_private.long_keys l where l.key = row_key), row_key);
  end if;
  return row_key;
end
$$;
comment on function ownership_private.whole_key is 'The text of a key, also of a long one, which is known by its digest.';

create function ownership_private.key_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  whole_key text := ownership_private.whole_key_sql(tbl, identity_key, record_sql);
  is_long text := ownership_private.is_long_sql(tbl, identity_key, record_sql);
begin
  -- The collation is that of claims.key: with the one of the column, a comparison would have two of equal rank.
  return format(case when is_long is null then '(%1$s collate "C")'
    else '(case when %2$s then ownership_private.digest_of_key(%1$s) else %1$s end collate "C")' end, whole_key, is_long);
end
$$;
comment on function ownership_private.key_sql is
  'An SQL expression for the identity key as it is recorded: its text or, of a long one, its digest.';

create function ownership_private.note_long_keys_sql(
  t ownership_private.protected_tables, from_sql text, record_sql text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'insert into ownership_private.long_keys (key, whole_key)
     select distinct %1$s, (%2$s) collate "C" from %3$s where %4$s on conflict do nothing',
    ownership_private.key_sql(t.tbl, t.identity_key, record_sql),
    ownership_private.whole_key_sql(t.tbl, t.identity_key, record_sql), from_sql, is_long)
  from ownership_private.is_long_sql(t.tbl, t.identity_key, record_sql) is_long
  where is_long is not null
$$;
comment on function ownership_private.note_long_keys_sql is
  'The statement that keeps the text of the long keys among some rows; NULL where no key can be long.';

create function ownership_private.equals_sql(tbl regclass, col name)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  type_of_col oid := (select a.atttypid from pg_attribute a where a.attrelid = tbl and a.attname = col);
  base oid;
begin
  loop
    base := (select nullif(t.typbasetype, 0) from pg_type t where t.oid = type_of_col);
    exit when base is null;
    type_of_col := base;
  end loop;
  -- Anybody can make an operator =. One of the type's default operator class only a superuser can make.
  return coalesce((
    select format('operator(%I.%s)', n.nspname, o.oprname)
    from pg_opclass c
    join pg_am m on m.oid = c.opcmethod
    join pg_amop s on s.amopfamily = c.opcfamily and s.amoplefttype = c.opcintype and s.amoprighttype = c.opcintype
      and s.amopstrategy = case m.amname when 'btree' then 3 when 'hash' then 1 end
    join pg_operator o on o.oid = s.amopopr
    join pg_namespace n on n.oid = o.oprnamespace
    where c.opcintype = type_of_col and c.opcdefault
    order by m.amname
    limit 1
  ), 'operator(pg_catalog.=)');
end
$$;
comment on function ownership_private.equals_sql is
  'The equality operator of a column, as SQL: that of the default btree or hash operator class of its type. Types
   without a class of their own (varchar, arrays, enums) use one of pg_catalog.';

create function ownership_private.match_sql(tbl regclass, identity_key name[], left_sql text, right_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(
    format('%s.%I %s %s.%I', left_sql, k, ownership_private.equals_sql(tbl, k), right_sql, k), ' and ')
  from unnest(identity_key) k
$$;
comment on function ownership_private.match_sql is 'The condition that two records have the same identity key.';

create function ownership_private.same_key_sql(t ownership_private.protected_tables, record_sql text, key_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format(
    case when cardinality(t.identity_key) = 1 then '%1$s.%2$I %6$s %3$s::%4$s%7$s'
      else '%1$s.%2$I %6$s (%3$s::jsonb ->> %5$s)::%4$s%7$s' end,
    record_sql, k.name, whole_key, f.type_sql, k.place - 1,
    ownership_private.equals_sql(t.tbl, k.name), ' collate ' || f.collation_sql), ' and ')
  from (
    select format(case when ownership_private.is_long_sql(t.tbl, t.identity_key, record_sql) is null then '%s'
      else '(case when starts_with(%1$s collate "C", ''sha256:'') then ownership_private.whole_key(%1$s) else %1$s end)' end,
      key_sql) as whole_key
  ) recorded
  cross join unnest(t.identity_key) with ordinality k (name, place)
  cross join lateral ownership_private.column_facts(t.tbl, k.name) f
$$;
comment on function ownership_private.same_key_sql is
  'The condition that a row has a recorded key. It compares the columns in their own types, so that an index on them is
   used.';

create function ownership_private.key_changed_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(ownership_private.changed_sql(t.tbl, k), ' or ') from unnest(t.identity_key) k
$$;
comment on function ownership_private.key_changed_sql is 'The test that the identity key of a row changes.';

create function ownership_private.key_parts(identity_key name[], row_key text)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when cardinality(identity_key) = 1 then array[ownership_private.whole_key(row_key)]
    else array(select jsonb_array_elements_text(ownership_private.whole_key(row_key)::jsonb)) end
$$;
comment on function ownership_private.key_parts is 'The values of the key''s columns, as text.';

create function ownership_private.key_record_sql(target regclass, identity_key name[], row_key text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'select ' || string_agg(format('%L::%s as %I', part.value, f.type_sql, k.name), ', ' order by k.place)
  from unnest(identity_key) with ordinality k (name, place)
  cross join ownership_private.column_facts(target, k.name) f
  join unnest(ownership_private.key_parts(identity_key, row_key)) with ordinality part (value, place)
    on part.place = k.place
  having count(*) = cardinality(identity_key)
$$;
comment on function ownership_private.key_record_sql is
  'A query that returns one row: the key''s columns with their values, in their types. NULL where values are missing.';

create function ownership_private.canonical_key(target regclass, identity_key name[], row_key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  canonical text;
begin
  execute format('select %s from (%s) r', ownership_private.key_sql(target, identity_key, 'r'),
    ownership_private.key_record_sql(target, identity_key, row_key)) into strict canonical;
  return canonical;
exception when others then
  perform ownership_private.fail('OW011', format('%L is no key of table %s', row_key, target),
    format('Its identity key is %s.', array_to_string(identity_key, ', ')),
    case when cardinality(identity_key) = 1 then 'Give the value of that column.'
      else 'Give a JSON array of their values, such as ["a", 1].' end);
end
$$;
comment on function ownership_private.canonical_key is
  'The key as the engine writes it, from the key as a person writes it: 12.5 for 12.50 (OW011 where it is malformed).';

create function ownership_private.note_key(target regclass, identity_key name[], row_key text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  canonical text := ownership_private.canonical_key(target, identity_key, row_key);
begin
  if starts_with(canonical collate "C", 'sha256:') then
    execute format('insert into ownership_private.long_keys (key, whole_key) select $1, %s from (%s) r on conflict do nothing',
      ownership_private.whole_key_sql(target, identity_key, 'r'),
      ownership_private.key_record_sql(target, identity_key, row_key)) using canonical;
  end if;
  return canonical;
end
$$;
comment on function ownership_private.note_key is 'As canonical_key, and keeps the text of a long key.';
