-- A column's default is nobody's statement, and observe changes nothing, in rows that come back either.
begin;
set local search_path = public, extensions;
select plan(6);

create table desks (
  external_id text primary key, place text default 'hall', seats integer default 0, made date default current_date
);
select ownership.protect('desks', col, source => 'gazelle_sync') from unnest('{place,seats,made}'::name[]) col;
grant select, insert, update, delete on desks to gazelle_sync;
insert into desks (external_id, seats) values ('d1', 4), ('d2', 0);
select is((select array_agg(format('%s of %s', col, key)) from ownership.claims where tbl = 'desks'::regclass and col <> 'made'),
  array['seats of d1'], 'a person''s insert claims what it says, and no default');
set local role gazelle_sync;
update desks set place = 'studio', seats = 2;
reset role;
select results_eq('select external_id, place, seats from desks order by 1', $$ values ('d1', 'studio', 4), ('d2', 'studio', 2) $$,
  'so the source fills the rest');
update desks set place = 'hall' where external_id = 'd2';
select is((select count(*) from ownership.claims where key = 'd2' and col = 'place'), 1::bigint, 'a default that is written into a row is said');
delete from desks where external_id = 'd1';
insert into desks (external_id) values ('d1');
select is((select seats from desks where external_id = 'd1'), 4, 'a default is no new value of a row that comes back');

create table watched (external_id text primary key, place text, tags text[]);
select ownership.protect('watched', col, on_conflict => 'observe', source => 'gazelle_sync') from unnest('{place,tags}'::name[]) col;
grant select, insert, update, delete on watched to gazelle_sync;
insert into watched values ('w1', 'studio', '{mine}');
set local role gazelle_sync;
delete from watched;
insert into watched values ('w1', 'of the source', '{theirs}');
reset role;
select results_eq('table watched', $$ values ('w1', 'of the source', '{theirs}'::text[]) $$, 'what is observed is not changed');
select is((select array_agg(format('%s: %s', col, kept) order by col) from ownership.blocked_writes where tbl = 'watched'::regclass),
  array['place: "studio"', 'tags: ["mine", "theirs"]'], 'what would have stood there is told');

select * from finish();
rollback;
