-- verify really tries to blank a cell of each protected column, and leaves no trace of it.
begin;
set local search_path = public, extensions;
select plan(12);

delete from ownership_private.protected_tables;
create table kites (external_id text primary key, colour text not null, size integer, tags text[], wind text);
create table empty_kites (external_id text primary key, colour text);
select ownership.protect('kites', 'colour');
select ownership.protect('kites', 'size', 'fill_blank', on_conflict => 'reject');
select ownership.protect('kites', 'tags');
select ownership.protect('kites', 'wind', 'manual', on_conflict => 'observe');
select ownership.protect('empty_kites', 'colour');
insert into kites values ('k1', 'red', 3, '{big}', 'west');
create table before as select * from ownership_private.claims;
create table rows_before as select k.*, k.ctid as place from kites k;

create function pg_temp.failures() returns text[] language sql as $$
  select coalesce(array_agg(format('%s: %s', v.col, v.problem) order by v.col), '{}') from ownership.verify() v
$$;

select is(pg_temp.failures(), '{}', 'the guards hold');
select results_eq('select * from ownership_private.claims order by 1, 2, 3', 'select * from before order by 1, 2, 3', 'no claim was left behind');
select is_empty('select * from ownership.blocked_writes', 'no blocked write was left behind');
select results_eq('select k.*, k.ctid as place from kites k', 'select * from rows_before', 'the row was not rewritten');
select is((select w.writer from ownership.whoami() w), 'postgres', 'who ran it is himself again');

create function hollow() returns void language plpgsql as $$
begin
  execute (
    select format('create or replace function ownership_private.%I() returns trigger language plpgsql as ''begin return new; end''', p.proname)
    from pg_trigger g join pg_proc p on p.oid = g.tgfoid
    where g.tgrelid = 'kites'::regclass and g.tgname = '~~ownership_guard'
  );
end
$$;
select hollow();
select is(pg_temp.failures(), '{colour: drill failed,size: drill failed,tags: drill failed}',
  'a hollow guard is found out, also where NOT NULL stopped the blank; what is only observed is not drilled');
select ownership.repair();
select is(pg_temp.failures(), '{}', 'repaired');

create function wreck() returns trigger language plpgsql as 'begin raise exception ''no such day''; end';
create trigger wreck before update on kites for each row execute function wreck();
select is(pg_temp.failures(), '{colour: drill could not run,size: drill could not run,tags: drill could not run}',
  'a trigger that forbids every update is not taken for a guard');

delete from ownership_private.protected_tables;
create domain name_of_a_kite as text not null check (value <> '');
create table named_kites (external_id text primary key, name name_of_a_kite, sizes integer[], days date[]);
select ownership.protect('named_kites', 'name');
select ownership.protect('named_kites', c, 'merge_set') from unnest('{sizes,days}'::name[]) c;
insert into named_kites values ('k1', 'Milan', '{3}', '{2026-01-19}');
select is(pg_temp.failures(), '{}', 'a domain that refuses the blank is no failure; sets of any type are drilled');
select is_empty('select * from ownership.blocked_writes', 'and leave nothing behind');
select results_eq('select c.col from ownership.policies c order by 1', $$select unnest('{days,name,sizes}'::name[])$$, 'each of them');

set local transaction_read_only = on;
select is_empty('select * from ownership.verify()', 'a read-only transaction compares, and does not drill');

select * from finish();
rollback;
