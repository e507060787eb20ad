-- Looks at what should stand in the tables: values that are claimed, rows that the last read saw, and the protection.

create function sync.look_at_values()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with wrong as materialized (
    select format('%s.%s', v.tbl, v.col) as col, v.key, v.problem <> 'cannot be compared' as is_lost
    from ownership.verify(with_drill => false) v
  ), by_column as (
    select w.col, count(*) as values from wrong w group by w.col
  ), counted as (
    select (select count(*) from ownership.claims) as claimed, count(*) as wrong,
      coalesce(bool_or(w.is_lost), false) as is_lost
    from wrong w
  )
  select 'values_lost', 'protected values',
    case when c.wrong = 0 then 'well' when c.is_lost then 'lost' else 'cannot tell' end,
    case when c.wrong = 0 then 'every value that somebody owns stands in its place'
      else (select string_agg(format('%s of %s', b.values, b.col), ', ' order by b.values desc, b.col) from by_column b)
        || case when c.is_lost then ' are not what their owners wrote' else ' cannot be compared' end end,
    (select array_agg(e.cell order by e.cell) from (
      select format('%s of %s', w.col, w.key) as cell from wrong w order by 1 limit 5) e),
    case when c.wrong > 0 then 'etiquette restore --now --apply, and without --apply what it would do' end,
    c.claimed, c.claimed - c.wrong, 'watch', null::integer
  from counted c
$$;
comment on function sync.look_at_values() is 'Compares each claim with the cell that it is about, where the row is there.';

create function sync.look_at_claimed_rows()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.name, replace(c.name, '_', ' '),
    case when k.stands < k.claimed then 'lost' else 'well' end,
    format('%s of %s that people or notes claim', k.stands, k.claimed),
    k.examples, case when k.stands < k.claimed then 'etiquette restore --now --apply; etiquette sync --all' end,
    k.claimed, k.stands, 'watch', null::integer
  from sync.stream_checks c
  cross join lateral (
    select count(*) as claimed, count(*) filter (where r.stands) as stands,
      (array_agg(r.key order by r.key) filter (where not r.stands))[:5] as examples
    from sync.claimed_rows(c.stream, c.name) r
  ) k
  where c.claimed is not null
  order by c.name
$$;
comment on function sync.look_at_claimed_rows() is
  'For each check whose rows are claimed, such as institutions: rows that claims say are there, and those that are.';

create function sync.look_at_rows()
returns setof sync.finding
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  read record;
  there bigint;
begin
  for read in
    select s.stream, s.target, last.id, (last.staged - last.refused)::bigint as rows
    from sync.streams s
    cross join lateral (
      select r.id, r.staged, r.refused
      from sync.runs r
      where r.stream = s.stream and r.status in ('complete', 'degraded', 'partial') and sync.is_complete(r)
        and not r.dry_run and not r.is_replay and r.reverted_at is null
      order by r.id desc
      limit 1
    ) last
    order by s.stream
  loop
    -- A row that is marked missing was not in that read.
    execute format('select count(*) from %s live where live.missing_since is null', read.target) into there;
    return query
    select 'rows_lost', format('rows of %s', read.stream), case when there < read.rows then 'lost' else 'well' end,
      format('%s, and run %s left %s', there, read.id, read.rows), null::text[],
      case when there < read.rows
        then format('etiquette sync %s brings them back, with what people own.', read.stream) end,
      read.rows, least(there, read.rows), 'watch', null::integer;
  end loop;
end;
$$;
comment on function sync.look_at_rows() is
  'Compares the rows of each stream with those that its last read of everything left there.';

create function sync.look_at_protection()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with problems as materialized (
    select format('%s: %s', h.problem, h.object) as problem, h.hint from ownership.health() h
  )
  select 'protection_weakened', 'protection', case when count(*) = 0 then 'well' else 'failed' end,
    case when count(*) = 0 then 'every trigger, function and policy is in place'
      else min(p.problem) || case when count(*) > 1 then format(', and %s more', count(*) - 1) else '' end end,
    (array_agg(p.problem order by p.problem))[:5],
    case when count(*) > 0 then 'etiquette health' end, 0::bigint, count(*), 'watch', null::integer
  from problems p
$$;
comment on function sync.look_at_protection() is 'Whether ownership.health finds anything.';

create function sync.look_at_alarms()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with hint as materialized (
    select exists (select from ownership.alarms a where a.over_at is null)
      or exists (select from sync.alerts a where a.kind = 'protection_weakened' and a.resolved_at is null) as is_given
  )
  select f.* from sync.look_at_protection() f where (select h.is_given from hint h)
  union all
  select 'protection_weakened', 'protection', 'well', 'nothing was taken away, as far as the watch and the alarms know',
    null, null, 0, 0, 'watch', null
  where not (select h.is_given from hint h)
$$;
comment on function sync.look_at_alarms() is
  'As sync.look_at_protection, if an alarm of the engine is open or the watch has found something; without, all is well.';

select sync.register_look('protected values', 'sync.look_at_values()');
select sync.register_look('claimed rows', 'sync.look_at_claimed_rows()');
select sync.register_look('rows of streams', 'sync.look_at_rows()');
select sync.register_look('protection', 'sync.look_at_protection()', quick => 'sync.look_at_alarms()');
