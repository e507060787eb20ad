-- A trigger of somebody else's runs with the rights of whoever writes, the engine's owner included, and one that fires
-- after the guard has the last word. A name like ours hides none, and the right to make one is told.
begin;
set local search_path = public, extensions;
select plan(18);

delete from ownership_private.protected_tables;
create function pg_temp.found(harm text) returns text[] language plpgsql as $$
declare
  found text[];
begin
  execute harm;
  found := array(select format('%s: %s', h.problem, h.object) from ownership.health() h order by 1);
  raise exception using errcode = 'ZZ000';
exception when sqlstate 'ZZ000' then
  return found;
end
$$;

create table boats (external_id text primary key, name text not null, note text);
create table flags (external_id text primary key, name text);
create table berths (id integer primary key, place text) partition by range (id);
create table berths_1 partition of berths for values from (1) to (100);
select ownership.protect('boats', 'name');
select ownership.protect('flags', 'name', 'source_unless_blank');
select ownership.protect('berths', 'place');
create role a_sync;
create role a_passer_by;
create role a_person;
select ownership.register_writer('a_sync', 10);
select ownership.register_writer('a_person', 100);
create function meddle() returns trigger language plpgsql as 'begin return new; end';

select ok(format('trigger after ours: %I on public.%s', t.name, t.tbl)
    = any (pg_temp.found(format('create trigger %I before %s on %s for each row execute function meddle()', t.name, t.event, t.tbl))),
  format('%s before %s on %s', t.name, t.event, t.tbl))
from (values
  ('~~ownership_zz', 'update', 'boats'),
  ('~~ownership_guard2', 'update', 'boats'),
  ('~~ownership_fill_', 'insert', 'boats'),
  ('~~ownership_returned', 'update', 'flags'),
  ('~~ownership_zz', 'update', 'berths_1')
) t (name, event, tbl);
select is(pg_temp.found('create trigger "~~ownership_a" before update on boats for each row execute function meddle()'), '{}',
  'one that fires before the guard is judged by it');
select is(pg_temp.found('create trigger "~~ownership_zz" after update on boats for each row execute function meddle()'), '{}',
  'and one that fires after the row is written changes no value of it');

create function name_it() returns trigger language plpgsql as 'begin new.name := ''x''; return new; end';
create trigger "~~zz" before update on boats for each row execute function name_it();
select is((select detail from ownership.health() where problem = 'trigger after ours'),
  'It fires after "~~ownership_guard", and can change what that has settled: its source sets name.', 'what it sets is named');
drop trigger "~~zz" on boats;
select is(pg_temp.found('create rule mute as on update to boats do instead nothing'), '{"rule instead: mute on public.boats"}', 'a rule that swallows edits');
select is(pg_temp.found('create rule also as on update to boats do also notify boats'), '{}', 'and not one that does more');

select is(pg_temp.found('grant trigger on boats to a_sync'), '{"trigger granted: public.boats to a_sync"}', 'to a sync');
select is(pg_temp.found('grant all on boats to a_passer_by'), '{"trigger granted: public.boats to a_passer_by","writer not registered: public.boats by a_passer_by"}', 'to nobody known, with all');
select is(pg_temp.found('grant trigger on boats to service_role'), '{"trigger granted: public.boats to service_role"}', 'to a program');
select is(pg_temp.found('grant trigger on boats to public'), '{"trigger granted: public.boats to public"}', 'to everybody');
select is(pg_temp.found('grant trigger on berths_1 to a_sync'), '{"trigger granted: public.berths_1 to a_sync"}', 'on a partition');
select is(pg_temp.found('grant trigger on flags to a_sync, a_passer_by'),
  '{"trigger granted: public.flags to a_passer_by, a_sync"}', 'to each of several');
select is(pg_temp.found('grant trigger on boats to a_person'), '{}', 'not to a person');
select is(pg_temp.found('grant select, insert, update, delete, truncate, references on boats to a_sync'), '{}', 'nor any other right');

select * from finish();
rollback;
