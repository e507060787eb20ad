-- How a run is held. Every public function of the sync runs as gazelle_sync:
-- the role is what ownership goes by, and only a function's own setting can switch to it.

create function sync.has_lost_records(run sync.runs)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return run.staged > 0 and not exists (select from sync.staged_pages s where s.stream = run.stream);
end;
$$;
comment on function sync.has_lost_records(sync.runs) is
  'Whether a crash of the server emptied the unlogged staging under a run.';

create function sync.empty_staging(stream text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  staged text := format('sync.%I', 'staged_' || stream);
begin
  -- New files take longer than deleting little; what piles up from that goes with the next ones.
  if pg_table_size(staged::regclass) < 1048576 then
    execute format('delete from %s', staged);
  else
    execute format('truncate %s', staged);
  end if;
end;
$$;
comment on function sync.empty_staging(text) is 'Forgets what a stream read.';

create function sync.read_anew(run sync.runs)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  delete from sync.rejected_records j where j.run_id = run.id;
  delete from sync.planned_columns p where p.run_id = run.id;
  delete from sync.planned_samples p where p.run_id = run.id;
  perform sync.empty_staging(run.stream);
  update sync.runs r
  set step = 'stage', cursor = null, reached = null,
      total_count = case when r.is_replay then r.total_count end,
      fetched = 0, staged = 0, rejected = 0, duplicates = 0, unknown_fields = 0,
      to_insert = 0, to_update = 0, to_offer = 0, lacking = 0, to_miss = 0, kept = 0
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.read_anew(sync.runs) is
  'Sends a run that has written nothing back to its beginning: what it read no longer holds.';

create function sync.hold(run_id bigint, lease uuid, step text)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds)
  where r.id = hold.run_id and r.lease = hold.lease and r.status = 'running'
  returning * into run;

  if run.id is null then
    perform sync.not_yours(hold.run_id);
  end if;
  if run.step <> hold.step then
    raise exception 'run % is at step %, not %', run.id, run.step, hold.step using
      errcode = 'PT409',
      hint = 'The steps are stage, plan, apply, finish, in this order.';
  end if;
  if sync.has_lost_records(run) then
    raise exception 'run % lost its staged records', run.id using
      errcode = 'PT409',
      detail = 'The database server was restarted after a crash, which empties the staging.',
      hint = 'Nothing live was lost. Start the stream again: it reads everything anew.';
  end if;
  return run;
end;
$$;
comment on function sync.hold(bigint, uuid, text) is
  'Renews the lease of a run for its holder and returns the run, or raises PT409.';
