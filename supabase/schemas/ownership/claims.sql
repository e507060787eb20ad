-- Claims on scalar cells: of one cell, of several of a row, of many rows at once.

create function ownership_private.claim(
  policy integer, row_key text, writer name, writer_rank integer, old_value jsonb, new_value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
  values (policy, row_key, writer, writer_rank, new_value)
  on conflict (policy_id, key, element) do update
  set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now()
  where c.rank <= excluded.rank or excluded.rank >= 100;
  if found then
    perform ownership_private.remember(policy, row_key, '', 'claimed', writer, old_value, new_value);
  end if;
end
$$;
comment on function ownership_private.claim is
  'The writer owns the cell from now on, with this value, be it NULL. A lower one that was only observed does not.';

create function ownership_private.claim_cells(
  changed integer[], row_key text, writer name, writer_rank integer, old_values jsonb[], new_values jsonb[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  if cardinality(changed) = 1 then
    perform ownership_private.claim(changed[1], row_key, writer, writer_rank, old_values[1], new_values[1]);
    return;
  end if;
  with claimed as (
    insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
    select u.policy, row_key, writer, writer_rank, u.new_value
    from unnest(changed, new_values) u (policy, new_value)
    on conflict (policy_id, key, element) do update
    set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now()
    where c.rank <= excluded.rank or excluded.rank >= 100
    returning c.policy_id, c.value
  )
  insert into ownership_private.history
    (tbl, col, key, event, writer, role, sub, run, old_value, new_value)
  select
    t.tbl::text, p.col, row_key, 'claimed', writer,
    coalesce(nullif(current_setting('role'), 'none'), session_user),
    case when current_setting('request.jwt.claims', true) <> '' then ownership_private.signed_in_user() end,
    nullif(current_setting('ownership.run', true), ''),
    old_values[array_position(changed, c.policy_id)], c.value
  from claimed c
  join ownership_private.policies p on p.id = c.policy_id
  join ownership_private.protected_tables t on t.id = p.table_id
  order by p.id;
end
$$;
comment on function ownership_private.claim_cells is
  'As claim, for the cells of a row that one statement changed (their policies): far cheaper than one after the other.';

create function ownership_private.claim_inserted_cells_sql(
  p ownership_private.policies, row_key_sql text, blank_sql text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    with claimed as (
      insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
      select distinct on ((%3$s) collate "C") %1$s, %3$s, me.writer, me.rank, to_jsonb(i.%2$I)
      from inserted i
      where %3$s is not null and not %4$s
      on conflict (policy_id, key, element) do update
      set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now()
      where c.rank <= excluded.rank and c.value is distinct from excluded.value
      returning c.key, c.element, c.value
    )%5$s;$sql$,
    p.id, p.col, row_key_sql, blank_sql, ownership_private.remember_sql(p, 'claimed', 'me.writer', 'claimed'))
$$;
comment on function ownership_private.claim_inserted_cells_sql is
  'The statement that claims what the writer me put into a column of the rows inserted, where no higher one owns it.';

-- Writes of the engine's own: bringing values back, releasing a cell. The guard of the table lets them through.

create function ownership_private.engine_at_work(tbl oid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from ownership_private.engine_writes e
    where e.xid = pg_current_xact_id_if_assigned() and e.tbl = engine_at_work.tbl
  );
end
$$;
comment on function ownership_private.engine_at_work is
  'True inside a write of the engine''s own to this table. The setting asked first can be forged, this row cannot.';

create function ownership_private.begin_engine_write(tbl oid)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into ownership_private.engine_writes (tbl) values (begin_engine_write.tbl) on conflict do nothing;
  select set_config('ownership.engine', 'on', true);
$$;
comment on function ownership_private.begin_engine_write is
  'From here to end_engine_write the guard of this table lets everything through.';

create function ownership_private.end_engine_write(tbl oid)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from ownership_private.engine_writes e
  where e.xid = pg_current_xact_id_if_assigned() and e.tbl = end_engine_write.tbl;
  select set_config('ownership.engine', '', true);
$$;
comment on function ownership_private.end_engine_write is 'The guard is back at work.';
