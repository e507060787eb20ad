-- A session keeps its plans: one made while nobody owns anything must not read every claim once there are many.
begin;
set local search_path = public, extensions;
select plan(5);

create table lamps (external_id text primary key, place text, notes text, tags text[]);
select ownership.protect('lamps', col) from unnest('{place,notes,tags}'::name[]) col;
grant all on lamps to gazelle_sync, pls_detector, manual_editor;
set local role gazelle_sync;
insert into lamps select 'l' || n, 'Salle A', 'Feutres usés', '{oak}' from generate_series(1, 20) n;
reset role;
-- From here the planner knows them as empty, and not as tables of some size that nobody looked at yet.
analyze ownership_private.claims, ownership_private.bases;
create temporary table read_one_by_one as
select 'before' as at, sum(seq_tup_read) as rows from pg_stat_xact_user_tables where relname in ('claims', 'bases');

set local role pls_detector;
update lamps set place = 'Studio ' || external_id;
insert into lamps values ('m0', 'Salle B', null, '{}');
insert into lamps select 'm' || n, 'Salle B', null, '{}' from generate_series(1, 20) n;
set local role manual_editor;
update lamps set notes = external_id, place = 'Studio 4' where external_id like 'l%';
update lamps set tags = tags || '{mine}' where external_id like 'l%';
set local role gazelle_sync;
update lamps set tags = '{oak,elm}', notes = null where external_id like 'l%';
reset role;
insert into read_one_by_one
select 'after', sum(seq_tup_read) from pg_stat_xact_user_tables where relname in ('claims', 'bases');

select results_eq('select col, writer, count(*) from ownership.claims where tbl = ''lamps''::regclass group by 1, 2 order by 1, 2',
  $$values ('notes'::name, 'manual_editor'::name, 20::bigint), ('place', 'manual_editor', 20), ('place', 'pls_detector', 21),
    ('tags', 'manual_editor', 20)$$, 'all is claimed');
select results_eq(
  $$select col, writer, count(*) from ownership.history where tbl = 'public.lamps' group by 1, 2 order by 1, 2$$,
  $$values ('notes'::name, 'manual_editor'::name, 20::bigint), ('place', 'manual_editor', 20), ('place', 'pls_detector', 41),
    ('tags', 'manual_editor', 20)$$, 'and each claim is in the history');
select results_eq('select place, notes, tags from lamps where external_id in (''l7'', ''m7'') order by external_id',
  $$values ('Studio 4', 'l7', '{oak,mine,elm}'::text[]), ('Salle B', null, '{}')$$, 'the values are those of their owners');
select is((select count(*) from ownership.blocked_writes where kept = '"l7"'), 1::bigint, 'and what the source offered is kept');
select results_eq('select distinct rows from read_one_by_one', $$values (0::numeric)$$,
  'no claim and no base was read but by its key');

select * from finish();
rollback;
