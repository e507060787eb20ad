-- From supabase/schemas/gazelle/take_over.sql

select gazelle.lock_tables();

do $$
declare
  taken regclass;
begin
  for taken in select t.tbl from gazelle.taken_over t loop
    -- The validated check constraint proves it, so Postgres does not scan the table.
    execute format('alter table %s alter column external_id set not null', taken);
    execute format('alter table %s drop constraint etiquette_external_id_is_there', taken);
  end loop;
end
$$;

-- From supabase/schemas/gazelle/users.sql

create policy writers on public.gazelle_users
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_users to service_role;
grant select, update on public.gazelle_users to manual_editor;
select gazelle.grant_columns('public.gazelle_users', 'phone');

-- From supabase/schemas/gazelle/clients.sql

create policy writers on public.gazelle_clients
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_clients to service_role;
grant select, update on public.gazelle_clients to manual_editor;
select gazelle.grant_columns('public.gazelle_clients');

-- Signed-in users belong to the shop, for nobody can sign up by himself. They see the columns that institutions and
-- inventories show, and edit tags.
create policy signed_in on public.gazelle_clients
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_clients
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
grant
  select (external_id, company_name, city, status, tags, missing_since),
  update (tags)
  on public.gazelle_clients to authenticated;

-- From supabase/schemas/gazelle/contacts.sql

create policy writers on public.gazelle_contacts
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_contacts to service_role;
grant select, update on public.gazelle_contacts to manual_editor;
select gazelle.grant_columns('public.gazelle_contacts');

-- From supabase/schemas/gazelle/pianos.sql

create policy writers on public.gazelle_pianos
  to gazelle_sync, pls_detector, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_pianos to service_role;
grant select, update on public.gazelle_pianos to manual_editor;
select gazelle.grant_columns('public.gazelle_pianos');
grant select, update (dampp_chaser_installed, dampp_chaser_humidistat_model, dampp_chaser_mfg_date)
  on public.gazelle_pianos to pls_detector;

-- Signed-in users belong to the shop, for nobody can sign up by himself. They see the columns that institutions and
-- inventories show, and edit tags.
create policy signed_in on public.gazelle_pianos
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_pianos
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
grant
  select (
    external_id, client_external_id, make, model, serial_number, type, year, location, status, tags,
    dampp_chaser_installed, missing_since
  ),
  update (tags)
  on public.gazelle_pianos to authenticated;

-- From supabase/schemas/gazelle/appointments.sql

create policy writers on public.gazelle_appointments
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_appointments to service_role;
grant select, update on public.gazelle_appointments to manual_editor;
select gazelle.grant_columns('public.gazelle_appointments', 'description');

-- From supabase/schemas/gazelle/timeline.sql

create policy writers on public.gazelle_timeline_entries
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_timeline_entries to service_role;
grant select, update on public.gazelle_timeline_entries to manual_editor;
select gazelle.grant_columns('public.gazelle_timeline_entries');
create policy detector_reads on public.gazelle_timeline_entries for select
  to pls_detector using (true);
grant select on public.gazelle_timeline_entries to pls_detector;

-- Signed-in users see when a piano was serviced, which inventories show, and no text.
create policy signed_in on public.gazelle_timeline_entries
  for select to authenticated using ((select auth.uid()) is not null);
grant select (external_id, piano_id, occurred_at, entry_type)
  on public.gazelle_timeline_entries to authenticated;

-- From supabase/schemas/gazelle/adoption.sql

-- Where a table had row level security already, its application decides what signed-in users see: our policies go.
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
