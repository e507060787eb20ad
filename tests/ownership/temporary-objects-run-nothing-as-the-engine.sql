-- Whoever may use SQL may make temporary types, views and functions. A definer function whose search_path does not name
-- pg_temp looks there first, and what stands there runs with the rights of the function's owner.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(5);

create table pianos (external_id text primary key, location text, notes text, tags text[]);
select ownership.protect('pianos', col) from unnest('{location,notes,tags}'::name[]) col;
insert into pianos values ('ins_1', 'Studio 4', 'by hand', '{vip}');
create role stranger;
grant select, insert, update, delete on pianos to stranger;
create table told (who name, what text);
-- pgTAP's own functions have no search_path and fall into the traps too, so what was told is copied before they look.
grant insert on told to public;

create function pg_temp.trap(what pg_catalog.text) returns boolean language plpgsql as $$
begin
  if current_user <> 'stranger' then
    insert into public.told values (current_user, what);
  end if;
  return true;
end $$;
grant execute on function pg_temp.trap to public;
create domain pg_temp.name as pg_catalog.name check (pg_temp.trap('name'));
create domain pg_temp.jsonb as pg_catalog.jsonb check (pg_temp.trap('jsonb'));
create domain pg_temp.text as pg_catalog.text check (pg_temp.trap('text'));
create domain pg_temp.regclass as pg_catalog.regclass check (pg_temp.trap('regclass'));
create view pg_temp.pg_roles as select r.* from pg_catalog.pg_roles r where pg_temp.trap('pg_roles');
create view pg_temp.pg_class as select c.* from pg_catalog.pg_class c where pg_temp.trap('pg_class');
create view pg_temp.pg_inherits as select i.* from pg_catalog.pg_inherits i where pg_temp.trap('pg_inherits');
create view pg_temp.pg_trigger as select t.* from pg_catalog.pg_trigger t where pg_temp.trap('pg_trigger');
grant select on pg_temp.pg_roles, pg_temp.pg_class, pg_temp.pg_inherits, pg_temp.pg_trigger to public;

-- The traps work: a function with the weak path falls into them.
create function weak() returns boolean language plpgsql security definer set search_path = '' as $$
declare
  kept name := 'x';
begin
  return exists (select from pg_roles);
end $$;
set local role stranger;
select weak();
reset role;
create table told_1 as select distinct who, what from told;
select bag_eq('select what from told_1', $$ values ('name'), ('pg_roles') $$, 'the weak path is fallen into');

delete from told;
set local role stranger;
set local ownership.writer = 'x';
select * from ownership.whoami();
update pianos set location = '', notes = null, tags = '{}';
insert into pianos values ('ins_1', '', '', '{}') on conflict (external_id) do update set tags = excluded.tags;
delete from pianos;
insert into pianos values ('ins_1', '', '', '{}');
reset role;
create table told_2 as select distinct who, what from told;
select is_empty('select who, what from told_2', 'whoami, the guard and the return of a row fall into none');
select is((select location from pianos), 'Studio 4', 'while the guard does its work');

delete from told;
select count(*) from ownership.verify();
select count(*) from ownership.health();
select count(*) from ownership.explain('pianos', 'ins_1');
create table told_3 as select distinct who, what from told;
select is_empty('select who, what from told_3', 'nor do verify, health and explain');

delete from told;
create table berths (id integer);
drop table berths;
alter table pianos add column colour pg_catalog.text;
create table told_4 as select distinct who, what from told;
select is_empty('select who, what from told_4', 'nor do the event triggers');

select * from finish();
rollback;
