-- Functions and a command line that are older than the database learn its version before they work with it.
begin;
set local search_path = public, extensions;
select plan(4);

set local role service_role;
select is(public.etiquette_version(), 1, 'the command line may ask');
select is(sync_start_run('clients', 'test') ->> 'schema_version', '1', 'and a run is started with it');
reset role;
select is_empty(
  $$ select r.role from unnest('{anon,authenticated}'::name[]) r (role)
     where has_function_privilege(r.role, 'public.etiquette_version()', 'execute') $$,
  'visitors and people may not');

create or replace function sync.schema_version() returns integer language sql immutable as 'select 2';
set local role service_role;
select is(public.etiquette_version() || (sync_start_run('users', 'test') ->> 'schema_version'), '22',
  'both tell a newer one');
reset role;

select * from finish();
rollback;
