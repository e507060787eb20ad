-- What another program's clock stamped is no loss, and a first sync over its rows replaces what it wrote and says so.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.records(more jsonb) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('external_id', 'c' || n, 'status', 'ACTIVE', 'city', 'Laval') || more)
  from generate_series(1, 10) n
$$;
create function pg_temp.report(more jsonb, dry_run boolean default false) returns jsonb language sql as $$
  select sync_stage_page(r.run_id, r.lease, pg_temp.records(more)::text, '[]', null, true, 10, timings => '{}')
  from jsonb_to_record(sync_start_run('clients', 'test', dry_run => dry_run)) r (run_id bigint, lease uuid)
$$;
create function pg_temp.outcome(more jsonb) returns text language sql as $$
  select concat_ws(' ', r ->> 'status', r #>> '{error,details}') from pg_temp.report(more) r
$$;
create function pg_temp.last_run() returns jsonb language sql as $$
  select sync_show_run(max(id)) from sync.runs
$$;

insert into gazelle_clients (external_id, status, city, created_at, updated_at)
select 'c' || n, 'actif', 'Laval', '2020-01-01', '2020-01-01' from generate_series(1, 10) n;

select is(pg_temp.outcome('{"updated_at": "2026-11-02T00:00Z", "created_at": "2019-05-05T00:00Z", "city": null}'),
  'tripped blank:city: 10 of 10, allowed are 10.0 %', 'a first sync that blanks trips, by that alone');
select is(pg_temp.last_run() #> '{counters,unchanged}', 'null', 'and has left nothing unchanged: nothing was compared to stay');

select is(pg_temp.report('{"updated_at": "2026-11-02T00:00Z"}', dry_run => true) -> 'replaced_at_first',
  '{"status": [10, 10], "updated_at": [10, 10]}', 'a dry run says by how much the first sync will replace');
select is(pg_temp.last_run() #> '{counters,unchanged}', 'null', 'and has left nothing unchanged either');

select is(pg_temp.outcome('{"updated_at": "2026-11-02T00:00Z", "created_at": "2019-05-05T00:00Z"}'), 'complete',
  'the first sync goes through');
select is(pg_temp.last_run() -> 'replaced_at_first',
  '{"status": [10, 10], "created_at": [10, 10], "updated_at": [10, 10]}', 'and says by how much it replaced');

update gazelle_clients set updated_at = now(), created_at = now();
select is(pg_temp.outcome('{"updated_at": "2026-11-03T00:00Z", "created_at": "2019-05-05T00:00Z"}'), 'complete',
  'the script ran again and stamped every row: no loss');
select is((select array_agg(distinct c.updated_at) from gazelle_clients c), '{2026-11-03T00:00Z}', 'what is newer stands');
select is(pg_temp.outcome('{"updated_at": null, "created_at": null}'), 'complete', 'nor are stamps that are blanked');
select is(pg_temp.last_run() -> 'replaced_at_first', 'null', 'only the first sync tells what it replaced');
select is(pg_temp.outcome('{"status": "LOST", "updated_at": "2026-11-04T00:00Z"}'),
  'tripped replace:status: 10 of 10, allowed are 50.0 %', 'from then on what is replaced trips, by what is no bookkeeping');

select set_eq($$
    select s.stream || '.' || c.name from sync.streams s, sync.columns_of(s.target) c
    where c.name ~ '^(created|updated|modified|synced|last_seen|last_sync)' and c.name <> all(s.bookkeeping)
  $$, '{}'::text[], 'every stamp of every stream is bookkeeping');
select set_eq($$ select distinct b from sync.streams s, unnest(s.bookkeeping) b $$, array['created_at', 'updated_at']::name[],
  'and nothing else is');

select * from finish();
rollback;
