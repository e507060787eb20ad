-- Who may run the sync: the service role calls public.sync_*, which begin as sync_worker. What its functions may call
-- is granted here; what comes after this file (the schedule) is for the owner alone.

revoke execute on all functions in schema sync from public, anon, authenticated, service_role;
grant execute on all functions in schema sync to sync_worker;
revoke execute on function
  sync.secret, sync.keep_secret, sync.register_source, sync.register_stream, sync.add_check, sync.watch_reference,
  sync.set_access_alert
from sync_worker;

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
