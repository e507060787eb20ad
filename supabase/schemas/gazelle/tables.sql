-- migration: gazelle_tables

-- The writers that touch Gazelle's tables. Roles belong to the whole cluster, so they may exist already.

do $$
declare
  writer name;
begin
  foreach writer in array array['gazelle_sync', 'pls_detector', 'manual_editor']::name[] loop
    if not exists (select from pg_catalog.pg_roles where rolname = writer) then
      execute format('create role %I nologin noinherit', writer);
    end if;
    -- A migrator that is no superuser must be a member to name the role in a function's settings.
    execute format('grant %I to current_user', writer);
  end loop;
end $$;

-- The API logs in as authenticator; the sync's functions switch from there to the sync's own role.
grant gazelle_sync to authenticator;

-- A run takes a mark in the ownership history.
grant usage on schema ownership to gazelle_sync;
grant execute on function ownership.mark(text) to gazelle_sync;

comment on role gazelle_sync is
  'Writes what Gazelle sent. Lowest rank: gives way to people and to derived data.';
comment on role pls_detector is 'Writes what the shop''s own notes say about the Piano Life Saver.';
comment on role manual_editor is 'A person who edits through a tool of the shop.';

select ownership.register_writer('gazelle_sync', 10, 'Gazelle');
select ownership.register_writer('pls_detector', 50, 'PLS detection');
select ownership.register_writer('manual_editor', 100, 'Manual editing');

-- Gazelle's tables, under the names an existing application reads: made where they are missing, taken over where they
-- are there. Whoever reads a table waits while this runs, so nothing in it looks at rows, but for small conversions.

create table gazelle.taken_over (
  tbl regclass primary key,
  had_row_security boolean not null,
  at timestamptz not null default now()
);
comment on table gazelle.taken_over is 'Tables that were there before, and whether they had row level security.';

create function gazelle.lock_tables(variadic names text[] default '{}')
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
-- Whoever comes to read queues up behind us while we wait: not for long, and then is let through.
set lock_timeout = '100ms'
as $$
declare
  tables constant text := (
    select string_agg(c.oid::regclass::text, ', ' order by c.relname)
    from pg_catalog.pg_class shape
    join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = shape.relname
    where shape.relnamespace = 'gazelle'::regnamespace and shape.relname like 'gazelle\_%' and shape.relkind = 'r'
      and (names = '{}' or shape.relname = any (names))
  );
begin
  for attempt in 1 .. 300 loop
    begin
      execute coalesce('lock table ' || tables || ' in access exclusive mode', 'select');
      return;
    exception
      -- All of them or none: nobody waits for one while we wait for another.
      when lock_not_available or deadlock_detected then
        null;
    end;
    perform pg_catalog.pg_sleep(0.2);
  end loop;
  raise exception 'one of these tables is in use all the time: %', tables using
    errcode = 'GZ007',
    detail = 'Their locks were asked for during a minute.',
    hint = 'End what holds them, see pg_locks; then install again, which goes on with this migration.';
end;
$$;
comment on function gazelle.lock_tables(text[]) is
  'Takes Gazelle''s tables, or some of them, for this transaction, and makes nobody wait long for that (GZ007).';

create function gazelle.take_over(tbl regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  pattern constant regclass := format('gazelle.%I', (select c.relname from pg_catalog.pg_class c where c.oid = tbl));
  needed record;
begin
  insert into gazelle.taken_over (tbl, had_row_security)
  select take_over.tbl, c.relrowsecurity from pg_catalog.pg_class c where c.oid = take_over.tbl;
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
  -- Checked in the next file, which makes nobody wait; then the column is NOT NULL without another look.
  execute format('alter table %s add constraint etiquette_external_id_is_there check (external_id is not null) not valid', tbl);
end;
$$;
comment on function gazelle.take_over(regclass) is
  'Adds the columns that a table lacks, and converts what must be converted. Everything else in it stays.';

create function gazelle.make_or_take_over(name name)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass(format('public.%I', name)) is not null then
    perform gazelle.take_over(format('public.%I', name)::regclass);
  else
    execute format('create table public.%1$I (like gazelle.%1$I including all excluding comments)', name);
  end if;
end;
$$;
comment on function gazelle.make_or_take_over(name) is 'Makes a table after its pattern, or takes over the one that is there.';

revoke execute on function gazelle.lock_tables, gazelle.take_over, gazelle.make_or_take_over from public;

select gazelle.lock_tables();
select gazelle.make_or_take_over(c.relname)
from pg_catalog.pg_class c
where c.relnamespace = 'gazelle'::regnamespace and c.relname like 'gazelle\_%' and c.relkind = 'r'
order by c.relname;

-- migration: gazelle_indexes

-- Indexes of Gazelle's tables, and what the columns mean. Readers go on meanwhile, writers wait.

create function gazelle.make_key(tbl regclass)
returns void
language plpgsql
volatile
security invoker
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
      and i.indexprs is null and i.indkey::int2[] = array[a.attnum]
  ) then
    -- Without a name it gets one that is free.
    execute format('create unique index %s on %s (external_id)',
      case when to_regclass(format('public.%I', wanted)) is null then quote_ident(wanted) end, tbl);
  end if;
