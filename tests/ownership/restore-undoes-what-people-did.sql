-- A slip of a person's own is undone by going back to a mark with people's changes included: those of everybody, of
-- some writers or signed-in users, or up to a time. What somebody else has changed since stays.
begin;
set local search_path = public, extensions;
select plan(17);

create role a_second_person;
select ownership.register_writer('a_second_person', 110, 'a second person');
create table pianos (external_id text primary key, location text, floor integer not null default 0, tags text[]);
grant all on pianos to gazelle_sync, manual_editor, a_second_person, authenticated;
select ownership.protect('pianos', c) from unnest('{location,floor,tags}'::name[]) c;
create function pg_temp.as_role(role name, statement text, who text default '') returns void
language plpgsql as $$
begin
  perform set_config('request.jwt.claims', case when who <> '' then format('{"sub": "%s"}', who) end, true);
  execute format('set local role %I', role);
  execute statement;
  reset role;
end $$;
create function pg_temp.stands() returns text language sql as $$
  select string_agg(concat_ws(' ', p.external_id, coalesce(p.location, 'null'), p.floor, p.tags), '; '
    order by p.external_id)
  from public.pianos p
$$;
create function pg_temp.owners() returns bigint language sql as $$ select count(*) from ownership.claims c $$;

select pg_temp.as_role('gazelle_sync',
  $$insert into pianos values ('p1', 'Hall', 1, '{gazelle}'), ('p2', null, 2, '{}'), ('p3', 'Bar', 3, '{}')$$);
select pg_temp.as_role('manual_editor',
  $$update pianos set location = 'Studio 4' where external_id = 'p1'$$);
create temporary table before as select ownership.mark('before the slip') as mark, pg_temp.stands() as stands,
  pg_temp.owners() as owners;

select pg_temp.as_role('manual_editor', $$update pianos set location = '', floor = 0, tags = '{slip}'$$);
select pg_temp.as_role('a_second_person', $$update pianos set location = 'Foyer' where external_id = 'p3'$$);
select is((select count(*) from ownership.restore((select mark from before)) r
  where r.action = 'would restore'), 0::bigint,
  'without being told, restore undoes nothing that people did');
select is((select count(*) from ownership.restore((select mark from before), people_too => true) r
  where r.action = 'would restore'), 9::bigint, 'told to, it would undo each change');
select is((select count(*) from ownership.restore((select mark from before), written_by => '{manual_editor}') r
  where r.action = 'would restore'), 8::bigint, 'of one person only what nobody else has changed since');
select is((select r.action from ownership.restore((select mark from before), written_by => '{manual_editor}') r
  where r.key = 'p3' and r.col = 'location'), 'conflict', 'the cell of two is a conflict');
select is(pg_temp.stands(), 'p1  0 {slip}; p2  0 {slip}; p3 Foyer 0 {slip}', 'nothing is written by a dry run');
create temporary table slip as select pg_temp.stands() as stands;
select is((select count(*) from ownership.restore((select mark from before), dry_run => false,
  written_by => '{manual_editor}') r where r.action = 'restored'), 8::bigint, 'then it is written');
select is(pg_temp.stands(), 'p1 Studio 4 1 {gazelle}; p2 null 2 {}; p3 Foyer 3 {}',
  'all is as before, but for the second person');
select is((select array_agg(concat_ws(' ', c.key, c.col, c.writer) order by c.key) from (
  select c.key, c.col, c.writer from ownership.claims c) c),
  '{"p1 location manual_editor","p3 location a_second_person"}',
  'and so are the owners');
select is((select count(*) from ownership.restore((select max(m.id) from ownership.marks m), dry_run => false) r
  where r.action = 'restored'), 8::bigint, 'it is undone like any restore');
select is(pg_temp.stands(), (select stands from slip), 'the slip stands again');
select is((select count(*) from ownership.restore((select mark from before), dry_run => false, people_too => true) r
  where r.action = 'restored'), 9::bigint, 'and everybody''s changes go back as well');
select is((pg_temp.stands(), pg_temp.owners()), (select (stands, owners) from before),
  'to what stood there and who owned it');

update before set mark = ownership.mark('later');
select pg_temp.as_role('authenticated', $$update pianos set location = 'Attic' where external_id <> 'p3'$$, 'marie');
select pg_temp.as_role('authenticated', $$update pianos set location = 'Cellar' where external_id = 'p2'$$, 'luc');
select is((select array_agg(concat_ws(' ', r.key, r.action) order by 1)
  from ownership.restore((select mark from before), written_by => '{marie}') r), '{"p1 would restore","p2 conflict"}',
  'of one signed-in user only hers');
select is((select count(*) from ownership.restore((select mark from before), written_until => now() - interval '1 day')
  r where r.action = 'would restore'), 0::bigint, 'up to a time only what was written by then');
select is((select count(*) from ownership.restore((select mark from before), cols => '{location}', keys => '{p2}',
  people_too => true) r where r.action = 'would restore'), 1::bigint, 'a column and a row as ever');
select throws_ok(format('select ownership.restore(%s, written_by => ''{nobody}'')', (select mark from before)), 'OW009',
  'nobody is called ''nobody'' here', 'a name that nobody has is refused');
select throws_ok(format('set local role service_role; select ownership.restore(%s, people_too => true)', 1),
  '42501', 'permission denied for function restore', 'only people restore');

select finish();
rollback;
