-- While the engine writes, triggers of users run with the search path of the table's owner.
begin;
set local search_path = public, extensions;
select plan(8);

create schema app;
create table app.log (place text);
create table app.desks (external_id text primary key, place text);
create function app.shout(said text) returns text language sql as $$ select upper(said) $$;
create function app.audit() returns trigger language plpgsql as $$
begin
  insert into log values (shout(new.place));
  return null;
end
$$;
create function app.sync_replaces() returns void language plpgsql set role = 'gazelle_sync' as $$
begin
  delete from app.desks;
  insert into app.desks values ('d1', '');
end
$$;
grant usage on schema app to gazelle_sync;
grant select, insert, update, delete on app.desks to gazelle_sync;
select ownership.protect('app.desks', 'place', source => 'gazelle_sync');
insert into app.desks values ('d1', 'studio 1');
create trigger audit after update on app.desks for each row execute function app.audit();

select matches(ownership_private.path_of_owner('app.desks'::regclass), '^"\$user", public.*, app, pg_temp$',
  'the path that a role has by default, the table''s schema, and temporary objects last');
create role a_desk_owner;
alter role a_desk_owner set search_path = extensions, app;
alter table app.desks owner to a_desk_owner;
select is(ownership_private.path_of_owner('app.desks'::regclass), 'extensions, app, app, pg_temp', 'or that of the owner');
alter table app.desks owner to postgres;

set local client_min_messages = error;
select app.sync_replaces();
select is((select place from app.desks), 'studio 1', 'a row comes back, with a trigger that names things without their schema');
select results_eq('table app.log', array['STUDIO 1'], 'which has done its work');

-- Of a session that sets a path of its own, and of its temporary objects, nothing is taken.
create schema evil;
create function evil.shout(said text) returns text language sql as $$ select 'of another schema' $$;
create temp table log (place text);
set local search_path = evil, public, extensions;
select app.sync_replaces();
select results_eq('table app.log', array['STUDIO 1', 'STUDIO 1'], 'the path of whoever writes decides nothing');
select is_empty('select * from pg_temp.log', 'nor do his temporary tables');
select is(current_setting('search_path'), 'evil, public, extensions', 'and he has it back');

select set_config('tests.before', ownership.mark('before')::text, true);
alter table app.desks disable trigger user;
update app.desks set place = 'lost';
select ownership.repair('app.desks');
alter table app.desks enable trigger audit;
select ownership.restore(current_setting('tests.before')::bigint, dry_run => false);
select is((select count(*) from app.log), 3::bigint, 'a restore calls it likewise');

select * from finish();
rollback;
