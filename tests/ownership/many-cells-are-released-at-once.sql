-- Cells go back to their sources in bulk: by table, column, row and owner, or only where no other value is on offer. A
-- dry run says what would land; what others own stays; a mark goes back.
begin;
set local search_path = public, extensions;
select plan(17);

create role a_second_person;
select ownership.register_writer('a_second_person', 100, 'a second person');
create table pianos (external_id text primary key, location text, floor integer not null default 0, tags text[]);
create table halls (external_id text primary key, name text);
grant all on pianos, halls to gazelle_sync, manual_editor, a_second_person;
select ownership.protect('pianos', c) from unnest('{location,floor,tags}'::name[]) c;
select ownership.protect('halls', 'name');
create function pg_temp.as_role(role name, statement text) returns void language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
end $$;
create function pg_temp.told(arguments text) returns text[] language plpgsql as $$
declare
  told text[];
begin
  execute format('select array_agg(concat_ws('' '', r.col, r.key, r.action, r.released_value) order by r.col, r.key)
    from ownership.release_all(%s) r', arguments) into told;
  return told;
end $$;

select pg_temp.as_role('manual_editor',
  $$insert into pianos values ('p1', 'Studio 4', 1, '{vip}'), ('p2', 'Bar', 2, '{}')$$);
select pg_temp.as_role('manual_editor', $$insert into halls values ('h1', 'by hand')$$);
select pg_temp.as_role('a_second_person',
  $$update pianos set tags = tags || '{loan}', location = 'Foyer' where floor = 2$$);
select pg_temp.as_role('gazelle_sync',
  $$update pianos set location = 'Hall', tags = '{gazelle}' where external_id = 'p1'$$);

create temporary table before as select ownership.mark('before') as mark, (select jsonb_agg(p) from pianos p) as stands;
select is(pg_temp.told($$'pianos', written_by => '{manual_editor}'$$), array['floor p1 would release 1',
  'floor p2 would release 2', 'location p1 would release "Hall"', 'tags p1 would release ["gazelle"]'],
  'of one person, with what would stand there');
select is((select jsonb_agg(p) from pianos p), (select stands from before), 'nothing is written by a dry run');
select is(pg_temp.told($$'pianos', written_by => '{manual_editor}', unopposed => true$$),
  '{"floor p1 would release 1","floor p2 would release 2"}', 'only where nothing else is on offer');
select is(pg_temp.told($$'pianos', '{location}'$$),
  '{"location p1 would release \"Hall\"","location p2 would release \"Foyer\""}', 'of a column');
select is(pg_temp.told($$'pianos', keys => '{p2}'$$), array['floor p2 would release 2',
  'location p2 would release "Foyer"', 'tags p2 would release ["loan"]'], 'of a row');
select is(pg_temp.told($$keys => '{h1}'$$), '{"name h1 would release \"by hand\""}', 'of every table');
select is(pg_temp.told($$'pianos', keys => '{}'$$), null, 'of no row');
select is(pg_temp.told($$'pianos', keys => '{p9}'$$), null, 'of a row that nobody owns anything in');

select pg_temp.as_role('a_second_person',
  $$update pianos set tags = tags || '{shared}' where external_id = 'p1'$$);
select is(pg_temp.told($$'pianos', '{tags}', written_by => '{manual_editor}', dry_run => false$$),
  array['tags p1 conflict ["vip", "gazelle", "shared"]'], 'a set in which another owns an element stays');
select is(pg_temp.told($$'pianos', '{location,floor}', dry_run => false$$), array['floor p1 released 1',
  'floor p2 released 2', 'location p1 released "Hall"', 'location p2 released "Foyer"'], 'released for good');
select is((select count(*) from ownership.claims c where c.col in ('location', 'floor')), 0::bigint, 'nobody owns them now');
select is((select count(*) from ownership.history h where h.event = 'released'), 4::bigint, 'each with a line in the history');
select lives_ok($$select ownership.restore(m.id, people_too => true, dry_run => false) from ownership.marks m
  where m.label = 'before a release' order by m.id desc limit 1$$, 'a restore to the mark that it took');
select is((select location from pianos where external_id = 'p1'), 'Studio 4', 'undoes it');

select ownership.register_writer('a_second_person', 110, 'a second person');
select pg_temp.as_role('a_second_person', $$insert into halls values ('h2', 'hers')$$);
select is(pg_temp.told($$'halls', dry_run => false$$),
  '{"name h1 released \"by hand\"","name h2 conflict \"hers\""}', 'what a higher rank owns stays');

select throws_ok($$select ownership.release_all('pianos', '{nothing}')$$, 'OW008', null, 'an unknown column is refused');
select throws_ok($$set local role manual_editor; select * from ownership.release_all()$$, '42501', null, 'nobody else may');

select finish();
rollback;
