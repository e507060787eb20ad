-- Checks: rows and values that are counted before a run is applied and after it, to prove what the run did not do.

create table sync.stream_checks (
  stream text not null,
  name text not null check (name ~ '^[a-z_]+$'),
  -- With a column the check counts rows that should not become fewer, without one rows that should not exist.
  col name,
  condition text not null,
  claimed text,
  primary key (stream, name),
  -- Claims are about a column.
  constraint stream_checks_claims_have_column check (claimed is null or col is not null)
);
comment on table sync.stream_checks is
  'What is counted for each stream. With a column: rows that must not become fewer than the plan of the column says.
   Without one: rows that should not exist; they are reported, and a run can be complete all the same.';
comment on column sync.stream_checks.claimed is
  'The SQL condition of the claims of the column which say that a row must be counted; in it c is a row of
   ownership.claims. So what was lost before the run is not taken for what should be there.';
comment on column sync.stream_checks.condition is
  'The SQL condition of the rows that are counted; in it live is a row of the stream''s table.';

create function sync.add_check(
  stream text,
  name text,
  condition text,
  col name default null,
  claimed text default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.stream_checks as c (stream, name, condition, col, claimed)
  values (stream, name, condition, col, claimed)
  on conflict on constraint stream_checks_pkey do update
  set condition = excluded.condition, col = excluded.col, claimed = excluded.claimed
$$;
comment on function sync.add_check(text, text, text, name, text) is
  'Adds a check to a stream, or changes it. The arguments are the columns of sync.stream_checks.';

create function sync.watch_reference(stream text, name text, col name, referred regclass)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select sync.add_check(stream, name,
    format('live.%1$I is not null and not exists (select from %2$s r where r.external_id = live.%1$I)', col, referred))
$$;
comment on function sync.watch_reference(text, text, name, regclass) is
  'Adds a check of a reference: it counts the rows whose column has an id that the referred table lacks.';

create table sync.checks (
  run_id bigint not null references sync.runs on delete cascade,
  name text not null,
  is_binding boolean not null,
  expected bigint not null,
  found bigint,
  passed boolean,
  primary key (run_id, name),
  -- A check that was counted again has passed or not.
  constraint checks_found_is_judged check ((found is null) = (passed is null))
);
grant select on sync.stream_checks to sync_worker;
grant select, insert, update, delete on sync.checks to sync_worker;
comment on table sync.checks is 'The checks of each run: what was expected, and what was found.';
comment on column sync.checks.is_binding is 'Whether the run is partial if it does not pass.';

create function sync.count_rows(target regclass, condition text)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  rows bigint;
begin
  execute format('select count(*) from %s live where %s', target, condition) into rows;
  return rows;
end;
$$;
comment on function sync.count_rows(regclass, text) is 'How many rows of a table a check counts.';

create function sync.claimed_rows(stream text, name text)
returns table (key text, is_there boolean, stands boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  counted sync.stream_checks;
  target regclass;
begin
  select * into counted from sync.stream_checks c where c.stream = claimed_rows.stream and c.name = claimed_rows.name;
  select s.target into target from sync.streams s where s.stream = claimed_rows.stream;
  if counted.claimed is null then
    return;
  end if;
  return query execute format(
    'select k.key, live.external_id is not null, live.external_id is not null and coalesce(%s, false)
     from (select distinct c.key from ownership.claims c where c.tbl = $1 and c.col = $2 and (%s)) k
     left join %s live on live.external_id = k.key',
    counted.condition, counted.claimed, target) using target, counted.col;
end;
$$;
comment on function sync.claimed_rows(text, text) is
  'The rows that claims say a check must count: whether each is there, and whether it is counted. None for a check
   without claims.';

create function sync.expect_checks(run sync.runs)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- Counted before the first chunk is applied. Where a crash has the plan end again, the first count stays.
  insert into sync.checks (run_id, name, is_binding, expected)
  select run.id, c.name, c.col is not null,
    case when c.col is null then 0
      else greatest(
        sync.count_rows(s.target, c.condition) - coalesce(p.blanked + p.replaced, 0),
        (select count(*) from sync.claimed_rows(c.stream, c.name) r where r.is_there)) end
  from sync.streams s
  join sync.stream_checks c on c.stream = s.stream
  left join sync.planned_columns p on p.run_id = run.id and p.col = c.col
  where s.stream = run.stream
  union all
  select run.id, 'protected_values', true, ownership.count_owned(s.target)
  from sync.streams s
  where s.stream = run.stream
  on conflict (run_id, name) do nothing
$$;
comment on function sync.expect_checks(sync.runs) is 'Counts what a run is checked for before it is applied.';

create function sync.check_run(run sync.runs)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
-- Compiling these queries takes longer than running them.
set jit = off
as $$
  insert into sync.checks (run_id, name, is_binding, expected)
  values (run.id, 'records_read', true, coalesce(run.total_count, 0))
  on conflict (run_id, name) do nothing;

  -- Materialized, or each use of the count would count again.
  with counted as materialized (
    select k.name,
      case
        when k.name = 'records_read' then run.staged + run.rejected
        when k.name = 'protected_values' then ownership.count_owned(s.target)
        else (
          select sync.count_rows(s.target, d.condition)
          from sync.stream_checks d
          where d.stream = s.stream and d.name = k.name
        )
      end as rows
    from sync.checks k
    join sync.streams s on s.stream = run.stream
    where k.run_id = run.id
  )
  update sync.checks c
  set found = counted.rows,
      passed = case when c.is_binding then counted.rows >= c.expected else counted.rows <= c.expected end
  from counted
  where c.run_id = run.id and c.name = counted.name;

  select coalesce(bool_and(c.passed), true) from sync.checks c where c.run_id = run.id and c.is_binding
$$;
comment on function sync.check_run(sync.runs) is
  'Counts again after the run was applied. Returns whether every binding check passed.';
