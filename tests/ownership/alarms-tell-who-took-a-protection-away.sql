-- Where event triggers are allowed, an alarm stays when a protection was taken away and put back again.
begin;
set local search_path = public, extensions;
select plan(12);

delete from ownership_private.protected_tables;
create table doors (external_id text primary key, colour text);
create table others (external_id text primary key, colour text);
select ownership.protect('doors', 'colour');
select ownership.protect('doors', 'colour', 'manual');
select ownership.register_writer('service_role', 25);
select ownership.repair();
select is_empty('select * from ownership.alarms', 'the engine''s own work raises no alarm');

alter table others add column size integer;
create trigger t before update on others for each row execute function suppress_redundant_updates_trigger();
drop trigger t on others;
alter table doors add column size integer;
create index on doors (size);
select is_empty('select * from ownership.alarms', 'nor does what hurts nobody');

create function pg_temp.alarms() returns text[] language sql as $$
  select coalesce(array_agg(format('%s by %s of %s%s', a.problem, a.command, a.role,
    case when a.over_at is not null then ', over' end) order by a.id), '{}')
  from ownership.alarms a
  where a.object like '%guard%' or a.object not like '%~~ownership%'
$$;
create function pg_temp.forget() returns void language sql as 'delete from ownership_private.alarms';

alter table doors disable trigger "~~ownership_guard";
select is(pg_temp.alarms(), '{"trigger disabled by ALTER TABLE of postgres"}', 'a disabled trigger');
alter table doors enable always trigger "~~ownership_guard";
select is(pg_temp.alarms(), '{"trigger disabled by ALTER TABLE of postgres, over"}', 'the alarm stays when it is back');

select pg_temp.forget();
set local session_replication_role = replica;
alter table doors disable trigger all;
reset session_replication_role;
select ownership.repair();
select is(pg_temp.alarms(), '{"trigger disabled by ALTER TABLE of postgres, over"}', 'also in replica mode; repair ends it');

select pg_temp.forget();
drop trigger "~~ownership_guard" on doors;
select is(pg_temp.alarms(), '{"trigger missing by DROP TRIGGER of postgres"}', 'a dropped trigger');
select ownership.repair();

select pg_temp.forget();
alter function ownership_private.leaves_claims security definer;
select is(pg_temp.alarms(), '{"engine function changed by ALTER FUNCTION of postgres"}', 'a changed function of the engine');
alter function ownership_private.leaves_claims security invoker;

select pg_temp.forget();
create trigger "~~~last" before update on doors for each row execute function suppress_redundant_updates_trigger();
alter trigger "~~~last" on doors rename to first;
select is(pg_temp.alarms(), '{"trigger after ours by CREATE TRIGGER of postgres, over"}', 'a trigger that fired after ours for a while');

select pg_temp.forget();
create table windows (pane text not null, colour text);
create unique index panes on windows (pane);
select ownership.protect('windows', 'colour');
drop index panes;
select is(pg_temp.alarms(), '{"key not unique by DROP INDEX of postgres"}', 'an index by which rows were known');
create unique index panes on windows (pane);

select pg_temp.forget();
create table copy (like doors including all);
alter table doors rename to doors_of_yesterday;
alter table copy rename to doors;
select is(pg_temp.alarms(), '{"table swapped by ALTER TABLE of postgres"}', 'a table that takes the name of a protected one');

select pg_temp.forget();
drop table doors_of_yesterday;
select is(pg_temp.alarms(), '{"table gone by DROP TABLE of postgres","table swapped by DROP TABLE of postgres"}', 'a protected table that is dropped');

drop function ownership.health;
alter table doors add column still_here integer;
select has_column('doors', 'still_here', 'an alarm that cannot be raised stops nobody');

select * from finish();
rollback;
