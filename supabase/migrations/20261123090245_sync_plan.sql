-- plan: what would be written, counted before anything is.

create function public.sync_plan_run(run_id bigint, lease uuid, row_limit integer default 20000)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'plan');
  found record;
begin
  execute sync.comparison(run.stream) || $sql$
    select
      count(*)::integer as seen,
      count(*) filter (where is_new)::integer as to_insert,
      count(*) filter (where changes and not is_new)::integer as to_update,
      -- What differs in a row that needs no write is what ownership keeps out.
      coalesce(sum(differing) filter (where not changes), 0)::integer as kept,
      max(external_id) as reached
    from compared
  $sql$ into found using run.stream, coalesce(run.reached, ''), row_limit;

  update sync.runs r
  set to_insert = r.to_insert + found.to_insert,
      to_update = r.to_update + found.to_update,
      kept = r.kept + found.kept,
      step = case
        when found.seen = row_limit then 'plan'
        when r.to_insert + found.to_insert + r.to_update + found.to_update > 0 then 'apply'
        else 'finish'
      end,
      reached = case when found.seen < row_limit then null else found.reached end
  where r.id = run.id
  returning * into run;
  return jsonb_build_object('step', run.step, 'to_insert', run.to_insert, 'to_update', run.to_update,
    'unchanged', run.staged - run.to_insert - run.to_update, 'kept', run.kept);
end;
$$;
comment on function public.sync_plan_run(bigint, uuid, integer) is
  'Compares the next staged records with the live rows, after ownership. Call again while the step is plan.';