end;
$$;
comment on function gazelle.make_key(regclass) is 'Gazelle''s id names a record for good: makes the unique index that is missing.';
revoke execute on function gazelle.make_key from public;

select gazelle.make_key(s.target::regclass)
from unnest(array[
  'public.gazelle_clients', 'public.gazelle_pianos', 'public.gazelle_contacts', 'public.gazelle_users',
  'public.gazelle_appointments', 'public.gazelle_timeline_entries'
]) s (target);

-- A record may name another that is not here: checks report it, a foreign key would stop the run.
create index if not exists gazelle_pianos_client_external_id_idx on public.gazelle_pianos (client_external_id);
create index if not exists gazelle_contacts_client_external_id_idx on public.gazelle_contacts (client_external_id);
create index if not exists gazelle_appointments_client_external_id_idx
  on public.gazelle_appointments (client_external_id);
create index if not exists gazelle_appointments_piano_external_id_idx
  on public.gazelle_appointments (piano_external_id);
create index if not exists gazelle_timeline_entries_piano_id_idx
  on public.gazelle_timeline_entries (piano_id, occurred_at);

do $$
declare
  taken regclass;
begin
  for taken in select t.tbl from gazelle.taken_over t loop
    execute format('alter table %s validate constraint etiquette_external_id_is_there', taken);
  end loop;
end
$$;

comment on table public.gazelle_clients is 'Clients as Gazelle has them, with what people added here.';
comment on column public.gazelle_clients.external_id is 'Gazelle''s id: cli_ and 16 letters or digits.';
comment on column public.gazelle_clients.company_name is
  'The company; where it has none, the name of its default contact.';
comment on column public.gazelle_clients.status is
  'ACTIVE, INACTIVE, PROSPECT, NEW, or a value Gazelle adds. INACTIVE is not gone.';
comment on column public.gazelle_clients.tags is 'A set: its order means nothing.';
comment on column public.gazelle_clients.created_at is 'When it was created in Gazelle.';
comment on column public.gazelle_clients.updated_at is 'When it last changed in Gazelle.';
comment on column public.gazelle_clients.missing_since is
  'Since when complete reads of Gazelle no longer hold it. Never deleted.';

comment on table public.gazelle_pianos is 'Pianos as Gazelle has them, with what people added here.';
comment on column public.gazelle_pianos.external_id is 'Gazelle''s id: ins_ and 16 letters or digits.';
comment on column public.gazelle_pianos.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_pianos.status is
  'ACTIVE, INACTIVE, TEMPORARY_STORAGE, UNDER_RESTORATION, or a value Gazelle adds. INACTIVE is not gone.';
comment on column public.gazelle_pianos.tags is 'A set: its order means nothing.';
comment on column public.gazelle_pianos.dampp_chaser_installed is
  'The PLS badge: a Piano Life Saver is installed.';
comment on column public.gazelle_pianos.updated_at is 'When it last changed in Gazelle.';
comment on column public.gazelle_pianos.missing_since is
  'Since when complete reads of Gazelle no longer hold it. Never deleted.';

comment on table public.gazelle_contacts is 'Contacts as Gazelle has them: all of a client''s, not only the default.';
comment on column public.gazelle_contacts.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_contacts.is_default is 'The contact whose name and address stand for the client.';

comment on column public.gazelle_contacts.archived is 'Put aside in Gazelle; not gone.';

comment on table public.gazelle_users is 'Technicians and others who work in Gazelle.';
comment on column public.gazelle_users.external_id is 'Gazelle''s id: usr_ and 16 letters or digits.';
comment on column public.gazelle_users.phone is 'Kept by people: Gazelle has no phone of a user.';
comment on column public.gazelle_users.role is 'ADMIN, TECHNICIAN, ASSISTANT, or a value Gazelle adds.';

comment on table public.gazelle_appointments is 'Events of Gazelle''s calendar.';
comment on column public.gazelle_appointments.piano_external_id is
  'The piano''s external_id, the first of several; that piano may be unknown here.';
comment on column public.gazelle_appointments.description is 'Kept by people: Gazelle has title and notes.';
comment on column public.gazelle_appointments.appointment_date is 'The day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.appointment_time is 'The time of day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.start_datetime is 'When it starts.';
comment on column public.gazelle_appointments.technicien is 'The external_id of the user who goes there.';
comment on column public.gazelle_appointments.status is
  'ACTIVE, CANCELED, NO_SHOW, COMPLETE, or a value Gazelle adds.';

