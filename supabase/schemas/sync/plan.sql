-- plan: what a run would do, counted before anything is written. A dry run ends here.

create function sync.effects_sql(stream text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sync.comparison_sql(effects_sql.stream, 'p.size > 0', format(
    $sql$
      , array[%1$s]::text[] as effects
      , array[%2$s]::name[] as ruled_cols
      , array[%3$s]::jsonb[] as ruled_stands
      , array[%4$s]::jsonb[] as ruled_sent
    $sql$,
    string_agg(c.effect, E',\n'),
    -- Only values that differ are turned into JSON, which is what costs time here.
    string_agg(format('case when %s then %L end', c.differs, c.name), ', ') filter (where c.is_ruled),
    string_agg(format('case when %s then to_jsonb(live.%I) end', c.differs, c.name), ', ') filter (where c.is_ruled),
    string_agg(format('case when %s then to_jsonb(sent.%I) end', c.differs, c.name), ', ') filter (where c.is_ruled)
  )) || format(
    $sql$
      , ruled as materialized (
        select o.key, o.col, sync.effect(o.stands, o.outcome) as effect
        from (
          select
            array_agg(compared.external_id) as keys, array_agg(cell.col) as cols,
            array_agg(cell.stands) as stands, array_agg(cell.sent) as sent
          from compared
          cross join lateral unnest(compared.ruled_cols, compared.ruled_stands, compared.ruled_sent)
            cell (col, stands, sent)
          where cell.col is not null
        ) cells
        cross join lateral ownership.foresee(%1$L, cells.keys, cells.cols, cells.stands, cells.sent) o
        where cells.keys is not null
      ),
      -- Most rows of a chunk have the same effects in the same columns, so rows are first counted by these.
      effects as materialized (
        select cell.col, cell.effect, alike.rows, alike.keys
        from (
          select c.effects, count(*)::integer as rows, (array_agg(c.external_id))[1:3] as keys
          from compared c
          where c.differing > 0
          group by c.effects
        ) alike
        cross join lateral unnest(array[%2$s]::name[], alike.effects) cell (col, effect)
        where cell.effect is not null
        union all
        select r.col, r.effect, count(*)::integer, (array_agg(r.key))[1:3]
        from ruled r
        group by r.col, r.effect
      )
    $sql$,
    s.target,
    string_agg(format('%L', c.name), ', ') filter (where not c.is_ruled)
  )
  from sync.streams s, lateral sync.effects_on(s.target) c
  where s.stream = effects_sql.stream
  group by s.target
$$;
comment on function sync.effects_sql(text) is
  'The SQL that compares a chunk and counts the effects by column, each with the keys of three rows. Its parameters are
   those of sync.comparison_sql.';

create function sync.samples_sql(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      insert into sync.planned_samples (run_id, effect, col, external_id, stands, sent)
      select $4, s.effect, s.col, s.key, s.stands, s.sent
      from (
        select e.effect, e.col, e.key, cell.stands, cell.sent
        from (
          select e.effect, e.col, key, row_number() over (partition by e.effect, e.col order by key) as place
          from effects e, unnest(e.keys) key
        ) e
        join compared on compared.external_id = e.key
        -- There are few samples, so each row is looked up by its place.
        cross join lateral (select live as cells from %1$s live where live.ctid = compared.place offset 0) stood
        cross join lateral jsonb_populate_record(stood.cells, compared.payload) sent
        cross join lateral (select %2$s as stands, %3$s as sent) cell
        where e.place <= 3
        union all
        (
          select 'inserted', null, c.external_id, null, c.payload - 'external_id'
          from compared c
          where c.is_new
          order by c.external_id
          limit 3
        )
      ) s
      where not exists (
        select from sync.planned_samples p
        where p.run_id = $4 and p.effect = s.effect and p.col is not distinct from s.col)
      order by s.effect, s.col, s.key
    $sql$,
    samples_sql.target,
    sync.cell_json_sql(samples_sql.target, 'e.col', '(stood.cells)'),
    sync.cell_json_sql(samples_sql.target, 'e.col', 'sent'))
$$;
comment on function sync.samples_sql(regclass) is
  'The SQL that stores three samples of each effect on a column, and of new rows, unless the run ($4) has some
   already.';

create function sync.plan_sql(stream text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sync.effects_sql(plan_sql.stream) || format($sql$
    , settled as (
      -- A row that equals its record needs no write under any policy: the record is known from now on.
      insert into sync.%1$I as k (external_id, fingerprint, version, place)
      select c.external_id, c.fingerprint, c.version, c.place
      from compared c
      where c.fingerprint is not null and not c.changes and c.differing = 0
      on conflict (external_id) do update
      set fingerprint = excluded.fingerprint, version = excluded.version, place = excluded.place
    ), gaining as materialized (
      select distinct r.key from ruled r where r.effect <> 'kept'
    ), counted as (
      insert into sync.planned_columns as p (run_id, col, filled, replaced, blanked, kept)
      select $4, e.col,
        coalesce(sum(e.rows) filter (where e.effect = 'filled'), 0),
        coalesce(sum(e.rows) filter (where e.effect = 'replaced'), 0),
        coalesce(sum(e.rows) filter (where e.effect = 'blanked'), 0),
        coalesce(sum(e.rows) filter (where e.effect = 'kept'), 0)
      from effects e
      group by e.col
      on conflict (run_id, col) do update
      set filled = p.filled + excluded.filled, replaced = p.replaced + excluded.replaced,
          blanked = p.blanked + excluded.blanked, kept = p.kept + excluded.kept
    ), sampled as (%2$s), marked as (
      update sync.staged_pages p
      set to_write = w.rows
      from (select c.page, count(*)::integer as rows from compared c where c.changes or c.is_new group by c.page) w
      where p.stream = $1 and p.page = w.page
    )
    select
      count(*) filter (where is_new)::integer as to_insert,
      count(*) filter (where changes and not is_new)::integer as to_write,
      count(*) filter (where changes and not is_new
        and (differing = 0 or gaining.key is not null or effects && '{filled,replaced,blanked}'))::integer as to_update,
      -- Values that differ in a row that needs no write are kept out by ownership.
      coalesce(sum(differing) filter (where not changes), 0)::integer as kept,
      max(page) as reached
    from compared
    left join gaining on gaining.key = compared.external_id
  $sql$, 'known_' || plan_sql.stream, sync.samples_sql(s.target))
  from sync.streams s
  where s.stream = plan_sql.stream
$$;
comment on function sync.plan_sql(text) is
  'The SQL that plans a chunk: it stores counts by column, samples, and which records are known from now on. Its
   parameters are those of sync.comparison_sql, and the run ($4).';

create function sync.plan_into_empty(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
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
  'The plan of a run into an empty table, where there is nothing to compare and nothing to lose.';

create function sync.plan_chunk(run sync.runs, row_limit integer default null)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
-- A chunk is small beside the table, whatever the planner estimates.
set enable_seqscan = off
-- The rows are in memory or on a solid-state disk.
set random_page_cost = 1.1
-- A sequential scan that is taken although it is off has so high a cost that its plan would be compiled, for half a
-- second.
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
    -- All records are known.
    is_last := true;
  else
    execute sync.plan_sql(run.stream) into inserts, writes, updates, keeps, last_page
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
    run := sync.conclude_plan(run);
  end if;
  return sync.add_time(run, 'plan', began);
end;
$$;
comment on function sync.plan_chunk(sync.runs, integer) is
  'Compares the next staged records with live rows, and concludes the plan when these were the last.';

create function public.sync_plan_run(run_id bigint, lease uuid, row_limit integer default null)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'plan');
begin
  perform sync.act_as_source(run.stream);
  run := sync.plan_chunk(run, row_limit);
  return sync.report(run);
end;
$$;
comment on function public.sync_plan_run(bigint, uuid, integer) is
  'Compares the next staged records with live rows, and counts what would change once the ownership policies have been
   applied. Call again while the step is plan. The last call may trip the run: then nothing is written.';
