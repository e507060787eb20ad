-- Who may detect, read evidence, and write rules; and that nobody gets at anything else.
begin;
set local search_path = public, extensions;
select plan(8);

create function pg_temp.who_may(privilege text, relation regclass) returns text language sql as $$
  select string_agg(r, ', ' order by r)
  from unnest('{anon,authenticated,service_role,manual_editor,pls_detector,gazelle_sync}'::name[]) r
  where has_table_privilege(r, relation, privilege)
$$;
create function pg_temp.who_may_call(entry regprocedure) returns text language sql as $$
  select string_agg(r, ', ' order by r)
  from unnest('{anon,authenticated,service_role,manual_editor,gazelle_sync}'::name[]) r
  where has_function_privilege(r, entry, 'execute')
$$;

select is(pg_temp.who_may('insert', 'pls_rules'), 'manual_editor', 'operators write rules');
select is(pg_temp.who_may('select', 'pls_rules'), 'authenticated, manual_editor, pls_detector, service_role', 'and people and programs read them');
select is(pg_temp.who_may('insert', 'pls_evidence'), 'pls_detector', 'the detector writes evidence');
select is(pg_temp.who_may('select', 'pls_evidence'), 'authenticated, manual_editor, pls_detector, service_role',
  'and people and programs read it');
select is(pg_temp.who_may_call('detect_pls(boolean, boolean, integer)'), 'manual_editor, service_role', 'operators and programs start a pass');
select is(pg_temp.who_may_call('pls_explain(text)'), 'authenticated, manual_editor, service_role', 'people ask why');
select is_empty(
  $$ select p.oid::regprocedure, r from pg_proc p, unnest('{anon,authenticated,service_role,gazelle_sync}'::name[]) r
     where p.pronamespace = 'pls'::regnamespace and has_function_privilege(r, p.oid, 'execute') $$,
  'nobody else calls the helpers');
select is_empty(
  $$ select c.oid::regclass from pg_class c
     where c.relkind = 'r' and not c.relrowsecurity
       and (c.relnamespace = 'pls'::regnamespace or c.oid in ('pls_rules'::regclass, 'pls_evidence'::regclass)) $$,
  'row level security is on everywhere');

select * from finish();
rollback;
