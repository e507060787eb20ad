-- A table that was dropped, or gave its name away, leaves policies, claims and history for the one that bears its name.
begin;
set local search_path = public, extensions;
select plan(22);
delete from ownership_private.protected_tables;
set local client_min_messages = warning;

create table customers (external_id text primary key, place text, note text, tags text[]);
select ownership.protect('customers', c) from unnest('{place,tags}'::name[]) c;
select ownership.protect('customers', 'note', 'manual');
grant select, insert, update, delete on customers to gazelle_sync, manual_editor;
set local role gazelle_sync;
insert into customers values ('c1', 'from source', 'from source', '{concert}'), ('c2', 'from source', 'x', '{}');
set local role manual_editor;
update customers set place = 'Studio 4', note = 'by hand', tags = '{concert,vip}' where external_id = 'c1';
reset role;
create function pg_temp.stands() returns text language plpgsql as $$
declare
  found_row text;
begin
  execute $q$select concat_ws(' ', place, note, tags) from customers where external_id = 'c1'$q$ into found_row;
  return found_row;
end
$$;
create function pg_temp.sync() returns text language plpgsql as $$
begin
  grant select, insert, update, delete on customers to gazelle_sync;
  set local role gazelle_sync;
  update customers set place = '', note = '', tags = '{concert}';
  reset role;
  return pg_temp.stands();
end
$$;
create function pg_temp.typed() returns text language plpgsql as $$
declare
  hint text := (select h.hint from ownership.health() h where h.problem = 'table swapped');
  statement text;
begin
  for statement in select m[1] from regexp_matches(hint, '(?:select|alter table) [^;]*;', 'g') with ordinality s (m, n) order by n loop
    execute statement;
  end loop;
  return coalesce((select string_agg(problem, ', ') from ownership.health()), 'sound');
end
$$;
create function pg_temp.mended(what text, harm text) returns setof text language plpgsql as $$
declare
  kept constant text := 'Studio 4 by hand {concert,vip}';
begin
  execute harm;
  return next is(pg_temp.typed(), 'sound', what || ': what health says to type is enough');
  return next is(pg_temp.stands(), kept, what || ': values are back');
  return next is(pg_temp.sync(), kept, what || ': and stand the next sync');
end
$$;

create table later (like customers);
insert into later values ('c1', 'from tool', 'from tool', '{concert}');
select pg_temp.mended('like, drop, rename', 'drop table customers; alter table later rename to customers');
select pg_temp.mended('drop and create', $$drop table customers;
  create table customers (tags text[], note text, place text, external_id text);
  insert into customers values ('{concert}', 'from tool', 'from tool', 'c1'), ('{}', '', '', 'c3')$$);
select pg_temp.mended('create as', $$create table later as select * from customers; drop table customers;
  alter table later rename to customers$$);
select pg_temp.mended('a swap of names', $$create table later (like customers including all);
  insert into later select * from customers;
  alter table customers rename to customers_old; alter table later rename to customers$$);
select pg_temp.mended('a swap back', 'alter table customers rename to later; alter table customers_old rename to customers');
create schema other;
select pg_temp.mended('a schema that is swapped', $$create table other.customers (like customers including all);
  insert into other.customers (external_id, tags) select external_id, '{concert}' from customers;
  drop table customers; alter table other.customers set schema public$$);

select is((select count(distinct h.tbl) from ownership.history h where h.col = 'place'), 1::bigint, 'one history of all');
select is((select count(*) from ownership.policies), 3::bigint, 'and the policies of the beginning');
select is((select mode from ownership.policies where col = 'note'), 'manual', 'with their modes');
select isnt_empty($$select from ownership.restore((select max(id) from ownership.marks where label like 'before values%'), 'customers')$$,
  'what came back can be undone');

select * from finish();
rollback;
