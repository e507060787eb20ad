-- A claim and its cell stay together. A writer that leaves no claims takes nothing that is owned, whatever his rank
-- below people: the claim would stay, with a value that does not stand there.
begin;
set local search_path = public, extensions;
select plan(17);

create role an_equal;
create role a_higher;
create role a_claimant;
create table boats (external_id text primary key, name text, place text, tags text[] not null default '{}');
grant all on boats to gazelle_sync, an_equal, a_higher, a_claimant, service_role, pls_detector, manual_editor;
select ownership.register_writer('a_claimant', 30, claims => true);
select ownership.register_writer('an_equal', 30);
select ownership.register_writer('a_higher', 70, claims => false);
select ownership.protect('boats', c, source => 'gazelle_sync') from unnest('{name,place,tags}'::name[]) c;
select ownership.protect('boats', 'tags', empty_is_opinion => true);
create function pg_temp.as_role(role name, statement text, lowered text default '') returns void language plpgsql as $$
begin
  perform set_config('ownership.writer', lowered, true);
  execute format('set local role %I', role);
  execute statement;
  reset role;
  perform set_config('ownership.writer', '', true);
end $$;
create function pg_temp.stands(label text) returns setof text language plpgsql as $$
begin
  return next is((select name from boats where external_id = 'b1'), 'A', label);
  return next is((select count(*) from ownership.verify() v where v.tbl = 'boats'::regclass), 0::bigint, label || ': sound');
end $$;

select pg_temp.as_role('gazelle_sync', $$insert into boats values ('b1', 'sent', 'Quay', '{red}')$$);
select pg_temp.as_role('a_claimant', $$update boats set name = 'A'$$);

select is(f.verdict, 'kept', w || ' is foreseen to be kept out') from unnest('{an_equal,a_higher}'::name[]) w
cross join lateral ownership.foresee('boats', '{b1}', '{name}', array['"A"'::jsonb], array['"B"'::jsonb], w) f;
select pg_temp.as_role('an_equal', $$update boats set name = 'B'$$);
select pg_temp.stands('an equal rank');
select pg_temp.as_role('a_higher', $$update boats set name = 'B'$$);
select pg_temp.stands('a higher rank');
select pg_temp.as_role('a_higher', $$insert into boats values ('b1', 'B') on conflict (external_id) do update
  set name = excluded.name$$);
select pg_temp.stands('an upsert');
select pg_temp.as_role('a_higher', $$delete from boats; insert into boats values ('b1', 'B', 'Quay', '{red}')$$);
select pg_temp.stands('a row that comes back');
select pg_temp.as_role('a_higher', $$update boats set external_id = 'b2'$$);
select pg_temp.stands('a changed key');
select pg_temp.as_role('pls_detector', $$update boats set name = 'D'$$);
select is((select (b.name, c.writer)::text from boats b, ownership.claims c where c.tbl = 'boats'::regclass), '(D,pls_detector)',
  'who claims takes it over by rank');

-- Who lowers himself gains nothing: a program stays who it is, and only a person acts for a source.
set local role service_role;
set local ownership.writer = 'gazelle_sync';
select is(w::text, format('(service_role,10,service_role,"%s")', 'role service_role, lowered by the setting ownership.writer'),
  'a program that lowers itself') from ownership.whoami() w;
reset role;
reset ownership.writer;
select pg_temp.as_role('service_role', $$update boats set place = ''$$, 'gazelle_sync');
select is((select place from boats), 'Quay', 'blanks nothing as the source of the column');
select pg_temp.as_role('service_role', $$update boats set tags = '{}'$$, 'gazelle_sync');
select is((select tags::text from boats), '{red}', 'nor a set of the source''s');
select pg_temp.as_role('manual_editor', $$update boats set place = ''$$, 'gazelle_sync');
select is((select place from boats), '', 'a person who acts for the source does');

select finish();
rollback;
