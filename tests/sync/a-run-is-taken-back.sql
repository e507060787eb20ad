-- sync.revert puts back what a run changed, where nothing newer stands there, and nobody comes to own it.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.shop() returns jsonb language sql as $$
  select jsonb_object_agg(c.external_id, concat_ws(' ', c.city, c.locale, c.tags, c.missing_since is not null))
  from public.gazelle_clients c
$$;

select tests.the_sync_reads('[{"external_id": "a", "city": "Laval", "tags": ["x"]},
  {"external_id": "b", "city": "Lévis"}, {"external_id": "c", "city": "Brossard"}, {"external_id": "d"}]');
create temporary table before on commit drop as select pg_temp.shop() as shop;
-- The read before it lacked d too.
insert into sync.absent_records (stream, external_id) values ('clients', 'd');
create temporary table run on commit drop as
select (tests.the_sync_reads('[{"external_id": "a", "city": null, "locale": "fr", "tags": ["y"]},
  {"external_id": "b", "city": "Sorel"}, {"external_id": "c", "city": "Brossard"}, {"external_id": "e"},
  {"external_id": "f"}]') ->> 'run_id')::bigint as id;

select is((select count(*)::integer from sync.changes c, run where c.run_id = run.id), 3,
  'only rows that changed are kept');
update gazelle_clients set city = 'Granby' where external_id = 'b';
update gazelle_clients set tags = '{mine}' where external_id = 'f';
create temporary table edited on commit drop as select pg_temp.shop() as shop;

select is(
  (select array_agg(concat_ws(' ', r.external_id, r.col, r.action)) from run, sync.revert(run.id, dry_run => true) r),
  array['a city put back', 'a locale put back', 'a tags put back', 'b city newer', 'd missing_since put back',
    'e deleted', 'f newer'], 'a dry run tells what would come of each cell and row');
select is(pg_temp.shop(), (select shop from edited), 'and does none of it');

select lives_ok($$ select sync.revert(run.id) from run $$, 'the run is taken back');
select is(pg_temp.shop() - 'b' - 'f', (select shop - 'b' from before), 'what it changed stands as before');
select is(pg_temp.shop() ->> 'b', 'Granby {} f', 'a person''s newer value stays');
select is(pg_temp.shop() ->> 'f', '{mine} f', 'and a row that a person has touched');
select is((select array_agg(c.key order by c.key) from ownership.claims c where c.tbl = 'gazelle_clients'::regclass),
  '{f}', 'nobody owns what was put back');
select isnt((select r.reverted_at from sync.runs r, run where r.id = run.id), null, 'it is on record');
select is((select array_agg(distinct r.action) from run, sync.revert(run.id) r), '{gone,newer}',
  'a second time there is nothing left to do');

select throws_ok($$ select sync.revert(-1) $$, 'PT404', null, 'there must be such a run');
update sync.settings set keep_changes = '0';
select tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}, {"external_id": "c"}, {"external_id": "d"}]');
select is((select count(*)::integer from sync.changes c, run where c.run_id = run.id), 0,
  'what is too old to be taken back is dropped');

update sync.streams set is_enabled = false where stream = 'clients';
select throws_ok($$ select sync_start_run('clients', 'test') $$, 'PT423', null,
  'a stream that is switched off starts no run that would do it all again');

select * from finish();
rollback;
