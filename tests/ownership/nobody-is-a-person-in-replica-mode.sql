-- Loads, subscriptions and pglogical write in replica mode, as the superuser that set them up. What they write is
-- nobody's edit: it makes no claim and overwrites none.
begin;
set local search_path = public, extensions;
select plan(17);

create table boats (
  external_id text primary key, name text, berth text, captain text,
  flag text not null default '', tags text[] not null default '{}'
);
create role a_feed;
grant select, insert, update, delete, truncate on boats to a_feed, authenticated;
select ownership.register_writer('a_feed', 10);
select ownership.protect('boats', c) from unnest('{name,flag,tags}'::name[]) c;
select ownership.protect('boats', 'berth', 'manual');
select ownership.protect('boats', 'captain', on_conflict => 'reject');

create function pg_temp.boat() returns text language sql as $$
  select concat_ws(', ', b.name, b.berth, b.captain, nullif(b.flag, ''), b.tags) from boats b where b.external_id = 'b1'
$$;
create function pg_temp.as(role text, statement text) returns void language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  set local role postgres;
end $$;

set local session_replication_role = replica;
select results_eq('select writer, rank, reason from ownership.whoami()', $$
  values ('unknown'::name, 0, 'role postgres is registered, but in replica mode (session_replication_role) nobody is a person')
$$, 'a superuser is nobody');
select throws_ok($$select ownership.protect('boats', 'name')$$, 'OW001');
set local ownership.writer = 'a_feed';
select is((select rank from ownership.whoami()), 10, 'the setting names the writer that a load stands for');
reset ownership.writer;
select lives_ok($$insert into boats values ('b1', 'Aurore', 'north', 'Ann', 'fr', '{red}')$$);
update boats set name = 'Aurora', flag = 'ca', tags = '{red,old}';
select pg_temp.as('authenticated', $$update boats set name = 'Aurora II'$$);
select is_empty($$select * from ownership.claims where tbl = 'boats'::regclass$$, 'what is loaded is nobody''s');
select is_empty($$select * from ownership.history where tbl = 'boats'$$, 'and leaves no history');
select is_empty($$select * from ownership.bases where tbl = 'boats'::regclass$$, 'nor a source of sets');
set local session_replication_role = origin;
select pg_temp.as('a_feed', $$update boats set name = 'Boreas', tags = '{red}'$$);
select is(pg_temp.boat(), 'Boreas, north, Ann, ca, {red}', 'so that the source goes on with it');

update boats set name = 'by hand', berth = 'south', captain = 'Bea', flag = 'it', tags = '{red,vip}';
update boats set tags = '{vip}';
set local session_replication_role = replica;
update boats set name = 'loaded', berth = 'loaded', flag = '', tags = '{red}';
select is(pg_temp.boat(), 'by hand, south, Bea, it, {vip}', 'an update by a superuser is kept out');
select throws_ok($$update boats set captain = 'loaded'$$, 'PT409');
insert into boats values ('b1', 'loaded') on conflict (external_id) do update set name = excluded.name, flag = null;
select is(pg_temp.boat(), 'by hand, south, Bea, it, {vip}', 'so is an upsert with NULL for what may not be');
select pg_temp.as('authenticated', $$update boats set name = ''$$);
select is(pg_temp.boat(), 'by hand, south, Bea, it, {vip}', 'and what a role of people sends');
delete from boats;
insert into boats values ('b1', 'loaded', 'loaded', 'loaded', 'fr', '{red}');
select is(pg_temp.boat(), 'by hand, south, Bea, it, {vip}', 'a row that is deleted and loaded anew gets its values back');
truncate boats;
insert into boats (external_id) values ('b1');
select is(pg_temp.boat(), 'by hand, south, Bea, it, {vip}', 'so does one of a truncated table');
update boats set external_id = 'b0';
update boats set external_id = 'b1', name = 'loaded';
select is(pg_temp.boat(), 'by hand, south, Bea, it, {vip}', 'and one whose key is changed there and back');
set local session_replication_role = origin;
select is((select rank from ownership.whoami()), 100, 'outside of replica mode a person is a person');
select is_empty($$select * from ownership.verify() where tbl = 'boats'::regclass$$, 'verify finds nothing lost');

select * from finish();
rollback;
