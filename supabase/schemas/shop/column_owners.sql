-- Who owns each column, and why people may write it: docs/manual-columns.md is generated from this.

create function shop.column_owners()
returns table (
  tbl text, col name, is_synced boolean, declared text, mode text, blank_values text[], why text, writers name[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    format('%I.%I', n.nspname, c.relname), a.attname, synced.yes,
    case
      when p.mode is not null then 'policy'
      when a.attname = 'missing_since' or is_key.yes then 'platform'
      when pg_catalog.has_column_privilege('gazelle_sync', c.oid, a.attnum, 'update') then 'source'
    end,
    p.mode, p.blank_values, pg_catalog.col_description(c.oid, a.attnum),
    array(
      select w.role
      from ownership.writers w
      join pg_catalog.pg_roles r on r.rolname = w.role
      where w.rank > (select min(l.rank) from ownership.writers l)
        and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, 'update')
      order by w.rank desc, w.role
    )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join ownership.policies p on p.tbl = c.oid and p.col = a.attname
  cross join lateral (
    select pg_catalog.has_any_column_privilege('gazelle_sync', c.oid, 'insert') as yes
  ) synced
  cross join lateral (
    select exists (
      select from pg_catalog.pg_index i
      where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey::int2[])
    ) as yes
  ) is_key
  where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
    and (synced.yes or exists (select from ownership.policies o where o.tbl = c.oid))
  order by c.relname, a.attnum
$$;
comment on function shop.column_owners() is
  'Each column of the tables that a sync writes or that have protected columns. declared is policy (protected), source
   (granted to the sync), platform (keys and missing_since), or NULL for a column that nobody declared: a mistake.
   writers are the roles above the sync''s rank that may update the column.';
revoke execute on function shop.column_owners from public;
