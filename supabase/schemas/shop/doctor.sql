-- What `etiquette doctor` asks the database: facts, and for what is wrong the statement that mends it.

create function shop.role_problems()
returns table (problem text, remedy text)
language sql
stable
security invoker
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
comment on function shop.role_problems() is 'Roles that are missing, or are not what the others take them for.';

create function shop.grant_problems()
returns table (problem text, remedy text)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  with contract as (
    select p.oid, p.oid::regprocedure as entry
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname ~ '^(sync|ownership|shop)_'
  ), exposed as (
    select c.oid, c.oid::regclass as entry, c.relrowsecurity, o.role
    from sync.streams s
    join sync.sources o on o.source = s.source
    join pg_catalog.pg_class c on c.oid = s.target
  )
  select format('service_role may not call %s', f.entry), format('grant execute on function %s to service_role;', f.entry)
  from contract f
  where not pg_catalog.has_function_privilege('service_role', f.oid, 'execute')
  union all
  select format('%s may call %s', r.role, f.entry),
    format('revoke execute on function %s from public, anon, authenticated, service_role;', f.entry)
  from contract f
  cross join unnest(array['anon', 'authenticated']) r (role)
  where pg_catalog.has_function_privilege(r.role, f.oid, 'execute')
  union all
  select format('row level security is off for %s', t.entry), format('alter table %s enable row level security;', t.entry)
  from exposed t
  where not t.relrowsecurity
  union all
  select format('visitors may read %s', t.entry), format('revoke all on %s from anon;', t.entry)
  from exposed t
  where pg_catalog.has_any_column_privilege('anon', t.oid, 'select')
  union all
  select format('%s may not write %s', t.role, t.entry), format('grant select, insert on %s to %I;', t.entry, t.role)
  from exposed t
  where not pg_catalog.has_any_column_privilege(t.role, t.oid, 'insert')
    or not pg_catalog.has_any_column_privilege(t.role, t.oid, 'update')
$$;
comment on function shop.grant_problems() is 'Who may not do what he must, or may do what he must not.';

create function shop.migration_versions()
returns jsonb
language plpgsql
stable
security invoker
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
comment on function shop.migration_versions() is 'What the Supabase CLI has on record as applied; null without such a record.';

create function shop.schedule_state()
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  jobs jsonb;
begin
  if to_regclass('sync.schedules') is not null then
    execute 'select coalesce(jsonb_agg(jsonb_build_object(''job'', s.job, ''schedule'', s.schedule, ''active'', s.active)
      order by s.job), ''[]'') from sync.schedules s' into jobs;
  end if;
  return jobs;
end;
$$;
comment on function shop.schedule_state() is 'The jobs of the schedule; null where none is installed.';

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
    'health', (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from ownership.health() h),
    'token', gazelle.token_status(),
    'schedule', shop.schedule_state(),
    'missing_secrets', (
      select coalesce(jsonb_agg(n.name order by n.name), '[]')
      from unnest(array['project_url', 'cron_secret_key']) n (name)
      where sync.secret(n.name) is null
    ),
    'streams', (
      select jsonb_agg(jsonb_build_object('stream', s.stream, 'is_enabled', s.is_enabled, 'run_id', last.id,
        'status', last.status, 'error', last.error,
        'hours', round(extract(epoch from clock_timestamp() - last.started_at) / 3600, 1)) order by s.stream)
      from sync.streams s
      left join lateral (
        select r.id, r.status, r.error, r.started_at
        from sync.runs r
        where r.stream = s.stream and not r.dry_run and not r.is_replay
        order by r.id desc
        limit 1
      ) last on true
    ),
    'alerts', (
      select coalesce(jsonb_agg(jsonb_build_object('stream', a.stream, 'kind', a.kind, 'message', a.message,
        'hint', a.hint) order by a.id), '[]')
      from sync.alerts a
      where a.resolved_at is null
    ))
$$;
comment on function public.shop_doctor() is
  'What is to be known of a project''s database from outside: migrations, roles, grants, protection, token, schedule,
   last runs, open alerts. Nothing secret.';

revoke execute on function
  shop.role_problems, shop.grant_problems, shop.migration_versions, shop.schedule_state,
  public.shop_doctor
from public, anon, authenticated;
grant execute on function public.shop_doctor to service_role;
