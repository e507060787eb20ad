-- uninstall takes the whole engine away; what is left of the tables is what they were before protect, and their values.
begin;
set local search_path = public, extensions;
select plan(10);

create table rooms (
  id integer generated always as identity, external_id text primary key, name text not null, tags text[] default '{}'
);
create table seats (house text, number integer, colour text default 'red', primary key (house, number))
  partition by list (house);
create table seats_a partition of seats for values in ('a');
create function stamp() returns trigger language plpgsql as 'begin return new; end';
create trigger stamp before update on rooms for each row execute function stamp();
alter table rooms disable trigger stamp;
create index rooms_by_name on rooms (name);
alter table rooms enable row level security;
create policy everybody on rooms for select to authenticated using (true);
grant select, update (name) on rooms to authenticated;
comment on column rooms.name is 'As on the door.';

create function pg_temp.facts() returns setof text language sql as $$
  select format('column %s.%s %s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid), a.attacl)
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = any ('{rooms,seats,seats_a}'::regclass[]) and a.attnum > 0
  union all
  select format('table %s %s %s %s', c.oid::regclass, c.relacl, c.relrowsecurity, c.relowner) from pg_class c
  where c.oid = any ('{rooms,seats,seats_a}'::regclass[])
  union all
  select format('trigger %s %s', pg_get_triggerdef(g.oid), g.tgenabled) from pg_trigger g where g.tgrelid = any ('{rooms,seats,seats_a}'::regclass[])
  union all
  select 'constraint ' || pg_get_constraintdef(c.oid) from pg_constraint c where c.conrelid = any ('{rooms,seats,seats_a}'::regclass[])
  union all
  select 'index ' || pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = any ('{rooms,seats,seats_a}'::regclass[])
  union all
  select format('policy %s %s', p.polname, pg_get_expr(p.polqual, p.polrelid)) from pg_policy p where p.polrelid = 'rooms'::regclass
  union all
  select format('description %s', d.description) from pg_description d where d.objoid = 'rooms'::regclass
$$;
create table before as select * from pg_temp.facts() f (fact);

select ownership.protect('rooms', col) from unnest('{name,tags}'::name[]) col;
select ownership.protect('seats', 'colour');
insert into rooms (external_id, name, tags) values ('r1', 'Salle A', '{vip}');
insert into seats values ('a', 1, 'blue');
select isnt_empty('select fact from pg_temp.facts() f (fact) except select fact from before', 'protect leaves its marks');

create function pg_temp.still_needed(dependent text) returns text language plpgsql as $$
declare
  said text;
begin
  execute dependent;
  perform ownership.uninstall();
exception when sqlstate 'OW013' then
  get stacked diagnostics said = pg_exception_detail;
  return said;
end
$$;
select is(pg_temp.still_needed('create view owned as select key from ownership.claims'),
  'rule _RETURN on view public.owned depends on column key of view ownership.claims.', 'it does not take a view with it that needs it');
select is(pg_temp.still_needed('alter table rooms add constraint has_name check (not ownership.is_blank(name))'),
  'constraint has_name on table public.rooms depends on function ownership.is_blank(text).', 'nor a constraint');
select has_function('ownership', 'protect', 'then everything still stands');
select throws_ok($$set local ownership.writer = 'service_role'; select ownership.uninstall()$$, 'OW001',
  'uninstall needs rank 100, and service_role has rank 20', 'it takes a person');
select throws_ok('set local role service_role; select ownership.uninstall()', '42501',
  'permission denied for function uninstall', 'whom a program cannot imitate');

select ownership.uninstall();
select bag_eq('select f.fact from pg_temp.facts() f (fact)', 'select b.fact from before b', 'the tables are as they were');
select is_empty($$select nspname from pg_namespace where nspname like 'ownership%'$$, 'both schemas are gone');
select is_empty($$select evtname from pg_event_trigger where evtname like 'ownership%'$$, 'the event triggers too');
update rooms set name = 'Salle B' where external_id = 'r1';
select is((select format('%s %s %s', r.name, r.tags, s.colour) from rooms r, seats s), 'Salle B {vip} blue', 'the values stay, and nobody guards them');

select * from finish();
rollback;
