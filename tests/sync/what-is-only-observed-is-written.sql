-- A policy that only observes keeps nothing out, and so does not settle what the sync sends, however often it was seen.
begin;
set local search_path = public, extensions;
select plan(3);

create function pg_temp.the_sync_sends(city text) returns text language plpgsql as $$
declare
  run record;
begin
  select * into run from jsonb_to_record(public.sync_start_run('clients', 'test')) r (run_id bigint, lease uuid);
  perform public.sync_stage_page(run.run_id, run.lease, format('[{"external_id": "a", "city": "%s"}]', city),
    '[]', null, true, 1);
  if public.sync_plan_run(run.run_id, run.lease) ->> 'step' = 'apply' then
    perform public.sync_apply_run(run.run_id, run.lease);
  end if;
  perform public.sync_finish_run(run.run_id, run.lease, '{}');
  return (select c.city from public.gazelle_clients c where c.external_id = 'a');
end;
$$;

select ownership.protect('gazelle_clients', 'city', 'claim', on_conflict => 'observe');
select pg_temp.the_sync_sends('Laval');
update gazelle_clients set city = 'Lévis' where external_id = 'a';
select is(pg_temp.the_sync_sends('Laval'), 'Laval', 'what is observed goes through');
update gazelle_clients set city = 'Lévis' where external_id = 'a';
select is(pg_temp.the_sync_sends('Laval'), 'Laval', 'a second time as well');
select is((select sum(b.times)::integer from ownership.blocked_writes b where b.col = 'city'), 2, 'and both are on record');

select * from finish();
rollback;
