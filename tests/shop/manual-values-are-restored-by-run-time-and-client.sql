-- What people wrote is restored to what it was before a run, at a time, or for one client with all that is its.
begin;
set local search_path = public, extensions;
select plan(11);

create function pg_temp.told(restored text) returns text language plpgsql as $$
declare told text;
begin
  execute format('select string_agg(format(''%%s %%s of %%s'', r.action, r.col, r.key), '', '' order by r.key, r.col) from %s r',
    restored) into told;
  return told;
exception when others then
  return concat_ws(': ', sqlstate, sqlerrm);
end $$;

insert into gazelle_clients (external_id, tags) values ('cli_1', '{institutional}'), ('cli_2', '{institutional}');
insert into gazelle_pianos (external_id, client_external_id, location)
values ('ins_1', 'cli_1', 'Studio 1'), ('ins_2', 'cli_2', 'Studio 2');
update institution_config set notes = 'note of ' || client_external_id;
select ownership.mark('run clients');
insert into sync.runs (stream, started_by, mark, lease_seconds, lease_until, status, step, finished_at)
select 'clients', 'test', max(id), 1, now(), 'complete', 'finish', now() from ownership.marks;
update ownership_private.marks set at = '2026-01-19 01:00Z';
select ownership.mark('later');
update ownership_private.marks set at = '2026-01-19 03:00Z' where label = 'later';

-- Past the triggers.
set local session_replication_role = replica;
alter table gazelle_clients disable trigger all;
alter table gazelle_pianos disable trigger all;
alter table institution_config disable trigger all;
update gazelle_clients set tags = '{}';
update gazelle_pianos set location = null;
update institution_config set notes = null;
set local session_replication_role = origin;
select ownership.repair();

select is(pg_temp.told(format('shop.restore_client(%L, ownership.mark_at(%L))', 'cli_1', '2026-01-19 02:00Z')),
  'would restore notes of cli_1, would restore tags of cli_1, would restore location of ins_1', 'one client, with all that is its');
select is(pg_temp.told(format('shop.restore_client(%L, ownership.mark_at(%L), dry_run => false)', 'cli_1', '2026-01-19 02:00Z')),
  'restored notes of cli_1, restored tags of cli_1, restored location of ins_1', 'not only told');
select is((select array_agg(p.location order by p.external_id) from gazelle_pianos p), '{Studio 1,NULL}', 'and nothing of another');
select is(pg_temp.told(format('sync.restore_run(%s)', (select max(id) from sync.runs))),
  'would restore notes of cli_2, would restore tags of cli_2, would restore location of ins_2', 'all that a run could have lost');
select is(pg_temp.told(format('sync.restore_run(%s, dry_run => false)', (select max(id) from sync.runs))),
  'restored notes of cli_2, restored tags of cli_2, restored location of ins_2', 'not only told');
select is((select array_agg(p.location order by p.external_id) from gazelle_pianos p), '{Studio 1,Studio 2}', 'all is back');

select is(ownership.mark_at(at), (select id from ownership.marks m where m.label = label_at), 'the mark at ' || at)
from (values ('2026-01-19 01:00Z'::timestamptz, 'run clients'), ('2026-01-19 02:59Z', 'run clients')) asked (at, label_at);
select is(pg_temp.told('ownership.restore(ownership.mark_at(''2026-01-18Z''))'),
  'OW012: no mark was taken up to 2026-01-18 00:00:00+00', 'none so early');
select is(pg_temp.told('shop.restore_client(''cli_3'', 1)'), 'PT404: there is no client ''cli_3''', 'no such client');
select is(pg_temp.told('sync.restore_run(0)'), 'PT404: there is no run 0', 'no such run');

select * from finish();
rollback;
