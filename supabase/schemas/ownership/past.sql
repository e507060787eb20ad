-- The past of a column, read from the history: what stood in its cells at a mark, and who owned them.

create function ownership_private.moved_keys(policy integer)
returns table (id bigint, from_key text, key text)
language sql
stable
set search_path = pg_catalog, pg_temp
-- The planner underestimates how many rows moved, and a nested loop would compare each with each.
set enable_nestloop = off
set jit = off
as $$
  with recursive moves as (
    select h.id, h.old_value #>> '{}' as from_key, h.key as to_key
    from ownership_private.moves_of(policy) h
  ),
  -- The next move of a row is the first one after it that leaves the key at which it arrived.
  ends as (
    select m.id, m.from_key, m.to_key, m.to_key as key, true as arrives from moves m
    union all
    select m.id, null, null, m.from_key, false from moves m
  ),
  linked as materialized (
    select e.*, min(e.id) filter (where not e.arrives)
      over (partition by e.key order by e.id desc rows between unbounded preceding and 1 preceding) as next_id
    from ends e
  ),
  steps as (
    select l.id, l.from_key, l.to_key as key, l.id as step, l.next_id
    from linked l
    where l.arrives
    union all
    select s.id, s.from_key, n.to_key, n.id, n.next_id
    from steps s
    join linked n on n.id = s.next_id and n.arrives
  )
  select distinct on (s.id) s.id, s.from_key, s.key from steps s order by s.id, s.step desc
$$;
comment on function ownership_private.moved_keys is
  'Changes of identity keys, each with the key that the row has today.';

