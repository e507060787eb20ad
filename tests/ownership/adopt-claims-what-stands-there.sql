-- What stands in a column the day it is protected becomes a writer's, cell by cell, with its entry in the history.
begin;
set local search_path = public, extensions;
select plan(7);

create table lamps (external_id text primary key, place text, tags text[]);
insert into lamps
values ('l2', 'Salle B', '{oak, OAK ,Mine}'), ('l1', 'Salle A', '{}'), ('l3', '  ', null), ('l4', null, '{""}');
select ownership.protect('lamps', col) from unnest('{place,tags}'::name[]) col;
grant all on lamps to manual_editor, gazelle_sync;
set local role manual_editor;
update lamps set place = 'Studio 4' where external_id = 'l1';
reset role;
create temporary table mark as select coalesce(max(id), 0) as id from ownership.history;

set local "request.jwt.claims" = '{"sub": "user-1"}';
set local ownership.run = 'install 7';
select is(ownership.adopt('lamps', 'place', 'pls_detector'), 1::bigint, 'cells without an owner that are not blank');
select is(ownership.adopt('lamps', 'tags'), 2::bigint, 'each element of a set once');

select results_eq(
  $$select col, key collate "default", element collate "default", writer, rank, value
    from ownership.claims where tbl = 'lamps'::regclass order by col, key, element$$,
  $$values ('place'::name, 'l1', '', 'manual_editor'::name, 100, '"Studio 4"'::jsonb),
    ('place', 'l2', '', 'pls_detector', 50, '"Salle B"'), ('tags', 'l2', 'mine', 'postgres', 100, '"Mine"'),
    ('tags', 'l2', 'oak', 'postgres', 100, '"oak"')$$, 'as it was written first; what had an owner keeps him');
select results_eq(
  $$select col, key collate "default", element collate "default", event, writer, role, sub, run, old_value
    from ownership.history where id > (select id from mark) order by id$$,
  $$values ('place'::name, 'l2', '', 'adopted', 'pls_detector'::name, 'postgres'::name, 'user-1', 'install 7', null::jsonb),
    ('tags', 'l2', 'mine', 'adopted', 'postgres', 'postgres', 'user-1', 'install 7', null),
    ('tags', 'l2', 'oak', 'adopted', 'postgres', 'postgres', 'user-1', 'install 7', null)$$, 'the history has each');
select results_eq($$select key collate "default", source, base from ownership.bases where tbl = 'lamps'::regclass$$,
  $$values ('l2', 'gazelle_sync'::name, '{}'::text[])$$, 'no source brought the set');

select is(ownership.adopt('lamps', 'place') + ownership.adopt('lamps', 'tags'), 0::bigint, 'once is enough');
set local role gazelle_sync;
update lamps set place = null, tags = '{}';
update lamps set tags = '{elm}';
reset role;
select results_eq('select external_id, place, tags from lamps where external_id < ''l3'' order by 1',
  $$values ('l1', 'Studio 4', '{elm}'::text[]), ('l2', 'Salle B', '{oak,Mine,elm}')$$, 'and a source takes none of it');

select * from finish();
rollback;
