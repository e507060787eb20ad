-- A restore to the mark that release_all took gives values, owners and sets back, also where the value is as it was.
-- And whose changes are undone is told by names that are somebody's: a NULL is nobody's.
begin;
set local search_path = public, extensions;
select plan(12);

create table halls (external_id text primary key, name text, tags text[]);
grant all on halls to gazelle_sync, manual_editor, pls_detector;
select ownership.protect('halls', c) from unnest('{name,tags}'::name[]) c;
set local role gazelle_sync;
insert into halls values ('h1', 'sent', '{red}'), ('h2', 'sent', '{}'), ('h3', 'sent', '{}');
set local role manual_editor;
update halls set name = 'by hand ' || external_id, tags = tags || '{mine}' where external_id <> 'h3';
set local role gazelle_sync;
update halls set name = 'offer' where external_id = 'h2';
set local role pls_detector;
update halls set name = 'derived' where external_id = 'h3';
reset role;
create function pg_temp.books() returns jsonb language sql as $$
  select jsonb_build_array((select jsonb_agg(h order by h.external_id) from halls h), (
    select jsonb_agg(jsonb_build_array(c.col, c.key, c.element, c.removed, c.writer, c.rank, c.value)
      order by c.col, c.key, c.element)
    from ownership.claims c where c.tbl = 'halls'::regclass
  ))
$$;
create temporary table before as select pg_temp.books() as books;
create function pg_temp.undo() returns bigint language sql as $$
  select count(*) from ownership.restore((select max(m.id) from ownership.marks m where m.label = 'before a release'), 'halls',
    people_too => true, dry_run => false) r where r.action = 'restored'
$$;

select is((select count(*) from ownership.release_all('halls', unopposed => true, dry_run => false)), 3::bigint,
  'what nobody opposes is released');
select is(pg_temp.undo(), 3::bigint, 'and undone, although no value changed');
select is(pg_temp.books(), (select books from before), 'owners are as before');
select is((select count(*) from ownership.release_all('halls', dry_run => false)), 5::bigint, 'all is released');
create temporary table released as select pg_temp.books() as books;
select is(pg_temp.undo(), 5::bigint, 'and undone');
select is(pg_temp.books(), (select books from before), 'as it was, sets as well');
select is((select count(*) from ownership.restore((select max(m.id) from ownership.marks m), 'halls', dry_run => false)),
  5::bigint, 'which is undone in turn');
select is(pg_temp.books(), (select books from released), 'to what the release had left');
select pg_temp.undo();

delete from halls where external_id = 'h1';
select results_eq($$select r.action, r.detail from ownership.release_all('halls', keys => '{h1}', dry_run => false) r
    where r.col = 'name'$$, $$values ('conflict',
  'the row is gone, and a restore could not give it its owner back: ownership.release ends the claim')$$,
  'of a row that is gone nothing is released');

select ownership.mark('a mark');
update halls set name = 'another''s' where external_id = 'h2';
select throws_ok(format('select ownership.restore(%s, written_by => %L)', (select max(id) from ownership.marks), people), 'OW009',
  'nobody is called ''NULL'' here', people) from unnest(array['{NULL}', '{manual_editor,NULL}']) people;
select throws_ok($$select ownership.restore((select max(id) from ownership.marks), 'halls', '{NULL}')$$, 'OW008',
  'column "NULL" of table public.halls is not protected', 'nor is NULL a column');

select finish();
rollback;
