-- An import leaves alone what was changed after the export, is undone by a restore, and awaits rows that are not there.
begin;
set local search_path = public, extensions;
select plan(8);

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

select pg_temp.forget();
select pg_temp.the_sync_brings('{1,2,3}');
-- As a person, after the export.
update organs set stops = 41 where external_id = 'o1';
update ownership_private.claims set since = since + interval '1 second' where key = 'o1' and value = '41';
select is(pg_temp.import(document), 'imported notes of o1, conflict stops of o1, imported tags of o1, '
  'imported tuned of o2, imported notes of o3', 'what a person changed since is a conflict') from before;
select is((select stops from organs where external_id = 'o1'), 41, 'and stays');
-- Undo.
select is((
  select string_agg(format('%s %s of %s', r.action, r.col, r.key), ', ' order by r.key, r.col)
  from ownership.restore((
    select m.id from ownership.marks m where m.label = 'before import' order by m.id limit 1
  ), 'organs', dry_run => false) r
), 'restored notes of o1, restored tags of o1, restored tuned of o2, restored notes of o3',
  'an import is undone by a restore');
select is((select array[notes, tags::text] from organs where external_id = 'o1'), '{from source,"{stock,rental}"}', 'to what stood there');
select is((select count(*) from ownership.claims c where c.tbl = 'organs'::regclass), 1::bigint, 'and nobody''s again');

-- Before the first sync.
select pg_temp.forget();
select is(pg_temp.import(document),
  'waits notes of o1, waits stops of o1, waits tags of o1, waits tuned of o2, waits notes of o3', 'without rows the values wait') from before;
select pg_temp.the_sync_brings('{1,2,3}');
select is(pg_temp.cells(), cells, 'and come with them') from before;
select is(pg_temp.claims(), claims, 'owned by whom they were') from before;

select * from finish();
rollback;
