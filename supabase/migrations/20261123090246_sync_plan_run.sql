-- A run's plan, chunk by chunk. A dry run ends with it.

create function sync.plan_into_empty(run sync.runs)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  update sync.staged_pages p
  set to_write = case p.superseded when '{}' then p.size
    else (select count(*) from jsonb_array_elements(p.records) r where r ->> 'external_id' <> all(p.superseded)) end
  where p.stream = run.stream;
  insert into sync.planned_samples (run_id, effect, external_id, sent)
  select run.id, 'inserted', s.record ->> 'external_id', s.record - 'external_id'
  from (
    select r.record
    from sync.staged_pages p, jsonb_array_elements(p.records) r (record)
    where p.stream = run.stream and p.to_write > 0 and r.record ->> 'external_id' <> all(p.superseded)
    limit 3
  ) s
  order by s.record ->> 'external_id';
  update sync.runs r
  set into_empty = true,
      to_insert = coalesce((select sum(p.to_write) from sync.staged_pages p where p.stream = run.stream), 0)
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.plan_into_empty(sync.runs) is
  'The plan of a run into a table without rows: there is nothing to compare, and nothing to lose.';

create function sync.plan_chunk(run sync.runs, row_limit integer default null)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
set work_mem = '64MB'
-- A chunk is small beside the table, whatever the planner takes it for.
set enable_seqscan = off
-- What a sync reads is in memory, or on a disk without a head.
set random_page_cost = 1.1
-- A scan that is off and taken all the same looks so dear that its plan would be compiled first, for half a second.
set jit = off
as $$
declare
  began timestamptz := clock_timestamp();
  chunk integer := coalesce(row_limit, (select s.plan_rows from sync.settings s));
  inserts integer;
  writes integer;
  updates integer;
  keeps integer;
  last_page integer;
  is_last boolean := false;
begin
  if run.reached is null and not sync.has_rows(run.stream) then
    run := sync.plan_into_empty(run);
    is_last := true;
  elsif not exists (select from sync.staged_pages p where p.stream = run.stream and p.size > 0) then
    -- All of it is known.
    is_last := true;
  else
    execute sync.planning(run.stream) into inserts, writes, updates, keeps, last_page
    using run.stream, coalesce(run.reached, 0), chunk, run.id;
    is_last := not exists (
      select from sync.staged_pages p where p.stream = run.stream and p.size > 0 and p.page > last_page);
    update sync.runs r
    set to_insert = r.to_insert + inserts,
        to_update = r.to_update + updates,
        to_offer = r.to_offer + writes - updates,
        kept = r.kept + keeps,
        reached = case when not is_last then last_page end
    where r.id = run.id
    returning * into run;
  end if;
  if is_last then
    run := sync.weigh(run);
  end if;
  return sync.spend(run, 'plan', began);
end;
$$;
comment on function sync.plan_chunk(sync.runs, integer) is
  'Compares the next staged records with the live rows, after ownership, and weighs the plan when these were the last.';

create function public.sync_plan_run(run_id bigint, lease uuid, row_limit integer default null)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.plan_chunk(sync.hold(run_id, lease, 'plan'), row_limit);
begin
  return sync.report(run);
end;
$$;
comment on function public.sync_plan_run(bigint, uuid, integer) is
  'Compares the next staged records with the live rows, after ownership. Call again while the step is plan. The last
   call may trip the run: then nothing is written.';
