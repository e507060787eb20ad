-- Sets: the three-way merge, claims on elements, and the set of a row that comes back.

create function ownership_private.merge_sets(current_set text[], incoming text[], base text[], held text[])
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
        or candidates.side = 1 and (candidates.element = any (sent) or candidates.element = any (held))
      order by candidates.element, candidates.side, candidates.place
    ) merged
    order by merged.side, merged.place
  );
end
$$;
comment on function ownership_private.merge_sets is
  'Three-way merge: (current - ((base - incoming) - held)) + (incoming - base), in the spelling that stands there.';

create function ownership_private.claim_elements(
  policy integer, row_key text, writer name, writer_rank integer, old_set text[], new_set text[],
  base_source name
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  before text[] := ownership_private.elements(old_set);
  after text[] := ownership_private.elements(new_set);
  changed record;
begin
  insert into ownership_private.bases (policy_id, key, source, base)
  select policy, row_key, base_source, coalesce(old_set, '{}')
  where not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);

  for changed in
    select e as element, false as removed
    from unnest(after) e
    where e <> all (before)
    union all
    select e, true
    from unnest(before) e
    where e <> all (after)
  loop
    delete from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.element = changed.element;
    insert into ownership_private.claims (policy_id, key, element, removed, writer, rank, value)
    select policy, row_key, changed.element, changed.removed, writer, writer_rank, to_jsonb(written.value)
    from (
      select e as value from unnest(old_set || new_set) e where ownership_private.element(e) = changed.element limit 1
    ) written;
    perform ownership_private.remember(policy, row_key, changed.element,
      case when changed.removed then 'removed' else 'claimed' end, writer, to_jsonb(old_set), to_jsonb(new_set));
  end loop;
end
$$;
comment on function ownership_private.claim_elements is
  'A person changed a set: what came in is claimed, what went out stays out while a source repeats it.';

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
  'Whether a source that sends this set has no opinion: NULL never is one, an empty set only where the policy says so.';

create function ownership_private.merged_set(
  policy integer, row_key text, writer name, current_set text[], incoming text[], base_source name
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
  held text[];
  removed text[];
begin
  -- Where no base is written down, what stands there is what the policy's own source sent last.
  if row_key is null or untouched and writer = base_source then
    return incoming;
  end if;
  base := (
    select b.base from ownership_private.bases b
    where b.policy_id = policy and b.key = row_key and b.source = writer
  );
  held := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
    union
    select unnest(ownership_private.elements(b.base)) from ownership_private.bases b
    where b.policy_id = policy and b.key = row_key and b.source <> writer
    union
    select unnest(ownership_private.elements(current_set)) where untouched
  );
  -- Whether a source that sends a removed element repeats it or adds it cannot be told: it may have sent it unnoticed,
  -- while it stood there. It stays out until a source is seen without it.
  removed := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.removed
  );
  -- What it sent before and is gone, though nobody took it out, was lost past the triggers: it counts as not sent yet.
  base := array(
    select e from unnest(base) e
    where ownership_private.element(e) = any (ownership_private.elements(current_set))
  );
  return ownership_private.merge_sets(current_set, incoming, base || removed, held);
end
$$;
comment on function ownership_private.merged_set is
  'What becomes of a set over which a source writes another one. Writes nothing: merge_write and foresee ask it.';

create function ownership_private.merge_write(
  policy integer, row_key text, writer name, current_set text[], incoming text[],
  base_source name, empty_is_opinion boolean
)
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  merged text[];
  untouched boolean;
begin
  if ownership_private.says_nothing(incoming, empty_is_opinion) then
    return current_set;
  end if;
  merged := ownership_private.merged_set(policy, row_key, writer, current_set, incoming, base_source);
  untouched := not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);
  if row_key is null or untouched and writer = base_source then
    return merged;
  end if;
  if untouched then
    insert into ownership_private.bases (policy_id, key, source, base)
    values (policy, row_key, base_source, coalesce(current_set, '{}'));
  end if;
  insert into ownership_private.bases as b (policy_id, key, source, base)
  values (policy, row_key, writer, coalesce(incoming, '{}'))
  on conflict (policy_id, key, source) do update set base = excluded.base
  where b.base is distinct from excluded.base;
  perform ownership_private.forget_removed(policy, row_key);
  return merged;
end
$$;
comment on function ownership_private.merge_write is
  'What becomes of a set that a source writes over another, with what has to be remembered for the next merge.';

create function ownership_private.forget_removed(policy integer, row_key text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from ownership_private.claims c
  where c.policy_id = policy
    and c.key = row_key
    and c.removed
    and not exists (
      select from ownership_private.bases b
      where b.policy_id = policy and b.key = row_key and c.element = any (ownership_private.elements(b.base))
    );
end
$$;
comment on function ownership_private.forget_removed is
  'A removal has done its work once no source holds the element any more: if one adds it again, it is new.';

create function ownership_private.return_elements(
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
comment on function ownership_private.return_elements is
  'The set of a row that came back: what was inserted and others hold, without what people took out.';
