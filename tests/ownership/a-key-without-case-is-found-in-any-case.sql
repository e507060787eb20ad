-- A citext key names its row in any case: for who explains, releases, verifies and restores, and for a NULL that comes.
begin;
set local search_path = public, extensions;
select plan(8);

create extension citext;
create table rooms (code citext, floor integer, note text not null default 'none', primary key (code, floor));
create table halls (code citext primary key, note text not null default 'none');
select ownership.protect('rooms', 'note'), ownership.protect('halls', 'note');
grant all on rooms, halls to gazelle_sync, manual_editor;
insert into rooms values ('Salle A', 1, 'from Gazelle');
insert into halls values ('Grande Salle', 'from Gazelle'), ('Foyer', 'from Gazelle');
create temporary table marked on commit drop as select ownership.mark('before') as mark;
set local role manual_editor;
update rooms set note = 'by hand';
update halls set note = 'by hand';
reset role;

select is((select e.value from ownership.explain('halls', 'GRANDE salle', 'note') e), '"by hand"', 'explain finds the value');
select is((select e.value from ownership.explain('rooms', '["SALLE a", 1]', 'note') e), '"by hand"', 'also by several columns');

set local role gazelle_sync;
insert into halls values ('grande salle', null) on conflict (code) do update set note = excluded.note;
reset role;
select is((select note from halls where code = 'grande salle'), 'by hand', 'NULL is filled with what stands there');
select is((select b.offered from ownership.blocked_writes b where b.tbl = 'halls'::regclass), null, 'and NULL is what was offered');
select is((select count(*)::integer from ownership.verify() v where v.tbl in ('rooms'::regclass, 'halls'::regclass)), 0,
  'nothing is lost');

alter table rooms disable trigger all;
alter table halls disable trigger all;
update rooms set note = '';
update halls set note = '';
alter table rooms enable trigger all;
alter table halls enable trigger all;
select is(
  (select array_agg(v.key order by v.key) from ownership.verify() v where v.tbl in ('rooms'::regclass, 'halls'::regclass)
    and v.key is not null),
  '{"[\"salle a\", \"1\"]",foyer,"grande salle"}', 'verify finds every loss');
select ownership.restore((select ownership.mark('now')), 'halls', dry_run => false);
select is((select array_agg(note order by code) from halls), '{"by hand","by hand"}', 'restore brings it back');
select is(ownership.release('rooms', '["SALLE A", 1]', 'note'), '""', 'release answers with what stands there');

select * from finish();
rollback;
