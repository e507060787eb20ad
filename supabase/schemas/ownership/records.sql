-- What the engine writes down: the history, and values that were kept out.

create function ownership_private.signed_in_user()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub';
exception when others then
  -- Claims that cannot be parsed must not make the write fail: the history then has no user.
  return null;
end
$$;
comment on function ownership_private.signed_in_user is 'The user of the API request, for the history; NULL elsewhere.';

create function ownership_private.remember(
  policy integer, row_key text, element text, event text, writer name, old_value jsonb, new_value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL, like all functions that a guard calls for each row: it keeps its plans, while an SQL function that is not
  -- inlined is planned anew in each query.
  insert into ownership_private.history
    (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value)
  select t.name, p.col, row_key, element, event, writer,
    coalesce(nullif(current_setting('role'), 'none'), session_user),
    case when current_setting('request.jwt.claims', true) <> '' then ownership_private.signed_in_user() end,
    nullif(current_setting('ownership.run', true), ''),
    old_value, new_value
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where p.id = policy;
end
$$;
comment on function ownership_private.remember is 'Appends one entry to the history.';

create function ownership_private.remember_sql(
  p ownership_private.policies, event text, writer_sql text, entries_sql text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Scalar subqueries without outer references are evaluated once and not for each entry.
  select format($sql$
      insert into ownership_private.history (tbl, col, key, element, event, writer, role, sub, run, new_value)
      select
        (select t.name from ownership_private.protected_tables t where t.id = %1$s), %2$L,
        e.key, e.element, %3$L, %4$s,
        (select coalesce(nullif(current_setting('role'), 'none'), session_user)),
        (select ownership_private.signed_in_user()),
        (select nullif(current_setting('ownership.run', true), '')),
        e.value
      from %5$s e$sql$,
    p.table_id, p.col, event, writer_sql, entries_sql)
$$;
comment on function ownership_private.remember_sql is
  'The statement that appends an entry for each row of entries_sql (key, element, value), for cells that had no
   owner.';

-- Values that were kept out. The last one is on offer: it stands in the claim of its cell. Earlier ones, and those for
-- cells that nobody claims, are in blocked_writes.

create function ownership_private.archive_offer(c ownership_private.claims)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.blocked_writes as b
    (policy_id, key, offered, kept, writer, times, first_at, last_at)
  select c.policy_id, c.key, c.offered, c.value, c.offered_by, c.offered_times, c.offered_first_at, c.offered_at
  from ownership_private.policies p
  where p.id = c.policy_id
  on conflict (policy_id, key, offered_hash) do update
  set times = b.times + excluded.times, last_at = excluded.last_at, kept = excluded.kept,
    writer = ownership_private.lower_of(b.writer, excluded.writer);
  return now();
end
$$;
comment on function ownership_private.archive_offer is
  'Copies the value on offer of a claim into blocked_writes, before another value replaces it or the claim ends.
   Returns now(), which is offered_first_at of the value that follows.';

create function ownership_private.kept_header(headers jsonb, cell text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when length(told.columns) + length(cell) > 1000 then headers else others.rest
      || jsonb_build_object('Ownership-Kept', concat_ws(', ', told.columns, cell)) end
  from (
    select max(h ->> 'Ownership-Kept') as columns from jsonb_array_elements(headers) h
  ) told
  cross join (
    select coalesce(jsonb_agg(h order by place) filter (where not h ? 'Ownership-Kept'), '[]') as rest
    from jsonb_array_elements(headers) with ordinality e (h, place)
  ) others
$$;
comment on function ownership_private.kept_header is
  'The headers of an answer, with one more column named in Ownership-Kept, up to a thousand characters.';

create function ownership_private.tell_kept(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  told text := coalesce(current_setting('ownership.told', true), '');
  cell text;
begin
  if coalesce(current_setting('request.method', true), '') = '' or strpos(told, format(',%s,', policy)) > 0 then
    return;
  end if;
  perform set_config('ownership.told', format('%s,%s,', told, policy), true);
  -- A header is one line of ASCII.
  select regexp_replace(format('%s.%s', c.relname, p.col) collate "C", '[^!-~]', '?', 'g') into cell
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  join pg_class c on c.oid = t.tbl
  where p.id = policy and p.on_conflict <> 'observe' and ownership_private.caller_may_read(t.tbl, p.col);
  if cell is null then
    return;
  end if;
  begin
    perform set_config('response.headers', ownership_private.kept_header(
      coalesce(nullif(current_setting('response.headers', true), ''), '[]')::jsonb, cell)::text, true);
  exception when data_exception then
    -- What somebody else set as headers is no JSON array. It is not ours to mend, and the write goes on.
    null;
  end;
end
$$;
comment on function ownership_private.tell_kept is
  'Where PostgREST runs the request (it sets request.method), names a column out of which a write was kept in the header
   Ownership-Kept of the answer, once and beside the headers of others. Not to a role that may not read the column.';

create function ownership_private.block(
  policy integer, row_key text, writer name, offered jsonb, kept jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- The session keeps the plan. Made while the table of claims is empty, it would be a sequential scan for good.
set enable_seqscan = off
as $$
begin
  -- An expression archives the value that is replaced, and not a trigger, which would also be called for each repeated
  -- offer.
  update ownership_private.claims c
  set offered = block.offered, offered_at = now(),
    offered_by = case
      when c.offered is distinct from block.offered or c.offered_times = 0 or c.offered_by = block.writer
        then block.writer
      else ownership_private.lower_of(c.offered_by, block.writer) end,
    offered_times = case when c.offered is distinct from block.offered then 1 else c.offered_times + 1 end,
    offered_first_at = case
      when c.offered_times = 0 then now()
      when c.offered is distinct from block.offered then ownership_private.archive_offer(c)
      else c.offered_first_at end
  where c.policy_id = policy and c.key = row_key and c.element = '';
  if not found then
    insert into ownership_private.blocked_writes as b (policy_id, key, offered, kept, writer)
    values (policy, row_key, block.offered, block.kept, block.writer)
    on conflict (policy_id, key, offered_hash) do update
    set times = b.times + 1, last_at = now(), kept = excluded.kept,
      writer = ownership_private.lower_of(b.writer, excluded.writer);
  end if;
  if coalesce(current_setting('request.method', true), '') <> '' then
    perform ownership_private.tell_kept(policy);
  end if;
end
$$;
comment on function ownership_private.block is
  'Records a write that was kept out: on offer in the cell''s claim if there is one, else in blocked_writes. A value
   that was offered before is counted and gets no row of its own.';

create function ownership_private.archive_last_offer()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership_private.archive_offer(old);
  return null;
end
$$;
comment on function ownership_private.archive_last_offer is 'Keeps the value on offer when its claim is deleted.';

create trigger archive_last_offer
after delete on ownership_private.claims
for each row when (old.offered_times > 0)
execute function ownership_private.archive_last_offer();

create function ownership_private.reject(policy integer, row_key text, writer name, offered jsonb, kept jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  cell record;
begin
  select t.tbl, p.col into cell
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where p.id = policy;
  perform ownership_private.fail('PT409',
    format(case when exists (select from ownership_private.claims c where c.policy_id = policy and c.key = row_key)
      then '%s.%s of %s is owned by a writer ranked above %s' else '%s.%s of %s takes no such value from %s' end,
      cell.tbl, cell.col, row_key, writer),
    format('It holds %s and was offered %s.',
      case when ownership_private.caller_may_read(cell.tbl, cell.col) then coalesce(kept::text, 'NULL')
        else 'what you may not read' end,
      coalesce(offered::text, 'NULL')),
    'Leave the column out, or have a person release the cell with ownership.release.');
end
$$;
comment on function ownership_private.reject is
  'Refuses a write to a column with on_conflict = reject. PostgREST turns the SQLSTATE PT409 into HTTP status 409.';
