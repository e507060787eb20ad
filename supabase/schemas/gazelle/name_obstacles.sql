-- migration: gazelle_survey

-- Obstacles that are no table of Gazelle's: names that the migrations take and something else has, and rights that the
-- installing role lacks. What is an application's own is renamed, never dropped.

create or replace function gazelle.is_on_record(name text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known boolean := false;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select exists (select from supabase_migrations.schema_migrations m where m.name = $1)' into known using name;
  end if;
  return known;
end;
$$;
comment on function gazelle.is_on_record(text) is
  'Whether the migration of this name is on record as applied. Its version may differ: a project can rename the file.';

create or replace function gazelle.is_our_schema(name name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select
    from gazelle.taken_names() n
    where n.kind = 'schema' and n.name = is_our_schema.name
      and n.of = left(md5(obj_description(to_regnamespace(quote_ident(n.name)), 'pg_namespace')), 12)
  )
$$;
comment on function gazelle.is_our_schema(name) is 'Whether a schema is one that these migrations made, told by its comment.';

create or replace function gazelle.earlier_obstacles()
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'GZ006', 'schema ' || string_agg(n.nspname, ', ' order by n.nspname), 'is there, and no migration of it is on record',
    format('Put files that ran whole on record: npx supabase@3.1.0 migration repair --remote --status applied, with their '
      || 'numbers; then: npx supabase@3.1.0 db push --remote --include-all. What ran in part: drop schema %s cascade; which forgets its claims.',
      string_agg(n.nspname, ', ' order by n.nspname))
  from pg_catalog.pg_namespace n
  where n.nspname <> 'gazelle' and gazelle.is_our_schema(n.nspname)
    -- The engine can be installed alone, before the rest.
    and not (n.nspname like 'ownership%' and gazelle.is_on_record('ownership_engine'))
  having count(*) > 0
$$;
comment on function gazelle.earlier_obstacles() is
  'Schemas of ours that later migrations create. This migration is the first, so they exist only if those ran without
   a record.';

create or replace function gazelle.extension_of(class oid, object oid)
returns name
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select e.extname
  from pg_catalog.pg_depend d
  join pg_catalog.pg_extension e on e.oid = d.refobjid
  where d.classid = class and d.objid = object and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
$$;
comment on function gazelle.extension_of(oid, oid) is 'The extension that an object belongs to; null for most objects.';

create or replace function gazelle.public_objects()
returns table (name name, kind text, keyword text, object text, extension name, tbl oid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.relname, 'relation', k.keyword, c.oid::regclass::text, gazelle.extension_of('pg_class'::regclass, c.oid), i.indrelid
  from pg_catalog.pg_class c
  join (values
    ('r'::"char", 'table'), ('p', 'table'), ('v', 'view'), ('m', 'materialized view'), ('f', 'foreign table'),
    ('S', 'sequence'), ('i', 'index'), ('I', 'index'), ('c', 'type')
  ) k (relkind, keyword) on k.relkind = c.relkind
  left join pg_catalog.pg_index i on i.indexrelid = c.oid
  where c.relnamespace = 'public'::regnamespace
  union all
  -- Types of rows and of arrays get out of the way by themselves.
  select t.typname, 'relation', case t.typtype when 'd' then 'domain' else 'type' end, t.oid::regtype::text,
    gazelle.extension_of('pg_type'::regclass, t.oid), null
  from pg_catalog.pg_type t
  where t.typnamespace = 'public'::regnamespace and t.typrelid = 0
    and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)
  union all
  select p.proname, 'function', case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
    p.oid::regprocedure::text, gazelle.extension_of('pg_proc'::regclass, p.oid), null
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::regnamespace
$$;
comment on function gazelle.public_objects() is
  'What has a name in public: tables and what shares their names, types, functions; tbl is the table of an index.';

create or replace function gazelle.name_obstacles()
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with patterns as (
    select c.relname from pg_catalog.pg_class c where c.relnamespace = 'gazelle'::regnamespace and c.relkind = 'r'
  )
  -- A function of the same name and other arguments is in the way too: the API would have to guess which is meant.
  select 'GZ009', format('%s %s', o.keyword, o.object), 'is something else, and one of ours has this name',
    case
      when o.extension is not null then format('It belongs to an extension: alter extension %I set schema extensions;', o.extension)
      else format('Rename it: alter %s %s rename to %I;', o.keyword, o.object, o.name || '_before')
    end
  from gazelle.taken_names() n
  join gazelle.public_objects() o
    on o.name = n.name and o.kind = case n.kind when 'index' then 'relation' else n.kind end
  where n.kind in ('relation', 'function', 'index')
    -- What an earlier install of ours left is told by earlier_obstacles, and the engine can be there alone.
    and not exists (select from gazelle.earlier_obstacles())
    and not (n.name like 'ownership\_%' and gazelle.is_on_record('ownership_engine'))
    -- A table of Gazelle's is taken over, with the indexes that it has.
    and not (o.keyword in ('table', 'view', 'materialized view', 'foreign table') and n.name in (select p.relname from patterns p))
    and not (n.kind = 'index' and o.tbl is not distinct from to_regclass(format('public.%I', n.of))::oid and o.tbl is not null)
  union all
  select 'GZ009', format('schema %I', n.name), 'is something else, and one of ours has this name',
    format('Rename it: alter schema %I rename to %I;', n.name, n.name || '_before')
  from gazelle.taken_names() n
  where n.kind = 'schema' and to_regnamespace(quote_ident(n.name)) is not null and not gazelle.is_our_schema(n.name)
    and not (n.name like 'ownership%' and gazelle.is_on_record('ownership_engine'))
  union all
  select 'GZ009', format('trigger %I on public.%I', n.name, n.of), 'is something else, and one of ours has this name',
    format('Rename it: alter trigger %I on public.%I rename to %I;', n.name, n.of, n.name || '_before')
  from gazelle.taken_names() n
  join pg_catalog.pg_trigger g on g.tgrelid = to_regclass(format('public.%I', n.of)) and g.tgname = n.name
  where n.kind = 'trigger'
  union all
  select 'GZ009', format('policy %I on public.%I', n.name, n.of), 'is something else, and one of ours has this name',
    format('Rename it: alter policy %I on public.%I rename to %I;', n.name, n.of, n.name || '_before')
  from gazelle.taken_names() n
  join pg_catalog.pg_policy p on p.polrelid = to_regclass(format('public.%I', n.of)) and p.polname = n.name
  where n.kind = 'policy'
  union all
  select 'GZ009', format('event trigger %I', n.name), 'is something else, and one of ours has this name',
    format('Rename it: alter event trigger %I rename to %I;', n.name, n.name || '_before')
  from gazelle.taken_names() n
  join pg_catalog.pg_event_trigger e on e.evtname = n.name
  join pg_catalog.pg_proc p on p.oid = e.evtfoid and p.pronamespace::regnamespace::text <> 'ownership_private'
  where n.kind = 'event trigger'
$$;
comment on function gazelle.name_obstacles() is
  'Names that the migrations take and something else has: one row each, with the statement that renames that.';

create or replace function gazelle.job_obstacles()
returns table (code text, object text, problem text, hint text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cron'
    where c.relname = 'job' and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
  ) then
    return query execute $sql$
      select 'GZ009', format('job %L of pg_cron', j.jobname), 'is something else, and one of ours has this name',
        format('Rename it: select cron.schedule(%L, %L, %L); select cron.unschedule(%s);',
          j.jobname || ' before', j.schedule, j.command, j.jobid)
      from cron.job j
      where j.username = current_user and j.command !~ 'sync\.tick\('
        and j.jobname in (select n.name::text from gazelle.taken_names() n where n.kind = 'job')$sql$;
  end if;
end;
$$;
comment on function gazelle.job_obstacles() is
  'Jobs of pg_cron that have the name of one of ours, which would replace them without a word.';

create or replace function gazelle.installer_obstacles()
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with me as (
    select r.rolname, r.rolsuper, r.rolcreaterole from pg_catalog.pg_roles r where r.rolname = current_user
  ), ours as (
    select n.name, n.attributes, to_regrole(n.name) is not null as is_there
    from (values
      ('sync_worker', 'nologin noinherit'), ('gazelle_sync', 'nologin noinherit'), ('pls_detector', 'nologin noinherit'),
      ('manual_editor', 'nologin noinherit')
    ) n (name, attributes)
  )
  select 'GZ010', format('role %I', me.rolname), format('may not make roles, and there is no %s',
      string_agg(o.name, ', ' order by o.name)),
    format('Install as a role that may, or as such a role: %s',
      string_agg(format('create role %I %s; grant %1$I to %I with admin option;', o.name, o.attributes, me.rolname), ' '
        order by o.name))
  from me, ours o
  where not me.rolsuper and not me.rolcreaterole and not o.is_there
  group by me.rolname
  having count(*) > 0
  union all
  select 'GZ010', format('role %I', me.rolname), format('may not grant %s, which is there already', o.name),
    format('As its owner: grant %I to %I with admin option;', o.name, me.rolname)
  from me, ours o
  where o.is_there and not me.rolsuper
    -- Until Postgres 15 whoever makes roles may grant them all.
    and not (me.rolcreaterole and current_setting('server_version_num')::integer < 160000)
    and not pg_catalog.pg_has_role(me.rolname, o.name, 'member with admin option')
  union all
  select 'GZ010', format('role %I', me.rolname), 'may not make tables in the schema public',
    format('Let it: grant create on schema public to %I;', me.rolname)
  from me
  where not pg_catalog.has_schema_privilege('public', 'create')
  union all
  select 'GZ010', format('database %I', current_database()),
    format('is not of a Supabase project: there is no %s', string_agg(lacking.name, ', ')),
    'Install into a project''s database, or the ownership engine alone: docs/ownership.md.'
  from (
    select 'role ' || r.name from unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) r (name)
    where to_regrole(r.name) is null
    union all
    select 'function auth.uid()'
    where not exists (
      select from pg_catalog.pg_proc p where p.proname = 'uid' and p.pronamespace::regnamespace::text = 'auth'
    )
  ) lacking (name)
  having count(*) > 0
$$;
comment on function gazelle.installer_obstacles() is
  'What the installing role may not do, and what the database lacks that every project on Supabase has.';

revoke execute on function
  gazelle.is_on_record, gazelle.is_our_schema, gazelle.earlier_obstacles, gazelle.extension_of, gazelle.public_objects,
  gazelle.name_obstacles, gazelle.job_obstacles, gazelle.installer_obstacles
from public;
