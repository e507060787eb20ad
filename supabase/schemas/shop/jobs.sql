-- Jobs of the schedule beside those of the streams: detection and verification.

create function shop.watch_verification()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wrong record;
begin
  perform sync.check_access();
  select count(*)::integer as checks, string_agg(v.name, ', ' order by v.name) as names,
    string_agg(format('%s: expected %s, found %s %s', v.name, v.expected, v.found, v.examples), E'\n' order by v.name)
      as details
  into wrong
  from shop.verify() v
  where not v.ok;

  if wrong.checks = 0 then
    perform sync.resolve_job_alert('verify', 'verification_failed');
    return null;
  end if;
  -- When the findings change, the alert is closed and raised again, so that people are told.
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where a.kind = 'verification_failed' and a.resolved_at is null and a.details is distinct from wrong.details;
  perform sync.raise_job_alert('verify', 'verification_failed', 'the shop is not as expected: ' || wrong.names,
    wrong.details, 'select * from shop.verify(); docs/operations.md says what to do.');
  return null;
end;
$$;
comment on function shop.watch_verification() is
  'The job verify: raises an alert about what shop.verify finds, and has each source check its credentials.';
revoke execute on function shop.watch_verification from public, anon, authenticated, service_role;

select sync.register_job('detect-pls', 'read new service notes, and set the badges they prove', '40 * * * *',
  edge_function => 'detect-pls');
select sync.register_job('verify', 'check what the shop should have against what it has', '30 6 * * *',
  work => 'shop.watch_verification()');