create function ownership_private.keys_then(policy integer, keys text[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when keys is not null then keys || array(
    select m.from_key from ownership_private.moved_keys(policy) m where m.key = any (keys)
  ) end
$$;
comment on function ownership_private.keys_then is
  'Keys of today, and all that these rows had before; NULL for all rows.';

create function ownership_private.entries(policy integer, keys text[] default null)
returns table (
  id bigint, key text, element text, event text, writer name, sub text, old_value jsonb, new_value jsonb,
  restore_mark bigint, at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
-- As in moved_keys.
set enable_nestloop = off
set jit = off
as $$
  with placed as (
    select distinct on (h.id) h.*, case when m.id is null then h.key else m.key end as today
    from ownership_private.history_of(policy, ownership_private.keys_then(policy, keys)) h
    left join (
      select k.id, k.from_key, k.key from ownership_private.moved_keys(policy) k
      union all
      -- Where another row arrives at a key, the one that had it was deleted: nothing of it is that row's.
      select a.id, a.key, null from ownership_private.moves_of(policy) a
    ) m on m.from_key = h.key and m.id > h.id
    -- The end of a policy (unprotected) changes no value, so that a restore brings back what was lost without the
    -- policy, once the column is protected again.
    where h.event not in ('moved', 'unprotected')
    order by h.id, m.id
  )
  select h.id, h.today, h.element, h.event, h.writer, h.sub,
    case when h.event = 'adopted' then h.new_value else h.old_value end,
    case when h.event = 'removed' then null else h.new_value end,
    h.restore_mark, h.at
  from placed h
  where h.today is not null and (h.element <> '' or h.event <> 'released' or not exists (
    select from ownership_private.policies p where p.id = policy and ownership_private.merges(p.mode)
  ))
  union all
  -- A set is released as a whole. The one entry stands for each element that was ever owned in it.
  select h.id, h.today, e.element, h.event, h.writer, h.sub, to_jsonb(e.element),
    case when h.new_value ? e.element then to_jsonb(e.element) end, h.restore_mark, h.at
  from placed h
  join (select distinct o.today, o.element from placed o where o.element <> '') e on e.today = h.today
  where h.element = '' and h.event = 'released'
$$;
comment on function ownership_private.entries is
  'The history of a column, under the keys that rows have today; keys: of these rows alone. For an element of a set a
   value of NULL says that it was not in the set.';

create function ownership_private.past(
  policy integer, mark_id bigint, undone text[] default '{}', undone_until timestamptz default 'infinity',
  keys text[] default null
)
returns table (
  key text, element text, value jsonb, owner name, claimed jsonb, removed boolean,
  touched boolean, by_person boolean, by_undone boolean, was_seen boolean, last_writer name, last_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with mark as (
    select m.id, m.history_id, m.at from ownership_private.marks m where m.id = mark_id
    union all
    select 9223372036854775807, 9223372036854775807, 'infinity' where mark_id is null
  ),
  entry as materialized (
    select e.*, m.id as mark, e.id > m.history_id as later
    from ownership_private.entries(policy, keys) e
    cross join mark m
    join ownership_private.policies p on p.id = policy
    -- Claims of an earlier policy of the column do not count at a mark that is younger than this policy.
    where e.at >= p.enrolled_at or m.at < p.enrolled_at
  ),
  cell as (
    select
      e.key, e.element,
      max(e.id) filter (where not e.later) as before,
      max(e.id) filter (where not e.later and e.event <> 'restored') as claim,
      min(e.id) filter (where e.later) as after,
      coalesce(bool_or(e.by_person and not e.is_undone), false) as by_person,
      coalesce(bool_or(e.by_person and e.is_undone), false) as by_undone
    from (
      select o.*, o.later and o.restore_mark is null and coalesce(w.rank, 0) >= 100 as by_person,
        o.at <= undone_until
          and (undone is null or o.writer = any (undone) or o.sub is not null and o.sub = any (undone)) as is_undone
      from entry o
      -- As they were ranked when they wrote.
      left join (
        select r.role, r.rank, r.after,
          lead(r.after, 1, 9223372036854775807) over (partition by r.role order by r.after) as before
        from ownership_private.ranks r
      ) w on w.role = o.writer and o.id > w.after and o.id <= w.before
    ) e
    group by e.key, e.element
  )
  select
    c.key, c.element,
    case
      when a.restore_mark <= a.mark then a.old_value
      when k.event <> 'released' then b.new_value
      else coalesce(a.old_value, b.new_value)
    end,
    case when k.event <> 'released' then k.writer end,
    case when k.event = 'removed' then k.old_value when k.event <> 'released' then k.new_value end,
    coalesce(k.event = 'removed', false),
    a.id is not null,
    c.by_person,
    c.by_undone,
    coalesce(a.restore_mark <= a.mark, false),
    b.writer, b.at
  from cell c
  left join entry b on b.id = c.before and b.element = c.element
  left join entry k on k.id = c.claim and k.element = c.element
  left join entry a on a.id = c.after and a.element = c.element
$$;
comment on function ownership_private.past is
  'Each cell or element with a history: value, owner and claim at the mark (NULL: now), and whether it was touched
   since, by whom. undone: writers or signed-in users whose changes up to undone_until count as no person''s (NULL:
   everybody). keys: of these rows alone. was_seen: a restore read the value itself.';

create function ownership_private.spelling(recorded jsonb, element text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when element = '' or jsonb_typeof(recorded) is distinct from 'array' then recorded
    else coalesce(
      (
        select to_jsonb(e) from jsonb_array_elements_text(recorded) e
        where ownership_private.element(e) = element
        limit 1
      ),
      to_jsonb(element)
    )
  end
$$;
comment on function ownership_private.spelling is
  'A recorded value; or, of a recorded set, one element as it was spelled.';

-- diff: what changed between two marks.

create function ownership_private.touched_keys(policy integer, from_mark bigint, to_mark bigint)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct coalesce(m.key, h.key)), '{}')
  from ownership_private.marks f
  left join ownership_private.marks u on u.id = to_mark
  join ownership_private.history h on h.id > f.history_id and h.id <= coalesce(u.history_id, 9223372036854775807)
  join ownership_private.names n on n.policy_id = policy and h.tbl = n.tbl and h.col = n.col
    and h.id > n.after and h.id < n.before
  left join ownership_private.moved_keys(policy) m on m.from_key = h.key and m.id >= h.id
  where f.id = from_mark
$$;
comment on function ownership_private.touched_keys is
  'The rows, by their keys of today, of which the history has an entry between two marks (NULL: until now).';

create function ownership.diff(from_mark bigint, to_mark bigint default null)
returns table (
  tbl regclass, col name, key text, element text, from_value jsonb, to_value jsonb, writer name, changed_at timestamptz
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
as $$
begin
  perform ownership_private.check_mark(from_mark);
  perform ownership_private.check_mark(to_mark) where to_mark is not null;
  if to_mark < from_mark then
    perform ownership_private.fail('OW012', format('mark %s is older than mark %s', to_mark, from_mark),
      'The first mark is the older one.', format('Call ownership.diff(%s, %s).', to_mark, from_mark));
  end if;
  return query
  select t.tbl, p.col, f.key, f.element, ownership_private.spelling(f.value, f.element),
    ownership_private.spelling(u.value, u.element), u.last_writer, u.last_at
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  cross join lateral ownership_private.touched_keys(p.id, from_mark, to_mark) touched (keys)
  cross join lateral ownership_private.past(p.id, from_mark, keys => touched.keys) f
  join lateral ownership_private.past(p.id, to_mark, keys => touched.keys) u on u.key = f.key and u.element = f.element
  where ownership_private.caller_may_read(t.tbl, p.col)
    and case when f.element = '' then f.value is distinct from u.value else (f.value is null) <> (u.value is null) end
  order by t.id, p.id, f.key, f.element;
end
$$;
comment on function ownership.diff is
  'Owned cells, and elements of sets, that changed between two marks (default: until now), with the writer of the last
   change. An element''s value is NULL where it was not in the set. Error: OW012.';
