-- The version of the database, so that edge functions and a command line that are older than it can refuse to work.

create function sync.schema_version()
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select 1
$$;
comment on function sync.schema_version() is
  'Goes up by one with each change that needs newer edge functions or a newer command line than the one before.';

create function public.etiquette_version()
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.schema_version()
$$;
comment on function public.etiquette_version() is
  'The version of the database. Whoever was made for a lower one must not work with it.';

revoke execute on function public.etiquette_version from public, anon, authenticated;
grant execute on function public.etiquette_version to service_role;
