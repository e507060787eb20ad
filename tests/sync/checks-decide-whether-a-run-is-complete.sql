-- What a run must not have done is counted before and after; a run that does not pass is not complete.
begin;
set local search_path = public, extensions;
select plan(12);

create function pg_temp.until_applied(stream text, records jsonb) returns bigint language plpgsql as $$
declare
  run record;
begin
  select * into run from jsonb_to_record(public.sync_start_run(stream, 'test')) r (run_id bigint, lease uuid);
  perform public.sync_stage_page(run.run_id, run.lease, records::text, '[]', null, true, jsonb_array_length(records));
  perform public.sync_plan_run(run.run_id, run.lease);
  perform public.sync_apply_run(run.run_id, run.lease);
  return run.run_id;
end;
$$;
create function pg_temp.finish_run(run bigint) returns text language sql as $$
  select public.sync_finish_run(r.id, r.lease, '{}') ->> 'status' from sync.runs r where r.id = run
$$;
create function pg_temp.checked(run bigint, wanted text) returns text language sql as $$
  select concat_ws(' ', c.expected, c.found, c.passed) from sync.checks c where c.run_id = run and c.name = wanted
$$;

insert into gazelle_clients (external_id) values ('a'), ('b');
update gazelle_clients set tags = '{institutional}';

create temporary table sound on commit drop as
select pg_temp.until_applied('clients', '[{"external_id": "a", "city": "Laval"}, {"external_id": "b"}]') as run;
select is(pg_temp.finish_run(run), 'complete', 'a run that passes is complete') from sound;
select is(pg_temp.checked(run, 'institutions_tagged'), '2 2 t', 'institutions stayed tagged') from sound;
select is(pg_temp.checked(run, 'protected_values'), '2 2 t', 'what people own stayed') from sound;
select is(pg_temp.checked(run, 'records_read'), '2 2 t', 'all that there is was read') from sound;

create temporary table harmed on commit drop as
select pg_temp.until_applied('clients', '[{"external_id": "a", "city": "Lévis"}, {"external_id": "b"}]') as run;
-- Past the triggers, as only the table's owner can.
alter table gazelle_clients disable trigger all;
update gazelle_clients set tags = '{}' where external_id = 'a';
alter table gazelle_clients enable trigger all;
select is(pg_temp.finish_run(run), 'partial', 'a run under which values vanished is not') from harmed;
select is(pg_temp.checked(run, 'institutions_tagged'), '2 1 f', 'an institution lost its tag') from harmed;
select is((select array[a.kind, a.details] from sync.alerts a),
  array['check_failed', E'institutions_tagged: expected 2, found 1\nprotected_values: expected 2, found 1'],
  'and people are told');

-- What was lost before a run is not taken for what should be there.
alter table gazelle_clients disable trigger all;
update gazelle_clients set tags = '{}';
alter table gazelle_clients enable trigger all;
create temporary table robbed on commit drop as
select pg_temp.until_applied('clients', '[{"external_id": "a", "city": "Sorel"}, {"external_id": "b"}]') as run;
select is(pg_temp.finish_run(run), 'partial', 'nor is a run over a table that was emptied before') from robbed;
select is(pg_temp.checked(run, 'institutions_tagged'), '2 0 f', 'claims say how many there should be') from robbed;

create temporary table dangling on commit drop as
select pg_temp.until_applied('pianos', '[{"external_id": "p", "client_external_id": "z"}]') as run;
select is(pg_temp.finish_run(run), 'complete', 'a piano without its client keeps no run from being complete') from dangling;
select is(pg_temp.checked(run, 'pianos_without_client'), '0 1 f', 'it is counted') from dangling;
select pg_temp.finish_run(pg_temp.until_applied('pianos', '[{"external_id": "p", "make": "Bösendorfer", "client_external_id": "z"}]'));
select is((select a.times from sync.alerts a where a.stream = 'pianos'), 1, 'and told once, while it does not grow');

select * from finish();
rollback;
