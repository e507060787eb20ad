-- Rows that vanish while a run reads: what it left out as known is read again before the run calls itself complete.
begin;
set local search_path = public, extensions;
select plan(5);

create function pg_temp.lines(among jsonb) returns text language sql as $$
  select coalesce(string_agg(md5(id) || ' ' || id, E'\n'), '') from jsonb_array_elements_text(among) id
$$;
create function pg_temp.read_all(run jsonb) returns jsonb language plpgsql as $$
declare
  wanted jsonb := public.sync_wanted_records((run ->> 'run_id')::bigint, (run ->> 'lease')::uuid,
    pg_temp.lines('["a", "b", "c"]')) -> 'wanted';
begin
  return public.sync_stage_page((run ->> 'run_id')::bigint, (run ->> 'lease')::uuid,
    (select coalesce(jsonb_agg(jsonb_build_object('external_id', id, 'city', 'Laval')), '[]')::text
      from jsonb_array_elements_text(wanted) id),
    '[]', null, true, 3, 0, pg_temp.lines(wanted),
    (select coalesce(string_agg(id, E'\n'), '') from unnest('{a,b,c}'::text[]) id where not wanted ? id));
end;
$$;
create function pg_temp.step(verb text, run jsonb) returns jsonb language plpgsql as $$
declare
  report jsonb;
begin
  execute format('select public.sync_%s_run($1, $2%s)', verb, case verb when 'finish' then ', ''{}''' else '' end)
  into report using (run ->> 'run_id')::bigint, (run ->> 'lease')::uuid;
  return report;
end;
$$;
create temporary table runs (run jsonb) on commit drop;

-- Twice, so that all three are known.
insert into runs values (public.sync_start_run('clients', 'first'));
select pg_temp.read_all(run), pg_temp.step('plan', run), pg_temp.step('apply', run), pg_temp.step('finish', run) from runs;
update runs set run = public.sync_start_run('clients', 'second');
select pg_temp.read_all(run), pg_temp.step('plan', run), pg_temp.step('finish', run) from runs;

update runs set run = public.sync_start_run('clients', 'third');
select is(pg_temp.read_all(run) ->> 'staged', '3', 'all are known') from runs;
delete from gazelle_clients;
select is(
  (select array[p ->> 'status', p ->> 'step'] from runs, pg_temp.step('plan', run) p), '{paused,stage}',
  'a plan over rows that are gone sends the run back to its beginning');

update runs set run = public.sync_start_run('clients', 'third again');
select is((select array[run ->> 'cursor', run #>> '{counters,staged}'] from runs), array[null, '0'], 'nothing read counts');
select pg_temp.read_all(run), pg_temp.step('plan', run), pg_temp.step('apply', run) from runs;
select is((select pg_temp.step('finish', run) ->> 'status' from runs), 'complete', 'read anew, it is complete');
select is((select count(*)::integer from gazelle_clients), 3, 'and every row is there again');

select * from finish();
rollback;
