-- A right on the engine's objects that no install gives, and a setting with which sessions begin, undo protection
-- without any object that is changed.
begin;
set local search_path = public, extensions;
select plan(14);

-- The tables of the migrations take no part in this, and no time.
delete from ownership_private.protected_tables;

create table boats (external_id text primary key, name text not null, tags text[] not null default '{}');
select ownership.protect('boats', 'name');
select ownership.protect('boats', 'tags');
create role a_stranger;

select is(tests.problems(), '{}', 'sound to begin with');

-- Rights that are too many, or too few.
select tests.is_named('engine open', 'grant select on ownership_private.claims to a_stranger');
select tests.is_named('engine open', 'grant update (value) on ownership_private.claims to a_stranger');
select tests.is_named('engine open', 'grant insert on ownership_private.history to public');
select tests.is_named('engine open', 'grant update on ownership.writers to a_stranger');
select tests.is_named('engine open', 'grant delete on ownership.marks to public');
select tests.is_named('engine open', format('grant update on sequence %s to a_stranger', ownership_private.gate(max(p.id))))
from ownership_private.policies p;
select tests.is_named('engine open', 'grant create on schema ownership_private to a_stranger');
select tests.is_named('gate unreadable', format('revoke select on sequence %s from public', ownership_private.gate(max(p.id))))
from ownership_private.policies p;

-- Settings that every session of a role, or of the database, begins with.
select tests.is_named('setting lowers ranks', 'alter role a_stranger set ownership.writer = ''a_passing_writer''');
select tests.is_named('setting lowers ranks', format('alter database %I set ownership.writer = ''x''', current_database()));
select tests.is_named('setting lowers ranks', format('alter role a_stranger in database %I set ownership.writer = ''x''', current_database()));
select tests.is_named('triggers off by setting', 'alter role a_stranger set session_replication_role = replica');
select tests.is_named('triggers off by setting', format('alter database %I set session_replication_role = replica', current_database()));

select * from finish();
rollback;
