-- The generator's vocabulary: what is baked into the static trigger functions of a table.

create function ownership_private.column_facts(tbl regclass, col name)
returns table (
  type_sql text, is_array boolean, is_set boolean, not_null boolean, default_sql text, comparable boolean, kind "char",
  equals text
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
    t.typcategory,
    -- A type that came with an extension (citext) has an = of its own, which is not in pg_catalog.
    coalesce((
      select format('operator(%I.=)', n.nspname)
      from pg_catalog.pg_operator o
      join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
      where o.oprname = '=' and o.oprleft = t.oid and o.oprright = t.oid and n.nspname <> 'pg_catalog'
    ), '=')
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_type e on e.oid = t.typelem
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = tbl and a.attname = col and a.attnum > 0 and not a.attisdropped
$$;
comment on function ownership_private.column_facts is
  'What the generator must know of a column; no row where there is none. comparable: = tells every difference; equals:
   how = is written for its type.';

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
  'The test that a column changes, to the letter: types without equality, or a lenient one, compare as text.';

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
    -- A JSON null, which is a value in such a column, is SQL's NULL to jsonb_populate_record.
    case when f.type_sql in ('json', 'jsonb') then '(%3$s)::%4$s'
      else '(jsonb_populate_record(null::%1$s, jsonb_build_object(%2$L, %3$s))).%2$I' end,
    coalesce(table_sql, tbl::text), col, value_sql, f.type_sql)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.from_jsonb_sql is 'Turns a recorded value back into the column''s type. table_sql: how the table is named there, if not as today.';

create function ownership_private.key_part_sql(tbl regclass, col name, record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case
      when f.type_sql in ('text', 'uuid', 'smallint', 'integer', 'bigint') then '%s.%I::text'
      when f.type_sql like 'numeric%%' then 'trim_scale(%s.%I)::text'
      when f.type_sql like '%%citext' then 'lower(%s.%I::text)'
      else '(to_jsonb(%s.%I) #>> ''{}'')'
    end, record_sql, col)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.key_part_sql is
  'One column of the identity key as text, the same for values that are equal.';

create function ownership_private.key_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when cardinality(identity_key) = 1
    then ownership_private.key_part_sql(tbl, identity_key[1], record_sql)
    else (
      select format('jsonb_build_array(%s)::text',
        string_agg(ownership_private.key_part_sql(tbl, k.name, record_sql), ', ' order by k.place))
      from unnest(identity_key) with ordinality k (name, place)
    ) end
$$;
comment on function ownership_private.key_sql is
  'The identity key as text: its value, or for several columns their jsonb array of texts.';

create function ownership_private.settings_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(string_agg(distinct s.setting, E'\n' order by s.setting), '')
  from (
    select unnest(t.identity_key) as col
    union
    select p.col from ownership_private.policies p where p.table_id = t.id
  ) c
  cross join ownership_private.column_facts(t.tbl, c.col) f
  join (values
    ('timestamp with time zone', 'set timezone = ''UTC'''),
    ('bytea', 'set bytea_output = ''hex'''),
    ('interval', 'set intervalstyle = ''postgres'''),
    ('double precision', 'set extra_float_digits = 1'),
    ('real', 'set extra_float_digits = 1')
  ) s (type_sql, setting) on f.type_sql like s.type_sql || '%' or f.kind not in ('S', 'N', 'B', 'D', 'U', 'A', 'E')
$$;
comment on function ownership_private.settings_sql is
  'Settings under which a value of these columns has one text, whatever the session''s own. Most tables need none.';

create function ownership_private.match_sql(tbl regclass, identity_key name[], left_sql text, right_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format('%s.%I %s %s.%I', left_sql, k, f.equals, right_sql, k), ' and ')
  from unnest(identity_key) k
  cross join lateral ownership_private.column_facts(tbl, k) f
$$;
comment on function ownership_private.match_sql is 'The condition that two records have the same identity key.';

