-- What ownership keeps out does not make a row differ for ever: after one refused write, nothing is written.
begin;
set local search_path = public, extensions;
select plan(9);

create function pg_temp.the_sync_writes(records jsonb) returns jsonb language sql as $$
  select tests.the_sync_reads(records) - '{run_id,total,fetched,staged,duplicates,rejected,unknown_fields}'::text[]
$$;

create function pg_temp.versions() returns text language sql as $$
  select string_agg(concat_ws(' ', c.external_id, c.ctid, c.xmin, c.cmin), ', ' order by c.external_id)
  from public.gazelle_clients c
$$;

select ownership.protect('gazelle_clients', 'tags', 'merge_set');
select ownership.protect('gazelle_clients', 'personal_notes', 'claim');

create temporary table sent on commit drop as
select '[{"external_id": "a", "personal_notes": "theirs", "tags": ["x"]},
  {"external_id": "b", "tags": ["y", "z"]}]'::jsonb as records;
select is(tests.the_sync_reads(records) ->> 'inserted', '2', 'the sync brings two clients') from sent;

-- As a person.
update gazelle_clients set personal_notes = 'mine', tags = tags || '{vip}' where external_id = 'a';

select is(pg_temp.the_sync_writes(records),
  '{"status": "complete", "inserted": 0, "updated": 0, "unchanged": 2, "kept": 2, "missing": 0}',
  'the first sync after that offers its values, and two are kept out') from sent;
select is((select array[c.personal_notes, c.tags::text] from gazelle_clients c where external_id = 'a'),
  '{mine,"{x,vip}"}', 'the person''s values stand');

create temporary table before on commit drop as select pg_temp.versions() as rows;
select is(pg_temp.the_sync_writes(records),
  '{"status": "complete", "inserted": 0, "updated": 0, "unchanged": 2, "kept": 2, "missing": 0}',
  'from then on the row is unchanged, with two values kept') from sent;
select is(pg_temp.versions(), rows, 'and not rewritten') from before;

select is(tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b", "tags": ["z", "y"]}]')
  ->> 'updated', '0', 'another order is the same set');

create temporary table news on commit drop as
select '[{"external_id": "a", "personal_notes": "new"}, {"external_id": "b", "tags": []}]'::jsonb as records;
select is(tests.the_sync_reads(records) ->> 'kept', '2',
  'a new offer is made, and kept out; an empty set is no opinion') from news;
select is((select c.offered from ownership.claims c where c.key = 'a' and c.col = 'personal_notes'), '"new"',
  'the claim knows the new offer');
select is(tests.the_sync_reads(records) ->> 'updated', '0', 'once') from news;

select * from finish();
rollback;
