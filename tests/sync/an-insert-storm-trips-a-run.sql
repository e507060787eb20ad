-- Far more new rows than there are trip a run, unless it is the stream's first or the rows come back.
begin;
set local search_path = public, extensions;
select plan(24);

create function pg_temp.reads(ids text[], allow text[] default '{}', dry boolean default false)
returns jsonb
language sql
as $$
  select sync_stage_page(r.run_id, r.lease,
    (select jsonb_agg(jsonb_build_object('external_id', i)) from unnest(ids) i)::text,
    '[]', null, true, cardinality(ids), timings => '{}')
  from jsonb_to_record(sync_start_run('clients', 'test', allow => allow, dry_run => dry))
    r (run_id bigint, lease uuid)
$$;
create function pg_temp.outcome(ids text[], allow text[] default '{}', dry boolean default false)
returns text
language sql
as $$
  select concat_ws(' ', r ->> 'status', r #>> '{error,details}')
  from pg_temp.reads(ids, allow, dry) r
$$;
create function pg_temp.some(letter text, up_to integer, above integer default 0) returns text[]
language sql
as $$ select array_agg(letter || n) from generate_series(above + 1, up_to) n $$;
create function pg_temp.rows() returns bigint
language sql as $$ select count(*) from gazelle_clients $$;

select is(pg_temp.outcome(pg_temp.some('a', 300)), 'complete', 'a first load is no storm');
select is(pg_temp.outcome(pg_temp.some('a', 300) || pg_temp.some('x', 1000)),
  'tripped insert: 1000 beside 300, allowed are 50.0 %', '1,000 invented clients trip a run');
select is(pg_temp.rows(), 300::bigint, 'and nothing is written');
select is((select message from sync.alerts where kind = 'run_tripped'), format(
  'the plan of run %s would add too much, so nothing was written', (select max(id) from sync.runs)),
  'an alert says so');
select is(pg_temp.outcome(pg_temp.some('a', 300) || pg_temp.some('x', 1000), dry => true),
  'tripped insert: 1000 beside 300, allowed are 50.0 %', 'a dry run says so, too');
select matches(pg_temp.reads(pg_temp.some('x', 1000)) #>> '{error,message}', 'would lose and add too',
  'another shop in place of this one is both');
select is(pg_temp.outcome(pg_temp.some('a', 301)), 'complete', 'as it was, it goes on');
select is(pg_temp.outcome(pg_temp.some('a', 450)), 'complete', 'within the share it grows');
select is(pg_temp.outcome(pg_temp.some('a', 1300), '{insert}'), 'complete', 'or by name');
select is(pg_temp.outcome(pg_temp.some('a', 4000)),
  'tripped insert: 2700 beside 1300, allowed are 50.0 %', 'for that one run');
select throws_ok($$ select sync_start_run('clients', 'test', allow => '{insert:city}') $$, 'PT400', null,
  'a column is nothing that is inserted');

delete from gazelle_clients where length(external_id) > 3;
select cmp_ok(pg_temp.rows(), '<', 300::bigint, 'rows are deleted by hand');
select is(pg_temp.outcome(pg_temp.some('a', 1300)), 'complete', 'they come back');
select is(pg_temp.rows(), 1300::bigint, 'all of them');
truncate gazelle_clients;
select is(pg_temp.outcome(pg_temp.some('a', 1300)), 'complete', 'also into an empty table');
truncate gazelle_clients;
select is(pg_temp.outcome(pg_temp.some('a', 4000)),
  'tripped insert: 2700 beside 1300, allowed are 50.0 %', 'a storm into an empty table is one');
select is(pg_temp.rows(), 0::bigint, 'and writes nothing');

delete from sync.runs;
insert into gazelle_clients (external_id) values ('a1');
select is(pg_temp.outcome(pg_temp.some('a', 4000)), 'complete',
  'the first sync over an older program''s rows adds what it lacked');
delete from gazelle_clients where external_id not in ('a1', 'a2', 'a3');
update sync.runs set staged = 3;
select is(pg_temp.outcome(pg_temp.some('a', 99)), 'complete', 'a small table may grow by a few');
update sync.streams set least_inserted = 10 where stream = 'clients';
select is(pg_temp.outcome(pg_temp.some('a', 200)),
  'tripped insert: 101 beside 99, allowed are 50.0 %', 'how few, the stream says');
update sync.streams set max_inserted = 2 where stream = 'clients';
select is(pg_temp.outcome(pg_temp.some('a', 200)), 'complete', 'and what share');

select is((pg_temp.reads(pg_temp.some('b', 200), '{lose,blank:city}')) ->> 'status', 'complete',
  'within its limits nothing trips');
select is((select array_agg(distinct s.max_inserted) from sync.streams s where s.stream <> 'clients'),
  '{0.5}', 'every stream has a limit');
select is((select count(*) from sync.streams s where s.least_inserted is null), 0::bigint,
  'and a least number');

select * from finish();
rollback;
