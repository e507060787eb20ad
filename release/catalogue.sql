-- What a database is, one line an object: everything in the project's schemas that a migration makes. Generated
-- functions and sequences bear a number that depends on the order of calls; ownership.health() compares those.
with ours as (
  select n.oid, n.nspname
  from pg_namespace n
  where n.nspname in ('public', 'ownership', 'ownership_private', 'sync', 'gazelle', 'shop', 'pls')
),
relations as (
  select c.oid, c.oid::regclass::text as name, c.relkind, c.relacl, c.relrowsecurity, c.relpersistence, c.reloptions
  from pg_class c
  join ours on ours.oid = c.relnamespace
  where c.relkind in ('r', 'v', 'S')
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    and c.relname !~ '^gate_[0-9]+$'
),
functions as (
  select p.*, p.oid::regprocedure::text as name
  from pg_proc p
  join ours on ours.oid = p.pronamespace
  where not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    and not (p.prorettype = 'trigger'::regtype and p.proname ~ '_[0-9]+$')
),
grants (object, acl) as (
  select 'schema ' || n.nspname, s.nspacl from ours n join pg_namespace s using (oid)
  union all
  select 'relation ' || r.name, r.relacl from relations r
  union all
  select format('column %s.%I', r.name, a.attname), a.attacl
  from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  union all
  select 'function ' || f.name, coalesce(f.proacl, acldefault('f', f.proowner)) from functions f
),
lines (line) as (
  select concat_ws(' ', case r.relkind when 'r' then 'table' when 'v' then 'view' else 'sequence' end, r.name,
    case when r.relpersistence = 'u' then 'unlogged' end, case when r.relrowsecurity then 'row-level-security' end,
    r.reloptions::text, case when r.relkind = 'v' then left(md5(pg_get_viewdef(r.oid)), 12) end)
  from relations r
  union all
  select concat_ws(' ', format('column %s.%I', r.name, a.attname), format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then 'not null' end, 'default ' || pg_get_expr(d.adbin, d.adrelid),
    'identity ' || nullif(a.attidentity::text, ''),
    'generated ' || nullif(a.attgenerated::text, ''), case when a.attstorage <> t.typstorage then 'storage ' || a.attstorage::text end)
  from relations r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped and r.relkind in ('r', 'v')
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  union all
  select format('constraint %s %I %s', r.name, c.conname, pg_get_constraintdef(c.oid))
  from relations r join pg_constraint c on c.conrelid = r.oid and c.contype <> 'n'
  union all
  select format('domain %s %s %s', t.oid::regtype, format_type(t.typbasetype, t.typtypmod), pg_get_constraintdef(c.oid))
  from pg_type t
  join ours on ours.oid = t.typnamespace
  left join pg_constraint c on c.contypid = t.oid
  where t.typtype = 'd'
  union all
  select format('type %s (%s)', c.oid::regclass, (
      select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0))
  from pg_class c join ours on ours.oid = c.relnamespace where c.relkind = 'c'
    and not exists (select from pg_depend d where d.objid = c.reltype and d.deptype = 'e')
  union all
  select 'index ' || pg_get_indexdef(i.indexrelid) from relations r join pg_index i on i.indrelid = r.oid
  union all
  select format('trigger %s %s', g.tgenabled, regexp_replace(pg_get_triggerdef(g.oid), '_[0-9]+(\(|'')', '_#\1', 'g'))
  from relations r join pg_trigger g on g.tgrelid = r.oid and not g.tgisinternal
  union all
  select concat_ws(' ', 'policy', p.schemaname || '.' || p.tablename, p.policyname, p.cmd, p.roles::text, p.qual, p.with_check)
  from pg_policies p join ours on ours.nspname = p.schemaname
  union all
  select concat_ws(' ', 'function', f.name, 'returns', pg_get_function_result(f.oid), l.lanname,
    case f.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
    case when f.prosecdef then 'security definer' end, case when f.proisstrict then 'strict' end,
    case f.proparallel when 's' then 'parallel safe' end, f.proconfig::text,
    'body', left(md5(f.prosrc), 12), 'arguments', '(' || pg_get_function_arguments(f.oid) || ')')
  from functions f join pg_language l on l.oid = f.prolang
  union all
  select concat_ws(' ', 'event trigger', e.evtname, e.evtevent, e.evtenabled, e.evttags::text, e.evtfoid::regproc::text)
  from pg_event_trigger e join functions f on f.oid = e.evtfoid
  union all
  select format('grant %s to %s on %s%s', string_agg(a.privilege_type, ',' order by a.privilege_type),
    coalesce(nullif(a.grantee::regrole::text, '-'), 'public'), g.object, case when a.is_grantable then ' with grant option' end)
  from grants g cross join lateral aclexplode(g.acl) a
  group by a.grantee, g.object, a.is_grantable
  union all
  select format('comment on %s %s: %s', i.type, i.identity, left(md5(d.description), 12))
  from pg_description d
  cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) i
  where d.classoid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass, 'pg_type'::regclass)
    and coalesce(i.schema, i.name) in (select o.nspname from ours o)
    and not exists (select from pg_depend e where e.objid = d.objoid and e.deptype = 'e')
    and not (i.type = 'schema' and i.identity = 'public')
  union all
  select format('role %s%s%s member of %s', r.rolname, case when r.rolcanlogin then ' login' end, case when r.rolbypassrls then ' bypassrls' end,
    (select coalesce(array_agg(m.roleid::regrole::text order by 1), '{}') from pg_auth_members m where m.member = r.oid))
  from pg_roles r where r.rolname in ('authenticator', 'sync_worker', 'gazelle_sync', 'pls_detector', 'manual_editor')
)
select line from lines where line is not null order by line collate "C"
