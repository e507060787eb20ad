-- A right on the engine's objects that no install gives, and a setting with which sessions begin, undo protection
-- without any object that is changed.
begin;
set local search_path = public, extensions;
select plan(14);

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

create table boats (external_id text primary key, name text not null, tags text[] not null default '{}');
select ownership.protect('boats', 'name');
select ownership.protect('boats', 'tags');
create role a_stranger;

select is(pg_temp.problems(), '{}', 'sound to begin with');

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

select * from finish();
rollback;
