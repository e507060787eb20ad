-- What nobody has to have written is the default of today: a column whose default or NOT NULL changes is followed.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(10);

create type spot as (hall text);
create table places (
  external_id text primary key, place text default 'Studio 1', room text, floor integer default 5, spot spot
);
grant all on places to gazelle_sync;
select ownership.protect('places', col) from unnest('{place,room,floor,spot}'::name[]) col;
alter table places alter place set default 'Studio 2', alter room set default 'none', alter floor drop default;

insert into places values ('says the old one', 'Studio 1', 'none', 5);
insert into places (external_id) values ('says nothing');
set local role gazelle_sync;
update places set place = 'from source', room = 'from source', floor = 9;
reset role;
select is((place, room, floor)::text, '("Studio 1","from source",5)', 'what is not the default any more is a value by hand')
  from places where external_id = 'says the old one';
select is((place, room, floor)::text, '("from source","from source",9)', 'what is the default today is nobody''s')
  from places where external_id = 'says nothing';

update places set room = 'by hand';
alter table places alter room set not null;
set local role gazelle_sync;
insert into places (external_id, room) values ('says nothing', null) on conflict (external_id) do update set room = excluded.room;
reset role;
select is(room, 'by hand', 'a NULL into a column that refuses it now is kept out, and fails no statement')
  from places where external_id = 'says nothing';
alter table places alter room drop not null;
select is_empty($$select from pg_trigger where tgrelid = 'places'::regclass and tgname = '~~ownership_fill'$$,
  'and where it takes NULL again, nothing is replaced');

alter type spot add attribute more json;
update places set spot = ('Salle A', '{"a": "\u0000"}') where external_id = 'says nothing';
set local role gazelle_sync;
update places set spot = null;
reset role;
select is(spot::text, '("Salle A","{""a"": ""\\u0000""}")', 'an attribute that came is recorded as its type asks for')
  from places where external_id = 'says nothing';

alter event trigger ownership_watch_commands disable;
alter table places alter place set default 'Studio 3';
select is(array(select tbl::text from ownership_private.changed_tables()), '{places}', 'without event triggers the change is known');
select ownership.repair();
select is_empty('select from ownership_private.changed_tables()', 'and repair follows it');
alter table places add floors integer default 1;
select is_empty('select from ownership_private.changed_tables()', 'a column that is not protected changes no guard');
select is_empty($$select * from ownership.health() where problem ~ '^(function|trigger) changed'$$, 'and its guards are those that it needs');
insert into places (external_id) values ('later');
select is_empty($$select from ownership.claims where key = 'later'$$, 'the default of now is nobody''s value');

select * from finish();
rollback;
