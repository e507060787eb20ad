-- Who may touch Gazelle's tables. What the source does not own, its role may not name.

alter table public.gazelle_clients enable row level security;
alter table public.gazelle_pianos enable row level security;

create policy writers on public.gazelle_clients
  to gazelle_sync, manual_editor using (true) with check (true);
create policy writers on public.gazelle_pianos
  to gazelle_sync, pls_detector, manual_editor using (true) with check (true);

grant select, insert, update, delete on public.gazelle_clients, public.gazelle_pianos to service_role;
grant select, update on public.gazelle_clients, public.gazelle_pianos to manual_editor;
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
