-- The breaker: a plan that would lose too many values, or add too many rows, is not applied. It counts losses after the
-- ownership policies, so what it guards is mostly the columns that nobody protects.

create function sync.count_lacking(run sync.runs)
returns table (all_rows integer, rows integer, lacking integer, to_miss integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
begin
  execute format('select count(*), count(*) filter (where live.missing_since is null) from %s live', target)
  into all_rows, rows;
  -- Every row has its record, and no row that was marked missing came back: so no row can lack its record.
  if rows = run.staged - run.to_insert and (rows = all_rows or run.to_update + run.to_offer = 0) then
    lacking := 0;
    to_miss := 0;
    return next;
    return;
  end if;
  execute format('select count(*), count(l.missing_since) from %s l', sync.lacking_sql(run)) into lacking, to_miss;
  if lacking > 0 then
    execute format(
      $sql$
        insert into sync.planned_samples (run_id, effect, external_id)
        select $1, 'missing', l.external_id
        from %s l
        order by l.external_id
        limit 3
      $sql$, sync.lacking_sql(run)) using run.id;
  end if;
  return next;
end;
$$;
comment on function sync.count_lacking(sync.runs) is
  'How many rows there are, how many of them are not marked missing, how many of those have no record in the run, and
   how many of these it would mark missing. Stores three samples.';

create function sync.count_standing(run sync.runs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  counts text;
  counted jsonb;
begin
  -- Only columns that lose something are counted, so that a run without losses does not read the table for this.
  select string_agg(format('%L, count(*) filter (where %s)', c.name, c.has_value), ', ') into counts
  from sync.columns_of(target) c
  join sync.planned_columns p on p.run_id = run.id and p.col = c.name and p.blanked + p.replaced > 0;
  if counts is null then
    return;
  end if;
  execute format('select jsonb_build_object(%s) from %s live', counts, target) into counted;
  update sync.planned_columns p
  set standing = (counted ->> p.col)::integer
  where p.run_id = run.id and counted ? p.col;
end;
$$;
comment on function sync.count_standing(sync.runs) is
  'Counts the values in each column that would lose some.';

create function sync.count_known(run sync.runs, all_rows integer)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select greatest(all_rows, (
    select r.staged + r.rejected
    from sync.runs r
    where r.stream = run.stream and r.id < run.id and not r.dry_run and not r.is_replay
      and r.status in ('complete', 'partial', 'degraded')
    order by r.id desc
    limit 1
  ))
$$;
comment on function sync.count_known(sync.runs, integer) is
  'How many records are not new: as many as there are rows, or as the last run read. What was deleted here since then
   comes back, and is no growth.';

create function sync.beyond_limits(run sync.runs, live_rows integer, all_rows integer)
returns table (name text, found integer, standing integer, share real)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select harm.name, harm.found, harm.standing, harm.share
  from sync.streams s
  cross join sync.count_known(run, all_rows) known
  cross join lateral (
    select 'blank:' || p.col, p.blanked, p.standing, s.max_blanked, s.least_loss
    from sync.planned_columns p
    where p.run_id = run.id and p.col <> all(s.bookkeeping)
    union all
    select 'replace:' || p.col, p.replaced, p.standing, s.max_replaced, s.least_loss
    from sync.planned_columns p
    where p.run_id = run.id and p.col <> all(s.bookkeeping) and not run.is_first
    union all
    select 'lose', run.lacking, live_rows, s.max_missing, s.least_loss
    union all
    select 'insert', run.to_insert - (known - all_rows), known, s.max_inserted, s.least_inserted
    where not run.is_first
  ) harm (name, found, standing, share, least)
  where s.stream = run.stream
    and harm.found >= harm.least
    and harm.found > harm.share * harm.standing
    and harm.name <> all(run.allow)
  order by harm.found desc, harm.name
$$;
comment on function sync.beyond_limits(sync.runs, integer, integer) is
  'What a plan would lose or add beyond the limits of its stream, and is not allowed to. Bookkeeping is no loss, and the
   first run of a stream may replace what another program wrote before, and add what that did not have.';

create function sync.why_tripped(run sync.runs, live_rows integer, all_rows integer)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', 'run_tripped',
    'message', format('the plan of run %s would %s too much, so nothing was written', run.id,
      concat_ws(' and ', case when bool_or(t.name <> 'insert') then 'lose' end,
        case when bool_or(t.name = 'insert') then 'add' end)),
    'details', string_agg(format('%s: %s %s %s, allowed are %s %%',
      t.name, t.found, case t.name when 'insert' then 'beside' else 'of' end, t.standing,
      round((t.share * 100)::numeric, 1)), E'\n'),
    'hint', format('Look at the samples. If it is right, start it again with {"allow": %s}.',
      jsonb_agg(t.name))
  )
  from sync.beyond_limits(run, live_rows, all_rows) t
  having count(*) > 0
$$;
comment on function sync.why_tripped(sync.runs, integer, integer) is
  'The error of a run that would lose or add too much, or NULL.';

create function sync.conclude_plan(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
-- Whole tables are counted here.
set enable_seqscan = on
as $$
declare
  counted record;
  tripped jsonb;
begin
  select * into counted from sync.count_lacking(run);
  -- Rows of known records, which were not sent, have been deleted meanwhile.
  if counted.all_rows < run.staged - run.to_insert then
    run := sync.read_anew(run);
    update sync.runs r set status = 'paused', lease = null where r.id = run.id returning * into run;
    return run;
  end if;
  run.lacking := counted.lacking;
  perform sync.count_standing(run);
  tripped := sync.why_tripped(run, counted.rows, counted.all_rows);

  update sync.runs r
  set lacking = counted.lacking,
      to_miss = counted.to_miss,
      step = case
        when not run.dry_run and run.to_insert + run.to_update + run.to_offer > 0 then 'apply'
        else 'finish'
      end,
      status = case when tripped is null then r.status else 'tripped' end,
      lease = case when tripped is null then r.lease end,
      finished_at = case when tripped is not null then clock_timestamp() end,
      error = tripped
  where r.id = run.id
  returning * into run;
  if run.status <> 'tripped' and not run.dry_run then
    perform sync.keep_account(run);
  end if;
  if run.status = 'tripped' then
    perform sync.raise_alert(run, 'run_tripped', tripped);
  -- A run that writes nothing needs no checks of what it lost.
  elsif run.step = 'apply' then
    perform sync.expect_checks(run);
  end if;
  return run;
end;
$$;
comment on function sync.conclude_plan(sync.runs) is
  'Ends the plan of a run: the next step is apply or finish, or the run is tripped, or it reads everything anew because
   rows of known records are gone.';
