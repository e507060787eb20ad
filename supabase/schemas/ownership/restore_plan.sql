-- The plan of a restore: what stood in each owned cell at the mark, what stands there now, and whose change that was.

create function ownership_private.recall(
  policy integer, mark_id bigint, undone text[], undone_until timestamptz, keys text[]
)
returns table (
  key text, element text, value jsonb, owner name, owner_rank integer, claimed jsonb, removed boolean,
  touched boolean, by_person boolean, by_undone boolean, was_seen boolean, is_claimed boolean, claimed_now jsonb,
  owner_now name
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(p.key, c.key), coalesce(p.element, c.element),
    case when p.key is not null then p.value when not c.removed then c.value end,
    w.role, w.rank,
    case when p.key is not null then p.claimed else c.value end,
    coalesce(p.removed, c.removed),
    coalesce(p.touched, false), coalesce(p.by_person, false), coalesce(p.by_undone, false), coalesce(p.was_seen, false),
    c.key is not null,
    case when not c.removed then c.value end,
    c.writer
  from ownership_private.past(policy, mark_id, undone, undone_until, keys) p
  full join (
    select o.* from ownership_private.claims o where o.policy_id = policy and (o.key = any (keys) or keys is null)
  ) c
    on c.key = p.key and c.element = p.element
  left join ownership_private.writers w on w.role = coalesce(p.owner, case when p.key is null then c.writer end)
    and w.claims
  where p.key is not null
    or c.since <= (select m.at from ownership_private.marks m where m.id = mark_id)
$$;
comment on function ownership_private.recall is
  'What restore must know of each cell or element: what the history says of the mark, and the claim of today. A claim
   without a history, as after an import of tables, counts by its own date and value.';

create function ownership_private.found_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.merges(p.mode) then $sql$
      select m.*, r.ctid as tid, r.tableoid as part, to_jsonb(r.%1$I) as whole,
        (m.value is null) = live.has_it as off_mark,
        m.is_claimed and (m.claimed_now is null) = live.has_it as off_claim,
        case when live.has_it then to_jsonb(m.element) end as live
      from ownership_private.recall(%2$s, $1, $5, $6, $4) m
      join %3$s r on %4$s
      -- OFFSET 0 keeps the planner from evaluating the expression once for each use of it.
      cross join lateral (
        select coalesce(m.element collate "C" = any (r.%1$I::text[]) or (
          cardinality(r.%1$I::text[]) > 0 and m.element collate "C" = any (ownership_private.elements(r.%1$I::text[]))
        ), false) as has_it
        offset 0
      ) live$sql$
    else $sql$
      select m.*, r.ctid as tid, r.tableoid as part, %7$s as whole,
        judged.off_mark, judged.off_claim, %7$s as live
      from ownership_private.recall(%2$s, $1, $5, $6, $4) m
      join %3$s r on %4$s
      cross join lateral (
        select %5$s as off_mark, m.is_claimed and m.by_person and %6$s as off_claim
        offset 0
      ) judged$sql$ end,
    p.col, p.id, t.tbl,
    ownership_private.same_key_sql(t, 'r', 'm.key'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'm.value'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'm.claimed_now'),
    ownership_private.recorded_sql(p, 'r'))
$$;
comment on function ownership_private.found_sql is
  'The query for what restore knows of each cell, beside what stands there now. Rows that are gone are left out.';

create function ownership_private.plan_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    select j.*, case
        when j.verdict = 'newer' then j.claimed_now
        when j.element = '' or j.value is null then j.value
        when j.value ? j.element then to_jsonb(j.element)
        else ownership_private.spelling(j.value, j.element)
      end as target,
      case when j.verdict in ('person', 'unknown') then 'conflict' else 'restore' end as action,
      case j.verdict
        when 'newer' then 'a person wrote this after the mark, and it was overwritten past the triggers'
        when 'person' then 'a person changed it after the mark'
        when 'unknown'
          then 'nobody owned it at the mark, and an empty cell cannot be told from a row that was not there yet'
        when 'undo' then 'undoes a restore'
        when 'undone' then 'changed after the mark by a person whose changes are undone'
        when 'bypass' then 'overwritten past the triggers'
        else 'changed after the mark, by no person'
      end as detail
    from (
      select f.*, case
        when f.by_person and f.off_claim then 'newer'
        -- What is undone comes back with its owner, also where the value is as it was.
        when not f.off_mark and (
          f.by_person or not (f.by_undone or f.was_seen) or f.owner is not distinct from f.owner_now
        ) then null
        when f.by_person then 'person'
        when f.was_seen then 'undo'
        when f.by_undone and (f.element <> '' or f.value is not null or not %s) then 'undone'
        when f.owner is null and not f.touched then null
        when f.owner is null and f.value is null then 'unknown'
        -- The removal has ended since (forget_removed), so that the element is the source's.
        when f.removed and not f.is_claimed then null
        when f.touched then 'changed'
        else 'bypass'
      end as verdict
      from (%s) f
    ) j
    where j.verdict is not null$sql$, f.not_null::text, ownership_private.found_sql(p, t))
  from ownership_private.column_facts(t.tbl, p.col) f
$$;
comment on function ownership_private.plan_sql is
  'The query for what restore does with each cell. It restores what was changed after the mark by no person, and by
   those persons whose changes are to be undone. A newer value of another person stays, and is put back where it was
   overwritten past the triggers.';

create function ownership_private.set_without(current_set jsonb, dropped text[])
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(e.value order by e.place), '[]')
  from jsonb_array_elements(current_set) with ordinality e (value, place)
  where ownership_private.element(e.value #>> '{}') <> all (dropped)
$$;
comment on function ownership_private.set_without is 'A set without some elements, in the same order.';

create function ownership_private.cells_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode) then $sql$
    select tid, part, key, action, string_agg(format('%s: %s', element, detail), '; ' order by element) as detail,
      whole as current_value,
      case
        when action <> 'restore' then null
        when bool_or(target is null)
          then ownership_private.set_without(whole, array_agg(element) filter (where target is null))
        else coalesce(whole, '[]')
      end || coalesce(jsonb_agg(target order by element) filter (where target is not null and live is null), '[]')
        as restored_value
    from plan
    group by tid, part, key, action, whole$sql$
  else $sql$
    select tid, part, key, action, detail, whole as current_value,
      case when action = 'restore' then target end as restored_value
    from plan$sql$ end
$$;
comment on function ownership_private.cells_sql is
  'The query that turns the plan by elements into one by cells: a set is written once.';
