-- A citext key in capitals names the same row as before, and what is owned in the row stays owned.
begin;
set local search_path = public, extensions;
select plan(3);

create extension citext;
create table rooms (code citext primary key, note text);
select ownership.protect('rooms', 'note');
grant all on rooms to gazelle_sync, manual_editor;
set local role gazelle_sync;
insert into rooms values ('Salle A', 'from Gazelle'), ('Salle B', 'from Gazelle');
set local role manual_editor;
update rooms set note = 'by hand' where code = 'salle a';
set local role gazelle_sync;
update rooms set code = upper(code::text), note = 'from Gazelle';
reset role;

select results_eq('select code::text, note from rooms order by 1',
  $$values ('SALLE A', 'by hand'), ('SALLE B', 'from Gazelle')$$, 'the key as it was sent, the value as it was written');
select results_eq(
  $$select key collate "default", writer, value, offered from ownership.claims where tbl = 'rooms'::regclass$$,
  $$values ('salle a', 'manual_editor'::name, '"by hand"'::jsonb, '"from Gazelle"'::jsonb)$$, 'he owns it, and the offer is kept');
select is((select string_agg(event, ', ' order by id) from ownership.history where tbl = 'public.rooms'), 'claimed',
  'no row has moved');

select * from finish();
rollback;
