-- What the engine writes down: blocked writes, claims, history. Called by the generated triggers only.

create function ownership_private.remember(
  policy integer, row_key text, element text, event text, writer name, old_value jsonb, new_value jsonb
)
returns void
language sql
set search_path = ''
as $$
  insert into ownership_private.history (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value)
  select
    t.tbl::text, p.col, row_key, element, event, writer,
    coalesce(nullif(current_setting('role'), 'none'), session_user),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub',
    nullif(current_setting('ownership.run', true), ''),
    old_value, new_value
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where p.id = policy
$$;
comment on function ownership_private.remember is 'Appends one entry to the history.';

create function ownership_private.block(policy integer, row_key text, writer name, offered jsonb, kept jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into ownership_private.blocked_writes as b (policy_id, key, offered, kept, writer)
  values (policy, row_key, offered, kept, writer)
  on conflict (policy_id, key, offered_hash) do update
  set times = b.times + 1, last_at = now(), kept = excluded.kept, writer = excluded.writer;

  update ownership_private.claims c
  set offered = block.offered, offered_at = now()
  where c.policy_id = policy
    and c.key = row_key
    and c.element = ''
    and (c.offered_at is null or c.offered is distinct from block.offered);
$$;
comment on function ownership_private.block is
  'Records a write that was kept out, rolled up by cell and offered value, and what the source offered last.';

create function ownership_private.reject(policy integer, row_key text, writer name, offered jsonb, kept jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  cell record;
begin
  select t.tbl, p.col into cell
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where p.id = policy;
  perform ownership_private.fail('PT409', format('%s.%s of %s is owned by a writer ranked above %s', cell.tbl, cell.col, row_key, writer),
    format('It holds %s and was offered %s.', coalesce(kept::text, 'NULL'), coalesce(offered::text, 'NULL')),
    'Leave the column out, or have a person release the cell with ownership.release.');
end
$$;
comment on function ownership_private.reject is 'Raises PT409, which the REST API answers with status 409: the rule on_conflict = reject.';

create function ownership_private.claim(policy integer, row_key text, writer name, writer_rank integer, old_value jsonb, new_value jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
  values (policy, row_key, writer, writer_rank, new_value)
  on conflict (policy_id, key, element) do update
  set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now();
  perform ownership_private.remember(policy, row_key, '', 'claimed', writer, old_value, new_value);
end
$$;
comment on function ownership_private.claim is 'The writer owns the cell from now on, with this value, be it NULL.';

create function ownership_private.claim_elements(
  policy integer, row_key text, writer name, writer_rank integer, old_set text[], new_set text[], base_source name
)
returns void
language plpgsql
set search_path = ''
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
    from (select e as value from unnest(old_set || new_set) e where ownership_private.element(e) = changed.element limit 1) written
    where not changed.removed
      or exists (
        select from ownership_private.bases b
        where b.policy_id = policy and b.key = row_key and changed.element = any (ownership_private.elements(b.base))
      );
    perform ownership_private.remember(policy, row_key, changed.element,
      case when changed.removed then 'removed' else 'claimed' end, writer, to_jsonb(old_set), to_jsonb(new_set));
  end loop;
end
$$;
comment on function ownership_private.claim_elements is
  'A person changed a set: what came in is claimed, what went out stays out while a source repeats it.';

create function ownership_private.merge_write(
  policy integer, row_key text, writer name, current_set text[], incoming text[],
  base_source name, empty_is_opinion boolean
)
returns text[]
language plpgsql
set search_path = ''
as $$
declare
  untouched boolean;
  base text[];
  held text[];
  merged text[];
begin
  if ownership.is_blank(incoming) and not empty_is_opinion then
    return current_set;
  end if;
  untouched := not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);
  if untouched and writer = base_source then
    return incoming;
  end if;
  if untouched then
    insert into ownership_private.bases (policy_id, key, source, base)
    values (policy, row_key, base_source, coalesce(current_set, '{}'));
  end if;
  base := (select b.base from ownership_private.bases b where b.policy_id = policy and b.key = row_key and b.source = writer);
  held := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
  );
  merged := ownership_private.merge_sets(current_set, incoming, coalesce(base, '{}'), held);

  insert into ownership_private.bases as b (policy_id, key, source, base)
  values (policy, row_key, writer, coalesce(incoming, '{}'))
  on conflict (policy_id, key, source) do update set base = excluded.base
  where b.base is distinct from excluded.base;
  perform ownership_private.forget_removed(policy, row_key, merged);
  return merged;
end
$$;
comment on function ownership_private.merge_write is
  'What becomes of a set that a source writes over another. An empty set is no opinion unless the policy says so.';

create function ownership_private.forget_removed(policy integer, row_key text, present text[])
returns void
language sql
set search_path = ''
as $$
  delete from ownership_private.claims c
  where c.policy_id = policy
    and c.key = row_key
    and c.removed
    and (
      c.element = any (ownership_private.elements(present))
      or not exists (
        select from ownership_private.bases b
        where b.policy_id = policy and b.key = row_key and c.element = any (ownership_private.elements(b.base))
      )
    )
$$;
comment on function ownership_private.forget_removed is
  'A removal has done its work once no source holds the element any more, or once one has added it anew.';

create function ownership_private.return_elements(policy integer, row_key text, incoming text[], by_person boolean)
returns text[]
language sql
stable
set search_path = ''
as $$
  select ownership_private.merge_sets(
    array(
      select e.value from unnest(incoming) with ordinality e (value, place)
      where by_person or not exists (
        select from ownership_private.claims c
        where c.policy_id = policy and c.key = row_key and c.removed and c.element = ownership_private.element(e.value)
      )
      order by e.place
    ),
    array(
      select c.value #>> '{}' from ownership_private.claims c
      where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
      order by c.since, c.element
    ),
    '{}', '{}'
  )
$$;
comment on function ownership_private.return_elements is
  'The set of a row that came back after a delete: what was inserted, less what people took out, plus what they had put in.';

create function ownership_private.engine_at_work()
returns boolean
language sql
set search_path = ''
as $$
  select exists (select from ownership_private.engine_writes e where e.xid = pg_current_xact_id_if_assigned())
$$;
comment on function ownership_private.engine_at_work is
  'True inside a write of the engine''s own. Nobody else can write the row this looks for; the setting beside it only saves the look.';

create function ownership_private.begin_engine_write()
returns void
language sql
set search_path = ''
as $$
  insert into ownership_private.engine_writes default values on conflict do nothing;
  select set_config('ownership.engine', 'on', true);
$$;
comment on function ownership_private.begin_engine_write is 'From here to end_engine_write the guards let everything through.';

create function ownership_private.end_engine_write()
returns void
language sql
set search_path = ''
as $$
  delete from ownership_private.engine_writes e where e.xid = pg_current_xact_id_if_assigned();
  select set_config('ownership.engine', '', true);
$$;
comment on function ownership_private.end_engine_write is 'The guards are back at work.';
