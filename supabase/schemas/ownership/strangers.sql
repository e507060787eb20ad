-- Roles that may write to a protected table and that nobody registered: what a person writes through one is not kept.

create function ownership_private.unknown_writers(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(distinct coalesce(quote_ident(r.rolname), 'public'), ', ')
  from pg_class c
  cross join lateral (
    select a.grantee, a.privilege_type from aclexplode(c.relacl) a
    union all
    select a.grantee, a.privilege_type
    from pg_attribute col
    join ownership_private.policies p on p.table_id = t.id and p.col = col.attname
    cross join lateral aclexplode(col.attacl) a
    where col.attrelid = c.oid and not col.attisdropped
  ) granted
  left join pg_roles r on r.oid = granted.grantee
  where c.oid = t.tbl
    and granted.privilege_type in ('INSERT', 'UPDATE')
    and granted.grantee <> c.relowner
    and r.rolsuper is not true
    -- A visitor of the API is nobody whose edits are to be kept. Older projects grant him everything by default.
    and r.rolname is distinct from 'anon'
    and not exists (select from ownership_private.writers w where w.role = r.rolname)
    -- Row security without a policy for the role lets it write nothing.
    and (not c.relrowsecurity or r.rolbypassrls is true or exists (
      select from pg_policy y
      where y.polrelid = c.oid and y.polcmd in ('*', 'a', 'w') and (0 = any (y.polroles) or r.oid = any (y.polroles))
    ))
$$;
comment on function ownership_private.unknown_writers is
  'The roles with a grant of their own to write to a table that are no registered writers, as a list; NULL without any.
   Owners and superusers need no grant, visitors of the API (anon) are nobody, and members of a role write with its
   grant.';

create function ownership_private.writer_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'writer not registered', format('%s by %s', t.tbl, roles),
    'What is written through such a role claims nothing, not even if a person writes it: the next sync replaces it.',
    'ownership.register_writer with the rank of who writes (100: people, 20: a program), or revoke the right to write.'
  from ownership_private.unknown_writers(t) roles
  where roles is not null
$$;
comment on function ownership_private.writer_problems is 'Tables to which roles may write that nobody registered.';
