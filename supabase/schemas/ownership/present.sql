-- What is there of what was protected. Tables are dropped, columns are renamed, and policies, claims and history stay:
-- whatever goes over all tables or policies asks here, so that one that is gone stops nothing for the others.

create function ownership_private.is_here(t ownership_private.protected_tables)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select count(*) = cardinality(t.identity_key)
  from pg_attribute a
  where a.attrelid = t.tbl and a.attname = any (t.identity_key) and not a.attisdropped
$$;
comment on function ownership_private.is_here is 'Whether a protected table exists, with the columns of its identity key.';

create function ownership_private.tables_here()
returns setof ownership_private.protected_tables
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select t.* from ownership_private.protected_tables t where ownership_private.is_here(t) order by t.id
$$;
comment on function ownership_private.tables_here is 'The protected tables that exist, with the columns of their key.';

create function ownership_private.policies_on(t ownership_private.protected_tables)
returns setof ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select p.*
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  join pg_type y on y.oid = a.atttypid
  where p.table_id = t.id
    and ownership_private.is_here(t)
    and (y.typcategory = 'A' or not ownership_private.merges(p.mode));
end
$$;
comment on function ownership_private.policies_on is
  'The policies of a table that can be guarded: the column is there and, where its elements are merged, an array.';

create function ownership_private.name_today(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((select c.oid::regclass::text from pg_class c where c.oid = t.tbl), t.name)
$$;
comment on function ownership_private.name_today is 'The name of a table; of one that was dropped, the last that it had.';

-- Names: entries of the history bear the names that table and column had then.

create view ownership_private.names as
with recursive chain as (
  select p.id as policy_id, t.name as tbl, p.col, 9223372036854775807 as before, last.*
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  left join lateral (
    select r.id, r.old_tbl, r.old_col, r.tbl = t.name and r.col = p.col as arrives
    from ownership_private.renames r
    where (r.tbl, r.col) = (t.name, p.col) or (r.old_tbl, r.old_col) = (t.name, p.col)
    order by r.id desc
    limit 1
  ) last on true
  union all
  select c.policy_id, c.old_tbl, c.old_col, c.id, last.*
  from chain c
  left join lateral (
    select r.id, r.old_tbl, r.old_col, r.tbl = c.old_tbl and r.col = c.old_col as arrives
    from ownership_private.renames r
    where ((r.tbl, r.col) = (c.old_tbl, c.old_col) or (r.old_tbl, r.old_col) = (c.old_tbl, c.old_col)) and r.id < c.id
    order by r.id desc
    limit 1
  ) last on true
  where c.arrives
)
select c.policy_id, c.tbl, c.col, coalesce(c.id, 0) as after, c.before
from chain c;
comment on view ownership_private.names is
  'The names under which a policy stands in the history, each with the entries between which it had that name. A name
   that something else left before is its own only from then on.';

create function ownership_private.history_of(policy integer, keys text[])
returns setof ownership_private.history
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In PL/pgSQL each query has a plan of its own: that of a few keys reads the history by its index.
  if keys is null then
    return query
    select h.*
    from ownership_private.names n
    join ownership_private.history h on h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
    where n.policy_id = policy;
  else
    return query
    select h.*
    from ownership_private.names n
    join ownership_private.history h on h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
    where n.policy_id = policy and h.key = any (keys);
  end if;
end
$$;
comment on function ownership_private.history_of is
  'The entries of the history that belong to a policy, or to an earlier one of the same column. keys: only of these, as
   they were then (NULL: all).';

create function ownership_private.moves_of(policy integer)
returns setof ownership_private.history
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select h.*
  from ownership_private.names n
  join ownership_private.history h on h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
  where n.policy_id = policy and h.event = 'moved'
$$;
comment on function ownership_private.moves_of is 'The entries of a policy that tell of a changed identity key.';
