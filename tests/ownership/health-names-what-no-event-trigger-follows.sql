-- Where the platform has no event triggers to follow changes of tables, health names them, and repair mends them.
begin;
set local search_path = public, extensions;
select plan(8);

-- The tables of the migrations take no part in this, and no time.
delete from ownership_private.protected_tables;

create function pg_temp.problems() returns text[] language sql as $$
  select coalesce(array_agg(distinct h.problem order by h.problem), '{}') from ownership.health() h
$$;

create function pg_temp.after(harm text) returns text[] language plpgsql as $$
declare
  found text[];
begin
  execute harm;
  found := pg_temp.problems();
  raise exception using errcode = 'ZZ000';
exception when sqlstate 'ZZ000' then
  return found;
end
$$;

-- As where the platform allows no event triggers.
create function pg_temp.unwatched(problem text, harm text) returns text language sql as $$
  select ok(problem = any (pg_temp.after('alter event trigger ownership_watch_commands disable;
    alter event trigger ownership_watch_drops disable;' || harm)), format('%s: %s', problem, harm))
$$;

create table boats (external_id text primary key, name text not null, tags text[] not null default '{}');
create table berths (id integer, place text, primary key (id)) partition by range (id);
select ownership.protect('boats', 'name'), ownership.protect('boats', 'tags'), ownership.protect('berths', 'place');
insert into boats values ('b1', 'Aurore', '{red}');

select pg_temp.unwatched('trigger missing', 'create table berths_2 partition of berths for values from (100) to (200)');
select pg_temp.unwatched('policy orphaned', 'alter table boats drop column name cascade');
select pg_temp.unwatched('column renamed', 'alter table boats rename name to title');
select pg_temp.unwatched('column replaced', 'alter table boats drop column name cascade; alter table boats add column name text');
select pg_temp.unwatched('column type changed', 'drop trigger "~~ownership_guard" on boats;
  drop trigger if exists "~~ownership_fill" on boats; alter table boats alter column name type varchar(80)');

alter event trigger ownership_watch_commands disable;
alter event trigger ownership_watch_drops disable;
alter table boats rename name to title;
alter table boats rename external_id to hull;
alter table boats rename to ships;
create table berths_1 partition of berths for values from (1) to (100);
select ownership.repair();
select is(pg_temp.problems(), '{alarm off}', 'repair mends what can be mended');
select is((select owner from ownership.explain('ships', 'b1', 'title')), 'postgres', 'claims went along');
select is((select count(*) from ownership.history where tbl = 'public.ships' and col = 'title'), 1::bigint, 'and the history');

select * from finish();
rollback;
