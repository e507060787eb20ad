-- Claims hold the text of a value. A label of an enum that is renamed is found under its new name: in a column, a
-- domain, a set, what is on offer, the past, blank values and the generated guards.
begin;
set local search_path = public, extensions;
select plan(14);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create type mood as enum ('sad', 'ok', 'none', 'Glad', 'glad');
create domain feeling as mood;
create table acts (external_id text primary key, now mood, last feeling default 'ok', once mood[] not null, past mood[]);
grant select, insert, update, delete on acts to gazelle_sync, manual_editor;
select ownership.protect('acts', col, source => 'gazelle_sync', blank_values => blank::text[])
from (values ('now'::name, '{none}'), ('last', '{}'), ('once', '{}')) c (col, blank);
select ownership.protect('acts', 'past', mode => 'claim', blank_values => '{"{none,none}"}');
create function pg_temp.as_role(role text, statement text) returns text language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
  return (select string_agg(a::text, ' ' order by external_id) from acts a);
end
$$;
select pg_temp.as_role('gazelle_sync', $$insert into acts values ('a1', 'ok', 'ok', '{ok}', '{ok}'), ('a2', 'ok', 'ok', '{}', null)$$);
select pg_temp.as_role('manual_editor', $$update acts set now = 'sad', last = 'sad', once = '{sad,Glad}', past = '{sad,glad}' where external_id = 'a1'$$);
select pg_temp.as_role('gazelle_sync', $$update acts set now = 'ok' where external_id = 'a1'$$);
select ownership.mark('before');

alter type mood rename value 'sad' to 'blue';
alter type mood rename value 'ok' to 'fine';
alter type mood rename value 'none' to 'unknown';
select is_empty('select * from ownership.verify()', 'claims are found under the new label');
select is_empty('select * from ownership.health()', 'and nothing is wrong');
select is((select string_agg(c.value::text, ' ' order by col, element) from ownership.claims c),
  '"blue" "blue" "blue" "fine" "Glad" ["blue", "glad"]', 'values and elements, also one that was taken out');
select is(pg_temp.as_role('gazelle_sync', $$delete from acts; insert into acts values ('a1', 'fine', 'fine', '{fine}', '{fine}')$$),
  '(a1,blue,blue,"{blue,Glad}","{blue,glad}")', 'they come back');
select is(pg_temp.as_role('gazelle_sync', $$update acts set now = 'unknown', past = '{unknown,unknown}', once = '{fine,glad}'$$),
  '(a1,blue,blue,"{blue,Glad}","{blue,glad}")', 'a removal stays one, a blank value a blank');
select is(pg_temp.as_role('manual_editor', $$insert into acts (external_id, once) values ('a3', '{}')$$),
  '(a1,blue,blue,"{blue,Glad}","{blue,glad}") (a3,,fine,{},)', 'a default that is renamed fails no insert');
select is((select bool_or(col = 'last') from ownership.claims where key = 'a3'), null, 'and is still nobody''s');
select is(ownership.release('acts', 'a1', 'now')::text, '"unknown"', 'what is on offer lands');

select ownership.mark('then');
update acts set last = 'glad', once = '{Glad}' where external_id = 'a1';
alter type mood rename value 'blue' to 'low';
select is((select string_agg(restored_value::text, ' ' order by col) from ownership.restore(
  (select max(id) from ownership.marks), people_too => true) where key = 'a1'), '"low" ["Glad", "low"]', 'a restore finds the past under the labels of today');
alter type mood rename value 'Glad' to 'x';
alter type mood rename value 'glad' to 'Glad';
alter type mood rename value 'x' to 'glad';
select is_empty('select * from ownership.verify()', 'labels can exchange their names');

alter event trigger ownership_watch_commands disable;
alter type mood rename value 'low' to 'down';
select is((select string_agg(object, ' ' order by object) from ownership.health() where problem = 'label changed'),
  'public.acts.last public.acts.now public.acts.once public.acts.past', 'without event triggers health names it');
select ownership.repair('acts');
alter event trigger ownership_watch_commands enable always;
select is_empty('select * from ownership.verify()', 'and repair mends it');

select ownership.step_aside('acts');
alter type mood rename to mood_was;
create type mood as enum ('low', 'glad', 'Glad', 'ok', 'unknown');
alter table acts alter past type mood[] using replace(replace(past::text, 'down', 'low'), 'fine', 'ok')::mood[];
set constraints all immediate;
select is((select c.value::text from ownership.claims c where col = 'past'), '["low", "Glad"]', 'a type made anew under its name converts them');
create type moods as range (subtype = mood);
create table days (moods moods primary key, note text);
select throws_like($$ select ownership.protect('days', 'note') $$, '%, of type %.moods, can be renamed', 'no key rests on labels');

select * from finish();
rollback;
