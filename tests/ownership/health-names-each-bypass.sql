-- Every known way past the guard has its name in health, and is no longer there once it is repaired.
begin;
set local search_path = public, extensions;
select plan(21);

-- The tables of the migrations take no part in this, and no time.
delete from ownership_private.protected_tables;

create table boats (external_id text primary key, name text not null, tags text[] not null default '{}');
create table berths (id integer, place text, primary key (id)) partition by range (id);
create table berths_1 partition of berths for values from (1) to (100);
select ownership.protect('boats', 'name');
select ownership.protect('boats', 'tags');
select ownership.protect('berths', 'place');
insert into boats values ('b1', 'Aurore', '{red}');
create function drag() returns trigger language plpgsql as 'begin return new; end';
create role a_passing_writer;
select ownership.register_writer('a_passing_writer', 40);

select is(tests.problems(), '{}', 'sound to begin with');
select tests.is_named('trigger disabled', 'alter table boats disable trigger user');
select tests.is_named('trigger demoted', 'alter table boats disable trigger user; alter table boats enable trigger user');
select tests.is_named('trigger disabled', 'alter table boats enable replica trigger "~~ownership_guard"');
select tests.is_named('trigger missing', 'drop trigger "~~ownership_guard" on boats');
select tests.is_named('trigger missing', 'alter trigger "~~ownership_returned" on boats rename to "~returned"');
select tests.is_named('trigger changed', 'drop trigger "~~ownership_guard" on boats;
  create trigger "~~ownership_guard" before update on boats for each row execute function drag();
  alter table boats enable always trigger "~~ownership_guard"');
select tests.is_named('trigger changed', format('drop trigger "~~ownership_guard" on boats; create trigger "~~ownership_guard"
  before update on boats for each row execute function %s();
  alter table boats enable always trigger "~~ownership_guard"', g.tgfoid::regproc))
from pg_trigger g where g.tgrelid = 'berths'::regclass and g.tgname = '~~ownership_guard';
select tests.is_named('trigger after ours', 'create trigger "~~~last" before update on boats for each row execute function drag()');
select tests.is_named('trigger after ours', 'create trigger "~~~last" before insert on boats for each row execute function drag()');
select tests.is_named('trigger disabled', 'alter table berths_1 disable trigger user');
select tests.is_named('function changed', format('create or replace function ownership_private.%I() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as ''begin return new; end''', p.proname))
from pg_trigger g join pg_proc p on p.oid = g.tgfoid where g.tgrelid = 'boats'::regclass and g.tgname = '~~ownership_guard';
select tests.is_named('engine function changed', 'alter function ownership_private.leaves_claims volatile security definer');
select tests.is_named('search_path open', 'alter function ownership_private.leaves_claims reset search_path');
select tests.is_named('table swapped', 'create table fleet (like boats including all); alter table boats rename to old_boats;
  alter table fleet rename to boats');
select tests.is_named('table gone', 'drop table boats');
select tests.is_named('table swapped', 'drop table boats; create table boats (external_id text primary key, name text, tags text[])');
select tests.is_named('inheritance child', 'create table small_boats () inherits (boats)');
select tests.is_named('key not unique', 'alter table boats drop constraint boats_pkey');
select tests.is_named('writer without role', 'drop role a_passing_writer');

drop trigger "~~ownership_guard" on boats;
alter table boats disable trigger user;
select ownership.repair('boats');
select is(tests.problems(), '{}', 'repaired');

select * from finish();
rollback;
