-- From supabase/schemas/sync/schedule.sql

-- This comes last, because the jobs need everything else. Nothing is put on schedule while something is missing: a cron
-- job that fails tells nobody.

-- Where the schemas cron and net exist, the platform has the extensions, or a stand-in for them.
do $$
begin
  if to_regnamespace('cron') is null then
    create extension pg_cron with schema pg_catalog;
  end if;
exception when others then
  raise notice 'pg_cron cannot be installed in this database, so nothing runs on schedule: %', sqlerrm;
end $$;

do $$
begin
  if to_regnamespace('net') is null then
    create extension pg_net with schema extensions;
  end if;
exception when others then
  raise notice 'pg_net cannot be installed in this database, so nothing runs on schedule: %', sqlerrm;
end $$;

do $$
begin
  if cardinality(sync.schedule_lacks()) > 0 then
    raise notice 'nothing runs on schedule yet, for this is missing: %. Then: select sync.schedule();',
      array_to_string(sync.schedule_lacks(), ', ');
  else
    perform sync.schedule();
  end if;
end $$;

-- From supabase/schemas/shop/doctor.sql

select shop.record_grants();
