-- What changes values or protection takes a person; what only looks may be called by a program.
begin;
set local search_path = public, extensions;
select plan(8);

select throws_ok($$set local role service_role; select * from ownership.restore(1)$$, '42501', 'permission denied for function restore',
  'a program cannot even call it');
select throws_ok($$set local ownership.writer = 'pls_detector'; select * from ownership.restore(1)$$, 'OW001',
  'restore needs rank 100, and pls_detector has rank 50', 'nor a person who acts as one');
select throws_ok($$set local ownership.writer = 'pls_detector'; select ownership.repair()$$, 'OW001',
  'repair needs rank 100, and pls_detector has rank 50', 'nor repair');

select is(has_function_privilege('service_role', 'ownership.repair(regclass)', 'execute'), false, 'no repair for programs');
select is(
  array(
    select p.proname::text from pg_proc p
    where p.pronamespace = 'ownership'::regnamespace and has_function_privilege('service_role', p.oid, 'execute')
      and p.proname in ('health', 'verify', 'diff', 'restore', 'repair', 'uninstall', 'protect')
    order by 1
  ),
  '{diff,health,verify}', 'a program may look');
select is_empty(
  $$select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
      and p.prorettype <> 'trigger'::regtype and p.proname <> 'whoami' and has_function_privilege('anon', p.oid, 'execute')$$,
  'a stranger may call nothing but whoami');

create function pg_temp.a_program_looks() returns bigint language sql set role = 'service_role' as $$
  select (select count(*) from ownership.health()) + (select count(*) from ownership.verify())
$$;
select is(pg_temp.a_program_looks(), 0::bigint, 'and sees that all is well');
create table elsewhere (external_id text primary key, note text);
select ownership.protect('elsewhere', 'note');
alter table elsewhere disable trigger "~~ownership_guard";
select is(pg_temp.a_program_looks(), 1::bigint, 'or that it is not');

select * from finish();
rollback;
