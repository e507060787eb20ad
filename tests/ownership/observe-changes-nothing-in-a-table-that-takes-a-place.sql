-- A policy that observes tells of conflicts and changes nothing: not in rows that come back, and not in a table that
-- takes the place of a protected one.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(4);

create table customers (external_id text primary key, place text, note text);
grant all on customers to gazelle_sync;
select ownership.protect('customers', 'place', on_conflict => 'observe');
select ownership.protect('customers', 'note');
insert into customers values ('c1', 'by hand', 'by hand');
set local role gazelle_sync;
update customers set place = 'from source', note = 'from source';
reset role;
select is((place, note)::text, '("from source","by hand")', 'a conflict is observed in one column') from customers;

create table anew (like customers including all);
insert into anew select external_id, place, 'from tool' from customers;
drop table customers;
alter table anew rename to customers;
select ownership.protect('customers', 'place', on_conflict => 'observe');
select is((place, note)::text, '("from source","by hand")', 'what is observed stays as the new table has it, what is kept comes back')
  from customers;
select is((select value ->> 0 from ownership.claims where col = 'place'), 'by hand', 'the claim goes on')
  from customers;
select is((select offered ->> 0 from ownership.claims where col = 'place'), 'from source', 'with what was observed');

select * from finish();
rollback;
