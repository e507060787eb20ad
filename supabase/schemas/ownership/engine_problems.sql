-- What is wrong with the engine itself: its objects, the rights on them, the roles it knows, settings that undo it.

create function ownership_private.object_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with compared as (
    select coalesce(recorded.object, found.object) as object, recorded.hash as recorded, found.hash as found,
      substring(coalesce(recorded.object, found.object) from '^(event trigger|\w+)') as kind
    from ownership_private.fingerprints recorded
    full join ownership_private.current_fingerprints() found on found.object = recorded.object
    where found.hash is distinct from recorded.hash
      and exists (select from ownership_private.fingerprints)
  )
  select
    case c.kind
      when 'event trigger' then 'alarm off'
      when 'server' then 'other Postgres'
      else format('engine %s %s', c.kind, case when c.found is null then 'missing' when c.recorded is null then 'added' else 'changed' end)
    end,
    c.object,
    case
      when c.kind = 'server' then format('The engine was recorded under Postgres %s, and this is %s, which may write views and triggers in other words.',
        c.recorded, c.found)
      when c.found is null then 'It was dropped, or has another name.'
      when c.recorded is null then 'It was not installed with the engine.'
      else 'It is not what was installed.'
    end,
    case when c.kind = 'server' then 'select ownership.repair(); select ownership.record_fingerprints();'
      else 'Install the engine''s migrations again; ownership.alarms may tell who changed it.' end
  from compared c
  where c.kind not in ('view', 'rule', 'trigger', 'table')
    or c.found is null
    or c.recorded is null
    or exists (
      select from ownership_private.fingerprints f where f.object = 'server' and f.hash = ownership_private.server_major()
    )
  union all
  select 'engine owner changed', o.object, format('It belongs to %s, and the engine to %s.', o.owner::regrole, engine.relowner::regrole),
    format('alter %s owner to %s;', o.object, engine.relowner::regrole)
  from pg_class engine
  cross join lateral (
    select 'function ' || p.oid::regprocedure as object, p.proowner as owner from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    union all
    select case c.relkind when 'v' then 'view ' when 'S' then 'sequence ' else 'table ' end || c.oid::regclass, c.relowner
    from pg_class c
    where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'S')
    union all
    select 'schema ' || n.nspname, n.nspowner from pg_namespace n where n.nspname in ('ownership', 'ownership_private')
  ) o
  where engine.oid = 'ownership_private.claims'::regclass and o.owner <> engine.relowner
  union all
  select 'search_path open', 'function ' || p.oid::regprocedure, 'Without a fixed search_path, or with one that does not name pg_temp last, a caller''s own objects are found first.',
    format('alter function %s set search_path = pg_catalog, pg_temp;', p.oid::regprocedure)
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
$$;
comment on function ownership_private.object_problems is
  'Objects of the engine that are not what was installed, or not its owner''s.';

