-- Bringing back: what protect does last for a table that took the place of a protected one.

create function ownership_private.bring_back_column(
  p ownership_private.policies, t ownership_private.protected_tables, undo_mark bigint
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  claims ownership_private.exported_claim[] := array(
    select row('', c.policy_id, c.key, c.element, c.removed, c.writer, c.rank, c.value, c.since)
      ::ownership_private.exported_claim
    from ownership_private.claims c
    where c.policy_id = p.id
  );
  brought bigint := 0;
  cell ownership_private.written_cell;
begin
  foreach cell in array ownership_private.write_cells(
    p, t, ownership_private.import_sql(p, t, false), null, null, undo_mark, null, null, claims)
  loop
    if cell.action = 'imported' then
      brought := brought + 1;
    elsif cell.action = 'conflict' then
      raise warning 'the owned %.% of % could not come back: %', t.name, quote_ident(p.col), cell.key, cell.detail
        using hint = 'The claim stands; ownership.verify shows it.';
    end if;
  end loop;
  return brought;
end
$$;
comment on function ownership_private.bring_back_column is
  'Puts the claimed values of a column into a table that took the place of another, and returns how many.';

create function ownership_private.bring_back(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  undo_mark bigint := ownership.mark(format('before values came back into %s', t.name));
  brought bigint := (
    select sum(ownership_private.bring_back_column(p, t, undo_mark))
    from ownership_private.policies_on(t) p
    join ownership.modes() m on m.mode = p.mode
    where m.leaves_claims and p.on_conflict <> 'observe'
  );
begin
  raise notice '% owned values came back into %; undone by restoring to mark %', coalesce(brought, 0), t.name, undo_mark;
end
$$;
comment on function ownership_private.bring_back is
  'Puts claimed values into a table that took the place of another, as into rows that come back. Recorded and undone
   like a restore.';
