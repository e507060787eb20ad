-- The engine's own functions, triggers, tables, rules and views are compared with what was installed: a bookkeeping
-- trigger that sleeps, or a view that shows another thing, is told.
begin;
set local search_path = public, extensions;
select plan(20);

-- The tables of the migrations take no part in this, and no time.
delete from ownership_private.protected_tables;

create table boats (external_id text primary key, name text not null, tags text[] not null default '{}');
select ownership.protect('boats', 'name');
select ownership.protect('boats', 'tags');
create role a_stranger;

select is(tests.problems(), '{}', 'sound to begin with');

-- Functions, triggers, tables and views of the engine.
select tests.is_named('engine owner changed', 'alter function ownership.repair owner to a_stranger');
select tests.is_named('engine owner changed', 'alter view ownership.claims owner to a_stranger');
select tests.is_named('engine owner changed', 'alter table ownership_private.marks owner to a_stranger');
select tests.is_named('engine function changed', 'alter function ownership_private.leaves_claims leakproof');
select tests.is_named('engine function added', 'create function ownership_private.remember(integer, text, text, text, name, json, json)
  returns void language sql set search_path = pg_catalog, pg_temp as ''select''');
select tests.is_named('engine trigger changed', 'alter table ownership_private.claims disable trigger open_gate');
select tests.is_named('engine trigger changed', 'drop trigger open_gate on ownership_private.bases; create trigger open_gate
  before insert on ownership_private.bases for each row when (false) execute function ownership_private.open_gate()');
select tests.is_named('engine trigger missing', 'drop trigger archive_last_offer on ownership_private.claims');
select tests.is_named('engine trigger missing', 'alter trigger note_column on ownership_private.policies rename to n');
select tests.is_named('engine trigger added', 'create trigger t before insert on ownership_private.history
  for each row execute function suppress_redundant_updates_trigger()');
select tests.is_named('engine table changed', 'alter table ownership_private.claims disable trigger all');
select tests.is_named('engine table changed', 'alter table ownership_private.policies drop constraint policies_know_the_mode');
select tests.is_named('engine table changed', 'alter table ownership_private.bases enable row level security, force row level security');
select tests.is_named('engine table changed', 'alter table ownership_private.marks set unlogged');
select tests.is_named('engine rule added', 'create rule r as on insert to ownership_private.history do instead nothing');
select tests.is_named('engine view changed', 'create or replace view ownership.marks as
  select id, label, writer, at from ownership_private.marks where false');
select tests.is_named('engine view changed', 'create or replace view ownership.writers as
  select role, 100 as rank, label, claims from ownership_private.writers');
select tests.is_named('alarm off', 'alter event trigger ownership_watch_commands disable');
select tests.is_named('alarm off', 'alter event trigger ownership_watch_drops rename to w');

select * from finish();
rollback;
