-- From supabase/schemas/gazelle/survey.sql

-- The survey compares tables that an older application left in public with patterns: empty tables of the same names in
-- the schema gazelle, which nobody uses. Each stream's file defines its pattern. Statements of this migration can be
-- run again, for it is repeated after it has refused to install.

-- Without its schema the survey cannot even look: what keeps it from that is told alone, before everything else.
do $$
declare
  purpose constant text := 'Patterns of Gazelle''s tables, and the functions that take over existing tables. The tables themselves are in
   public.';
begin
  if to_regnamespace('gazelle') is null and not pg_catalog.has_database_privilege(current_database(), 'create') then
    raise exception using errcode = 'GZ010',
      message = format('role %s may not make schemas in database %s', current_user, current_database()),
      detail = format('Let it: grant create on database %I to %I;', current_database(), current_user),
      hint = 'Nothing was changed. Do what is said above, then install again.';
  elsif to_regnamespace('gazelle') is null then
    create schema gazelle;
    execute format('comment on schema gazelle is %L', purpose);
  elsif obj_description(to_regnamespace('gazelle'), 'pg_namespace') is distinct from purpose then
    raise exception using errcode = 'GZ009',
      message = 'schema gazelle is something else, and one of ours has this name',
      detail = 'Rename it: alter schema gazelle rename to gazelle_before;',
      hint = 'Nothing was changed. Do what is said above, then install again.';
  end if;
end
$$;

-- Columns of existing tables: which are missing, which keep their type, which must be converted.

