-- Views: they show a reader only what is about columns of which he may read every value, and the key with it. As
-- security barriers they test that before any condition of the query, whose functions would else see the rest.

create function ownership_private.may_read(tbl regclass, cols name[])
returns boolean
-- PL/pgSQL keeps its plan. The views call this for each policy, and an SQL function would be planned each time.
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What stood in a table that is gone may read who may read the engine's own tables.
  if not exists (select from pg_class c where c.oid = tbl) then
    return has_table_privilege('ownership_private.claims', 'select');
  end if;
  return coalesce(not row_security_active(tbl), false) and not exists (
    select from unnest(cols) c (col)
    -- By number, because a name that is gone would be an error.
    left join pg_attribute a on a.attrelid = tbl and a.attname = c.col and not a.attisdropped
    -- Likewise a column that is gone.
    where not case when a.attnum is null then has_table_privilege('ownership_private.claims', 'select')
      else has_column_privilege(tbl, a.attnum, 'select') end
  );
end
$$;
comment on function ownership_private.may_read is
  'Whether the caller may read every value of some columns: has the privilege, and no row security hides rows.';

create function ownership_private.caller_may_read(tbl regclass, col name)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select coalesce(bool_and(has_column_privilege(r.rolname, a.attrelid, a.attnum, 'select')
    and (not c.relrowsecurity or r.rolsuper or r.rolbypassrls or (r.oid = c.relowner and not c.relforcerowsecurity))
  ), false)
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = caller_may_read.col and not a.attisdropped
  join pg_roles r on r.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user)
  where c.oid = caller_may_read.tbl);
end
$$;
comment on function ownership_private.caller_may_read is
  'Whether the role that calls a security definer function may itself read every value of a column.';

create view ownership.policies as
select
  t.tbl, p.col, p.mode, t.identity_key, p.blank_values, p.on_conflict, p.empty_is_opinion, p.protected_at, p.source
from ownership_private.policies p
join ownership_private.protected_tables t on t.id = p.table_id;
comment on view ownership.policies is
  'Protected columns and their rules; protected_at is when protect was called last.';

create view ownership.writers as
select w.role, w.rank, w.label, w.claims
from ownership_private.writers w;
comment on view ownership.writers is 'Roles the engine knows, their ranks, and whether what they write is theirs from then on.';

create view ownership_private.readable_policies as
select p.id, t.tbl, p.col
from ownership_private.policies p
join ownership_private.protected_tables t on t.id = p.table_id
where ownership_private.may_read(t.tbl, t.identity_key || p.col)
-- Asked of each policy once: without OFFSET it might be asked of each row that is joined.
offset 0;
comment on view ownership_private.readable_policies is
  'Policies of columns of which the caller may read every value, and every key.';

create view ownership.claims with (security_barrier) as
select p.tbl, p.col, c.key, c.element, c.removed, c.writer, c.rank, c.value, c.offered, c.offered_at, c.since
from ownership_private.claims c
join ownership_private.readable_policies p on p.id = c.policy_id;
comment on view ownership.claims is
  'Who owns which cell or element of a set, since when, with what value, and what was offered last.';

create view ownership.bases with (security_barrier) as
select p.tbl, p.col, b.key, b.source, b.base
from ownership_private.bases b
join ownership_private.readable_policies p on p.id = b.policy_id;
comment on view ownership.bases is
  'Sets: what each source sent last, where that differs from the set that stands there.';

create view ownership.blocked_writes with (security_barrier) as
select
  p.tbl, p.col, b.key, b.offered,
  (array_agg(b.kept order by b.last_at desc))[1] as kept,
  (array_agg(b.writer order by b.last_at desc))[1] as writer,
  sum(b.times)::bigint as times, min(b.first_at) as first_at, max(b.last_at) as last_at
from (
  select b.policy_id, b.key, b.offered, b.kept, b.writer, b.times, b.first_at, b.last_at
  from ownership_private.blocked_writes b
  union all
  select c.policy_id, c.key, c.offered, c.value, c.offered_by, c.offered_times, c.offered_first_at, c.offered_at
  from ownership_private.claims c
  where c.offered_times > 0
) b
join ownership_private.readable_policies p on p.id = b.policy_id
group by p.tbl, p.col, b.policy_id, b.key, b.offered
union all
select
  t.tbl, array_to_string(t.identity_key, ', ')::name, b.key, to_jsonb(b.offered), to_jsonb(b.key), b.writer, b.times,
  b.first_at, b.last_at
from ownership_private.blocked_keys b
join ownership_private.protected_tables t on t.id = b.table_id
where ownership_private.may_read(t.tbl, t.identity_key);
comment on view ownership.blocked_writes is
  'Writes that were kept out: one row a cell and offered value, with how often, first and last. Of a change of the
   identity key, col names the key''s columns.';

create view ownership.history with (security_barrier) as
select
  h.id, h.at, coalesce(n.tbl, h.tbl) as tbl, coalesce(n.col, h.col) as col, h.key, h.element, h.event::text, h.writer,
  h.role, h.sub, h.run, h.old_value, h.new_value
from ownership_private.history h
left join (
  select n.tbl as tbl_then, n.col as col_then, n.after, n.before, p.col, p.enrolled_at,
    coalesce((
      select format('%I.%I', s.nspname, c.relname) from pg_class c
      join pg_namespace s on s.oid = c.relnamespace
      where c.oid = t.tbl
    ), t.name) as tbl,
    ownership_private.may_read(t.tbl, t.identity_key || p.col) as is_readable
  from ownership_private.names n
  join ownership_private.policies p on p.id = n.policy_id
  join ownership_private.protected_tables t on t.id = p.table_id
  -- Asked of each name once, and not of each entry.
  offset 0
) n on n.tbl_then = h.tbl and n.col_then = h.col and h.id > n.after and h.id < n.before
  -- An earlier policy of the name was of another column, or ended.
  and h.at >= n.enrolled_at
where case when n.tbl is not null then n.is_readable
  -- What belongs to no policy any more stands under names and keys that something else may bear today.
  else has_table_privilege('ownership_private.claims', 'select') end;
comment on view ownership.history is 'What happened to owned cells, in order of id. Table and column bear the names that they have today.';

create view ownership.marks as
select m.id, m.label, m.writer, m.at
from ownership_private.marks m;
comment on view ownership.marks is 'Named points in the history.';
