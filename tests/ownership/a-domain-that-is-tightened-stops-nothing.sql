-- A domain can refuse today what stood in a cell yesterday, or what a merge of two sets would make. The statement goes
-- on: the cell stays as it is or takes its default, and everything else is written.
begin;
set local search_path = public, extensions;
select plan(13);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create domain tag as text;
create domain tag_set as text[];
create domain place as text;
create table rooms (external_id text primary key, tags tag_set not null default '{}', marks tag[],
  place place not null default 'hall', note text);
grant select, insert, update, delete on rooms to gazelle_sync, manual_editor;
select ownership.protect('rooms', 'tags', source => 'gazelle_sync');
select ownership.protect('rooms', 'marks', 'merge_set', source => 'gazelle_sync');
select ownership.protect('rooms', 'place', source => 'gazelle_sync', blank_values => '{n/a}');
create function pg_temp.as_role(role text, statement text) returns text language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
  return (select string_agg(r::text, ' ' order by external_id) from rooms r);
end
$$;
select pg_temp.as_role('gazelle_sync', $$insert into rooms values ('r1', '{a}', '{a}', 'x', ''), ('r2', '{a}', '{a}', 'x', '')$$);
select pg_temp.as_role('manual_editor', $$update rooms set tags = '{a,VIP}', marks = '{a,VIP}', place = 'Attic' where external_id = 'r1'$$);
select ownership.mark('before');
alter domain tag add check (value = lower(value)) not valid;
alter domain tag_set add check (cardinality(value) < 3) not valid;
alter domain place add check (value = lower(value) and value not in ('n/a', 'hall')) not valid;

select is(pg_temp.as_role('gazelle_sync', $$update rooms set tags = '{b,c}', marks = '{b}', place = 'y', note = 'new'$$),
  '(r1,"{a,VIP}","{a,VIP}",Attic,new) (r2,"{b,c}",{b},y,new)', 'a merged set that does not fit stays as it was');
select is((select string_agg(concat_ws(' ', col, offered, kept), '; ' order by col)
  from ownership.blocked_writes where key = 'r1'),
  'marks ["b"] ["a", "VIP"]; place "y" "Attic"; tags ["b", "c"] ["a", "VIP"]', 'and the attempt is on record');
select is(pg_temp.as_role('gazelle_sync', $$update rooms set tags = '{b}' where external_id = 'r1'$$),
  '(r1,"{VIP,b}","{a,VIP}",Attic,new) (r2,"{b,c}",{b},y,new)', 'what fits is merged');
select is(pg_temp.as_role('manual_editor', $$insert into rooms (external_id, place) values ('r3', 'den')$$),
  '(r1,"{VIP,b}","{a,VIP}",Attic,new) (r2,"{b,c}",{b},y,new) (r3,{},,den,)', 'a default that does not fit fails no insert');
select is((select ownership.repair('rooms'))::text, '', 'nor a blank value the repair');
select is_empty('select problem, col from ownership.verify()', 'what stands there is still what was claimed');
update rooms set note = 'touched';
select is(pg_temp.as_role('gazelle_sync', $$delete from rooms; insert into rooms values ('r1', '{b}', '{b}', 'y', '')$$),
  '(r1,"{b,VIP}",{b},y,"")', 'what does not fit does not come back');
select is((select string_agg(col, ' ' order by col) from ownership.claims where key = 'r1'), 'marks place tags', 'its claims stay');
delete from rooms;
select throws_ok($$ select pg_temp.as_role('gazelle_sync', 'insert into rooms values (''r1'', null, null, null, '''')') $$,
  '23514', null, 'NULL takes the default, and not the owned value');
alter table rooms alter place set default 'lobby';
select ownership.repair('rooms');
select is(pg_temp.as_role('gazelle_sync', $$insert into rooms values ('r1', null, null, null, '')$$), '(r1,{VIP},,lobby,"")', 'where that fits');

insert into rooms (external_id) values ('r3');
update rooms set place = 'loft' where external_id = 'r3';
select is((select string_agg(concat_ws(' ', key, col, action), '; ' order by key, col)
  from ownership.restore((select max(id) from ownership.marks), 'rooms', people_too => true)),
  'r1 marks would restore; r1 place would restore; r3 place conflict', 'a plan of a restore reads what it could not write');
select is((select string_agg(concat_ws(' ', key, col, action), '; ' order by key, col)
  from ownership.restore((select max(id) from ownership.marks), 'rooms', people_too => true, dry_run => false)),
  'r1 marks conflict; r1 place conflict; r3 place conflict', 'and one that writes tells it');

update ownership_private.claims set offered = '"Not low"', offered_times = 1 where key = 'r1' and value = '"Attic"';
select is((select string_agg(concat_ws(' ', col, action), '; ' order by col)
  from ownership.release_all('rooms', keys => '{r1}', dry_run => false)),
  'marks released; place conflict; tags released', 'a release of many leaves what does not fit');
select * from finish();
rollback;
