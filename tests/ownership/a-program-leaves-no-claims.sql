-- Claiming is an attribute of a writer: people and derived data claim, programs do not unless somebody says so.
begin;
set local search_path = public, extensions;
select plan(16);

create table lamps (external_id text primary key, place text, tags text[] not null default '{}');
create role other_script nologin;
grant all on lamps to gazelle_sync, service_role, pls_detector, manual_editor, other_script;
insert into lamps values ('l1', 'Salle A', '{oak}');
select ownership.protect('lamps', col) from unnest('{place,tags}'::name[]) col;

create function pg_temp.writes(writer name, statement text) returns lamps language plpgsql as $$
declare
  lamp lamps;
begin
  perform set_config('role', writer, true);
  execute statement;
  perform set_config('role', 'none', true);
  select * into lamp from lamps where external_id = 'l1';
  return lamp;
end $$;
create function pg_temp.claims_of(writer name) returns boolean language sql
as $$ select w.claims from ownership.writers w where w.role = writer $$;

select results_eq($$select role from ownership.writers where claims order by 1$$,
  $$values ('app_backend'::name), ('authenticated'), ('manual_editor'), ('pls_detector'), ('postgres'), ('supabase_admin')$$, 'people and derived data claim');

select is((pg_temp.writes('service_role', 'update lamps set place = ''Salle B''')).place, 'Salle B', 'a program writes,');
select is((pg_temp.writes('gazelle_sync', 'update lamps set place = ''Salle C''')).place, 'Salle C', 'and the source corrects it');
select is((pg_temp.writes('pls_detector', 'update lamps set place = ''Salle D''')).place, 'Salle D', 'derived data is written,');
select is((pg_temp.writes('service_role', 'update lamps set place = ''Salle E''')).place, 'Salle D', 'and kept');

select is((pg_temp.writes('service_role', 'update lamps set tags = ''{oak,elm}''')).tags, '{oak,elm}', 'a program adds a tag,');
select is((pg_temp.writes('gazelle_sync', 'update lamps set tags = ''{oak,elm,ash}''')).tags, '{oak,elm,ash}', 'the source sends it, too,');
select is((pg_temp.writes('gazelle_sync', 'update lamps set tags = ''{oak,ash}''')).tags, '{oak,ash}', 'and takes it out again');
select is((pg_temp.writes('pls_detector', 'update lamps set tags = ''{oak,fir}''')).tags, '{oak,ash,fir}', 'what derived data adds');
select pg_temp.writes('gazelle_sync', 'update lamps set tags = ''{oak,ash,fir}''');
select is((pg_temp.writes('gazelle_sync', 'update lamps set tags = ''{oak,ash}''')).tags, '{oak,ash,fir}', 'stays');
select is((pg_temp.writes('service_role',
  'with gone as (delete from lamps) select 1; insert into lamps values (''l1'', ''Salle Z'', ''{}'')')).tags, '{oak,ash,fir}', 'also in a row that comes back');

select ownership.register_writer('other_script', 20);
select is(pg_temp.claims_of('other_script'), false, 'a program that is registered leaves no claims,');
select ownership.register_writer('other_script', 20, claims => true);
select ownership.register_writer('other_script', 20, 'named');
select is(pg_temp.claims_of('other_script'), true, 'unless somebody said so');
delete from ownership_private.claims;
select pg_temp.writes('other_script', 'update lamps set place = ''Salle F''');
select is((pg_temp.writes('gazelle_sync', 'update lamps set place = ''Salle G''')).place, 'Salle F', 'then what it writes is kept');
select ownership.register_writer('other_script', 100);
select ownership.register_writer('other_script', 15);
select is(pg_temp.claims_of('other_script'), false, 'with another rank comes what holds for that rank');
update ownership_private.writers set claims = false where role = 'pls_detector';
select is((select count(*)::integer from ownership.health() where problem = 'function changed' and tbl = 'lamps'::regclass), 1, 'health tells that the guard knows otherwise');

select * from finish();
rollback;
