-- An edit counts from when it was made, not from when its transaction began; and by the rank that its writer had then.
begin;
set local search_path = public, extensions;
select plan(4);

create table desks (external_id text primary key, place text);
select ownership.protect('desks', 'place', source => 'gazelle_sync');
insert into desks values ('d1', 'early'), ('d2', 'early'), ('d3', 'early');
select ok((select min(since) > now() from ownership.claims), 'a claim counts from the edit, however long ago its transaction began');
select set_config('tests.document', ownership.export()::text, true);
update desks set place = 'late in a long transaction' where external_id = 'd1';
select results_eq($$ select key, action from ownership.import(current_setting('tests.document')::jsonb, false) $$,
  $$ values ('d1', 'conflict') $$, 'an export made in the meantime does not overwrite it');

create role a_clerk;
grant select, update on desks to a_clerk;
select ownership.register_writer('a_clerk', 100);
select set_config('tests.before', ownership.mark('before the clerk')::text, true);
set local role a_clerk;
update desks set place = 'by the clerk' where external_id = 'd2';
reset role;
select ownership.register_writer('a_clerk', 10);
select results_eq($$ select key, action from ownership.restore(current_setting('tests.before')::bigint) $$,
  $$ values ('d2', 'conflict') $$,
  'a person who is none any more was one then');

set local role a_clerk;
update desks set place = 'by a program' where external_id = 'd3';
reset role;
select is((select place from desks where external_id = 'd3'), 'early', 'a program is kept out');

select * from finish();
rollback;
