-- A role that may write to a protected table and is no registered writer: health names it, one row a table.
begin;
set local search_path = public, extensions;
select plan(7);

create role app_one nologin;
create role app_two nologin;
create role its_owner nologin;
create role a_member nologin in role app_one;
create table lamps (external_id text primary key, place text, notes text);
alter table lamps owner to its_owner;
grant select on lamps to app_one, app_two;

create function pg_temp.named() returns setof text language sql as $$
  select object from ownership.health() where problem = 'writer not registered'
$$;

select ownership.protect('lamps', 'place');
select is_empty('select pg_temp.named()', 'who may only read, the owner and superusers are not named');
grant update (notes) on lamps to app_two;
select is_empty('select pg_temp.named()', 'nor who may write to columns that are not protected');
grant update (place) on lamps to app_two;
grant insert on lamps to app_one;
select results_eq('select pg_temp.named()', $$values ('public.lamps by app_one, app_two')$$, 'one row a table, without members');
alter table lamps enable row level security;
select is_empty('select pg_temp.named()', 'row security without a policy lets nobody write');
create policy two on lamps for update to app_two using (true);
select results_eq('select pg_temp.named()', $$values ('public.lamps by app_two')$$, 'with a policy it does');
select ownership.register_writer('app_two', 100);
select is_empty('select pg_temp.named()', 'until it is registered');
alter table lamps disable row level security;
grant update on lamps to public;
select results_eq('select pg_temp.named()', $$values ('public.lamps by app_one, public')$$, 'a grant to everybody counts');

select * from finish();
rollback;
