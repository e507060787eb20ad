-- The guard: the generated BEFORE UPDATE function, which judges each protected column of a row by its mode.

create function ownership_private.keep_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = ''
as $$
  select format(
    case p.on_conflict
      when 'reject' then 'perform ownership_private.reject(%1$s, row_key, writer, to_jsonb(new.%2$I), to_jsonb(old.%2$I));'
      when 'observe' then 'perform ownership_private.block(%1$s, row_key, writer, to_jsonb(new.%2$I), to_jsonb(old.%2$I));'
      else E'perform ownership_private.block(%1$s, row_key, writer, to_jsonb(new.%2$I), to_jsonb(old.%2$I));\n    new.%2$I := old.%2$I;'
    end, p.id, p.col)
$$;
comment on function ownership_private.keep_sql is 'What a guard does with a scalar write that must not go through, by on_conflict.';

create function ownership_private.guard_scalar_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
  if %1$s then%2$s
    if %3$s then
    %4$s
    end if;
  end if;$sql$,
    ownership_private.changed_sql(tbl, p.col),
    case when p.mode in ('claim', 'fill_blank') then format($sql$
    select c.rank, c.value into owner_rank, owner_value
    from ownership_private.claims c
    where c.policy_id = %s and c.key = row_key and c.element = '';$sql$, p.id) else '' end,
    case p.mode
      when 'source' then 'false'
      when 'source_unless_blank' then new_is_blank
      when 'fill_blank' then 'found or not ' || ownership_private.blank_sql(tbl, p.col, p.blank_values, format('old.%I', p.col))
      when 'manual' then 'true'
      when 'claim' then format('found and (writer_rank < owner_rank or %s) and to_jsonb(new.%I) is distinct from owner_value',
        new_is_blank, p.col)
    end,
    ownership_private.keep_sql(p))
  from ownership_private.blank_sql(tbl, p.col, p.blank_values, format('new.%I', p.col)) new_is_blank
$$;
comment on function ownership_private.guard_scalar_sql is 'The part of a guard that judges one scalar column.';

create function ownership_private.guard_set_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
  if %1$s then
    settled := ownership_private.merge_write(%2$s, row_key, writer, old.%3$I::text[], new.%3$I::text[], %4$L, %5$L);
    if ownership_private.elements(settled) <> ownership_private.elements(new.%3$I::text[]) then
      perform ownership_private.%6$s(%2$s, row_key, writer, to_jsonb(ownership_private.elements(new.%3$I::text[])), to_jsonb(settled));
    end if;%7$s
  end if;$sql$,
    ownership_private.changed_sql(tbl, p.col), p.id, p.col, p.base_source, p.empty_is_opinion,
    case p.on_conflict when 'reject' then 'reject' else 'block' end,
    case p.on_conflict when 'observe' then '' else format(E'\n    new.%I := settled;', p.col) end)
$$;
comment on function ownership_private.guard_set_sql is 'The part of a guard that merges one set.';

create function ownership_private.guard_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
create or replace function ownership_private.guard_%1$s()
returns trigger
language plpgsql
security definer
set search_path = ''
as $guard$
declare
  writer name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  writer_rank integer := %2$s;
  row_key text;
  owner_rank integer;
  owner_value jsonb;
  settled text[];
begin
  if current_setting('ownership.engine', true) = 'on' and ownership_private.engine_at_work() then
    return new;
  end if;
  if nullif(current_setting('ownership.writer', true), '') is not null then
    select w.writer, w.rank into writer, writer_rank from ownership_private.current_writer() w;
  end if;
  if writer_rank >= 100 then
    return new;
  end if;
  row_key := %3$s;%4$s
  return new;
end
$guard$
$sql$,
    t.id,
    ownership_private.rank_sql('writer'),
    ownership_private.key_sql(t.tbl, t.identity_key, 'old'),
    string_agg(
      case p.mode when 'merge_set' then ownership_private.guard_set_sql(p, t.tbl) else ownership_private.guard_scalar_sql(p, t.tbl) end,
      '' order by p.id))
  from ownership_private.policies p
  where p.table_id = t.id
$$;
comment on function ownership_private.guard_sql is 'The guard of one table, as SQL.';

create function ownership_private.fill_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
create or replace function ownership_private.fill_%1$s()
returns trigger
language plpgsql
security definer
set search_path = ''
as $fill$
begin%2$s
  return new;
end
$fill$
$sql$,
    t.id,
    string_agg(format($sql$
  if new.%1$I is null then
    execute format('select t.%1$I from %%s t where %2$s', tg_relid::regclass) into new.%1$I using new;
    if not %6$s then
      perform ownership_private.block(%3$s, %4$s, coalesce(nullif(current_setting('role'), 'none'), session_user), null, to_jsonb(new.%1$I));
    end if;
    new.%1$I := coalesce(new.%1$I, %5$s);
  end if;$sql$,
      p.col, ownership_private.match_sql(t.identity_key, 't', '$1'), p.id,
      ownership_private.key_sql(t.tbl, t.identity_key, 'new'), coalesce(f.default_sql, 'null'),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col))),
      '' order by p.id))
  from ownership_private.policies p, ownership_private.column_facts(t.tbl, p.col) f
  where p.table_id = t.id and f.not_null and p.mode <> 'source'
$$;
comment on function ownership_private.fill_sql is
  'BEFORE INSERT: NULL into a NOT NULL column fails before any UPDATE trigger is asked, and takes the batch with it. NULL when no such column.';
