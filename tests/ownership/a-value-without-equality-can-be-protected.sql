-- Not every type has an equality. A column of such a type is guarded, comes back, is verified, restored, released and
-- exported like any other.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(15);

create type place as (room text, at point);
create type form as (name text, fields json);
create domain where_it_is as point;
create table things (
  external_id text primary key, spots point[], spot point, place place, form form, forms form[], note json, page xml,
  other text
);
create table at_domains (
  external_id text primary key, here where_it_is, shape polygon, line line, path path, range box
);
grant all on things, at_domains to gazelle_sync;
select ownership.protect('things', col, 'claim') from unnest('{spots,spot,place,form,forms,note,page}'::name[]) col;
select ownership.protect('at_domains', col, 'claim') from unnest('{here,shape,line,path,range}'::name[]) col;

set local role gazelle_sync;
insert into things (external_id) values ('ins_1');
insert into at_domains (external_id) values ('ins_1');
reset role;
select lives_ok($$
  update things set spots = '{"(1,2)"}', spot = '(1,2)', place = row('A', '(1,2)'), form = row('a', '{"b":  1}'),
    forms = array[row('a', '{"b":  1}')::form], note = '{"b":  1}', page = '<a/>'$$, 'a person writes them');
select lives_ok($$
  update at_domains set here = '(1,2)', shape = '((0,0),(1,1))', line = '{1,2,3}', path = '[(0,0),(1,1)]',
    range = '(1,1),(0,0)'$$, 'and those of geometry');
create temporary table as_written as select * from things;
create temporary table drawn as select * from at_domains;

set local role gazelle_sync;
update things set other = 'from Gazelle';
update things set spots = '{"(1,3)"}', spot = '(1,3)', place = row('A', '(1,3)'), form = row('a', '{"b": 2}'),
  forms = '{}', note = '{}', page = '<b/>';
update at_domains set here = '(1,3)', shape = null, line = '{1,2,4}', path = null, range = '(1,2),(0,0)';
reset role;
select is((t.spots, t.spot, t.place, t.form, t.forms, t.note, t.page)::text,
  (select (w.spots, w.spot, w.place, w.form, w.forms, w.note, w.page)::text from as_written w),
  'what is sent is kept out') from things t;
select is(t::text, (select w::text from drawn w), 'also of geometry') from at_domains t;
select is(count(*), 12::bigint, 'and each is on offer') from ownership.claims c
  where c.tbl in ('things'::regclass, 'at_domains'::regclass) and c.offered_at is not null;
select is(count(*), 0::bigint, 'verify finds nothing lost') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass);

set local role gazelle_sync;
delete from things;
delete from at_domains;
insert into things (external_id, spot) values ('ins_1', '(1,3)');
insert into at_domains (external_id, here) values ('ins_1', '(1,3)');
reset role;
select is(count(*), 0::bigint, 'all came back') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass);
select is(t.spots::text, '{"(1,2)"}', 'as it was') from things t;

create temporary table marked as select ownership.mark('before the loss') as mark, ownership.export() as document;
alter table things disable trigger all;
alter table at_domains disable trigger all;
update things set spots = null, spot = null, place = null, form = null, forms = null, note = null, page = null;
update at_domains set here = null, shape = null, line = null, path = null, range = null;
alter table things enable trigger all;
alter table at_domains enable trigger all;
select is(count(*), 12::bigint, 'verify finds each loss') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass) and v.problem = 'value differs';
select is(count(*), 7::bigint, 'restore brings them back')
from ownership.restore((select mark from marked), 'things', dry_run => false);
select is(count(*), 5::bigint, 'import does') from ownership.import((select document from marked), false) i
  where i.table_name = 'at_domains'::regclass;
select is(count(*), 0::bigint, 'nothing is lost') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass);
select is(e.value, '["(1,2)"]', 'explain shows it') from ownership.explain('things', 'ins_1', 'spots') e;
select is(ownership.release('things', 'ins_1', 'spots'), '["(1,3)"]', 'and what was offered lands with a release');
select is(t.spots::text, '{"(1,3)"}', 'in its type') from things t;

select * from finish();
rollback;