create function ownership_private.role_sql(role oid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when role = 0 then 'public' else role::regrole::text end
$$;
comment on function ownership_private.role_sql is 'A grantee as GRANT and REVOKE name it.';

create function ownership_private.right_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with our_relations as (
    select c.oid, c.relkind, c.relacl, c.relowner from pg_class c
    where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
      and c.relkind in ('r', 'p', 'v', 'm', 'S')
  ),
  granted as (
    select case c.relkind when 'S' then 'sequence ' when 'v' then 'view ' else 'table ' end || c.oid::regclass as object,
      case when c.relkind = 'S' then 'sequence ' else '' end || c.oid::regclass as target, c.relowner as owner,
      g.grantee, g.privilege_type as privilege, g.privilege_type = 'SELECT' and c.relkind in ('v', 'S') as is_ours
    from our_relations c
    cross join lateral aclexplode(c.relacl) g
    union all
    select format('column %I of %s', a.attname, c.oid::regclass), c.oid::regclass::text, c.relowner,
      g.grantee, format('%s (%I)', g.privilege_type, a.attname), g.privilege_type = 'SELECT' and c.relkind = 'v'
    from our_relations c
    join pg_attribute a on a.attrelid = c.oid and a.attacl is not null
    cross join lateral aclexplode(a.attacl) g
    union all
    select 'schema ' || n.nspname, 'schema ' || n.nspname, n.nspowner, g.grantee, g.privilege_type, g.privilege_type = 'USAGE'
    from pg_namespace n
    cross join lateral aclexplode(n.nspacl) g
    where n.nspname in ('ownership', 'ownership_private')
  )
  select 'engine open', g.object,
    format('Role %s has %s on it.', ownership_private.role_sql(g.grantee), string_agg(g.privilege, ', ' order by g.privilege)),
    format('revoke %s on %s from %s;', string_agg(g.privilege, ', ' order by g.privilege), g.target, ownership_private.role_sql(g.grantee))
  from granted g
  where not g.is_ours and g.grantee <> g.owner
  group by g.object, g.target, g.grantee
  union all
  select 'gate unreadable', format('sequence %s', gate), 'A writer who may not read it cannot write to the table.',
    format('grant select on sequence %s to public;', gate)
  from ownership_private.policies p
  cross join ownership_private.gate(p.id) gate
  where not exists (
    select from pg_class c cross join lateral aclexplode(c.relacl) g
    where c.oid = gate and g.grantee = 0 and g.privilege_type = 'SELECT'
  )
$$;
comment on function ownership_private.right_problems is
  'Rights on the engine''s relations and schemas that an install does not give, and the one that every writer needs.';

create function ownership_private.setting_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case when s.name = 'session_replication_role' then 'triggers off by setting' else 'setting lowers ranks' end,
    s.place,
    format('Its sessions begin with %s.', s.setting),
    format('alter %s reset %s;', s.place, s.name)
  from (
    select split_part(setting, '=', 1) as name, setting,
      case when d.setrole = 0 then format('database %I', current_database())
        else format('role %s%s', d.setrole::regrole, case when d.setdatabase <> 0 then format(' in database %I', current_database()) end)
      end as place
    from pg_db_role_setting d
    cross join unnest(d.setconfig) setting
    where d.setdatabase in (0, (select b.oid from pg_database b where b.datname = current_database()))
    union all
    select p.name, p.name || '=' || p.setting, 'system'
    from pg_settings p
    where p.name = 'session_replication_role' and p.source in ('configuration file', 'command line', 'environment variable')
  ) s
  where s.setting = 'session_replication_role=replica' or s.name in ('ownership.writer', 'ownership.engine')
$$;
comment on function ownership_private.setting_problems is
  'Settings of roles, of the database or of the server under which what people write is not claimed, or triggers of
   others do not fire.';

create function ownership_private.engine_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select * from ownership_private.object_problems()
  union all
  select * from ownership_private.right_problems()
  union all
  select * from ownership_private.setting_problems()
  union all
  select 'gate closed', format('sequence ownership_private.%I', 'gate_' || p.id),
    format('%s.%I has claims, and its guard believes that it has none.', t.tbl, p.col),
    format('select nextval(%L); Then ownership.verify finds what was lost meanwhile.', 'ownership_private.gate_' || p.id)
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where pg_sequence_last_value(ownership_private.gate(p.id)) is null
    and (
      exists (select from ownership_private.claims c where c.policy_id = p.id)
      or exists (select from ownership_private.bases b where b.policy_id = p.id)
    )
  union all
  select 'writer without role', quote_ident(w.role), format('The role was dropped; it has rank %s, and whoever writes in its place has another.', w.rank),
    'Create the role again, or register the one that writes now with ownership.register_writer.'
  from ownership_private.writers w
  where not exists (select from pg_roles r where r.rolname = w.role)
    -- These roles are registered by the engine itself, and do not exist on every server.
    and (
      w.role not in ('postgres', 'supabase_admin', 'authenticated', 'manual_editor', 'service_role', 'app_backend')
      or exists (select from ownership_private.claims c where c.writer = w.role)
    )
$$;
comment on function ownership_private.engine_problems is
  'What is wrong with the engine itself and with the roles that it knows.';
