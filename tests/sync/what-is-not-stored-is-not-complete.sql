-- A run that leaves more than a few of its records unstored, in whole or in a field, is degraded, whatever the reason.
begin;
set local search_path = public, extensions;
select plan(16);

update sync.streams set max_inserted = 1000;
-- Of the pianos p1, p2, … the last ones are bad.
create function pg_temp.read(
  good integer, rejected integer default 0, unclear integer default 0, dry_run boolean default false,
  model text default 'm'
)
returns jsonb language sql as $$
  select sync_stage_page(r.run_id, r.lease,
    (select coalesce(jsonb_agg(jsonb_build_object('external_id', 'p' || n, 'model', model || n % 4)), '[]')
      from generate_series(1, good) n)::text,
    (select coalesce(jsonb_agg(jsonb_build_object('external_id', 'p' || good + n, 'path', case when n > 2 then 'year' else 'id' end,
      'reason', 'no number', 'payload', '{}')), '[]') from generate_series(1, rejected) n),
    null, true, good + rejected, unclear, timings => '{}', unclear => unclear)
  from jsonb_to_record(sync_start_run('pianos', 'test', dry_run => dry_run)) r (run_id bigint, lease uuid)
$$;
create function pg_temp.open_alerts() returns text[] language sql as $$
  select coalesce(array_agg(concat_ws(' ', a.kind, a.times) order by a.id), '{}')
  from sync.alerts a where a.resolved_at is null
$$;

select is(pg_temp.read(4, 1) ->> 'status', 'complete', 'one bad record of five is none');
select is(pg_temp.read(190, 10) ->> 'status', 'complete', 'five of a hundred are within the share');
select is(pg_temp.read(189, 11) ->> 'status', 'degraded', 'more are not');
select is((select array[r.error ->> 'code', r.error ->> 'message', r.error ->> 'details'] from sync.runs r order by r.id desc limit 1),
  array['run_degraded', format('run %s of pianos could not store 11 of 200 records as they are', (select max(id) from sync.runs)),
    E'year, 9: no number\nid, 2: no number'], 'it says how many, and what the reasons are');
select is(pg_temp.open_alerts(), '{"run_degraded 1"}', 'and people are told');
select is(pg_temp.read(200, 0, 11) ->> 'status', 'degraded', 'fields that are errors count as records that were not read');
select is(pg_temp.read(195, 5, 6) ->> 'status', 'degraded', 'together with those that were rejected');
select is(pg_temp.read(0, 200) ->> 'status', 'degraded', 'so does a run of which nothing is left');
select is(pg_temp.read(150, 50, dry_run => true) ->> 'status', 'degraded', 'a dry run says so as well');
select is(pg_temp.open_alerts(), '{"run_degraded 4"}', 'and all of it is one alert');
select is((select array_agg(split_part(f.message, ': ', 2)) from sync.look_at_runs() f where f.code = 'run_degraded'),
  (select array[r.error ->> 'message'] from sync.runs r where not r.dry_run order by r.id desc limit 1),
  'the state of the shop names the stream');
select is((select count(*)::integer from gazelle_pianos p where p.missing_since is not null), 0, 'nothing is taken for missing');

update sync.streams set max_replaced = 1 where stream = 'pianos';
alter table gazelle_pianos add constraint no_small_models check (model <> 'x0');
select is((select concat_ws(' ', r ->> 'status', r #>> '{counters,updated}', r #>> '{counters,rejected}', r #>> '{error,details}')
  from pg_temp.read(200, model => 'x') r),
  'degraded 150 50 no_small_models, 50: new row for relation "gazelle_pianos" violates check constraint "no_small_models"',
  'a constraint of an application that refuses a quarter stops none of the others');

update sync.streams set max_unstored = 0.5 where stream = 'pianos';
select is(pg_temp.read(110, 90) ->> 'status', 'complete', 'the share can be another for a stream');
select is(pg_temp.open_alerts(), '{}', 'and the alert ends with a complete run');
select is((select count(*)::integer from sync.look_at_runs() f where f.code = 'run_degraded'), 0, 'as does what the state says');
select * from finish();
rollback;
