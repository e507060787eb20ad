-- What two complete reads in a row lack is marked missing, never deleted; an incomplete read marks nothing.
begin;
set local search_path = public, extensions;
select plan(15);

create function pg_temp.missing() returns text[] language sql as $$
  select coalesce(array_agg(c.external_id order by c.external_id), '{}')
  from public.gazelle_clients c where c.missing_since is not null
$$;

select tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}, {"external_id": "c"}, {"external_id": "d"}]');
select is(tests.the_sync_reads('[{"external_id": "a"}]', 4) ->> 'status', 'partial',
  'a read of one when there are four is partial');
select is(tests.the_sync_reads('[{"external_id": "a"}]', 4) ->> 'missing', '0', 'it marks nothing');

select is(tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b", "created_at": "0000-01-01"}]')
  ->> 'missing', '0', 'nor does one complete read alone');
select is(array(select external_id from sync.absent_records order by 1), '{c,d}', 'but it notes what it lacks');
select is(array(select external_id from sync.absent_records where external_id = 'b'), '{}',
  'which is not what it holds in quarantine');
update sync.absent_records set since = '2026-01-19T00:00Z';
select is(tests.the_sync_reads('[{"external_id": "a"}]', 4) ->> 'missing', '0',
  'an incomplete read proves nothing');
select is(array(select external_id from sync.absent_records order by 1), '{c,d}', 'and forgets nothing');
select is(tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}, {"external_id": "d"}]') ->> 'missing', '1',
  'the second complete read in a row marks what it lacks too');
select is(pg_temp.missing(), '{c}', 'but not what only the first one lacked');
select is((select missing_since from gazelle_clients where external_id = 'c'), '2026-01-19T00:00Z',
  'since the first one');
select is(tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}]') ->> 'missing', '0',
  'it counts once, and what was seen in between begins anew');

select is(tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}, {"external_id": "c"}, {"external_id": "d"}]')
  ->> 'updated', '1', 'a record that is back is written');
select is(pg_temp.missing(), '{}', 'and no longer missing');

select is(tests.the_sync_reads('[{"external_id": "a"}, {"external_id": "b"}]', allow => '{lose}') ->> 'missing', '2',
  'a run that is allowed to lose rows marks at once');
select is(pg_temp.missing(), '{c,d}', 'what it lacks');

select * from finish();
rollback;
