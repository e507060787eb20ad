-- Appointments: the events of Gazelle's calendar.

-- migration: gazelle_survey

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

-- migration: gazelle_tables

select gazelle.make_or_take_over('gazelle_appointments', 'title', 'description', 'location', 'notes');

-- migration: gazelle_indexes

select gazelle.make_key('public.gazelle_appointments');
-- No foreign keys: a record may name one that does not exist here. Checks of each run report that; a foreign key would
-- fail the run.
create index if not exists gazelle_appointments_client_external_id_idx
  on public.gazelle_appointments (client_external_id);
create index if not exists gazelle_appointments_piano_external_id_idx
  on public.gazelle_appointments (piano_external_id);

comment on table public.gazelle_appointments is 'Events of Gazelle''s calendar.';
comment on column public.gazelle_appointments.piano_external_id is
  'The external_id of the piano, or of the first of several; that piano may be unknown here.';
comment on column public.gazelle_appointments.title is
  'What is to be done. The shop says it more clearly for its technicians.';
comment on column public.gazelle_appointments.description is 'Written by people: Gazelle has only title and notes.';
comment on column public.gazelle_appointments.appointment_date is 'The day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.appointment_time is 'The time of day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.start_datetime is 'The moment it starts.';
comment on column public.gazelle_appointments.status is
  'ACTIVE, CANCELED, NO_SHOW, COMPLETE, or a value that Gazelle adds later.';
comment on column public.gazelle_appointments.technicien is 'The external_id of the technician, a user.';
comment on column public.gazelle_appointments.location is 'Where to go. The shop adds the door, the floor, the room.';
comment on column public.gazelle_appointments.notes is
  'What to know for the visit. The shop writes here what is not for Gazelle.';

-- migration: gazelle_access

create policy writers on public.gazelle_appointments
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_appointments to service_role;
grant select, update on public.gazelle_appointments to manual_editor;
select gazelle.grant_columns('public.gazelle_appointments', 'description');

-- migration: sync

select sync.register_stream('appointments', 'public.gazelle_appointments', 'gazelle', '{created_at,updated_at}');
select sync.register_job('appointments', 'sync appointments', '20,50 * * * *', 'appointments', 'sync-appointments');
select sync.watch_reference('appointments', 'appointments_without_client', 'client_external_id', 'public.gazelle_clients');
select sync.watch_reference('appointments', 'appointments_without_piano', 'piano_external_id', 'public.gazelle_pianos');
select sync.watch_reference('appointments', 'appointments_without_user', 'technicien', 'public.gazelle_users');

-- migration: gazelle_policies

-- Day, time and status are Gazelle's alone, for appointments are moved and cancelled in its calendar. It has no
-- description: that policy protects what people write from other programs.
select ownership.protect('public.gazelle_appointments', col, 'claim', '{external_id}')
from unnest(array['title', 'description', 'location', 'notes']::name[]) col;
