-- A column that was not sent keeps its value; one that was sent as null or empty is what Gazelle says.
begin;
set local search_path = public, extensions;
select plan(7);

create function pg_temp.row_of(wanted text) returns jsonb language sql as $$
  select jsonb_build_object('city', c.city, 'locale', c.locale, 'tags', c.tags)
  from public.gazelle_clients c where c.external_id = wanted
$$;

select is(tests.the_sync_reads('[{"external_id": "a", "city": "Laval", "locale": "fr_CA", "tags": ["x"]},
    {"external_id": "b"}, {"external_id": "c", "city": "Longueuil"}]') ->> 'inserted', '3',
  'three clients come in');
select is(pg_temp.row_of('b'), '{"city": null, "locale": null, "tags": []}',
  'on insert an absent column takes its default, never NULL in its place');

select is(tests.the_sync_reads('[{"external_id": "a", "city": null}, {"external_id": "b", "city": "Laval"},
    {"external_id": "c"}]') ->> 'updated', '2', 'two of them changed');
select is(pg_temp.row_of('a'), '{"city": null, "locale": "fr_CA", "tags": ["x"]}',
  'null is written, absent columns stay');
select is(pg_temp.row_of('b'), '{"city": "Laval", "locale": null, "tags": []}',
  'in one batch each record has its own columns');
select is(pg_temp.row_of('c') ->> 'city', 'Longueuil', 'a record without columns changes nothing');

select is(tests.the_sync_reads('[{"external_id": "a", "tags": ["x"]}, {"external_id": "b"},
    {"external_id": "c"}, {"external_id": "c", "city": "Brossard"}]') - '{run_id,status}'::text[],
  '{"total": 4, "fetched": 4, "staged": 3, "duplicates": 1, "rejected": 0, "unknown_fields": 0, "inserted": 0,
    "updated": 1, "unchanged": 2, "kept": 0, "missing": 0}',
  'of an id that comes twice the last record counts, and it is told');

select * from finish();
rollback;
