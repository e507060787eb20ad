-- What keeps values safe can be undone without a name that is missing: a trigger made again with another condition, a
-- function of another owner, a right too many, a setting of a role. Health compares all of it.
begin;
set local search_path = public, extensions;
select plan(47);

-- The tables of the migrations take no part in this, and no time.
delete from ownership_private.protected_tables;

create function pg_temp.problems() returns text[] language sql as $$
  select coalesce(array_agg(distinct h.problem order by h.problem), '{}') from ownership.health() h
$$;

create function pg_temp.named(problem text, harm text) returns text language plpgsql as $$
declare
  found text[];
begin
  begin
    execute harm;
    found := pg_temp.problems();
    raise exception using errcode = 'ZZ000';
  exception when sqlstate 'ZZ000' then
    null;
  end;
  return ok(problem = any (found), format('%s: %s %s', problem, harm, found));
end
$$;

-- The definition of a trigger, made again after a change to its text.
create function pg_temp.remade(tbl regclass, suffix text, pattern text, replacement text) returns text language sql as $$
  select format('drop trigger "~~ownership_%1$s" on %2$s; %3$s; alter table %2$s enable always trigger "~~ownership_%1$s"',
    suffix, tbl, regexp_replace(pg_get_triggerdef(g.oid), pattern, replacement))
  from pg_trigger g
  where g.tgrelid = tbl and g.tgname = '~~ownership_' || suffix
$$;

create table boats (external_id text primary key, name text not null, length integer, tags text[] not null default '{}');
create table berths (id integer, place text, primary key (id)) partition by range (id);
create table berths_1 partition of berths for values from (1) to (100);
select ownership.protect('boats', 'name');
select ownership.protect('boats', 'tags');
select ownership.protect('berths', 'place');
insert into boats values ('b1', 'Aurore', 12, '{red}');
create role a_stranger;
create role a_passing_writer;
select ownership.register_writer('a_passing_writer', 40);
create function pg_temp.function_of(suffix text) returns text language sql as $$
  select g.tgfoid::regprocedure::text from pg_trigger g where g.tgrelid = 'boats'::regclass and g.tgname = '~~ownership_' || suffix
$$;

select is(pg_temp.problems(), '{}', 'sound to begin with');

