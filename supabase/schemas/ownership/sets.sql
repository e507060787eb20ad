-- Sets: the three-way merge, claims on elements, and what becomes of the set of a row that comes back.

create function ownership_private.merge_sets(current_set text[], incoming text[], base text[], of_others text[])
returns text[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  known text[] := ownership_private.elements(base);
  sent text[] := ownership_private.elements(incoming);
begin
  return array(
    select merged.value
    from (
      select distinct on (candidates.element) candidates.value, candidates.side, candidates.place
      from (
        select e.value, 1 as side, e.place, ownership_private.element(e.value) as element
        from unnest(current_set) with ordinality e (value, place)
        where not ownership.is_blank(e.value)
        union all
        select e.value, 2, e.place, ownership_private.element(e.value)
        from unnest(incoming) with ordinality e (value, place)
        where not ownership.is_blank(e.value)
      ) candidates
      where candidates.element <> all (known)
        or candidates.side = 1 and (candidates.element = any (sent) or candidates.element = any (of_others))
      order by candidates.element, candidates.side, candidates.place
    ) merged
    order by merged.side, merged.place
  );
end
$$;
comment on function ownership_private.merge_sets is
  'Three-way merge: (current - ((base - incoming) - of_others)) + (incoming - base). An element in both sets keeps the
   spelling of the current one.';

create function ownership_private.claim_elements(
  policy integer, row_key text, writer name, writer_rank integer, old_set text[], new_set text[],
  policy_source name
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  of_people text[] := array(
    select c.element from ownership_private.claims c where c.policy_id = policy and c.key = row_key and not c.removed
  );
begin
  insert into ownership_private.bases (policy_id, key, source, base)
  select policy, row_key, policy_source, coalesce(old_set, '{}')
  where not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);

  with changed as materialized (
    select e.element, to_jsonb((array_agg(e.value order by e.is_new, e.place))[1]) as value,
      bool_or(e.is_old) as removed
    from (
      select ownership_private.element(o.value) as element, o.value, o.place, true as is_old, false as is_new
      from unnest(old_set) with ordinality o (value, place)
      union all
      select ownership_private.element(n.value), n.value, n.place, false, true
      from unnest(new_set) with ordinality n (value, place)
    ) e
    where not ownership.is_blank(e.value)
    group by e.element
    having bool_or(e.is_old) <> bool_or(e.is_new)
  ),
  claimed as (
    insert into ownership_private.claims (policy_id, key, element, removed, writer, rank, value, since)
    select policy, row_key, c.element, c.removed, claim_elements.writer, writer_rank, c.value,
      (select clock_timestamp())
    from changed c
    on conflict on constraint claims_pkey do update
    set removed = excluded.removed, writer = excluded.writer, rank = excluded.rank, value = excluded.value,
      since = excluded.since
  )
  -- An entry tells of its element alone: with both sets in each, an edit of many elements would be kept squared.
  insert into ownership_private.history (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value)
  select t.name, p.col, row_key, c.element, case when c.removed then 'removed' else 'claimed' end,
    claim_elements.writer, (select coalesce(nullif(current_setting('role'), 'none'), session_user)),
    (select ownership_private.signed_in_user()), (select nullif(current_setting('ownership.run', true), '')),
    case when c.removed then c.value end, case when not c.removed then c.value end
  from changed c
  join ownership_private.policies p on p.id = policy
  join ownership_private.protected_tables t on t.id = p.table_id
  order by c.element;

  -- Whatever stood there before the column was protected may be the source's, which would send it again. The base is
  -- written in any case: whoever does not see this edit in his snapshot meets it there (meet_unseen).
  update ownership_private.bases b
  set base = b.base || coalesce(unknown.spelt, '{}')
  from (
    select array_agg(c.value #>> '{}' order by c.element) as spelt
    from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.removed and c.element <> all (of_people)
      and c.element = any (ownership_private.elements(old_set))
      and c.element <> all (ownership_private.elements(new_set)) and not exists (
      select from ownership_private.bases o
      where o.policy_id = policy and o.key = row_key and c.element = any (ownership_private.elements(o.base))
    )
  ) unknown
  where b.policy_id = policy and b.key = row_key and b.source = policy_source;
end
$$;
comment on function ownership_private.claim_elements is
  'Claims what a person changed in a set: elements that were added, and, as removed, elements that were taken out. One
   that was taken out, and that neither a person nor a source is known to have put there, counts as sent by the
   policy''s own source.';

create function ownership_private.says_nothing(incoming text[], empty_is_opinion boolean)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return incoming is null or not empty_is_opinion and ownership.is_blank(incoming);
end
$$;
comment on function ownership_private.says_nothing is
  'Whether a source that sends this set has no opinion: NULL never is one, an empty set only of the policy''s own source
   where the policy says so.';

create function ownership_private.holds_elements(policy integer, source name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.leaves_claims(source)
    or exists (select from ownership_private.policies p where p.id = policy and p.source = holds_elements.source)
$$;
comment on function ownership_private.holds_elements is
  'Whether elements that a source sent stay when another drops them: those of the policy''s own source do, and those of
   writers that leave claims.';

create function ownership_private.merged_set(
  policy integer, row_key text, writer name, current_set text[], incoming text[], policy_source name
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  untouched boolean := not exists (
    select from ownership_private.bases b where b.policy_id = policy and b.key = row_key
  );
  base text[];
  of_others text[];
  removed text[];
begin
  -- Without a base, what stands there counts as sent by the policy's own source (policies.source).
  if row_key is null or untouched and writer = policy_source then
    return incoming;
  end if;
  base := (
    select b.base from ownership_private.bases b
    where b.policy_id = policy and b.key = row_key and b.source = writer
  );
  of_others := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
    union
    select unnest(ownership_private.elements(b.base)) from ownership_private.bases b
    where b.policy_id = policy and b.key = row_key and b.source <> writer
      and ownership_private.holds_elements(policy, b.source)
    union
    select unnest(ownership_private.elements(current_set)) where untouched
  );
  -- A source that sends a removed element may go on sending it or send it anew; the two look alike. So the element
  -- stays out until the source has once sent a set without it.
  removed := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.removed
  );
  -- An element that the source sent before, and that is gone although nobody took it out, was lost past the triggers.
  -- It is left out of the base, so that it is added again.
  base := array(
    select e from unnest(base) e
    where ownership_private.element(e) = any (ownership_private.elements(current_set))
  );
  return ownership_private.merge_sets(current_set, incoming, base || removed, of_others);
end
$$;
comment on function ownership_private.merged_set is
  'The set that results when a source writes one set over another. It writes nothing: foresee uses it as merge_write
   does.';

create function ownership_private.merge_write(
  policy integer, row_key text, writer name, current_set text[], incoming text[],
  policy_source name, empty_is_opinion boolean
)
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  merged text[];
  untouched boolean;
begin
  -- What is loaded or replicated stands for what the policy's own source holds.
  if writer = 'unknown' and current_setting('session_replication_role') = 'replica' then
    writer := policy_source;
  end if;
  -- Only people and the policy's own source empty a set.
  if ownership_private.says_nothing(incoming, empty_is_opinion and writer = policy_source) then
    return current_set;
  end if;
  -- A matrix is no set: merged, it would lose its shape.
  if array_ndims(current_set) > 1 or array_ndims(incoming) > 1 then
    return current_set;
  end if;
  merged := ownership_private.merged_set(policy, row_key, writer, current_set, incoming, policy_source);
  untouched := not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);
  if row_key is null or untouched and writer = policy_source then
    return merged;
  end if;
  if untouched then
    insert into ownership_private.bases (policy_id, key, source, base)
    values (policy, row_key, policy_source, coalesce(current_set, '{}'));
  end if;
  insert into ownership_private.bases as b (policy_id, key, source, base)
  values (policy, row_key, writer, coalesce(incoming, '{}'))
  on conflict (policy_id, key, source) do update set base = excluded.base
  where b.base is distinct from excluded.base;
  perform ownership_private.forget_removed(policy, row_key, writer);
  return merged;
end
$$;
comment on function ownership_private.merge_write is
  'The set that results when a source writes one set over another. Records what the next merge needs: the set sent as
   the source''s base, and the end of removals that have done their work.';

create function ownership_private.forget_removed(policy integer, row_key text, writer name)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  done record;
begin
  for done in
    delete from ownership_private.claims c
    where c.policy_id = policy
      and c.key = row_key
      and c.removed
      and not exists (
        select from ownership_private.bases b
        where b.policy_id = policy and b.key = row_key and c.element = any (ownership_private.elements(b.base))
      )
    returning c.element
  loop
    perform ownership_private.remember(policy, row_key, done.element, 'released', writer, null, null);
  end loop;
end
$$;
comment on function ownership_private.forget_removed is
  'Ends removals of elements that are in no source''s base any more: a source that sends such an element again adds
   it.';

create function ownership_private.reinserted_set(
  policy integer, row_key text, writer name, incoming text[], by_person boolean
)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.merge_sets(
    array(
      select coalesce(c.value #>> '{}', e.value)
      from unnest(incoming) with ordinality e (value, place)
      left join ownership_private.claims c
        on c.policy_id = policy and c.key = row_key and c.element = ownership_private.element(e.value)
      where by_person or c.removed is not true
      order by e.place
    ),
    array(
      select c.value #>> '{}' from ownership_private.claims c
      where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
      order by c.since, c.element
    ) || array(
      select e.value
      from ownership_private.bases b, unnest(b.base) with ordinality e (value, place)
      where b.policy_id = policy and b.key = row_key and b.source <> writer
        and ownership_private.holds_elements(policy, b.source)
        -- A load may bring bases, then rows, and removals last: its rows are whole.
        and (writer <> 'unknown' or current_setting('session_replication_role') <> 'replica')
        and not exists (
          select from ownership_private.claims c
          where c.policy_id = policy and c.key = row_key and c.removed
            and c.element = ownership_private.element(e.value)
        )
      order by b.source, e.place
    ),
    '{}', '{}'
  )
$$;
comment on function ownership_private.reinserted_set is
  'The set of a row that was inserted again: what was inserted, with what others claim or sent, without what people
   took out.';
