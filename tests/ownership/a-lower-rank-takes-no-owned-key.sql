-- A key under which a higher rank owns something, although the row is deleted, is given to no other row by a lower
-- rank; nor does it change a part of a key, or one that a foreign key changes along.
begin;
set local search_path = public, extensions;
select plan(10);

create table organs (external_id text primary key, serial text unique, notes text, tags text[], status text);
select ownership.protect('organs', c) from unnest('{notes,tags}'::name[]) c;
grant all on organs to gazelle_sync, manual_editor, service_role, anon, pls_detector;
set local role gazelle_sync;
insert into organs select k, 's' || k, 'from Gazelle', '{concert}', 'open' from unnest('{A,B,C,D,E,F}'::text[]) k;
set local role manual_editor;
update organs set notes = 'by hand' where external_id in ('A', 'B');
reset role;
create function pg_temp.organs() returns text language sql as $$
  select string_agg(format('%s=%s', external_id, coalesce(notes, '')), ' ' order by serial) from organs
$$;
select set_config('test.whole', 'A=by hand B=by hand C=from Gazelle D=from Gazelle E=from Gazelle F=from Gazelle', true);

set local role service_role;
delete from organs where external_id = 'B';
update organs set external_id = 'B' where external_id = 'E';
reset role;
select is((select count(*) from organs where external_id = 'B'), 0::bigint, 'the key of a row that was deleted is not taken');
set local role service_role;
insert into organs (external_id, serial) values ('dummy', 'sX');
update organs set external_id = 'B' where external_id = 'dummy';
reset role;
select is((select external_id from organs where serial = 'sX'), 'dummy', 'nor by a row made for it');
set local role service_role;
delete from organs where external_id = 'dummy';
insert into organs (external_id, serial, notes, tags) values ('B', 'sB', 'from Gazelle', '{concert}');
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'sent again, the row gets its values back');

-- Several columns, partitions.
create table parts (site text, id int, notes text, primary key (site, id)) partition by list (site);
create table parts_a partition of parts for values in ('a');
create table parts_b partition of parts for values in ('b');
select ownership.protect('parts', 'notes');
grant all on parts to service_role, manual_editor;
insert into parts values ('a', 1, 'by hand');
set local role service_role;
insert into parts values ('a', 2, 'from Gazelle');
update parts set id = 9 where id = 1;
reset role;
select is((select string_agg(format('%s%s=%s', site, id, notes), ' ' order by id) from parts),
  'a1=by hand a2=from Gazelle', 'one column of a key of several');
set local role service_role;
update parts set site = 'b';
reset role;
select is((select string_agg(format('%s%s=%s', site, id, notes), ' ' order by id) from parts),
  'a1=by hand b2=from Gazelle', 'a row that would change its partition');
select is((select col from ownership.blocked_writes where tbl = 'parts'::regclass limit 1), 'site, id',
  'the record names the key''s columns');

-- A foreign key that acts would be left dangling by a key that is kept.
create table makers (id text primary key);
create table labels (maker text primary key references makers on update cascade, notes text);
select ownership.protect('labels', 'notes');
grant all on makers, labels to service_role, manual_editor;
insert into makers values ('m1'), ('m2');
insert into labels values ('m1', 'by hand');
set local role service_role;
insert into labels values ('m2', 'by program');
update makers set id = 'm3' where id = 'm2';
reset role;
select is((select maker from labels where notes = 'by program'), 'm3', 'a cascade reaches a row that nobody owns anything in');
set local role service_role;
select throws_ok($$set local role service_role; update makers set id = 'm4' where id = 'm1'$$, 'PT409',
  'the key m1 of table public.labels cannot become m4: a writer ranked above service_role owns values under one of them',
  'it is refused where a person does');
select throws_ok($$set local role service_role; update labels set maker = 'm4' where maker = 'm1'$$, 'PT409', null, 'also without a cascade');
reset role;
update makers set id = 'm4' where id = 'm1';
select is((select maker from labels where notes = 'by hand'), 'm4', 'a person may');

select * from finish();
rollback;