-- Triggers on protected tables.
select pg_temp.named('trigger changed', pg_temp.remade('boats', 'guard', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'));
select pg_temp.named('trigger changed', pg_temp.remade('boats', 'guard', 'BEFORE UPDATE', 'BEFORE UPDATE OF length'));
select pg_temp.named('trigger changed', pg_temp.remade('boats', 'guard', 'WHEN .* EXECUTE', 'WHEN (new.name is null) EXECUTE'));
select pg_temp.named('trigger changed', pg_temp.remade('boats', 'fill', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'));
select pg_temp.named('trigger changed', pg_temp.remade('berths', 'guard', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'));
select pg_temp.named('trigger changed', pg_temp.remade('boats', 'returned', 'EXECUTE', 'WHEN (current_user = ''nobody'') EXECUTE'));

-- Generated functions.
select pg_temp.named('engine owner changed', format('alter function %s owner to a_stranger', pg_temp.function_of('guard')));
select pg_temp.named('function changed', format('alter function %s security invoker', pg_temp.function_of('guard')));
select pg_temp.named('function changed', format('alter function %s immutable', pg_temp.function_of('guard')));
select pg_temp.named('function changed', format('alter function %s set session_replication_role = replica', pg_temp.function_of('returned')));
select pg_temp.named('function changed', format('alter function %s reset enable_seqscan', pg_temp.function_of('guard')));

-- Functions, triggers, tables and views of the engine.
select pg_temp.named('engine owner changed', 'alter function ownership.repair owner to a_stranger');
select pg_temp.named('engine owner changed', 'alter view ownership.claims owner to a_stranger');
select pg_temp.named('engine owner changed', 'alter table ownership_private.marks owner to a_stranger');
select pg_temp.named('engine function changed', 'alter function ownership_private.leaves_claims leakproof');
select pg_temp.named('engine function added', 'create function ownership_private.remember(integer, text, text, text, name, json, json)
  returns void language sql set search_path = pg_catalog, pg_temp as ''select''');
select pg_temp.named('engine trigger changed', 'alter table ownership_private.claims disable trigger open_gate');
select pg_temp.named('engine trigger changed', 'drop trigger open_gate on ownership_private.bases; create trigger open_gate
  before insert on ownership_private.bases for each row when (false) execute function ownership_private.open_gate()');
select pg_temp.named('engine trigger missing', 'drop trigger archive_last_offer on ownership_private.claims');
select pg_temp.named('engine trigger missing', 'alter trigger note_column on ownership_private.policies rename to n');
select pg_temp.named('engine trigger added', 'create trigger t before insert on ownership_private.history
  for each row execute function suppress_redundant_updates_trigger()');
select pg_temp.named('engine table changed', 'alter table ownership_private.claims disable trigger all');
select pg_temp.named('engine table changed', 'alter table ownership_private.policies drop constraint policies_know_the_mode');
select pg_temp.named('engine table changed', 'alter table ownership_private.bases enable row level security, force row level security');
select pg_temp.named('engine table changed', 'alter table ownership_private.marks set unlogged');
select pg_temp.named('engine rule added', 'create rule r as on insert to ownership_private.history do instead nothing');
select pg_temp.named('engine view changed', 'create or replace view ownership.marks as
  select id, label, writer, at from ownership_private.marks where false');
select pg_temp.named('engine view changed', 'create or replace view ownership.writers as
  select role, 100 as rank, label from ownership_private.writers');
select pg_temp.named('alarm off', 'alter event trigger ownership_watch_commands disable');
select pg_temp.named('alarm off', 'alter event trigger ownership_watch_drops rename to w');

-- Rights that are too many, or too few.
select pg_temp.named('engine open', 'grant select on ownership_private.claims to a_stranger');
select pg_temp.named('engine open', 'grant update (value) on ownership_private.claims to a_stranger');
select pg_temp.named('engine open', 'grant insert on ownership_private.history to public');
select pg_temp.named('engine open', 'grant update on ownership.writers to a_stranger');
select pg_temp.named('engine open', 'grant delete on ownership.marks to public');
select pg_temp.named('engine open', format('grant update on sequence %s to a_stranger', ownership_private.gate(max(p.id))))
from ownership_private.policies p;
select pg_temp.named('engine open', 'grant create on schema ownership_private to a_stranger');
select pg_temp.named('gate unreadable', format('revoke select on sequence %s from public', ownership_private.gate(max(p.id))))
from ownership_private.policies p;

-- Settings that every session of a role, or of the database, begins with.
select pg_temp.named('setting lowers ranks', 'alter role a_stranger set ownership.writer = ''a_passing_writer''');
select pg_temp.named('setting lowers ranks', format('alter database %I set ownership.writer = ''x''', current_database()));
select pg_temp.named('setting lowers ranks', format('alter role a_stranger in database %I set ownership.writer = ''x''', current_database()));
select pg_temp.named('triggers off by setting', 'alter role a_stranger set session_replication_role = replica');
select pg_temp.named('triggers off by setting', format('alter database %I set session_replication_role = replica', current_database()));
select pg_temp.named('key not unique', 'alter table boats drop constraint boats_pkey; create unique index on boats (external_id) where name <> ''''');

-- After a dump and restore tables have other OIDs, and the functions are the same.
select is_empty($$
  select p.proname, t.tbl from pg_proc p, ownership_private.protected_tables t
  where p.pronamespace = 'ownership_private'::regnamespace and p.prosrc ~ format('\m%s\M', t.tbl::oid)
$$, 'no generated function names a table by its OID');

-- What repair can mend, it mends.
alter trigger "~~ownership_guard" on boats rename to "~~other";
do $$ begin execute pg_temp.remade('boats', 'fill', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'); end $$;
revoke select on all sequences in schema ownership_private from public;
select ownership.repair();
select is(pg_temp.problems(), '{}', 'repaired');

select * from finish();
rollback;
