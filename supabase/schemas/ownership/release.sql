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
  t ownership_private.protected_tables, p ownership_private.policies, row_key text, value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  perform ownership_private.begin_engine_write(p.id);
  execute format('update %s r set %I = %s from (%s) k where %s and %s', t.tbl, p.col,
    ownership_private.from_jsonb_sql(t.tbl, p.col, '$1'),
    ownership_private.key_record_sql(t.tbl, t.identity_key, row_key),
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'k'),
    ownership_private.in_owners_path_sql(t.id)) using value;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform ownership_private.end_engine_write(p.id);
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

create function ownership_private.owned_cells(
  p ownership_private.policies, t ownership_private.protected_tables, keys text[]
)
returns table (
  key text, rank integer, owners name[], claimed jsonb, row_exists boolean, stands jsonb, lands boolean, released jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select c.key, c.rank, c.owners, c.claimed, l.row_exists, l.value, lands.it,
    case when lands.it then c.on_offer else l.value end
  from (
    select c.key, max(c.rank) as rank, array_agg(distinct c.writer) as owners, bool_or(c.offered_times > 0) as offered,
      jsonb_agg(c.value order by c.element) as claimed, ownership_private.released_value(p, c.key) as on_offer
    from ownership_private.claims c
    where c.policy_id = p.id and (keys is null or c.key = any (keys))
    group by c.key
  ) c
  cross join ownership_private.column_facts(t.tbl, p.col) f
  cross join lateral ownership_private.live_value(t.tbl, t.identity_key, c.key, p.col) l
  -- A set stays as it is where no source has sent one yet.
  cross join lateral (
    select (c.offered or ownership_private.merges(p.mode) and (c.on_offer <> '[]' or p.empty_is_opinion))
      and (c.on_offer is not null or not f.not_null) as it
  ) lands
  order by c.key;
end
$$;
comment on function ownership_private.owned_cells is
  'The owned cells of a column, each with what a release would leave there. lands: a release writes what is on offer.';

create function ownership_private.release_cell(
  p ownership_private.policies, t ownership_private.protected_tables, row_key text, claimed jsonb, lands boolean,
  released jsonb, writer name, writer_rank integer
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if lands then
    perform ownership_private.write_cell(t, p, row_key, released);
  end if;
  -- The rank is asked again for a row that is not there and comes back just now: nothing else locks its new claims.
  delete from ownership_private.claims c
  where c.policy_id = p.id and c.key = row_key and c.rank <= writer_rank;
  perform ownership_private.remember(p.id, row_key, '', 'released', writer,
    case when ownership_private.merges(p.mode) then claimed else claimed -> 0 end, released);
end
$$;
comment on function ownership_private.release_cell is
  'Ends the claims of one cell of owned_cells, whose row and claims are locked, and writes what is on offer.';

create function ownership.release(tbl regclass, key text, col name)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  me record;
  cell record;
  row_key text;
begin
  select * into me from ownership_private.current_writer();
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  row_key := ownership_private.canonical_key(t.tbl, t.identity_key, release.key);
  perform ownership_private.lock_cells(p, t, array[row_key]);
  select * into cell from ownership_private.owned_cells(p, t, array[row_key]);
  if not found then
    perform ownership_private.fail('OW010', format('nobody owns %I of %L in table %s', col, key, tbl),
      'There is no claim to release.', 'See ownership.claims, or ownership.explain for the cell.');
  elsif me.rank < cell.rank then
    perform ownership_private.fail('OW001',
      format('release of %I of %L needs rank %s, and %I has rank %s', col, key, cell.rank, me.writer, me.rank),
      me.reason, 'Ask its owner, or a person, to release it.');
  end if;
  perform ownership_private.release_cell(
    p, t, cell.key, cell.claimed, cell.lands, cell.released, me.writer, me.rank);
  return cell.released;
end
$$;
comment on function ownership.release is
  'Gives a cell back to the sources: the last offered value lands (a set becomes what the sources hold), or what stands
   there stays; it is returned. Needs the owner''s rank. Errors: OW001, OW008, OW010, OW011.';

create function ownership_private.release_column(
  p ownership_private.policies, t ownership_private.protected_tables, keys text[], written_by text[], unopposed boolean,
  dry_run boolean
)
returns table (
  table_name regclass, col name, key text, action text, owners name[], current_value jsonb, released_value jsonb,
  detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  me record;
  cell record;
begin
  select * into me from ownership_private.current_writer();
  for cell in
    select c.* from ownership_private.owned_cells(p, t, keys) c
    where (written_by is null or c.owners::text[] && written_by)
      and (not unopposed or not c.lands or c.released is not distinct from c.stands)
  loop
    action := 'conflict';
    if cell.rank > me.rank then
      detail := format('%s has a higher rank than %s', array_to_string(cell.owners, ', '), me.writer);
    elsif not coalesce(cell.owners::text[] <@ written_by, true) then
      detail := 'others own elements of it too';
    elsif not cell.row_exists then
      detail := 'the row is gone, and a restore could not give it its owner back: ownership.release ends the claim';
    elsif dry_run then
      action := 'would release';
    else
      begin
        perform ownership_private.release_cell(
          p, t, cell.key, cell.claimed, cell.lands, cell.released, me.writer, me.rank);
        action := 'released';
      exception when others then
        perform ownership_private.raise_again(sqlstate, sqlerrm);
        detail := format('the table refuses it: %s', sqlerrm);
      end;
    end if;
    if action <> 'conflict' then
      detail := case when cell.lands then 'the last offer lands'
        else 'no other value is on offer: what stands there stays' end;
    end if;
    table_name := t.tbl;
    col := p.col;
    key := cell.key;
    owners := cell.owners;
    current_value := cell.stands;
    released_value := case when action = 'conflict' then cell.stands else cell.released end;
    return next;
  end loop;
end
$$;
comment on function ownership_private.release_column is 'What ownership.release_all does in one column.';

create function ownership.release_all(
  tbl regclass default null, cols name[] default null, keys text[] default null, written_by text[] default null,
  unopposed boolean default false, dry_run boolean default true
)
returns table (
  table_name regclass, col name, key text, action text, owners name[], current_value jsonb, released_value jsonb,
  detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  wanted record;
  row_keys text[];
  is_dry constant boolean := coalesce(release_all.dry_run, true);
begin
  perform ownership.require_person('release_all');
  perform ownership_private.check_scope(tbl, cols);
  perform ownership_private.check_people(written_by);
  if not is_dry then
    perform ownership.mark('before a release');
  end if;
  for wanted in
    select p, t
    from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    join pg_class c on c.oid = t.tbl
    where (t.tbl = release_all.tbl or release_all.tbl is null) and (p.col = any (cols) or cols is null)
    order by t.id, p.id
  loop
    row_keys := (
      select array_agg(ownership_private.canonical_key((wanted.t).tbl, (wanted.t).identity_key, k)) from unnest(keys) k
    );
    if not is_dry then
      perform ownership_private.lock_cells(wanted.p, wanted.t, coalesce(row_keys, array(
        select distinct c.key from ownership_private.claims c where c.policy_id = (wanted.p).id
      )));
    end if;
    return query select * from ownership_private.release_column(
      wanted.p, wanted.t, case when keys is not null then coalesce(row_keys, '{}') end, written_by, unopposed, is_dry);
  end loop;
end
$$;
comment on function ownership.release_all is
  'Gives many cells back to the sources, as ownership.release does with one: of a table, of columns, of rows, of some
   writers (written_by), or only where no other value is on offer (unopposed). A dry run unless told otherwise; it
   takes a mark before it writes, to which ownership.restore goes back with people_too. Cells of higher ranks or of
   rows that are gone, offers that the table refuses, and sets in which others own elements too, are conflicts and
   stay. Errors: OW001, OW008, OW009,
   OW011.';
