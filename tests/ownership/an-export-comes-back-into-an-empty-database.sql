-- An export holds every manual value; import puts them back into an empty database that had its first sync.
begin;
set local search_path = public, extensions;
select plan(13);

create table organs (external_id text primary key, notes text, stops integer, tuned timestamptz, tags text[]);
select ownership.protect('organs', col) from unnest('{notes,stops,tuned,tags}'::name[]) col;
grant all on organs to gazelle_sync, pls_detector;

create function pg_temp.the_sync_brings(ids text) returns void language sql set role = 'gazelle_sync' as $$
  insert into public.organs
  select 'o' || i, 'from source', i, '2025-01-01Z', '{stock,rental}' from unnest(ids::integer[]) i
$$;
create function pg_temp.cells() returns text language sql as $$
  select string_agg(format('%s %s %s %s %s', external_id, coalesce(notes, '-'), stops, tuned at time zone 'UTC',
    array(select t from unnest(tags) t order by 1)), '; ' order by external_id) from organs
$$;
create function pg_temp.claims() returns text language sql as $$
  select string_agg(concat_ws(' ', col, key, element, removed, writer, rank, value), '; ' order by key, col, element)
  from ownership.claims where tbl = 'organs'::regclass
$$;
create function pg_temp.import(document jsonb, dry boolean default false) returns text language sql as $$
  select string_agg(format('%s %s of %s', i.action, i.col, i.key), ', ' order by i.key, i.col)
  from ownership.import(document, dry) i
$$;
create function pg_temp.forget() returns void language sql as $$
  select set_config('session_replication_role', 'replica', true);
  delete from organs;
  delete from ownership_private.claims; delete from ownership_private.bases; delete from ownership_private.history;
  select set_config('session_replication_role', 'origin', true);
$$;

select pg_temp.the_sync_brings('{1,2,3}');
update organs set notes = null, stops = 40, tags = '{stock,Loved}' where external_id = 'o1';
update organs set tuned = '2025-06-01Z' where external_id = 'o2';
set local role pls_detector;
update organs set notes = 'derived' where external_id = 'o3';
reset role;
create temporary table before on commit drop as
select ownership.export() as document, pg_temp.cells() as cells, pg_temp.claims() as claims;

select is(document - 'columns' - 'exported_at', '{"format": "ownership-export", "version": 1}', 'it says what it is')
from before;
select is(jsonb_path_query_array(document, '$.columns[*].claims[*].key'), '["o1", "o3", "o1", "o1", "o1", "o2"]',
  'and holds a claim a cell or element, in order') from before;
select is(pg_temp.import(document), null, 'where everything stands there is nothing to import') from before;

-- An empty database, and a first sync.
select pg_temp.forget();
select pg_temp.the_sync_brings('{1,2,3}');
select is(pg_temp.import(document, true), 'would import notes of o1, would import stops of o1, would import tags of o1, '
  'would import tuned of o2, would import notes of o3', 'a dry run tells') from before;
select is(pg_temp.claims(), null, 'and does nothing');
select is(pg_temp.import(document), 'imported notes of o1, imported stops of o1, imported tags of o1, imported tuned of o2, '
  'imported notes of o3', 'import does it') from before;
select is(pg_temp.cells(), cells, 'every value is back') from before;
select is(pg_temp.claims(), claims, 'and owned by whom it was') from before;
select is(pg_temp.import(document), null, 'a second import has nothing to do') from before;
delete from ownership_private.claims where element = 'loved';
select is(pg_temp.import(document), 'imported tags of o1', 'but what is not claimed') from before;
select is(pg_temp.cells() || pg_temp.claims(), cells || claims, 'and adds no tag twice') from before;
set local role gazelle_sync;
update organs set notes = 'from source', stops = right(external_id, 1)::integer, tags = '{stock,rental}';
reset role;
select is(pg_temp.cells(), cells, 'and the sync that repeats itself takes nothing away') from before;
select is_empty($$ select * from ownership.verify() v where v.tbl = 'organs'::regclass $$, 'verify finds all in place');

select * from finish();
rollback;
