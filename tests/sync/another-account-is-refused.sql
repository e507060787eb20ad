-- A database has the records of one account of each source: what another's credentials read is refused.
begin;
set local search_path = public, extensions;
select plan(20);

create function pg_temp.start(name text, dry boolean default false, stream text default 'clients')
returns void
language plpgsql
as $$
begin
  execute format('create temporary table %I on commit drop as select * from jsonb_to_record(%s)
    r (run_id bigint, lease uuid)', name, quote_literal(sync_start_run(stream, 'test', dry_run => dry)));
end
$$;
create function pg_temp.stage(run_id bigint, lease uuid, account text, ids text[], is_last boolean)
returns text
language sql
as $$
  select sync_stage_page(run_id, lease,
    (select coalesce(jsonb_agg(jsonb_build_object('external_id', i)), '[]') from unnest(ids) i)::text,
    '[]', case when not is_last then 'on' end, is_last, cardinality(ids), timings => '{}',
    account => case when account is not null then jsonb_build_object('id', account, 'name', 'Shop ' || account) end)
  ->> 'status'
$$;
create function pg_temp.known() returns text
language sql
as $$ select account ->> 'id' from sync.sources where source = 'gazelle' $$;

select pg_temp.start('dry', dry => true);
select is(pg_temp.stage(run_id, lease, 'a', '{c1}', true), 'complete', 'a dry run') from dry;
select is(pg_temp.known(), null, 'fills nothing, so it is nobody''s yet');
select pg_temp.start('first');
select is(pg_temp.stage(run_id, lease, 'a', '{c1}', false), null, 'a first page') from first;
select is(pg_temp.known(), null, 'fills nothing either');
select throws_ok(format('select pg_temp.stage(%s, %L, %L, %L, true)', run_id, lease, 'b', '{c2}'), 'SY004',
  'this database was filled from Shop a (a), and Gazelle now answers as Shop b (b)',
  'the credentials of another are refused within a run') from first;
select is(pg_temp.stage(run_id, lease, 'a', '{c2}', true), 'complete', 'the run goes on') from first;
select is(pg_temp.known(), 'a', 'from then on it is that account''s');

select pg_temp.start('other');
select is(e.message || E'\n' || e.detail, E'this database was filled from Shop a (a), and Gazelle now answers as '
  'Shop b (b)\nRecords of two accounts in one database could not be told apart. Nothing was written.', 'another is refused')
from other, tests.refusal(format('select pg_temp.stage(%s, %L, %L, %L, true)', run_id, lease, 'b', '{d1}')) e;
select matches(e.hint, 'Set the credentials of Shop a \(a\) again; .* npm start -- --fresh\.', 'with what to do')
from other, tests.refusal(format('select pg_temp.stage(%s, %L, %L, %L, true)', run_id, lease, 'b', '{d1}')) e;
select is((select count(*) from sync.staged_pages where stream = 'clients'), 0::bigint, 'and nothing is staged');
select is((select array_agg(external_id order by 1) from gazelle_clients), '{c1,c2}', 'nor written');
select is(pg_temp.stage(run_id, lease, null, '{c1,c2}', true), 'complete', 'one who does not tell passes') from other;
select is(pg_temp.known(), 'a', 'and changes nothing');

select pg_temp.start('pianos', stream => 'pianos');
select throws_ok(format('select pg_temp.stage(%s, %L, %L, %L, true)', run_id, lease, 'b', '{p1}'), 'SY004', null,
  'another stream of the source has the same account') from pianos;
insert into sync.sources (source, role, label) values ('depot', 'pls_detector', 'Depot');
update sync.streams set source = 'depot' where stream = 'pianos';
select lives_ok(format('select sync.check_account(r, %L) from sync.runs r where r.id = %s', '{"id": "b"}', run_id),
  'another source has its own') from pianos;

select pg_temp.start('renamed');
select is(pg_temp.stage(run_id, lease, 'a', '{c1,c2}', true), 'complete', 'the same again') from renamed;
update sync.sources set account = '{"id": "a", "name": "Old"}' where source = 'gazelle';
select pg_temp.start('again');
select is(pg_temp.stage(run_id, lease, 'a', '{c1,c2}', true), 'complete', 'under another name') from again;
select is((select account ->> 'name' from sync.sources where source = 'gazelle'), 'Shop a', 'which is kept');
update sync.sources set account = null where source = 'gazelle';
select pg_temp.start('moved');
select is(pg_temp.stage(run_id, lease, 'b', '{c1,c2}', true), 'complete', 'a person lets another id in') from moved;
select is(pg_temp.known(), 'b', 'which counts from then on');

select * from finish();
rollback;
