-- A protected table that was dropped stops nothing of what the engine does for the others.
begin;
set local search_path = public, extensions;
select plan(19);
delete from ownership_private.protected_tables;
set local client_min_messages = warning;

create table gone (external_id text primary key, note text);
create table half (external_id text primary key, note text, place text);
create table there (external_id text primary key, note text, tags text[]);
select ownership.protect('gone', 'note'), ownership.protect('half', 'note'), ownership.protect('half', 'place');
select ownership.protect('there', c) from unnest('{note,tags}'::name[]) c;
insert into gone values ('a', 'of the gone');
insert into half values ('a', 'of the half', 'Studio 4');
insert into there values ('a', 'by hand', '{vip}');
select ownership.mark('before');
create temp table copies as select ownership.export() as document;
create function pg_temp.lives(statement text) returns text language sql as $$ select lives_ok(statement, statement) $$;

alter event trigger ownership_watch_drops disable;
alter event trigger ownership_watch_commands disable;
drop table gone;
alter table half drop column note cascade;
select pg_temp.lives($$select ownership.protect('there', 'note')$$);
select pg_temp.lives($$select ownership.repair()$$);
select pg_temp.lives($$select ownership.register_writer('gazelle_sync', 10)$$);
select pg_temp.lives($$insert into half values ('b', 'Studio 5')$$);
select pg_temp.lives($$update half set place = place$$);
select pg_temp.lives($$select * from ownership.health()$$);
select pg_temp.lives($$select * from ownership.diff((select max(id) from ownership.marks))$$);
select pg_temp.lives($$select * from ownership.explain('there', 'a')$$);
select pg_temp.lives($$select * from ownership.prune()$$);

alter table there disable trigger all;
update there set note = 'overwritten', tags = '{}';
alter table there enable always trigger "~~ownership_guard";
alter table there enable always trigger "~~ownership_returned";
select bag_eq($$select tbl::text, col::text, problem from ownership.verify()$$,
  $$values ('there', 'note', 'value differs'), ('there', 'tags', 'element is missing')$$, 'verify finds what was lost elsewhere');
select bag_eq($$select table_name::text, col::text, action from ownership.import((select document from copies))$$,
  $$values ('there', 'note', 'would import'), ('there', 'tags', 'would import'), (null, 'note', 'waits'), (null, 'note', 'waits')$$,
  'an import of all takes what it can, and says what waits');
select matches((select detail from ownership.import((select document from copies)) where action = 'waits' and detail !~ 'half'),
  'public.gone', 'by the name of the table');
select bag_eq($$select table_name::text, col::text, action
    from ownership.restore((select max(id) from ownership.marks where label = 'before'), dry_run => false)$$,
  $$values ('there', 'note', 'restored'), ('there', 'tags', 'restored'), ('half', 'place', 'conflict')$$, 'a restore of all');
select is((select row(note, tags)::text from there), '("by hand",{vip})', 'brings them back');
select is_empty($$select from ownership.verify()$$, 'all of them');
select is(ownership.release('there', 'a', 'note'), '"by hand"', 'release');
select is((select jsonb_agg(distinct c ->> 'table') from jsonb_array_elements(ownership.export() -> 'columns') c),
  '["public.gone", "public.half", "public.there"]', 'an export has the name that the table had');
select results_eq($$select h.problem, h.tbl::text, h.object from ownership.health() h where h.problem = 'table gone'$$,
  $$values ('table gone', null, 'public.gone')$$, 'health too');
select pg_temp.lives('select ownership.uninstall()');

select * from finish();
rollback;
