-- A partition that is made or attached is guarded like the others; one that was detached claims no more for the table.
begin;
set local search_path = public, extensions;
select plan(15);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create table berths (id integer primary key, place text, tags text[]) partition by range (id);
create table berths_1 partition of berths for values from (1) to (100);
select ownership.protect('berths', c) from unnest('{place,tags}'::name[]) c;
create function pg_temp.sound() returns text language sql as $$
  select coalesce((select string_agg(distinct problem, ', ') from ownership.health()), 'sound')
$$;
create function pg_temp.comes_back(part regclass, id integer) returns text language plpgsql as $$
declare
  stands text;
begin
  execute format('grant select, insert, update, delete on berths, %s to gazelle_sync, manual_editor', part);
  set local role manual_editor;
  execute format('insert into berths values (%s, %L, %L)', id, 'by hand', '{vip}');
  set local role gazelle_sync;
  execute format('delete from %s', part);
  execute format('insert into %s values (%s, %L, %L)', part, id, 'from source', '{}');
  reset role;
  execute format('select row(place, tags)::text from %s where id = %s', part, id) into stands;
  return stands;
end
$$;
create table berths_2 partition of berths for values from (100) to (200);
select is(pg_temp.comes_back('berths_2', 100), '("by hand",{vip})', 'a partition that was made later');
create table berths_3 (like berths);
alter table berths attach partition berths_3 for values from (200) to (300);
select is(pg_temp.comes_back('berths_3', 200), '("by hand",{vip})', 'one that was attached');
create table berths_4 (like berths) partition by range (id);
create table berths_4_1 partition of berths_4 for values from (300) to (350);
alter table berths attach partition berths_4 for values from (300) to (400);
select is(pg_temp.comes_back('berths_4_1', 300), '("by hand",{vip})', 'one below one');
select is(pg_temp.sound(), 'sound', 'health');

create temp table claims_before as select count(*) from ownership.claims;
alter table berths detach partition berths_2;
alter table berths detach partition berths_4;
insert into berths_2 values (150, 'of nobody', '{x}');
insert into berths_4_1 values (340, 'of nobody', '{x}');
select results_eq('select count(*) from ownership.claims', 'select * from claims_before', 'a detached one claims no more');
select is(pg_temp.sound(), 'sound', 'health');
select lives_ok($$select ownership.protect('berths', 'place')$$, 'protect');
select lives_ok($$select ownership.repair(), ownership.register_writer('gazelle_sync', 10)$$, 'repair and register_writer');
select lives_ok($$select ownership.protect('berths_2', 'place')$$, 'what left can be protected by itself');
select lives_ok('drop table berths_2', 'or dropped');

-- Where the platform allows no event triggers, health tells and repair mends.
alter event trigger ownership_watch_commands disable;
alter event trigger ownership_watch_drops disable;
alter table berths detach partition berths_3;
create table berths_5 partition of berths for values from (500) to (600);
select matches(pg_temp.sound(), 'trigger left.*trigger missing', 'both are named');
select ownership.repair('berths');
select is(pg_temp.comes_back('berths_5', 500), '("by hand",{vip})', 'the new one is guarded');
insert into berths_3 values (250, 'of nobody', '{x}');
select is((select count(*) from ownership.claims where key = '250'), 0::bigint, 'the one that left is not');
alter event trigger ownership_watch_commands enable always;
alter event trigger ownership_watch_drops enable always;
select is(pg_temp.sound(), 'table gone', 'nothing is left but the table that was dropped');
select ownership.unprotect(h.tbl::oid, 'place') from ownership_private.protected_tables h where h.name = 'public.berths_2';
select is(pg_temp.sound(), 'sound', 'until it is given up');

select * from finish();
rollback;
