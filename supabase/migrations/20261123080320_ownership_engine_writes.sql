-- Writes of the engine's own: bringing values back, releasing a cell. The guard of the table lets them through.

create function ownership_private.engine_at_work(tbl oid)
returns boolean
language plpgsql
set search_path = ''
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
set search_path = ''
as $$
  insert into ownership_private.engine_writes (tbl) values (begin_engine_write.tbl) on conflict do nothing;
  select set_config('ownership.engine', 'on', true);
$$;
comment on function ownership_private.begin_engine_write is
  'From here to end_engine_write the guard of this table lets everything through.';

create function ownership_private.end_engine_write(tbl oid)
returns void
language sql
set search_path = ''
as $$
  delete from ownership_private.engine_writes e
  where e.xid = pg_current_xact_id_if_assigned() and e.tbl = end_engine_write.tbl;
  select set_config('ownership.engine', '', true);
$$;
comment on function ownership_private.end_engine_write is 'The guard is back at work.';
