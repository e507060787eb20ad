-- Owners and higher ranks change a key, and claims go along. What a deleted row left under the new key ends, with a
-- line in the history, and is not taken for the past of the row that came.
begin;
set local search_path = public, extensions;
select plan(5);

create table organs (external_id text primary key, serial text unique, notes text, tags text[], status text);
select ownership.protect('organs', c) from unnest('{notes,tags}'::name[]) c;
grant all on organs to gazelle_sync, manual_editor, service_role, anon, pls_detector;
set local role gazelle_sync;
insert into organs select k, 's' || k, 'from Gazelle', '{concert}', 'open' from unnest('{A,B,C,D,E,F}'::text[]) k;
set local role manual_editor;
update organs set notes = 'by hand' where external_id in ('A', 'B');
update organs set tags = '{}' where external_id = 'C';
set local role pls_detector;
update organs set notes = 'derived' where external_id = 'D';
reset role;

set local role pls_detector;
update organs set external_id = 'D2' where external_id = 'D';
reset role;
select is((select writer from ownership.claims where tbl = 'organs'::regclass and key = 'D2'), 'pls_detector',
  'an owner renames his row, and his claim goes along');
set local role gazelle_sync;
update organs set external_id = 'E2' where external_id = 'E';
reset role;
select is((select external_id from organs where serial = 'sE'), 'E2', 'a row that nobody owns anything in is anybody''s');
set local role manual_editor;
update organs set external_id = 'A2' where external_id = 'A';
reset role;
select results_eq(
  $$select key collate "default", writer from ownership.claims
    where tbl = 'organs'::regclass and value = '"by hand"' order by 1$$,
  $$values ('A2', 'manual_editor'::name), ('B', 'manual_editor')$$, 'a person renames any row');
delete from organs where external_id = 'B';
set local role manual_editor;
update organs set external_id = 'B', notes = 'newer' where external_id = 'C';
reset role;
select results_eq(
  $$select event, key collate "default", element collate "default", old_value from ownership.history
    where tbl = 'public.organs' and writer = 'manual_editor' and key = 'B' order by id offset 1$$,
  $$values ('released', 'B', '', '"by hand"'::jsonb), ('moved', 'B', '', '"C"'), ('claimed', 'B', '', '"from Gazelle"')$$,
  'what a deleted row left under the key ends with a line in the history');
select ownership.mark('later');
update organs set external_id = 'A3' where external_id = 'A2';
select results_eq(
  $$select key collate "default", value from ownership_private.past(
      (select id from ownership_private.policies where col = 'notes' and table_id = (
        select id from ownership_private.protected_tables where tbl = 'organs'::regclass)), null)
    where owner = 'manual_editor' order by 1$$,
  $$values ('A3', '"by hand"'::jsonb), ('B', '"newer"')$$, 'and is not taken for the past of the row that came');

select * from finish();
rollback;
