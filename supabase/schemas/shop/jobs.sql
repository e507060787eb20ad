-- Jobs of the schedule beside those of the streams: detection and verification.

create function shop.watch_verification()
returns text
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select sync.attempt('sync.tell_findings(''deep'')')
$$;
comment on function shop.watch_verification() is 'The job verify: takes the deep looks too, and raises alerts.';
revoke execute on function shop.watch_verification from public, anon, authenticated, service_role;

select sync.register_job('detect-pls', 'read new service notes, and set the badges they prove', '40 * * * *',
  edge_function => 'detect-pls');
select sync.register_job('verify', 'check what the shop should have against what it has', '30 6 * * *',
  work => 'shop.watch_verification()');
