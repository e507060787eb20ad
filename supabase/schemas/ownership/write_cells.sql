-- Writing many cells of a column at once, as restore, import and a table that took the place of another do.

create type ownership_private.written_cell as (
  table_name regclass, col name, key text, action text, current_value jsonb, new_value jsonb, detail text
);
comment on type ownership_private.written_cell is 'A cell that restore or import writes, or would write, or leaves.';

create function ownership_private.raise_again(state text, message text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if left(state, 2) in ('40', '53', '55', '57', '58', 'F0', 'XX') then
    raise exception using errcode = state, message = message;
  end if;
end
$$;
comment on function ownership_private.raise_again is
  'Raises an error again that is not about what was written: deadlocks and other conflicts of transactions, locks,
   resources, shutdowns, broken files.';

create function ownership_private.refused_cell(
  p ownership_private.policies, t ownership_private.protected_tables, row_key text, reason text
)
returns ownership_private.written_cell
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  stands jsonb;
begin
  select l.value into stands from ownership_private.live_value(t.tbl, t.identity_key, row_key, p.col) l;
  return row(t.tbl, p.col, row_key, 'conflict', stands, stands, format('the table refuses it: %s', reason))
    ::ownership_private.written_cell;
end
$$;
comment on function ownership_private.refused_cell is
  'What is told of a cell that a constraint or a trigger of the table keeps from being written.';

create function ownership_private.recorded_keys(policy integer, claims ownership_private.exported_claim[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select c.key from unnest(claims) c where c.policy = recorded_keys.policy
    union
    select c.key from ownership_private.claims c where c.policy_id = policy and claims is null
    union
    select e.key from ownership_private.entries(policy) e where claims is null
    order by 1
  )
$$;
comment on function ownership_private.recorded_keys is
  'The rows of which restore knows something; or import, where it is given claims.';

create function ownership_private.write_cells(
  p ownership_private.policies, t ownership_private.protected_tables, statement text, keys text[], to_mark bigint,
  undo_mark bigint, undone text[], undone_until timestamptz, claims ownership_private.exported_claim[]
)
returns ownership_private.written_cell[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  me name := (select w.writer from ownership_private.current_writer() w);
  cells ownership_private.written_cell[];
  half integer;
begin
  begin
    if undo_mark is not null then
      perform ownership_private.begin_engine_write(p.id);
    end if;
    execute statement into cells using to_mark, undo_mark, me, keys, undone, undone_until, claims;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    if undo_mark is not null then
      perform ownership_private.end_engine_write(p.id);
    end if;
    return coalesce(cells, '{}');
  exception when others then
    perform ownership_private.raise_again(sqlstate, sqlerrm);
    if cardinality(keys) = 1 then
      return array[ownership_private.refused_cell(p, t, keys[1], sqlerrm)];
    elsif cardinality(keys) = 0 then
      raise;
    end if;
  end;
  -- One cell that the table or the column's type refuses must not keep the others from being written, or told: halves
  -- are, until it is alone.
  keys := coalesce(keys, ownership_private.recorded_keys(p.id, claims));
  half := cardinality(keys) / 2;
  return ownership_private.write_cells(
      p, t, statement, keys[:half], to_mark, undo_mark, undone, undone_until, claims)
    || ownership_private.write_cells(
      p, t, statement, keys[half + 1:], to_mark, undo_mark, undone, undone_until, claims);
end
$$;
comment on function ownership_private.write_cells is
  'Executes the statement of restore_sql or import_sql for some keys (NULL: all), and returns what it did with each
   cell. One that cannot be written, or not even be read in the column''s type, is a conflict. undo_mark is NULL in a
   dry run.';
