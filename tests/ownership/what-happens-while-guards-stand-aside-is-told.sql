-- While guards stand aside nothing is kept out. Who writes then is told, and its value never becomes the claimed one; a
-- table that is dropped meanwhile keeps its claims under its name.
begin;
set local search_path = public, extensions;
select plan(12);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create table trips (external_id text primary key, price numeric, note text, tags text[]);
grant select, insert, update, delete on trips to gazelle_sync, manual_editor;
select ownership.protect('trips', col, source => 'gazelle_sync') from unnest('{price,note,tags}'::name[]) col;
insert into trips values ('t1', 12, 'by hand', '{vip}');
create function pg_temp.aside(role text, change text) returns text language plpgsql as $$
begin
  set constraints all deferred;
  perform ownership.step_aside('trips');
  execute format('set local role %I', role);
  execute change;
  reset role;
  alter table trips alter price type numeric;
  set constraints all immediate;
  return (select string_agg(object, '; ' order by id) from ownership.alarms where problem = 'written unguarded');
end
$$;
create function pg_temp.lost() returns text language sql as $$
  select string_agg(concat_ws(' ', col, problem), ', ' order by col) from ownership.verify()
$$;

select is(pg_temp.aside('manual_editor', $$update trips set note = note$$), null, 'a person''s write is no alarm');
select is(pg_temp.lost(), null, 'and nothing is lost');
select is(pg_temp.aside('gazelle_sync', $$select 1$$), null, 'nor is a program that reads');
select is(pg_temp.aside('gazelle_sync', $$update trips set note = 'from source', tags = '{}'$$), 'public.trips by gazelle_sync', 'a program that writes is');
select is(pg_temp.lost(), 'note value differs, tags element is missing', 'and verify tells the rest');
select is_empty('select * from ownership.health()', 'the guards are back');
select is((select count(*) from pg_trigger where tgname = '~~ownership_aside'), 0::bigint, 'and nothing watches any more');
update trips set note = 'by hand', tags = '{vip}';

set constraints all deferred;
select ownership.step_aside('trips');
alter table trips alter price type integer using price * 10;
set local role gazelle_sync;
insert into trips values ('t2', 1, 'new', '{}');
update trips set price = 1;
reset role;
set constraints all immediate;
select is((select value from ownership.claims where col = 'price'), '12', 'what a program wrote is not taken for the claimed value in its new type');
select is(pg_temp.lost(), 'price value differs', 'and verify finds that it was overwritten');

set constraints all deferred;
select ownership.step_aside('trips');
drop table trips;
set constraints all immediate;
select is((select string_agg(concat_ws(' ', problem, object), ', ') from ownership.health()), 'table gone public.trips', 'a table that is dropped meanwhile is told');
select is((select count(*) from ownership_private.claims), 3::bigint, 'and claims wait under its name');
create table trips (external_id text primary key, price integer, note text, tags text[]);
insert into trips values ('t1', 2, 'anew', '{}');
select ownership.protect('trips', 'note');
select is((select t::text from trips t), '(t1,12,"by hand",{vip})', 'for a table that takes it');

select * from finish();
rollback;
