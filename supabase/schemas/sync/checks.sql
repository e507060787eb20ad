-- Checks: counted before a run is applied and after it, so that a run proves what it did not do.

create table sync.stream_checks (
  stream text not null,
  name text not null check (name ~ '^[a-z_]+$'),
  -- A check either watches a column, or looks for what there should be none of.
  col name,
  condition text not null,
  primary key (stream, name)
);
comment on table sync.stream_checks is
  'What is counted for each stream. With a column: rows that must not get fewer than the plan of the column says.
   Without: rows there should be none of, which are told and keep no run from being complete.';
comment on column sync.stream_checks.condition is 'SQL over a row of the stream''s table, which is called live.';

create function sync.add_check(stream text, name text, condition text, col name default null)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.stream_checks as c (stream, name, condition, col)
  values (stream, name, condition, col)
  on conflict on constraint stream_checks_pkey do update set condition = excluded.condition, col = excluded.col
$$;
comment on function sync.add_check(text, text, text, name) is 'Has each run of a stream counted as sync.stream_checks says.';

create function sync.watch_reference(stream text, name text, col name, referred regclass)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select sync.add_check(stream, name,
    format('live.%1$I is not null and not exists (select from %2$s r where r.external_id = live.%1$I)', col, referred))
$$;
comment on function sync.watch_reference(text, text, name, regclass) is
  'Makes a check of a reference: rows that name a record which is not here.';

create table sync.checks (
  run_id bigint not null references sync.runs on delete cascade,
  name text not null,
  is_binding boolean not null,
  expected bigint not null,
  found bigint,
  passed boolean,
  primary key (run_id, name),
  -- What was found is judged.
  constraint checks_found_is_judged check ((found is null) = (passed is null))
);
grant select on sync.stream_checks to sync_worker;
grant select, insert, update, delete on sync.checks to sync_worker;
comment on table sync.checks is 'What each run was checked for, with what was expected and what was found.';
comment on column sync.checks.is_binding is 'Whether a run that does not pass is not complete.';

create function sync.count_rows(target regclass, condition text)
returns bigint
language plpgsql
stable
security invoker
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

create function sync.expect(run sync.runs)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- Before the first chunk: what a crash repeats must not be counted again.
  insert into sync.checks (run_id, name, is_binding, expected)
  select run.id, c.name, c.col is not null,
    case when c.col is null then 0
      else greatest(sync.count_rows(s.target, c.condition) - coalesce(p.blanked + p.replaced, 0), 0) end
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
comment on function sync.expect(sync.runs) is 'Counts what must be the same, or no less, after the run is applied.';

create function sync.check_run(run sync.runs)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
-- To compile a count takes longer than to count.
set jit = off
as $$
  insert into sync.checks (run_id, name, is_binding, expected)
  values (run.id, 'records_read', true, coalesce(run.total_count, 0))
  on conflict (run_id, name) do nothing;

  -- Counted once, and not for each use of it.
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
comment on function sync.check_run(sync.runs) is 'Counts again, and tells whether every binding check passed.';
