-- From supabase/schemas/gazelle/take_over.sql

-- Gazelle's tables have the names that an existing application reads: a missing table is created from its pattern, an
-- existing one is taken over. Readers wait while this migration holds its locks, so nothing in it scans a table, except
-- the conversion of small ones.

create table gazelle.taken_over (
  tbl regclass primary key,
  had_row_security boolean not null,
  grants_before text[] not null,
  held name[] not null default '{}',
  at timestamptz not null default now(),
  adopted_at timestamptz
);
comment on table gazelle.taken_over is
  'The tables that existed before the install, with their row level security and grants at that time.';
comment on column gazelle.taken_over.grants_before is
  'What callers of the API were allowed, such as "SELECT to authenticated". These grants stay, and the doctor lists
   them.';
comment on column gazelle.taken_over.held is
  'The columns that people may write: their values were on hold until they were adopted.';
comment on column gazelle.taken_over.adopted_at is
  'When the values of the table were adopted. Claims with this time were made for values whose writer is unknown.';

create function gazelle.grants_of(tbl regclass)
returns table (grantee text, privilege text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(r.rolname, 'public'), a.privilege_type || coalesce(' (' || quote_ident(g.col) || ')', '')
  from (
    select null::name as col, c.relacl as acl from pg_catalog.pg_class c where c.oid = tbl
    union all
    select a.attname, a.attacl from pg_catalog.pg_attribute a where a.attrelid = tbl and not a.attisdropped
  ) g
  cross join lateral pg_catalog.aclexplode(g.acl) a
  left join pg_catalog.pg_roles r on r.oid = a.grantee
  where a.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role')
$$;
comment on function gazelle.grants_of(regclass) is
  'Privileges of public, anon, authenticated and service_role on a relation; those on a column read "SELECT (email)".';

create function gazelle.lock_tables(mode text default 'access exclusive')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- A reader that comes while we wait for a lock queues behind us: so we wait for a tenth of a second at a time, and let
-- readers through in between.
set lock_timeout = '100ms'
as $$
declare
  tables constant text := (
    select string_agg(c.oid::regclass::text, ', ' order by c.relname)
    from pg_catalog.pg_class shape
    join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = shape.relname
    where shape.relnamespace = 'gazelle'::regnamespace and shape.relname like 'gazelle\_%' and shape.relkind = 'r'
  );
begin
  for attempt in 1 .. 300 loop
    begin
      execute coalesce('lock table ' || tables || ' in ' || mode || ' mode', 'select');
      return;
    exception
      -- All locks or none: holding one while waiting for another would keep the readers of the first waiting.
      when lock_not_available or deadlock_detected then
        null;
    end;
    perform pg_catalog.pg_sleep(0.2);
  end loop;
  raise exception 'one of these tables is in use all the time: %', tables using
    errcode = 'GZ007',
    detail = 'Locks on all of them were requested for a minute, and never granted together.',
    hint = 'End the sessions that hold them (see pg_locks), then install again: it continues with this migration.';
end;
$$;
comment on function gazelle.lock_tables(text) is
  'Locks Gazelle''s tables in a mode of LOCK TABLE until the end of the transaction, without holding readers up while
   it waits. Error: GZ007 when a table is in use all the time.';

create function gazelle.take_over(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  pattern constant regclass := format('gazelle.%I', (select c.relname from pg_catalog.pg_class c where c.oid = tbl));
  needed record;
begin
  insert into gazelle.taken_over (tbl, had_row_security, grants_before)
  select take_over.tbl, c.relrowsecurity,
    array(select format('%s to %s', g.privilege, g.grantee) from gazelle.grants_of(take_over.tbl) g)
  from pg_catalog.pg_class c
  where c.oid = take_over.tbl;
  for needed in
    select k.col, k.wanted, k.is_there, k.using_sql, a.attnotnull as not_null,
      pg_catalog.pg_get_expr(d.adbin, d.adrelid) as default_value
    from gazelle.existing_columns() k
    join pg_catalog.pg_attribute a on a.attrelid = pattern and a.attname = k.col
    left join pg_catalog.pg_attrdef d on d.adrelid = pattern and d.adnum = a.attnum
    where k.tbl = take_over.tbl
  loop
    if not needed.is_there then
      execute format('alter table %s add column %I %s', tbl, needed.col, needed.wanted)
        || coalesce(' default ' || needed.default_value, '') || case when needed.not_null then ' not null' else '' end;
    elsif needed.using_sql is not null then
      execute format('alter table %1$s alter column %2$I drop default, alter column %2$I type %3$s using %4$s',
        tbl, needed.col, needed.wanted, needed.using_sql)
        || coalesce(format(', alter column %I set default ', needed.col) || needed.default_value, '');
    end if;
  end loop;
  -- Validated in the next migration, which holds no reader up; `set not null` then needs no scan.
  execute format('alter table %s add constraint etiquette_external_id_is_there check (external_id is not null) not valid', tbl);
end;
$$;
comment on function gazelle.take_over(regclass) is
  'Adds the missing columns to an existing table, and converts those that must be. Everything else in it stays.';

create function gazelle.make_or_take_over(name name, variadic written_by_people name[] default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass(format('public.%I', name)) is not null then
    perform gazelle.take_over(format('public.%I', name)::regclass);
    if written_by_people <> '{}' then
      perform gazelle.put_on_hold(format('public.%I', name), variadic written_by_people);
    end if;
    -- Who may make a trigger there has his code run with the rights of whoever writes, the engine's owner included.
    execute format('revoke trigger on public.%I from public, anon, authenticated, service_role, gazelle_sync', name);
  else
    execute format('create table public.%1$I (like gazelle.%1$I including all excluding comments)', name);
    execute format('alter table public.%I enable row level security', name);
    -- Default privileges of projects made before 2026-10-30 grant every new object to all three roles.
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', name);
  end if;
end;
$$;
comment on function gazelle.make_or_take_over(name, name[]) is
  'Creates a table of public from its pattern, or takes over the one that exists, and puts a hold on its columns that
   people write.';

create function gazelle.make_key(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant name := (select c.relname || '_external_id_key' from pg_catalog.pg_class c where c.oid = tbl);
begin
  if not exists (
    select
    from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attname = 'external_id'
    where i.indrelid = tbl and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
      and i.indexprs is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
  ) then
    -- If the usual name is taken, Postgres chooses a free one.
    execute format('create unique index %s on %s (external_id)',
      case when to_regclass(format('public.%I', wanted)) is null then quote_ident(wanted) end, tbl);
  end if;
  if exists (select from gazelle.taken_over t where t.tbl = make_key.tbl) then
    execute format('alter table %s validate constraint etiquette_external_id_is_there', tbl);
  end if;
end;
$$;
comment on function gazelle.make_key(regclass) is
  'Makes external_id the key of a table: creates a unique index if it has none, and checks that no row of an existing
   table lacks an id.';

create function gazelle.grant_columns(tbl regclass, variadic kept_here name[] default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  pattern constant regclass := format('gazelle.%I', (select c.relname from pg_catalog.pg_class c where c.oid = tbl));
  columns constant text := (
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_catalog.pg_attribute a
    where a.attrelid = pattern and a.attnum > 0 and not a.attisdropped
      and a.attname <> all ('{id,external_id,missing_since}'::name[] || kept_here)
  );
begin
  execute format(
    'grant select, insert (external_id, %1$s), update (%1$s, missing_since) on %2$s to gazelle_sync', columns, tbl
  );
  -- Whoever inserts a row draws its number: a serial needs that right, an identity column does not.
  execute (
    select coalesce(string_agg(format('grant usage on sequence %s to gazelle_sync', s.oid::regclass), '; '), 'select')
    from pg_catalog.pg_attrdef d
    join pg_catalog.pg_depend n on n.classid = 'pg_attrdef'::regclass and n.objid = d.oid and n.refclassid = 'pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = n.refobjid and s.relkind = 'S' and pg_catalog.pg_has_role(s.relowner, 'usage')
    where d.adrelid = tbl
  );
end;
$$;
comment on function gazelle.grant_columns(regclass, name[]) is
  'Grants the sync the columns of a table''s pattern, and the sequences of its serials. kept_here are columns that Gazelle does not have: only people
   write them. The granted columns, without external_id and missing_since, are the columns of the stream.';

revoke execute on function
  gazelle.grants_of, gazelle.lock_tables, gazelle.take_over, gazelle.make_or_take_over, gazelle.make_key,
  gazelle.grant_columns
from public;

-- Lock windows: each of these migrations is one transaction that readers wait for, and takes all of its locks first.
-- Between them gazelle_indexes builds indexes, for which only writers wait.

select gazelle.lock_tables();

-- From supabase/schemas/gazelle/hold.sql

-- Between the first change of a table that is taken over and the adoption of its values an install can be broken off.
-- So the transaction that changes the table also puts a hold on the columns that people may write: whatever stands
-- there counts as people's, as it does after the adoption, which the hold ends with.

create function gazelle.hold()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before jsonb;
  held jsonb;
begin
  if (select w.rank from ownership.whoami() w) >= 100 then
    return coalesce(new, old);
  elsif tg_op <> 'UPDATE' then
    raise exception '% loses no rows before its install is finished', tg_relid::regclass using
      errcode = 'GZ011',
      detail = 'Values that people wrote would go with the row, and nothing would bring them back yet.',
      hint = 'Run the install again, which finishes it: docs/install.md.';
  end if;
  before := to_jsonb(old);
  -- A badge that is false is none.
  held := (
    select jsonb_object_agg(c.name, before -> c.name)
    from unnest(tg_argv) c (name)
    where not ownership.is_blank(before -> c.name) and before -> c.name <> 'false'
  );
  return case when held is null then new else jsonb_populate_record(new, held) end;
end;
$$;
comment on function gazelle.hold() is
  'Trigger: keeps what stands in the columns it is given (arguments) from every writer below people, and refuses to
   delete rows (GZ011), until the values are adopted.';
revoke execute on function gazelle.hold from public;

create function gazelle.put_on_hold(tbl regclass, variadic cols name[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The names sort after an application's triggers, and before those of the engine.
  execute format('create trigger "~gazelle_hold" before update or delete on %s for each row execute function gazelle.hold(%s)',
    tbl, (select string_agg(quote_literal(c), ', ') from unnest(cols) c));
  execute format('create trigger "~gazelle_hold_all" before truncate on %s execute function gazelle.hold()', tbl);
  execute format('alter table %1$s enable always trigger "~gazelle_hold", enable always trigger "~gazelle_hold_all"', tbl);
  update gazelle.taken_over t set held = put_on_hold.cols where t.tbl = put_on_hold.tbl;
end;
$$;
comment on function gazelle.put_on_hold(regclass, name[]) is
  'Keeps what stands in the columns of a table that people may write, until the end of the install.';
revoke execute on function gazelle.put_on_hold from public;

-- From supabase/schemas/gazelle/source.sql

-- The roles that write to Gazelle's tables, and their ranks. Roles are shared by all databases of a server, so they may
-- exist already.

do $$
declare
  writer name;
begin
  foreach writer in array array['gazelle_sync', 'pls_detector', 'manual_editor']::name[] loop
    if not exists (select from pg_catalog.pg_roles where rolname = writer) then
      execute format('create role %I nologin noinherit', writer);
    end if;
    -- Only a member of the role, or a superuser, can create functions with `set role` to it.
    execute format('grant %I to current_user', writer);
  end loop;
end $$;

-- The API connects as authenticator; the sync's functions have `set role = 'gazelle_sync'`, so authenticator must be a
-- member.
grant gazelle_sync to authenticator;

-- Each run sets a mark in the ownership history.
grant usage on schema ownership to gazelle_sync;
grant execute on function ownership.mark(text) to gazelle_sync;

comment on role gazelle_sync is
  'Writes what Gazelle sends. It has the lowest rank: values of people and of the detection stand above it.';
comment on role pls_detector is 'Writes the PLS badge as the shop''s service notes prove it.';
comment on role manual_editor is 'People who edit through a tool of the shop that connects by SQL.';

select ownership.register_writer('gazelle_sync', 10, 'Gazelle');
select ownership.register_writer('pls_detector', 50, 'PLS detection');
select ownership.register_writer('manual_editor', 100, 'Manual editing');

-- From supabase/schemas/gazelle/users.sql

-- Users of Gazelle: the shop's technicians and others.

-- From supabase/schemas/gazelle/users.sql

select gazelle.make_or_take_over('gazelle_users', 'phone');

-- From supabase/schemas/gazelle/clients.sql

-- Clients.

-- From supabase/schemas/gazelle/clients.sql

select gazelle.make_or_take_over(
  'gazelle_clients', 'tags', 'company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes'
);

-- From supabase/schemas/gazelle/contacts.sql

-- Contacts.

-- From supabase/schemas/gazelle/contacts.sql

select gazelle.make_or_take_over('gazelle_contacts', 'first_name', 'last_name', 'email', 'phone');

-- From supabase/schemas/gazelle/pianos.sql

-- Pianos.

-- From supabase/schemas/gazelle/pianos.sql

select gazelle.make_or_take_over(
  'gazelle_pianos', 'tags', 'location', 'notes', 'dampp_chaser_humidistat_model',
  'dampp_chaser_mfg_date', 'dampp_chaser_installed'
);

-- From supabase/schemas/gazelle/appointments.sql

-- Appointments: the events of Gazelle's calendar.

-- From supabase/schemas/gazelle/appointments.sql

select gazelle.make_or_take_over('gazelle_appointments', 'title', 'description', 'location', 'notes');

-- From supabase/schemas/gazelle/timeline.sql

-- Timeline entries: what happened with a client or a piano. Only Gazelle writes them, so no column is protected.

-- From supabase/schemas/gazelle/timeline.sql

select gazelle.make_or_take_over('gazelle_timeline_entries');