create or replace function gazelle.to_set(value text)
returns text[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when btrim(value) = '' then '{}'::text[]
    when value ~ '^\s*\[' then array(select jsonb_array_elements_text(value::jsonb))
    when value ~ '^\s*null\s*$' then null
    else value::text[]
  end;
end;
$$;
comment on function gazelle.to_set(text) is
  'Parses a set that was stored as text: a JSON array, or an array in the notation of Postgres.';

create or replace function gazelle.conversion_sql(col name, from_type regtype, to_type regtype)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case
      when to_type = 'text[]'::regtype then 'gazelle.to_set(%1$I::text)'
      when to_type = 'text'::regtype and from_type in ('json'::regtype, 'jsonb'::regtype) then '%1$I #>> ''{}'''
      when to_type = 'boolean'::regtype and t.typcategory = 'N' then '%1$I <> 0'
      when to_type <> 'text'::regtype and t.typcategory = 'S' then 'nullif(btrim(%1$I::text), '''')::%2$s'
      else '%1$I::%2$s'
    end, col, to_type)
  from pg_catalog.pg_type t
  where t.oid = from_type
$$;
comment on function gazelle.conversion_sql(name, regtype, regtype) is
  'SQL that converts the values of a column to another type.';

create or replace function gazelle.takes(from_type regtype, modifier integer, to_type regtype)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  kind "char" := (select t.typtype from pg_catalog.pg_type t where t.oid = from_type);
  sample constant text := case to_type
    when 'text'::regtype then 'cli_9UMLkteep8EsISbG'
    when 'timestamptz'::regtype then '2026-01-19T08:00:00Z'
    when 'date'::regtype then '2026-01-19'
    when 'time'::regtype then '08:00:00'
    when 'integer'::regtype then '1921'
    when 'boolean'::regtype then 'true'
    else '{institutional}'
  end;
begin
  -- A value that an enum or a domain refuses is quarantined with its record. char(n) would pad every value with blanks.
  if from_type is null or kind in ('e', 'd') then
    return true;
  elsif from_type = 'bpchar'::regtype then
    return false;
  end if;
  execute format('select %L::%s', sample, pg_catalog.format_type(from_type, modifier));
  return true;
exception
  when data_exception then
    return false;
end;
$$;
comment on function gazelle.takes(regtype, integer, regtype) is
  'Whether a column of from_type, with its modifier (pg_attribute.atttypmod), can hold what Gazelle sends for a column
   of to_type; tried with a sample.';

create or replace function gazelle.becomes(from_type regtype, to_type regtype, using_sql text, col name)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_type = 'text[]'::regtype then
    return (
      select t.typcategory in ('A', 'S') or t.oid in ('json'::regtype, 'jsonb'::regtype)
      from pg_catalog.pg_type t
      where t.oid = from_type
    );
  end if;
  execute format('select %s from (select null::%s as %I) one', using_sql, from_type, col);
  return true;
exception
  when cannot_coerce or undefined_function or datatype_mismatch then
    return false;
end;
$$;
comment on function gazelle.becomes(regtype, regtype, text, name) is
  'Whether the values of a column that is to be converted (conversion_sql) can be of that kind at all.';

create or replace function gazelle.existing_columns()
returns table (
  tbl regclass, col name, wanted regtype, found_type text, is_there boolean, using_sql text, rewrites boolean,
  not_null boolean, filled_by_database boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Our own functions compute with these columns, so they must have the exact type: sets are merged by element, and the
  -- detection compares badges and dates.
  with needed (col) as (
    values ('tags'), ('dampp_chaser_installed'), ('dampp_chaser_mfg_date'), ('occurred_at')
  )
  select
    there.oid::regclass, pattern.attname, pattern.atttypid::regtype, kind.found_type, there.attname is not null,
    case when kind.converts then gazelle.conversion_sql(pattern.attname, there.atttypid, pattern.atttypid) end,
    -- With the time zone UTC, Postgres converts timestamp to timestamptz without rewriting the table.
    kind.converts and not (there.atttypid = 'timestamp'::regtype and pattern.atttypid = 'timestamptz'::regtype),
    coalesce(there.attnotnull, false), coalesce(there.attgenerated <> '' or there.attidentity <> '', false)
  from pg_catalog.pg_class shape
  join pg_catalog.pg_attribute pattern
    on pattern.attrelid = shape.oid and pattern.attnum > 0 and not pattern.attisdropped and pattern.attname <> 'id'
  join pg_catalog.pg_class old
    on old.relnamespace = 'public'::regnamespace and old.relname = shape.relname and old.relkind = 'r'
  left join pg_catalog.pg_attribute existing
    on existing.attrelid = old.oid and existing.attname = pattern.attname and not existing.attisdropped
  cross join lateral (
    select
      old.oid, existing.attname, existing.atttypid, existing.attnotnull, existing.attgenerated, existing.attidentity
  ) there
  cross join lateral (
    select pg_catalog.format_type(existing.atttypid, existing.atttypmod) as found_type
  ) named
  left join pg_catalog.pg_type found on found.oid = existing.atttypid
  cross join lateral (
    select named.found_type,
      existing.atttypid <> pattern.atttypid and (
        pattern.attname in (select n.col from needed n)
        -- The same moment can be written in many ways: in a text column each would look like a change.
        or pattern.atttypid = 'timestamptz'::regtype and found.typcategory = 'S'
        or not gazelle.takes(existing.atttypid, existing.atttypmod, pattern.atttypid)
      ) as converts
  ) kind
  where shape.relnamespace = 'gazelle'::regnamespace and shape.relkind = 'r'
  order by old.relname, pattern.attnum
$$;
comment on function gazelle.existing_columns() is
  'The columns that each existing table should have: whether the column exists, its type, and the SQL that converts it
   where that is necessary. Any other type is kept if it can hold what Gazelle sends.';

revoke execute on function
  gazelle.to_set, gazelle.conversion_sql, gazelle.takes, gazelle.becomes, gazelle.existing_columns
from public;

-- From supabase/schemas/gazelle/names.sql

-- The names that the migrations take. `npm run migrations` writes this file from supabase/catalogue.txt.

create or replace function gazelle.taken_names()
returns table (kind text, of text, name name)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select t.kind, t.of, unnest(t.names::name[])
  from (values
    ('event trigger', null, '{ownership_watch_commands,ownership_watch_drops}'),
    ('function', null, '{
      detect_pls,etiquette_version,ownership_explain,ownership_health,ownership_list_history,
      ownership_list_policies,pls_accept,pls_answer,pls_explain,shop_doctor,shop_status,shop_verify,
      sync_acknowledge_alert,sync_apply_run,sync_begin_authorization,sync_begin_replay,sync_claim_token,
      sync_connect,sync_due_streams,sync_end_authorization,sync_end_run,sync_fail_run,sync_finish_run,
      sync_interrupt,sync_list_alerts,sync_list_rejected,sync_list_runs,sync_mark_posted,sync_pause_run,
      sync_plan_run,sync_put_token,sync_read_alerts,sync_read_rejected,sync_revert_run,sync_show_run,
      sync_stage_page,sync_start_run,sync_take_authorization,sync_test_webhook,sync_token_status,
      sync_use_api_key,sync_wanted_records,sync_webhook_answer,tag_client,tag_piano,untag_client,
      untag_piano
    }'),
    ('index', 'gazelle_appointments', '{
      gazelle_appointments_client_external_id_idx,gazelle_appointments_piano_external_id_idx
    }'),
    ('index', 'gazelle_contacts', '{gazelle_contacts_client_external_id_idx}'),
    ('index', 'gazelle_pianos', '{gazelle_pianos_client_external_id_idx}'),
    ('index', 'gazelle_timeline_entries', '{
      gazelle_timeline_entries_piano_id_idx,gazelle_timeline_entries_service_idx
    }'),
    ('index', 'pls_evidence', '{pls_evidence_entry_id_idx}'),
    ('job', null, '{
      "sync appointments","sync clean-up","sync clients","sync contacts","sync detect-pls","sync pianos",
      "sync resume","sync timeline","sync users","sync verify","sync watch"
    }'),
    ('policy', 'gazelle_appointments', '{writers}'),
    ('policy', 'gazelle_clients', '{signed_in,signed_in_tag,writers}'),
    ('policy', 'gazelle_contacts', '{writers}'),
    ('policy', 'gazelle_pianos', '{signed_in,signed_in_tag,writers}'),
    ('policy', 'gazelle_timeline_entries', '{detector_reads,signed_in,writers}'),
    ('policy', 'gazelle_users', '{writers}'),
    ('relation', null, '{
      gazelle_appointments,gazelle_clients,gazelle_contacts,gazelle_pianos,gazelle_timeline_entries,
      gazelle_users,institution_config,institution_inventory,institution_overview,pls_evidence,pls_rules,
      pls_to_check
    }'),
    ('schema', '04cd477fd964', '{ownership}'),
    ('schema', '34442c39323e', '{pls}'),
    ('schema', '68c7d235ddd3', '{shop}'),
    ('schema', 'b29979ccce32', '{sync}'),
    ('schema', 'b801fa4a881d', '{ownership_private}'),
    ('schema', 'fe9454aefe10', '{gazelle}'),
    ('trigger', 'gazelle_clients', '{open_tagged_institution}'),
    ('trigger', 'gazelle_pianos', '{pls_piano_changed,pls_pianos_came}'),
    ('trigger', 'gazelle_timeline_entries', '{
      pls_entries_came,pls_entry_changed,pls_entry_went,pls_everything_changed
    }')
  ) t (kind, of, names)
$$;
comment on function gazelle.taken_names() is
  'Every name that the migrations take: schemas (of: the digest of their comment), relations, functions and indexes in
   public, triggers and policies on existing tables (of: the table), event triggers, jobs of pg_cron.';

revoke execute on function gazelle.taken_names from public;

-- From supabase/schemas/gazelle/users.sql

create table if not exists gazelle.gazelle_users (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  first_name text,
  last_name text,
  email text,
  phone text,
  role text,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_users is 'Pattern.';

-- From supabase/schemas/gazelle/clients.sql

create table if not exists gazelle.gazelle_clients (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  company_name text,
  first_name text,
  last_name text,
  status text,
  email text,
  phone text,
  city text,
  postal_code text,
  personal_notes text,
  preference_notes text,
  locale text,
  tags text[] not null default '{}',
  created_at timestamptz,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_clients is 'Pattern.';

-- From supabase/schemas/gazelle/contacts.sql

create table if not exists gazelle.gazelle_contacts (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_external_id text,
  first_name text,
  last_name text,
  email text,
  phone text,
  is_default boolean,
  archived boolean,
  created_at timestamptz,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_contacts is 'Pattern.';

-- From supabase/schemas/gazelle/pianos.sql

create table if not exists gazelle.gazelle_pianos (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_external_id text,
  make text,
  model text,
  serial_number text,
  type text,
  year integer,
  location text,
  notes text,
  status text,
  tags text[] not null default '{}',
  dampp_chaser_installed boolean,
  dampp_chaser_humidistat_model text,
  dampp_chaser_mfg_date date,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_pianos is 'Pattern.';

-- From supabase/schemas/gazelle/appointments.sql

create table if not exists gazelle.gazelle_appointments (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_external_id text,
  piano_external_id text,
  title text,
  description text,
  appointment_date date,
  appointment_time time,
  start_datetime timestamptz,
  duration_minutes integer,
  status text,
  technicien text,
  location text,
  notes text,
  travel_mode text,
  event_type text,
  is_all_day boolean,
  created_at timestamptz,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_appointments is 'Pattern.';

-- From supabase/schemas/gazelle/timeline.sql

create table if not exists gazelle.gazelle_timeline_entries (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_id text,
  piano_id text,
  invoice_id text,
  estimate_id text,
  user_id text,
  occurred_at timestamptz,
  entry_type text,
  title text,
  description text,
  missing_since timestamptz
);
comment on table gazelle.gazelle_timeline_entries is 'Pattern.';

-- From supabase/schemas/gazelle/name_obstacles.sql

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

-- From supabase/schemas/gazelle/constraints.sql

-- Constraints of an application's own on columns that Gazelle fills. They are no obstacles, for nobody knows beforehand
-- what Gazelle will send, and the application may rely on them: they are told, and a record that one of them refuses is
-- not stored.

create or replace function gazelle.strict_constraints()
returns table (tbl regclass, name name, definition text, change text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with filled as (
    select old.oid as tbl, array_agg(a.attnum) as columns,
      array_agg(a.attnum) filter (where a.attname = 'external_id') as key
    from pg_catalog.pg_class shape
    join pg_catalog.pg_class old
      on old.relnamespace = 'public'::regnamespace and old.relname = shape.relname and old.relkind = 'r'
    join pg_catalog.pg_attribute pattern on pattern.attrelid = shape.oid and pattern.attnum > 0
      and not pattern.attisdropped and pattern.attname not in ('id', 'missing_since')
    join pg_catalog.pg_attribute a on a.attrelid = old.oid and a.attname = pattern.attname
    where shape.relnamespace = 'gazelle'::regnamespace and shape.relname like 'gazelle\_%' and shape.relkind = 'r'
    group by old.oid
  )
  select f.tbl::regclass, c.conname, pg_catalog.pg_get_constraintdef(c.oid),
    format('alter table %s drop constraint %I;', f.tbl::regclass, c.conname)
  from filled f
  join pg_catalog.pg_constraint c on c.conrelid = f.tbl and c.conkey && f.columns
  where c.contype in ('c', 'f', 'x') or c.contype in ('u', 'p') and c.conkey <> f.key
  union all
  select f.tbl::regclass, x.relname, pg_catalog.pg_get_indexdef(i.indexrelid), format('drop index %s;', i.indexrelid::regclass)
  from filled f
  join pg_catalog.pg_index i on i.indrelid = f.tbl and i.indisunique
  join pg_catalog.pg_class x on x.oid = i.indexrelid
  cross join lateral (select string_to_array(i.indkey::text, ' ')::int2[] as columns) k
  where k.columns && f.columns and k.columns <> f.key
    and not exists (select from pg_catalog.pg_constraint c where c.conindid = i.indexrelid)
  order by 1, 2
$$;
comment on function gazelle.strict_constraints() is
  'Checks, foreign keys and unique keys of an application on columns that Gazelle fills, each with the statement that
   takes it away. Such a statement is the application''s to decide.';
revoke execute on function gazelle.strict_constraints from public;

-- From supabase/schemas/gazelle/obstacles.sql

-- Obstacles: what keeps an existing table from being taken over. All tables are examined before anything is changed,
-- and one error lists every obstacle with its remedy.

create or replace function gazelle.relation_obstacles()
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select found.code, c.oid::regclass::text, found.problem, found.hint
  from pg_catalog.pg_class shape
  join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = shape.relname
  cross join lateral (
    select 'GZ001' as code, case c.relkind
        when 'v' then 'is a view' when 'm' then 'is a materialized view' when 'f' then 'is a foreign table'
        when 'p' then 'is partitioned' else 'is no table'
      end || ', and the sync writes to an ordinary table' as problem,
      format('Rename it: alter %s public.%I rename to %I; then a table of this name is made.',
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
        c.relname, c.relname || '_before') as hint
    -- An index, a sequence or a type of this name is told by name_obstacles.
    where c.relkind in ('v', 'm', 'f', 'p')
    union all
    select 'GZ001', 'is a part, or has parts, of another table', format('Rename it: alter table public.%I rename to %I; or alter table … no inherit …;',
      c.relname, c.relname || '_before')
    where c.relkind = 'r' and exists (select from pg_catalog.pg_inherits i where c.oid in (i.inhparent, i.inhrelid))
    union all
    select 'GZ002', format('belongs to %I, and %I may not change it', pg_catalog.pg_get_userbyid(c.relowner), current_user),
      format('Install as %1$I; or as %1$I: alter table public.%2$I owner to %3$I;',
        pg_catalog.pg_get_userbyid(c.relowner), c.relname, current_user)
    where c.relkind = 'r' and not pg_catalog.pg_has_role(c.relowner, 'usage')
  ) found
  where shape.relnamespace = 'gazelle'::regnamespace and shape.relkind = 'r'
$$;
comment on function gazelle.relation_obstacles() is
  'Relations that have the name of one of our tables, and cannot become it: views, partitioned tables, tables of
   others.';

create or replace function gazelle.key_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  key_type text;
  is_text boolean;
begin
  select k.found_type, k.is_there and k.using_sql is null into key_type, is_text
  from gazelle.existing_columns() k
  where k.tbl = key_obstacles.tbl and k.col = 'external_id';
  if not is_text then
    return query select 'GZ003', tbl::text,
      case when key_type is null then 'has no column external_id'
        else format('has %s as external_id, and Gazelle''s ids are text', key_type) end,
      format('Is Gazelle''s id, such as cli_9UMLkteep8EsISbG, in another column? alter table %1$s rename column … to external_id; '
        || 'Is it a table of something else? alter table %1$s rename to …;', tbl);
    return;
  end if;
  return query execute format($sql$
    select 'GZ004', %1$L, format('has %%s of its external_ids in more than one row: %%s', count(*),
        string_agg(format('%%s (%%s rows)', id, rows), ', ' order by id) filter (where place <= 5)),
      'Keep one row of each; this shows them: select * from %1$s where external_id = ' || quote_literal(min(id)) || ';'
    from (
      select r.external_id::text as id, count(*) as rows, row_number() over (order by r.external_id::text) as place
      from %1$s r
      where r.external_id is not null
      group by r.external_id
      having count(*) > 1
    ) twice
    having count(*) > 0
    union all
    select 'GZ004', %1$L, format('has %%s rows without an external_id', count(*)),
      'Give them one that Gazelle does not use: update %1$s set external_id = ''own_'' || gen_random_uuid() where external_id is null;'
    from %1$s r
    where r.external_id is null
    having count(*) > 0$sql$, tbl);
end;
$$;
comment on function gazelle.key_obstacles(regclass) is
  'Duplicate and missing external_ids: each row needs one of its own.';

create or replace function gazelle.not_null_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'GZ005', format('%s.%I', tbl, k.col), 'must not be null here, and Gazelle has records without it',
    format('alter table %s alter column %I drop not null;', tbl, k.col)
  from gazelle.existing_columns() k
  where k.tbl = not_null_obstacles.tbl and k.not_null and not k.filled_by_database and k.col not in ('external_id', 'tags')
  union all
  select 'GZ005', format('%s.%I', tbl, k.col), 'is filled by the database itself, and the sync writes it',
    format('alter table %1$s rename column %2$I to %3$I;', tbl, k.col, k.col || '_before')
  from gazelle.existing_columns() k
  where k.tbl = not_null_obstacles.tbl and k.filled_by_database
  union all
  select 'GZ005', format('%s.%I', tbl, a.attname), 'must not be null and has no default: no new record could be stored',
    format('alter table %1$s alter column %2$I set default …; or alter table %1$s alter column %2$I drop not null;', tbl, a.attname)
  from pg_catalog.pg_attribute a
  where a.attrelid = tbl and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
    and a.attidentity = ''
    and not exists (select from gazelle.existing_columns() k where k.tbl = not_null_obstacles.tbl and k.col = a.attname)
$$;
comment on function gazelle.not_null_obstacles(regclass) is
  'Columns that would refuse a record of Gazelle''s: not null, generated, or required and unknown to the sync.';

revoke execute on function
  gazelle.relation_obstacles, gazelle.key_obstacles,
  gazelle.not_null_obstacles
from public;

create or replace function gazelle.value_obstacle(tbl regclass, col name)
returns table (code text, object text, problem text, hint text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  converted record;
  row_id text;
  shown text;
  ignored text;
begin
  select k.using_sql, k.found_type, k.wanted into converted
  from gazelle.existing_columns() k
  where k.tbl = value_obstacle.tbl and k.col = value_obstacle.col and k.using_sql is not null;
  if not found then
    return;
  end if;
  begin
    execute format('select count(%s) from %s', converted.using_sql, tbl) into ignored;
    return;
  exception
    when data_exception or cannot_coerce or undefined_function then
      null;
  end;
  -- Some value does not convert: find the first by converting one row at a time.
  for row_id, shown in
    execute format('select external_id::text, %1$I::text from %2$s where %1$I is not null', col, tbl)
  loop
    begin
      execute format('select (%s)::text from (select $1::%s as %I) one', converted.using_sql,
        converted.found_type, col) into ignored using shown;
    exception
      when data_exception or cannot_coerce or undefined_function then
        return query select 'GZ005', format('%s.%I', tbl, col),
          format('is to be %s, and %L of %L cannot be: %s', converted.wanted, left(shown, 60), row_id, sqlerrm),
          format('Correct it: update %s set %I = … where external_id = %L;', tbl, col, row_id);
        return;
    end;
  end loop;
end;
$$;
comment on function gazelle.value_obstacle(regclass, name) is
  'The first value of a column that cannot be converted, with its row.';

create or replace function gazelle.conversion_problem(tbl regclass, by_hand text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('create table gazelle.trial (like %s including all excluding indexes)', tbl);
  -- An index of another kind than btree is told by its name.
  execute (
    select coalesce(string_agg(replace(pg_catalog.pg_get_indexdef(i.indexrelid), format(' INDEX %I ON %s ', x.relname, tbl),
      ' INDEX ON gazelle.trial '), '; '), 'select')
    from pg_catalog.pg_index i
    join pg_catalog.pg_class x on x.oid = i.indexrelid
    join pg_catalog.pg_am am on am.oid = x.relam and am.amname = 'btree'
    where i.indrelid = tbl
  );
  execute replace(by_hand, format('alter table %s ', tbl), 'alter table gazelle.trial ');
  raise exception using errcode = 'GZ008';
exception
  when sqlstate 'GZ008' then
    return null;
  when others then
    return sqlerrm;
end;
$$;
comment on function gazelle.conversion_problem(regclass, text) is
  'Tries a conversion on an empty copy of a table, which is rolled back (GZ008), and returns the error it meets, or null.';

create or replace function gazelle.conversion_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with k as (
    select * from gazelle.existing_columns() e where e.tbl = conversion_obstacles.tbl and e.using_sql is not null
  ), statement as (
    select k.*, a.attnum, gazelle.becomes(a.atttypid, k.wanted, k.using_sql, k.col) as converts, format('alter table %1$s alter column %2$I drop default, alter column %2$I type %3$s using %4$s;',
      k.tbl, k.col, k.wanted, k.using_sql) as by_hand
    from k
    join pg_catalog.pg_attribute a on a.attrelid = k.tbl and a.attname = k.col
  )
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, which it cannot become', s.found_type, s.wanted),
    format('It seems to be something else: alter table %s rename column %I to %I; then one of ours is added.',
      s.tbl, s.col, s.col || '_before')
  from statement s
  where not s.converts
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col), format('is %s and must be %s, and that fails: %s', s.found_type, s.wanted, trial.problem),
    format('A constraint, a default or an index of its own does not fit: drop that, install, and make it anew for the new type. '
      || 'Or convert before: %s', s.by_hand)
  from statement s
  cross join lateral gazelle.conversion_problem(s.tbl, s.by_hand) trial (problem)
  where s.converts and trial.problem is not null
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, and this uses it: %s', s.found_type, s.wanted,
      string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), ', ')),
    format('Drop that, install, and make it anew for the new type. Or convert before: %s', s.by_hand)
  from statement s
  join pg_catalog.pg_depend d on d.refobjid = s.tbl and d.refobjsubid = s.attnum
  left join pg_catalog.pg_class i on d.classid = 'pg_class'::regclass and i.oid = d.objid and i.relkind = 'i'
  left join pg_catalog.pg_am am on am.oid = i.relam
  where s.converts
    and (d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass) or am.amname <> 'btree')
  group by s.tbl, s.col, s.found_type, s.wanted, s.by_hand
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, and the table is too large to be rewritten while it is in use (%s)', s.found_type, s.wanted,
      pg_size_pretty(pg_relation_size(s.tbl))),
    format('Convert it when nobody needs the table: %s', s.by_hand)
  from statement s
  where s.converts and s.rewrites and pg_relation_size(s.tbl) > 32 * 1024 * 1024
$$;
comment on function gazelle.conversion_obstacles(regclass) is
  'Columns that need conversion but are used by a view, policy, trigger or special index, or whose table is so large
   that the rewrite would lock it for more than about a second.';

create or replace function gazelle.obstacles()
returns table (code text, object text, problem text, hint text)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with ours as materialized (
    select distinct k.tbl
    from gazelle.existing_columns() k
    where k.tbl::text not in (select r.object from gazelle.relation_obstacles() r)
  ), named as materialized (
    select o.tbl, found.* from ours o left join gazelle.key_obstacles(o.tbl) found on true
  ), known as materialized (
    -- A table without a usable external_id (GZ003) holds something else: its other columns do not matter.
    select o.tbl from ours o where not exists (select from named n where n.tbl = o.tbl and n.code = 'GZ003')
  )
  select * from gazelle.relation_obstacles()
  union all
  select n.code, n.object, n.problem, n.hint from named n where n.code is not null
  union all
  select found.* from known o, gazelle.not_null_obstacles(o.tbl) found
  union all
  select found.* from known o, gazelle.conversion_obstacles(o.tbl) found
  union all
  select found.*
  from known o
  join gazelle.existing_columns() k on k.tbl = o.tbl
  cross join lateral gazelle.value_obstacle(k.tbl, k.col) found
  where k.using_sql is not null
    and gazelle.becomes(k.found_type::regtype, k.wanted, k.using_sql, k.col)
$$;
comment on function gazelle.obstacles() is
  'Why existing tables cannot be taken over: one row a reason, with the remedy. Empty where no such table exists.';

revoke execute on function
  gazelle.value_obstacle, gazelle.conversion_problem, gazelle.conversion_obstacles, gazelle.obstacles
from public;

do $$
declare
  found record;
  demand record;
begin
  with reasons as (
    select *, row_number() over (order by o.object, o.code, o.problem) as place
    from (
      select * from gazelle.earlier_obstacles()
      union all
      select * from gazelle.installer_obstacles()
      union all
      select * from gazelle.name_obstacles()
      union all
      select * from gazelle.job_obstacles()
      union all
      select * from gazelle.obstacles()
    ) o
  )
  select count(*) as reasons, min(r.code) filter (where r.place = 1) as code,
    min(r.object || ' ' || r.problem) filter (where r.place = 1) as first_one,
    string_agg(format('%s %s.', r.object, r.problem) || E'\n  ' || r.hint, E'\n' order by r.place) as every_one
  into found
  from reasons r;
  if found.reasons > 0 then
    raise exception using errcode = found.code, message = found.first_one,
      detail = found.every_one, hint = 'Nothing was changed. Do what is said above, then install again.';
  end if;
  for demand in select * from gazelle.strict_constraints() loop
    raise warning '% may refuse what Gazelle sends: % %', demand.tbl, demand.name, demand.definition using
      hint = format('A record that it refuses is not stored. Where that is not wanted, make it wider, or: %s', demand.change);
  end loop;
end
$$;
