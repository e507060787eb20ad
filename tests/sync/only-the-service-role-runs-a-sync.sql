-- Who may run the sync: the service role through public.sync_*, which begin as sync_worker.
begin;
set local search_path = public, extensions;
select plan(14);

create temporary table contract on commit drop as
select p.oid::regprocedure as entry, p.prosecdef, p.proconfig
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proname like 'sync\_%';

select cmp_ok((select count(*)::integer from contract), '>=', 13, 'the contract is found');
select is_empty(
  $$ select entry from contract where has_function_privilege('anon', entry, 'execute')
      or has_function_privilege('authenticated', entry, 'execute') $$,
  'visitors and people may call none of them');
select is_empty(
  $$ select entry from contract where not has_function_privilege('service_role', entry, 'execute') $$,
  'the service role may call all of them');
select is_empty(
  $$ select entry from contract
     where prosecdef or not (proconfig @> '{"search_path=pg_catalog, pg_temp"}'
       and proconfig && '{role=sync_worker,role=gazelle_sync}') $$,
  'each of them works as a role of the sync, with the caller''s rights dropped');
select is_empty(
  $$ select entry from contract
     where (entry::text ~ '^sync_(connect|use_api_key|token_status|[a-z]+_(token|authorization))\(')
       <> (proconfig @> '{role=gazelle_sync}') $$,
  'and as sync_worker, but for what Gazelle''s token needs');
select is_empty(
  $$ select p.oid::regprocedure from pg_proc p
     where p.proname in ('secret', 'keep_secret', 'token_status', 'claim_token', 'register_source', 'schedule', 'tick')
       and p.pronamespace in ('sync'::regnamespace, 'gazelle'::regnamespace)
       and has_function_privilege('sync_worker', p.oid, 'execute') $$,
  'sync_worker reads no secret, and registers and schedules nothing');
select is_empty(
  $$ select p.oid::regprocedure, r.rolname
     from pg_proc p, pg_roles r
     where p.pronamespace = 'sync'::regnamespace and r.rolname in ('anon', 'authenticated', 'service_role')
       and has_function_privilege(r.oid, p.oid, 'execute') $$,
  'nobody else may call the helpers');
select is_empty(
  $$ select c.oid::regclass, r.rolname
     from pg_class c, pg_roles r
     where c.relnamespace = 'sync'::regnamespace and c.relkind in ('r', 'p')
       and r.rolname in ('anon', 'authenticated', 'service_role')
       and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate') $$,
  'nobody else touches its tables');
select ok(not has_schema_privilege('service_role', 'sync', 'usage'), 'the service role sees not its schema');

select is_empty(
  $$ select c.oid::regclass from pg_class c
     where c.oid in (select s.target from sync.streams s) and not c.relrowsecurity $$,
  'row level security is on for Gazelle''s tables');
select is_empty(
  $$ select c.oid::regclass, r.rolname from pg_class c, pg_roles r
     where c.oid in (select s.target from sync.streams s)
       and r.rolname in ('anon', 'authenticated')
       and (has_any_column_privilege(r.oid, c.oid, 'insert')
         or r.rolname = 'anon' and has_any_column_privilege(r.oid, c.oid, 'select, update')) $$,
  'visitors have no way into them through the API, and people insert nothing');

select is_empty(
  $$ select c.oid::regclass, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.oid in (select s.target from sync.streams s)
       and a.attname in ('id', 'external_id')
       and has_column_privilege('gazelle_sync', c.oid, a.attnum, 'update') $$,
  'the sync may not name our own key, nor rename a record');
select is_empty(
  $$ select s.target from sync.streams s where has_table_privilege('gazelle_sync', s.target, 'delete, truncate') $$,
  'the sync may not delete');
select is(
  (select array_agg(a.attname order by a.attname) from pg_attribute a
   where a.attrelid = 'gazelle_pianos'::regclass and a.attnum > 0
     and has_column_privilege('pls_detector', a.attrelid, a.attnum, 'update')),
  '{dampp_chaser_humidistat_model,dampp_chaser_installed,dampp_chaser_mfg_date}'::name[],
  'PLS detection may write what tells of a PLS, and nothing else');

select * from finish();
rollback;
