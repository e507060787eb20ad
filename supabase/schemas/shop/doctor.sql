-- The facts that `etiquette doctor` judges; for most problems with the statement that repairs them.

create function shop.role_problems()
returns table (problem text, remedy text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('there is no role %s', r.role), format('create role %I nologin noinherit;', r.role)
  from unnest(
    array['anon', 'authenticated', 'service_role', 'authenticator', 'sync_worker', 'gazelle_sync', 'pls_detector']
  ) r (role)
  where to_regrole(r.role) is null
  union all
  select format('authenticator cannot become %s, so no sync can run', r.role),
    format('grant %I to authenticator;', r.role)
  from unnest(array['sync_worker', 'gazelle_sync']) r (role)
  where to_regrole('authenticator') is not null and to_regrole(r.role) is not null
    and not pg_catalog.pg_has_role('authenticator', r.role, 'member')
  union all
  select format('%s is no writer that the ownership engine knows', r.role),
    format('select ownership.register_writer(%L, %s);', r.role, r.rank)
  from (values ('gazelle_sync', 10), ('service_role', 20), ('pls_detector', 50), ('authenticated', 100)) r (role, rank)
  where not exists (select from ownership.writers w where w.role = r.role)
$$;
comment on function shop.role_problems() is
  'Roles that are missing, lack a membership, or are not registered as writers.';

create table shop.granted (
  object text,
  grantee text,
  privilege text,
  primary key (object, grantee, privilege)
);
comment on table shop.granted is
  'What callers of the API may do with the project''s objects in public, as the last migration left it.';

create function shop.grants()
returns table (object text, grantee text, privilege text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s %s', case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass), g.grantee, g.privilege
  from pg_catalog.pg_class c
  cross join lateral gazelle.grants_of(c.oid) g
  where c.oid in (select s.target from sync.streams s)
    or c.relnamespace = 'public'::regnamespace and c.relname in (
      'institution_config', 'institution_overview', 'institution_inventory', 'pls_rules', 'pls_evidence', 'pls_evidence_id_seq'
    )
  union all
  select format('function %s', p.oid::regprocedure), coalesce(r.rolname, 'public'), a.privilege_type
  from pg_catalog.pg_proc p
  cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
  left join pg_catalog.pg_roles r on r.oid = a.grantee
  where p.pronamespace = 'public'::regnamespace
    and (p.proname ~ '^(sync|ownership|shop|pls)_'
      or p.proname in ('detect_pls', 'tag_client', 'untag_client', 'tag_piano', 'untag_piano'))
    and (a.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role'))
$$;
comment on function shop.grants() is
  'Each privilege that public, anon, authenticated and service_role have on the project''s objects in public.';

create function shop.record_grants()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from shop.granted;
  insert into shop.granted (object, grantee, privilege) select g.object, g.grantee, g.privilege from shop.grants() g
$$;
comment on function shop.record_grants() is
  'Writes down who may do what. The last statement of a migration: the doctor tells every later difference.';

create function shop.changed_grants()
returns table (verb text, object text, grantee text, privileges text, grantees text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with today as materialized (
    select g.object, g.grantee, g.privilege from shop.grants() g
  ), changed as (
    select 'revoke' as verb, more.*
    from (select * from today except select * from shop.granted) more
    -- Nothing is recorded before the last migration.
    where exists (select from shop.granted)
    union all
    select 'grant', less.*
    from (select * from shop.granted except select * from today) less
  ), by_grantee as (
    select c.verb, c.object, c.grantee, string_agg(lower(c.privilege), ', ' order by c.privilege) as privileges
    from changed c
    group by c.verb, c.object, c.grantee
  )
  select c.verb, c.object, c.grantee, c.privileges,
    -- One statement for all who have the same too much, or too little.
    string_agg(c.grantee, ', ') over (partition by c.verb, c.object, c.privileges)
  from by_grantee c
$$;
comment on function shop.changed_grants() is
  'Grants that came or went since the last migration: verb is what takes the change back, grantees all whom it
   concerns.';

create function shop.grant_problems()
returns table (problem text, remedy text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with exposed as (
    select c.oid, c.oid::regclass as entry, c.relrowsecurity, o.role
    from sync.streams s
    join sync.sources o on o.source = s.source
    join pg_catalog.pg_class c on c.oid = s.target
  ), changed as (
    select
      format('%s %s ', c.grantee, case c.verb when 'grant' then 'may not' else 'may' end) || case
        when c.object ~ '^function ' then regexp_replace(c.object, '^function', 'call')
        else format('%s on %s', c.privileges, regexp_replace(c.object, '^\w+ ', ''))
      end as problem,
      format('%s %s on %s %s %s;', c.verb, c.privileges, c.object, case c.verb when 'grant' then 'to' else 'from' end,
        c.grantees) as remedy
    from shop.changed_grants() c
  )
  select c.problem, c.remedy
  from (select * from changed order by problem) c
  where c.problem !~ '^anon may (?!call)'
  union all
  select format('row level security is off for %s', t.entry), format('alter table %s enable row level security;', t.entry)
  from exposed t
  where not t.relrowsecurity
  union all
  select format('visitors may %s %s', string_agg(distinct v.verb, ' and '), regexp_replace(g.object, '^\w+ ', '')),
    format('revoke all on %s from anon;', regexp_replace(g.object, '^(table )?', ''))
  from shop.grants() g
  cross join lateral (select case when g.privilege ~ '^SELECT' then 'read' else 'write' end as verb) v
  where g.grantee = 'anon' and g.object !~ '^function '
  group by g.object
  union all
  select format('%s may not write %s', t.role, t.entry), format('grant select, insert on %s to %I;', t.entry, t.role)
  from exposed t
  where not pg_catalog.has_any_column_privilege(t.role, t.oid, 'insert')
    or not pg_catalog.has_any_column_privilege(t.role, t.oid, 'update')
$$;
comment on function shop.grant_problems() is
  'Who may not do what the last migration let him, or may do more; and what no visitor may, whoever granted it.';

create function shop.kept_grants()
returns table (tbl text, grantee text, privileges text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select t.tbl::text, g.grantee, string_agg(lower(g.privilege), ', ' order by g.privilege)
  from gazelle.taken_over t
  cross join lateral gazelle.grants_of(t.tbl) g
  where g.grantee <> 'service_role' and format('%s to %s', g.privilege, g.grantee) = any (t.grants_before)
  group by t.tbl, g.grantee
  order by 1, 2
$$;
comment on function shop.kept_grants() is
  'What the application that was there before lets visitors and signed-in users do with the tables that were taken
   over.';

create function shop.migration_versions()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  versions jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select jsonb_agg(m.version order by m.version) from supabase_migrations.schema_migrations m' into versions;
  end if;
  return versions;
end;
$$;
comment on function shop.migration_versions() is
  'Versions of the migrations on record as applied; null without such a record.';

create function shop.project_url()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return sync.secret('project_url');
exception when others then
  -- That Vault cannot be read is told by the look at it.
  return null;
end;
$$;
comment on function shop.project_url() is
  'The address at which the schedule calls the functions, for the doctor to compare; it is public.';

create function public.shop_doctor()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'migrations', shop.migration_versions(),
    'roles', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from shop.role_problems() p),
    'grants', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from shop.grant_problems() p),
    'kept_grants', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from shop.kept_grants() k),
    'constraints', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
      from (select s.tbl::text, s.name, s.definition from gazelle.strict_constraints() s) c
    ),
    'writers', shop.writers_state(),
    'status', shop.status('whole'),
    'project_url', shop.project_url()
  )
$$;
comment on function public.shop_doctor() is
  'The facts about a database that the doctor judges: migrations, roles, grants, other writers; and the state of the
   shop, which it shows as it is. No secrets.';

revoke execute on function
  shop.role_problems, shop.grants, shop.record_grants, shop.changed_grants, shop.grant_problems, shop.kept_grants,
  shop.migration_versions, shop.project_url, public.shop_doctor
from public, anon, authenticated, service_role;
grant execute on function public.shop_doctor to service_role;

-- migration: schedule

select shop.record_grants();
