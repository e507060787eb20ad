-- A value comes back into its own column. That another column forbids NULL by its type, or checks what it holds, is
-- of no concern to it.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(5);

create domain email as text not null;
create domain size as integer not null check (value > 0);
create domain colours as text[] not null check (cardinality(value) > 0);
create domain anything as jsonb not null;
create table customers (
  external_id text primary key, notes varchar(20), tags text[], at interval, size size default 1, mail email default 'a@b',
  colours colours default '{red}', extra anything default '{}'
);
grant all on customers to gazelle_sync;
select ownership.protect('customers', col) from unnest('{notes,tags,at}'::name[]) col;
insert into customers values ('ins_1', 'by hand', '{vip}', '1 mon');
set local role gazelle_sync;
delete from customers;
insert into customers (external_id, notes, tags) values ('ins_1', 'from Gazelle', '{}');
reset role;
select is((c.notes, c.tags, c.at)::text, '("by hand",{vip},"1 mon")', 'they come back') from customers c;
create temporary table marked as select ownership.mark('before') as mark, ownership.export() as document;
alter table customers disable trigger all;
update customers set notes = null, tags = null, at = null;
alter table customers enable trigger all;
select is(count(*), 3::bigint, 'verify finds what is lost') from ownership.verify() v where v.tbl = 'customers'::regclass
  and v.problem in ('value differs', 'element is missing');
select is(count(*), 1::bigint, 'import brings one back') from ownership.import((select jsonb_set(document, '{columns}',
  (select jsonb_agg(c) from jsonb_array_elements(document -> 'columns') c where c ->> 'column' = 'at')) from marked), false);
select is(count(*), 2::bigint, 'and restore the others') from ownership.restore((select mark from marked), 'customers', dry_run => false);
select is((c.notes, c.tags, c.at)::text, '("by hand",{vip},"1 mon")', 'all is there') from customers c;

select * from finish();
rollback;
