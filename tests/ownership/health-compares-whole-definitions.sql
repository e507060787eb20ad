-- What keeps values safe can be undone without a name that is missing: a trigger made again with another condition, a
-- function of another owner. Health compares the whole of each.
begin;
set local search_path = public, extensions;
select plan(15);

delete from ownership_private.protected_tables;

-- The definition of a trigger, made again after a change to its text.
create function pg_temp.remade(tbl regclass, suffix text, pattern text, replacement text) returns text
language sql as $$
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
create function pg_temp.function_of(suffix text) returns text language sql as $$
  select g.tgfoid::regprocedure::text from pg_trigger g where g.tgrelid = 'boats'::regclass and g.tgname = '~~ownership_' || suffix
$$;

select is(tests.problems(), '{}', 'sound to begin with');

-- Triggers on protected tables.
select tests.is_named('trigger changed', pg_temp.remade('boats', 'guard', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'));
select tests.is_named('trigger changed', pg_temp.remade('boats', 'guard', 'BEFORE UPDATE', 'BEFORE UPDATE OF length'));
select tests.is_named('trigger changed', pg_temp.remade('boats', 'guard', 'WHEN .* EXECUTE', 'WHEN (new.name is null) EXECUTE'));
select tests.is_named('trigger changed', pg_temp.remade('boats', 'fill', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'));
select tests.is_named('trigger changed', pg_temp.remade('berths', 'guard', 'WHEN .* EXECUTE', 'WHEN (false) EXECUTE'));
select tests.is_named('trigger changed', pg_temp.remade('boats', 'returned', 'EXECUTE', 'WHEN (current_user = ''nobody'') EXECUTE'));

-- Generated functions.
select tests.is_named('engine owner changed', format('alter function %s owner to a_stranger', pg_temp.function_of('guard')));
select tests.is_named('function changed', format('alter function %s security invoker', pg_temp.function_of('guard')));
select tests.is_named('function changed', format('alter function %s immutable', pg_temp.function_of('guard')));
select tests.is_named('function changed', format('alter function %s set session_replication_role = replica', pg_temp.function_of('returned')));
select tests.is_named('function changed', format('alter function %s reset enable_seqscan', pg_temp.function_of('guard')));

select tests.is_named('key not unique', 'alter table boats drop constraint boats_pkey; create unique index on boats (external_id) where name <> ''''');

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
select is(tests.problems(), '{}', 'repaired');

select * from finish();
rollback;
