-- verify: compares each claim with what stands in its cell, and tries a write to each column, which it rolls back.

create function ownership_private.lost_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.merges(p.mode) then $sql$
      select c.key, c.element, case when c.removed then 'element is back' else 'element is missing' end,
        case when not c.removed then c.value end, %6$s
      from %2$s r
      join ownership_private.claims c on c.policy_id = %3$s and c.element <> '' and %4$s
      where case
          when not c.removed and c.value #>> '{}' = any (r.%1$I::text[]) then false
          else c.removed = (c.element collate "C" = any (ownership_private.elements(r.%1$I::text[])))
        end$sql$
    else $sql$
      select c.key, c.element, 'value differs', c.value, %6$s
      from %2$s r
      join ownership_private.claims c on c.policy_id = %3$s and c.element = '' and %4$s
      where %5$s$sql$ end,
    p.col, t.tbl, p.id,
    ownership_private.same_key_sql(t, 'r', 'c.key'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'c.value'),
    ownership_private.recorded_sql(p, 'r'))
$$;
comment on function ownership_private.lost_sql is
  'The query for cells of a column whose value is not the claimed one.';

create function ownership_private.drill(
  p ownership_private.policies, t ownership_private.protected_tables,
  out key text, out problem text, out before jsonb, out after jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place tid;
  part oid;
  writes bigint;
begin
  execute format(
    'select r.ctid, r.tableoid, %s, %s
     from %s r where not %s limit 1 for update skip locked',
    ownership_private.key_sql(t.tbl, t.identity_key, 'r'), ownership_private.recorded_sql(p, 'r'), t.tbl,
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('r.%I', p.col)))
  into place, part, key, before;
  if place is null then
    return;
  end if;
  insert into ownership_private.claims as c (policy_id, key, element, writer, rank, value)
  select p.id, drill.key, e.element, 'ownership drill', 1000, e.value
  from (
    select '' as element, drill.before as value
    where not ownership_private.merges(p.mode)
    union all
    select ownership_private.element(v #>> '{}'), v
    from jsonb_path_query_first(drill.before, '$[*] ? (@.type() != "null" && !(@.type() == "string" && @ == ""))') v
    where ownership_private.merges(p.mode) and v is not null
  ) e
  on conflict on constraint claims_pkey do update
  set removed = false, writer = excluded.writer, rank = excluded.rank, value = excluded.value;
  -- There is no writer of this name, so that it lowers the rank to 0.
  perform set_config('ownership.writer', 'ownership drill', true);
  execute format('update %s r set %2$I = null where r.ctid = $1 and r.tableoid = $2 returning %s', t.tbl, p.col,
    ownership_private.recorded_sql(p, 'r'))
    using place, part into after;
  get diagnostics writes = row_count;
  if writes > 0 and (ownership.is_blank(after) or (not ownership_private.merges(p.mode) and after <> before)) then
    problem := 'drill failed';
  end if;
end
$$;
comment on function ownership_private.drill is
  'Claims a cell, and blanks it as an unknown writer. It really writes; run_drill rolls it back.';

create function ownership_private.run_drill(
  p ownership_private.policies, t ownership_private.protected_tables,
  out key text, out problem text, out before jsonb, out after jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  domain_name text;
begin
  -- The drill's claim would open the gate, and sequences do not roll back: guards would look for claims for ever.
  if current_setting('transaction_read_only') = 'on'
    or ownership_private.is_gate_closed(p) then
    return;
  end if;
  begin
    select d.key, d.problem, d.before, d.after into key, problem, before, after from ownership_private.drill(p, t) d;
    raise exception using errcode = 'OW000';
  exception
    when sqlstate 'OW000' then
      null;
    when sqlstate 'PT409' then
      problem := null;
    when not_null_violation or check_violation then
      get stacked diagnostics domain_name = pg_datatype_name;
      -- A domain refuses a value before there is a row that a guard could see: whoever blanks it gets the error.
      if domain_name = '' then
        problem := 'drill failed';
        after := to_jsonb(sqlerrm);
      end if;
    when others then
      problem := 'drill could not run';
      after := to_jsonb(sqlerrm);
  end;
end
$$;
comment on function ownership_private.run_drill is
  'Runs a drill and rolls it back. If another constraint is what stopped the blank, the guard has let it pass.';

create function ownership_private.lost_cells(lost_sql text, keys text[])
returns table (key text, element text, problem text, claimed jsonb, live jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  half integer := cardinality(keys) / 2;
begin
  return query execute format(
    'select l.* from (%s) l (key, element, problem, claimed, live) where l.key = any ($1) order by l.key || '''', l.element',
    lost_sql) using keys;
exception when others then
  if half = 0 then
    return query select keys[1], null::text, 'cannot be compared'::text, null::jsonb, to_jsonb(sqlerrm);
  else
    return query select * from ownership_private.lost_cells(lost_sql, keys[:half]);
    return query select * from ownership_private.lost_cells(lost_sql, keys[half + 1:]);
  end if;
end
$$;
comment on function ownership_private.lost_cells is
  'The cells of some rows whose value is not the claimed one, by lost_sql. One that cannot be compared hides none of the
   others: halves are compared until it is alone.';

create function ownership_private.lost(p ownership_private.policies, lost_sql text)
returns table (key text, element text, problem text, claimed jsonb, live jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An order that no index has, here and in lost_cells, has every row computed before the first is returned: what was
  -- returned before an error would stay.
  return query execute format(
    'select l.* from (%s) l (key, element, problem, claimed, live) order by l.key || '''', l.element', lost_sql);
exception when others then
  return query select * from ownership_private.lost_cells(lost_sql, array(
    select distinct c.key from ownership_private.claims c where c.policy_id = p.id order by 1));
end
$$;
comment on function ownership_private.lost is
  'The cells of a column whose value is not the claimed one, and those that cannot be compared.';

create function ownership.verify(with_drill boolean default true)
returns table (tbl regclass, col name, key text, element text, problem text, expected jsonb, found jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  guarded record;
begin
  for guarded in
    select s.tbl, e.col, ownership_private.caller_may_read(s.tbl, e.col) as readable,
      case when claimed.any then ownership_private.lost_sql(e, s) end as lost_sql, e as policy, s as the_table
    from ownership_private.tables_here() s
    cross join lateral ownership_private.policies_on(s) e
    join ownership.modes() m on m.mode = e.mode
    -- Where nothing is claimed there is nothing to compare.
    cross join lateral (
      select exists (select from ownership_private.claims c where c.policy_id = e.id) as any
    ) claimed
    where m.keeps_out is not null and e.on_conflict <> 'observe' and (with_drill or claimed.any)
    order by s.id, e.id
  loop
    return query
    select guarded.tbl, guarded.col, l.key, l.element, l.problem, case when guarded.readable then l.claimed end,
      case when guarded.readable or l.problem = 'cannot be compared' then l.live end
    from ownership_private.lost(guarded.policy, guarded.lost_sql) l
    where guarded.lost_sql is not null;
    continue when not with_drill;
    return query
    select guarded.tbl, guarded.col, d.key, ''::text, d.problem, case when guarded.readable then d.before end, d.after
    from ownership_private.run_drill(guarded.policy, guarded.the_table) d
    where d.problem is not null;
  end loop;
end
$$;
comment on function ownership.verify is
  'Each cell whose value is not the claimed one, and, unless with_drill is false, each column whose guard lets a blank
   through in a drill. Values are shown to whoever may read the column. No row where nothing was lost.';