comment on table public.gazelle_timeline_entries is 'What happened at a client''s or a piano, as Gazelle''s timeline tells it.';
comment on column public.gazelle_timeline_entries.client_id is 'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_timeline_entries.piano_id is 'The piano''s external_id; that piano may be unknown here.';
comment on column public.gazelle_timeline_entries.user_id is 'The external_id of the user who wrote or did it.';
comment on column public.gazelle_timeline_entries.title is 'Gazelle''s summary.';
comment on column public.gazelle_timeline_entries.description is 'Gazelle''s comment: the text a technician wrote.';

-- migration: gazelle_access

-- Who may touch Gazelle's tables. What the source does not own, its role may not name.

-- A table that was there before keeps its row level security as it is: whether its application can live with
-- ours is for its people to say.
select gazelle.lock_tables();
do $$
declare
  name text;
begin
  foreach name in array array['clients', 'pianos', 'contacts', 'users', 'appointments', 'timeline_entries'] loop
    if exists (select from gazelle.taken_over t where t.tbl = format('public.%I', 'gazelle_' || name)::regclass) then
      -- The validated constraint proves it, so that no row is looked at.
      execute format('alter table public.%I alter column external_id set not null', 'gazelle_' || name);
      execute format('alter table public.%I drop constraint etiquette_external_id_is_there', 'gazelle_' || name);
    else
      execute format('alter table public.%I enable row level security', 'gazelle_' || name);
    end if;
  end loop;
end
$$;

create policy writers on public.gazelle_clients
  to gazelle_sync, manual_editor using (true) with check (true);
create policy writers on public.gazelle_pianos
  to gazelle_sync, pls_detector, manual_editor using (true) with check (true);

create policy writers on public.gazelle_contacts
  to gazelle_sync, manual_editor using (true) with check (true);
create policy writers on public.gazelle_users
  to gazelle_sync, manual_editor using (true) with check (true);
create policy writers on public.gazelle_appointments
  to gazelle_sync, manual_editor using (true) with check (true);
create policy writers on public.gazelle_timeline_entries
  to gazelle_sync, manual_editor using (true) with check (true);

grant select, insert, update, delete
  on public.gazelle_clients, public.gazelle_pianos, public.gazelle_contacts, public.gazelle_users,
    public.gazelle_appointments, public.gazelle_timeline_entries
  to service_role;
grant select, update
  on public.gazelle_clients, public.gazelle_pianos, public.gazelle_contacts, public.gazelle_users,
    public.gazelle_appointments, public.gazelle_timeline_entries
  to manual_editor;
grant select, update (dampp_chaser_installed, dampp_chaser_humidistat_model, dampp_chaser_mfg_date)
  on public.gazelle_pianos to pls_detector;

-- The columns granted here, but the key and missing_since, are the columns of the stream.
grant
  select,
  insert (
    external_id, company_name, first_name, last_name, status, email, phone, city, postal_code,
    personal_notes, preference_notes, locale, tags, created_at, updated_at
  ),
  update (
    company_name, first_name, last_name, status, email, phone, city, postal_code,
    personal_notes, preference_notes, locale, tags, created_at, updated_at, missing_since
  )
  on public.gazelle_clients to gazelle_sync;

grant
  select,
  insert (
    external_id, client_external_id, make, model, serial_number, type, year, location, notes, status,
    tags, dampp_chaser_installed, dampp_chaser_humidistat_model, dampp_chaser_mfg_date, updated_at
  ),
  update (
    client_external_id, make, model, serial_number, type, year, location, notes, status,
    tags, dampp_chaser_installed, dampp_chaser_humidistat_model, dampp_chaser_mfg_date, updated_at,
    missing_since
  )
  on public.gazelle_pianos to gazelle_sync;

grant
  select,
  insert (
    external_id, client_external_id, first_name, last_name, email, phone, is_default, archived, created_at,
    updated_at
  ),
  update (
    client_external_id, first_name, last_name, email, phone, is_default, archived, created_at, updated_at,
    missing_since
  )
  on public.gazelle_contacts to gazelle_sync;

grant
  select,
  insert (
    external_id, first_name, last_name, email, role, updated_at
  ),
  update (
    first_name, last_name, email, role, updated_at, missing_since
  )
  on public.gazelle_users to gazelle_sync;

grant
  select,
  insert (
    external_id, client_external_id, piano_external_id, title, appointment_date, appointment_time,
    start_datetime, duration_minutes, status, technicien, location, notes, travel_mode, event_type,
    is_all_day, created_at, updated_at
  ),
  update (
    client_external_id, piano_external_id, title, appointment_date, appointment_time,
    start_datetime, duration_minutes, status, technicien, location, notes, travel_mode, event_type,
    is_all_day, created_at, updated_at, missing_since
  )
  on public.gazelle_appointments to gazelle_sync;

grant
  select,
  insert (
    external_id, client_id, piano_id, invoice_id, estimate_id, user_id, occurred_at, entry_type, title,
    description
  ),
  update (
    client_id, piano_id, invoice_id, estimate_id, user_id, occurred_at, entry_type, title,
    description, missing_since
  )
  on public.gazelle_timeline_entries to gazelle_sync;