create function ownership_private.key_changed_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(ownership_private.changed_sql(t.tbl, k), ' or ') from unnest(t.identity_key) k
$$;
comment on function ownership_private.key_changed_sql is 'The test that the identity key of a row changes.';

create function ownership_private.gate_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('pg_sequence_last_value(%L::regclass) is not null', ownership_private.gate(p.id)) where p.mode = 'claim'
$$;
comment on function ownership_private.gate_sql is
  'The test that somebody ever claimed a cell of a column; NULL where a policy rules without claims too.';

create function ownership_private.concerns_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.changed_sql(tbl, p.col)
    || coalesce(' and (' || ownership_private.gate_sql(p) || ' or ' || ownership_private.claimants_sql() || ')', '')
$$;
comment on function ownership_private.concerns_sql is
  'When a write concerns a policy: its column changes and, where only claims matter, there are or will be some.';

-- Claiming: the part of a guard that records what a writer changed; and claims follow a changed key.

create function ownership_private.claim_elements_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if writer_rank >= 100 and %1$s then
      perform ownership_private.claim_elements(
        %2$s, row_key, writer, writer_rank, old.%3$I::text[], new.%3$I::text[], %4$L);
    end if;$sql$, ownership_private.changed_sql(tbl, p.col), p.id, p.col, p.base_source)
$$;
comment on function ownership_private.claim_elements_sql is 'The part of a guard that claims what a person did to a set.';

create function ownership_private.claim_scalars_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    declare
      changed integer[] := '{}';
      old_values jsonb[] := '{}';
      new_values jsonb[] := '{}';
    begin%s
      if changed <> '{}' then
        perform ownership_private.claim_cells(changed, row_key, writer, writer_rank, old_values, new_values);
      end if;
    end;$sql$, string_agg(format($sql$
      if %1$s and (writer_rank >= 100 or not %2$s) then
        changed := changed || %3$s;
        old_values := array_append(old_values, to_jsonb(old.%4$I));
        new_values := array_append(new_values, to_jsonb(new.%4$I));
      end if;$sql$,
      ownership_private.changed_sql(t.tbl, p.col),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col)),
      p.id, p.col), '' order by p.id))
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('claim', 'fill_blank', 'manual')
  having count(*) > 0
$$;
comment on function ownership_private.claim_scalars_sql is
  'The part of a guard that claims the scalar cells which a writer changed, all in one call. NULL without such columns.';

create function ownership_private.claim_cells_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select nullif(concat(
    (
      select string_agg(ownership_private.claim_elements_sql(p, t.tbl), '' order by p.id)
      from ownership_private.policies p
      where p.table_id = t.id and p.mode = 'merge_set'
    ),
    ownership_private.claim_scalars_sql(t)), '')
$$;
comment on function ownership_private.claim_cells_sql is
  'What a writer changed is his, but only a person owns a blank. NULL when no mode claims.';

create function ownership_private.move_key(the_table integer, old_key text, new_key text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p record;
begin
  -- A citext that changes its case alone names the row as before.
  if old_key = new_key then
    return;
  end if;
  for p in select o.id from ownership_private.policies o where o.table_id = the_table loop
    -- What is claimed under the new key belongs to a row that is gone: the key is unique.
    delete from ownership_private.claims c where c.policy_id = p.id and c.key = new_key;
    delete from ownership_private.bases b where b.policy_id = p.id and b.key = new_key;
    update ownership_private.bases b set key = new_key where b.policy_id = p.id and b.key = old_key;
    update ownership_private.claims c set key = new_key where c.policy_id = p.id and c.key = old_key;
    if found then
      perform ownership_private.remember(p.id, new_key, '', 'moved', w.writer, to_jsonb(old_key), to_jsonb(new_key))
      from ownership_private.current_writer() w;
    end if;
  end loop;
end
$$;
comment on function ownership_private.move_key is 'A row got another identity key: what is owned in it goes along.';
