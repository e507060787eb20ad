-- apply: only rows that the comparison finds to differ are written, chunk by chunk, place and rows together.

create function sync.applying(stream text)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select sync.comparison(applying.stream, 'p.to_write > 0', format(', %s as is_ruled', ruled.differs))
    || format(
    $sql$
      , %3$s, updated as (
        update %1$s live
        set missing_since = null, (%2$s) = (
          select %4$s from jsonb_populate_record(live, compared.payload) sent
        )
        from compared
        cross join lateral (select * from %1$s stood where stood.ctid = compared.place offset 0) before
        where compared.changes and not compared.is_new and live.external_id = compared.external_id
        returning
          live.external_id,
          compared.differing,
          %6$s as was,
          %7$s as became,
          -- Where no policy may rule, nothing is kept out.
          case when compared.is_ruled
            then (select %5$s from jsonb_populate_record(live, compared.payload) sent) else 0 end as kept
      ), noted as (
        insert into sync.changes as c (run_id, external_id, was, became)
        select $4, updated.external_id, updated.was, updated.became
        from updated
        where updated.was <> '{}'
        on conflict (run_id, external_id) do update
        set was = excluded.was || c.was, became = c.became || excluded.became
      )
      select
        (select max(page) from compared) as reached,
        (select count(*)::integer from compared where is_new) as new,
        (select count(*)::integer from inserted) as inserted,
        -- A row in which everything sent was kept out holds what it held.
        (select count(*)::integer from updated where kept < differing or differing = 0) as updated,
        (select coalesce(sum(kept), 0)::integer from updated) as kept
    $sql$,
    s.target,
    (select string_agg(format('%I', c.name), ', ') from sync.columns_of(s.target) c),
    sync.inserts(applying.stream, format(
      'compared, lateral jsonb_populate_record(%s, compared.payload) sent where compared.is_new', sync.empty_row(s.target))),
    (select string_agg(format('sent.%I', c.name), ', ') from sync.columns_of(s.target) c),
    ruled.count,
    sync.changed_cells(s.target, 'before'),
    sync.changed_cells(s.target, 'live')
  )
  from sync.streams s
  cross join lateral (
    select
      coalesce(string_agg(c.differs, E'\n or '), 'false') as differs,
      coalesce(string_agg(format('(%s)::integer', c.differs), ' + '), '0') as count
    from sync.cells_of(s.target) c
    where c.is_ruled
  ) ruled
  where s.stream = applying.stream
$$;
comment on function sync.applying(text) is
  'The SQL that writes what differs in a chunk, with the arguments of sync.comparison and the run ($4), notes what it
   replaces, and counts.';

create function sync.apply_chunk(run sync.runs, row_limit integer default null)
returns sync.runs
language plpgsql
volatile
security invoker
set search_path = ''
set work_mem = '64MB'
-- As in sync.plan_chunk.
set enable_seqscan = off
set random_page_cost = 1.1
set jit = off
as $$
declare
  began timestamptz := clock_timestamp();
  chunk integer := coalesce(row_limit, (select s.apply_rows from sync.settings s));
  last_page integer;
  news integer;
  inserts integer;
  updates integer;
  keeps integer;
  is_last boolean;
begin
  -- A row that another writer inserts in the same moment is left out once, and updated the second time.
  for attempt in 1 .. 2 loop
    execute case when run.into_empty and attempt = 1 then sync.filling(run.stream) else sync.applying(run.stream) end
    into last_page, news, inserts, updates, keeps
    using run.stream, coalesce(run.reached, 0), chunk, run.id;
    run.inserted := run.inserted + inserts;
    run.updated := run.updated + updates;
    run.kept := run.kept + keeps;
    exit when inserts = news;
  end loop;

  is_last := not exists (
    select from sync.staged_pages p where p.stream = run.stream and p.to_write > 0 and p.page > last_page);
  update sync.runs r
  set inserted = run.inserted,
      updated = run.updated,
      kept = run.kept,
      step = case when is_last then 'finish' else 'apply' end,
      reached = case when not is_last then last_page end
  where r.id = run.id
  returning * into run;
  return sync.spend(run, 'apply', began);
end;
$$;
comment on function sync.apply_chunk(sync.runs, integer) is 'Writes the next chunk of rows that differ.';

create function public.sync_apply_run(run_id bigint, lease uuid, row_limit integer default null)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
declare
  run sync.runs := sync.apply_chunk(sync.hold(run_id, lease, 'apply'), row_limit);
begin
  return sync.report(run);
end;
$$;
comment on function public.sync_apply_run(bigint, uuid, integer) is
  'Writes the next chunk of rows that differ. Call again while the step is apply.';
