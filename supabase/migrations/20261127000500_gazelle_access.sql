-- From supabase/schemas/gazelle/tables.sql

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

-- From supabase/schemas/shop/access.sql

-- What signed-in users see and change of Gazelle's tables: the columns that institutions and inventories show,
-- and tags. Accounts are given, not taken: whoever is signed in belongs to the shop.

create schema shop;
comment on schema shop is
  'Helpers behind the shop''s own functions and views, which are in public. Not exposed by the API.';
grant usage on schema shop to authenticated, manual_editor;

select gazelle.lock_tables();

create policy signed_in on public.gazelle_clients
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in on public.gazelle_pianos
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in on public.gazelle_timeline_entries
  for select to authenticated using ((select auth.uid()) is not null);

create policy signed_in_tag on public.gazelle_clients
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_pianos
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);

grant
  select (external_id, company_name, city, status, tags, missing_since),
  update (tags)
  on public.gazelle_clients to authenticated;

grant
  select (
    external_id, client_external_id, make, model, serial_number, type, year, location, status, tags,
    dampp_chaser_installed, missing_since
  ),
  update (tags)
  on public.gazelle_pianos to authenticated;

grant select (external_id, piano_id, occurred_at, entry_type)
  on public.gazelle_timeline_entries to authenticated;

-- Over a table with row level security of its own, who sees what stays as its application has it.
do $$
declare
  taken record;
begin
  for taken in
    select t.tbl, p.polname
    from gazelle.taken_over t
    join pg_catalog.pg_policy p on p.polrelid = t.tbl and p.polname in ('signed_in', 'signed_in_tag')
    where t.had_row_security
  loop
    execute format('drop policy %I on %s', taken.polname, taken.tbl);
  end loop;
end
$$;
