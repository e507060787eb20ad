-- release: gives cells back to their sources.

create function ownership_private.released_value(p ownership_private.policies, row_key text)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode)
    then (
      select to_jsonb(coalesce(array_agg(distinct e.value), '{}'))
      from ownership_private.bases b, unnest(b.base) e (value)
      where b.policy_id = p.id and b.key = row_key and not ownership.is_blank(e.value)
    )
    else (
      select c.offered from ownership_private.claims c
      where c.policy_id = p.id and c.key = row_key and c.element = ''
    ) end
$$;
comment on function ownership_private.released_value is
  'The value that a released cell gets: the last one on offer; for a set, all that the sources sent last.';

create function ownership_private.write_cell(
  t ownership_private.protected_tables, col name, row_key text, value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  perform ownership_private.begin_engine_write(t.tbl);
  execute format('update %s r set %I = %s from (%s) k where %s', t.tbl, col,
    ownership_private.from_jsonb_sql(t.tbl, col, '$1'),
    ownership_private.key_record_sql(t.tbl, t.identity_key, row_key),
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'k')) using value;
  perform ownership_private.end_engine_write(t.tbl);
end
$$;
comment on function ownership_private.write_cell is 'Writes one cell as the engine, past the guard.';

create function ownership_private.lock_cells(
  p ownership_private.policies, t ownership_private.protected_tables, keys text[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  -- The lock that an update takes. With a weaker one, whoever locks the whole table could come between these locks and
  -- the update that follows, and each would wait for the other.
  execute format('lock table %s in row exclusive mode', t.tbl);
  execute format('select from %s r join unnest($1) k (key) on %s order by k.key for no key update of r', t.tbl,
    ownership_private.same_key_sql(t, 'r', 'k.key')) using keys;
  perform from ownership_private.claims c
  where c.policy_id = p.id and c.key = any (keys)
  order by c.key, c.element
  for update;
end
$$;
comment on function ownership_private.lock_cells is
  'Waits for all who write to these rows or their claims, and keeps others out until the transaction ends. What is
   decided on claims afterwards, in a statement of its own, is decided on what stands: rows first, then claims, in the
   order of every write.';

create function ownership.release(tbl regclass, key text, col name)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  me record;
  owned record;
  row_key text;
  released jsonb;
begin
  select * into me from ownership_private.current_writer();
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  row_key := ownership_private.canonical_key(t.tbl, t.identity_key, release.key);
  perform ownership_private.lock_cells(p, t, array[row_key]);
  select max(c.rank) as rank, bool_or(c.offered_times > 0) as offered, jsonb_agg(c.value) as claimed into owned
  from ownership_private.claims c
  where c.policy_id = p.id and c.key = row_key;
  if owned.rank is null then
    perform ownership_private.fail('OW010', format('nobody owns %I of %L in table %s', col, key, tbl),
      'There is no claim to release.', 'See ownership.claims, or ownership.explain for the cell.');
  elsif me.rank < owned.rank then
    perform ownership_private.fail('OW001',
      format('release of %I of %L needs rank %s, and %I has rank %s', col, key, owned.rank, me.writer, me.rank),
      me.reason, 'Ask its owner, or a person, to release it.');
  end if;
  released := ownership_private.released_value(p, row_key);
  -- A set stays as it is where no source has sent one yet.
  if (owned.offered or ownership_private.merges(p.mode) and (released <> '[]' or p.empty_is_opinion))
    and (released is not null or not (select f.not_null from ownership_private.column_facts(tbl, col) f))
  then
    perform ownership_private.write_cell(t, col, row_key, released);
  else
    select l.value into released from ownership_private.live_value(t.tbl, t.identity_key, row_key, col) l;
  end if;
  -- The rank is asked again for a row that is not there and comes back just now: nothing else locks its new claims.
  delete from ownership_private.claims c where c.policy_id = p.id and c.key = row_key and c.rank <= me.rank;
  perform ownership_private.remember(p.id, row_key, '', 'released', me.writer,
    case when ownership_private.merges(p.mode) then owned.claimed else owned.claimed -> 0 end, released);
  return released;
end
$$;
comment on function ownership.release is
  'Gives a cell back to the sources: the last offered value lands (a set becomes what the sources hold), or what stands
   there stays; it is returned. Needs the owner''s rank. Errors: OW001, OW008, OW010, OW011.';
