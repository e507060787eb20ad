-- fill: the generated BEFORE INSERT function. INSERT with ON CONFLICT DO UPDATE with NULL for a NOT NULL column fails
-- before any UPDATE trigger is called, and the whole batch with it; so the NULL is replaced by what stands in the row
-- or, where the row was deleted, by what its owner wrote.

create function ownership_private.fill_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.fill_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
%3$s
as %4$s
begin%2$s
  return new;
end
%4$s
$sql$,
    t.id,
    ownership_private.plpgsql_names(string_agg(format($sql$
  if new.%1$I is null then
    -- The lock waits for an edit in another transaction, whose value would else be overwritten by the older one.
    execute format('select t.%1$I from %%s t where %2$s for no key update', tg_relid::regclass)
      into new.%1$I using new;
    if not %6$s then
      perform ownership_private.block(%3$s, %4$s, w.writer, null, %8$s)
      from ownership_private.current_writer() w;
    end if;
    -- What was owned there may not fit today, and must not fail the batch.
    if new.%1$I is null then
      begin
        new.%1$I := %5$s;
      exception when others then
        perform ownership_private.raise_again(sqlstate, sqlerrm);
      end;
    end if;
    new.%1$I := coalesce(new.%1$I, %7$s);
  end if;$sql$,
      p.col,
      ownership_private.match_sql(t.tbl, t.identity_key, 't', '$1'),
      p.id,
      row_key,
      known_sql,
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col)),
      coalesce(f.default_sql, 'null'),
      ownership_private.recorded_sql(p, 'new')), '' order by p.id)),
    ownership_private.settings_sql(t),
    ownership_private.quotes(t, 'fill'))
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  cross join lateral ownership_private.key_sql(t.tbl, t.identity_key, 'new') row_key
  -- In a row that was deleted: what its owner wrote there; a set without elements, which those of its owners join.
  cross join lateral (
    select case when m.merges then format(
        'coalesce(%s, (select ''{}''::%s where exists (select from ownership_private.bases b where b.policy_id = %s and b.key = %s)))',
        coalesce(f.default_sql, 'null'), f.type_sql, p.id, row_key)
      else format(
        '(select %s from ownership_private.claims c where c.policy_id = %s and c.key = %s and c.element = '''')',
        ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value'), p.id, row_key) end as known_sql
  ) known
  where f.not_null and m.keeps_out is not null
$$;
comment on function ownership_private.fill_sql is
  'Creates the BEFORE INSERT function of a table, which replaces NULL in protected NOT NULL columns by the value of the
   existing row, or else by the default. NULL when the table has no such column.';
