-- fill: the generated BEFORE INSERT function. INSERT with ON CONFLICT DO UPDATE with NULL for a NOT NULL column fails
-- before any UPDATE trigger is called, and the whole batch with it; so the NULL is replaced by what stands in the row.

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
as $fill$
begin%2$s
  return new;
end
$fill$
$sql$,
    t.id,
    string_agg(format($sql$
  if new.%1$I is null then
    -- The lock waits for an edit in another transaction, whose value would else be overwritten by the older one.
    execute format('select t.%1$I from %%s t where %2$s for no key update', tg_relid::regclass)
      into new.%1$I using new;
    if not %6$s then
      perform ownership_private.block(%3$s, %4$s, w.writer, null, to_jsonb(new.%1$I))
      from ownership_private.current_writer() w;
    end if;
    new.%1$I := coalesce(new.%1$I, %5$s);
  end if;$sql$,
      p.col,
      ownership_private.match_sql(t.tbl, t.identity_key, 't', '$1'),
      p.id,
      ownership_private.key_sql(t.tbl, t.identity_key, 'new'),
      coalesce(f.default_sql, 'null'),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col))), '' order by p.id),
    ownership_private.settings_sql(t))
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  where f.not_null and m.keeps_out is not null
$$;
comment on function ownership_private.fill_sql is
  'Creates the BEFORE INSERT function of a table, which replaces NULL in protected NOT NULL columns by the value of the
   existing row, or else by the default. NULL when the table has no such column.';
