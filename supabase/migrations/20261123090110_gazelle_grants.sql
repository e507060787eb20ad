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
