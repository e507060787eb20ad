-- An application's server that connects as app_backend writes for people; the service key beside it is a program.
begin;
set local search_path = public, extensions;
select plan(12);

create table lamps (external_id text primary key, place text, tags text[] not null default '{}');
alter table lamps enable row level security;
grant select, insert, update, delete on lamps to service_role;
grant all on lamps to gazelle_sync;
create policy sync on lamps to gazelle_sync using (true) with check (true);
insert into lamps values ('l1', 'Salle A', '{oak}'), ('l2', 'Salle B', '{}');
select ownership.protect('lamps', col) from unnest('{place,tags}'::name[]) col;
select ownership.adopt('lamps', 'place');

select is((select rank from ownership.writers where role = 'app_backend'), 100, 'it ranks with people');
select is((select rolcanlogin from pg_roles where rolname = 'app_backend'), false, 'nobody logs in as it');
select is(pg_has_role('authenticator', 'app_backend', 'member'), true, 'the API may switch to it');
select is((select rolbypassrls from pg_roles where rolname = 'app_backend'), true, 'row security does not hold it');

set local "request.jwt.claims" = '{"role": "app_backend", "sub": "5f6c2b1e"}';
set session authorization authenticator;
set local role app_backend;
update lamps set place = 'Studio 4', tags = '{oak,vip}' where external_id = 'l1';
update lamps set place = null where external_id = 'l2';
reset session authorization;
set local "request.jwt.claims" = '';
set local role gazelle_sync;
update lamps set place = 'Salle Z';
reset role;
set local role service_role;
update lamps set place = '', tags = '{}';
reset role;
set local role gazelle_sync;
update lamps set tags = '{elm}';
reset role;

select is((select place from lamps where external_id = 'l1'), 'Studio 4', 'an adopted cell is edited,');
select is((select place from lamps where external_id = 'l2'), null, 'and cleared,');
select is((select tags @> '{vip}' from lamps where external_id = 'l1'), true, 'a tag is added, and each stands');
select results_eq($$select distinct sub, writer from ownership.history
  where tbl = 'public.lamps' and event = 'claimed'$$, $$values ('5f6c2b1e', 'app_backend'::name)$$, 'the history has the user');
select is((select count(*) from ownership.history where tbl = 'public.lamps' and event = 'claimed'), 3::bigint, 'of each edit');
select is((select count(*) from ownership.claims where tbl = 'lamps'::regclass and writer <> 'app_backend'), 0::bigint,
  'who owns what stands there');
select is(pg_has_role('service_role', 'app_backend', 'member'), false, 'a secret key does not become one');
select is((select count(*) from ownership.health() where problem = 'writer without role'), 0::bigint, 'and health is content');

select * from finish();
rollback;
