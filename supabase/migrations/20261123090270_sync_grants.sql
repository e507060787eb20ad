-- Who may run the sync: the service role calls public.sync_*, which work as gazelle_sync.

revoke execute on all functions in schema sync from public;
grant execute on all functions in schema sync to gazelle_sync;
revoke execute on function sync.register_stream(text, regclass) from gazelle_sync;

do $$
declare
  entry regprocedure;
begin
  for entry in
    select p.oid::regprocedure
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname like 'sync\_%'
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', entry);
    execute format('grant execute on function %s to service_role', entry);
  end loop;
end $$;
