-- Who may touch Gazelle's tables. What the source does not own, its role may not name.

alter table public.gazelle_clients enable row level security;
alter table public.gazelle_pianos enable row level security;
alter table public.gazelle_contacts enable row level security;
alter table public.gazelle_users enable row level security;
alter table public.gazelle_appointments enable row level security;
alter table public.gazelle_timeline_entries enable row level security;

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
