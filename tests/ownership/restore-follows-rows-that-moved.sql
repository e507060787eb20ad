-- What was written under an old key comes back to the row that bore it then, wherever it has moved since.
begin;
set local search_path = public, extensions;
select plan(4);

create table rooms (code text primary key, note text);
select ownership.protect('rooms', 'note');
grant all on rooms to gazelle_sync, manual_editor;
set local role gazelle_sync;
insert into rooms select code, 'from Gazelle' from unnest('{a,b,c}'::text[]) code;
set local role manual_editor;
update rooms set note = 'by hand, ' || code;
reset role;
select is(ownership.mark('before the moves') > 0, true, 'a mark');

set local role manual_editor;
update rooms set code = 'd' where code = 'a';
update rooms set code = 'a' where code = 'b';
update rooms set code = 'b' where code = 'd';
update rooms set code = 'e' where code = 'b';
update rooms set code = 'b' where code = 'c';
set local role gazelle_sync;
insert into rooms values ('d', 'another room');
reset role;
select results_eq(
  $$select m.from_key collate "default", m.key collate "default" from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id and t.tbl = 'rooms'::regclass
    cross join lateral ownership_private.moved_keys(p.id) m order by m.id$$,
  $$values ('a', 'e'), ('b', 'a'), ('d', 'e'), ('b', 'e'), ('c', 'b')$$, 'each old key leads to where its row is now');

alter table rooms disable trigger all;
update rooms set note = null;
alter table rooms enable trigger all;
select results_eq(
  $$select key, restored_value from ownership.restore((select max(id) from ownership.marks), 'rooms', dry_run => false)$$,
  $$values ('a', '"by hand, b"'::jsonb), ('b', '"by hand, c"'), ('e', '"by hand, a"')$$, 'as often as they moved');
select results_eq('select code, note from rooms order by 1',
  $$values ('a', 'by hand, b'), ('b', 'by hand, c'), ('d', null), ('e', 'by hand, a')$$, 'the room that came later had no note');

select * from finish();
rollback;
