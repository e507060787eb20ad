-- Bringing back: what protect does last for a table that took the place of a protected one.

create function ownership_private.bring_back_column(
  p ownership_private.policies, t ownership_private.protected_tables, undo_mark bigint
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  me name := (select w.writer from ownership_private.current_writer() w);
  statement text := ownership_private.import_sql(p, t, dry_run => false);
  claims ownership_private.exported_claim[] := array(
    select row('', c.policy_id, c.key, c.element, c.removed, c.writer, c.rank, c.value, c.since)
      ::ownership_private.exported_claim
    from ownership_private.claims c
    where c.policy_id = p.id
  );
  brought bigint := 0;
  done record;
  one text;
begin
  perform ownership_private.begin_engine_write(t.tbl);
  begin
    for done in execute statement using claims, undo_mark, me loop
      brought := brought + (done.action = 'imported')::integer;
    end loop;
  exception when others then
    -- One value that does not fit into the new table must not keep the others from coming back.
    brought := 0;
    for one in select distinct c.key from unnest(claims) c loop
      begin
        for done in execute statement using array(select c from unnest(claims) c where c.key = one), undo_mark, me loop
          brought := brought + (done.action = 'imported')::integer;
        end loop;
      exception when others then
        raise warning 'the owned %.% of % could not come back: %', t.name, quote_ident(p.col), one, sqlerrm
          using hint = 'The claim stands; ownership.verify shows it.';
      end;
    end loop;
  end;
  perform ownership_private.end_engine_write(t.tbl);
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
    where m.leaves_claims
  );
begin
  raise notice '% owned values came back into %; undone by restoring to mark %', coalesce(brought, 0), t.name, undo_mark;
end
$$;
comment on function ownership_private.bring_back is
  'Puts claimed values into a table that took the place of another, as into rows that come back. Recorded and undone
   like a restore.';
