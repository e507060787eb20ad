-- The people around a client, and what happens at a piano, under the names an existing application reads.
-- Each column is added only where it is missing, so this installs over tables that hold data already.

create table if not exists public.gazelle_contacts (
  id uuid primary key default gen_random_uuid(),
  external_id text not null
);

alter table public.gazelle_contacts
  add column if not exists client_external_id text,
  add column if not exists first_name text,
  add column if not exists last_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists is_default boolean,
  add column if not exists archived boolean,
  add column if not exists created_at timestamptz,
  add column if not exists updated_at timestamptz,
  add column if not exists missing_since timestamptz;

create table if not exists public.gazelle_users (
  id uuid primary key default gen_random_uuid(),
  external_id text not null
);

alter table public.gazelle_users
  add column if not exists first_name text,
  add column if not exists last_name text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists role text,
  add column if not exists updated_at timestamptz,
  add column if not exists missing_since timestamptz;

create table if not exists public.gazelle_appointments (
  id uuid primary key default gen_random_uuid(),
  external_id text not null
);

alter table public.gazelle_appointments
  add column if not exists client_external_id text,
  add column if not exists piano_external_id text,
  add column if not exists title text,
  add column if not exists description text,
  add column if not exists appointment_date date,
  add column if not exists appointment_time time,
  add column if not exists start_datetime timestamptz,
  add column if not exists duration_minutes integer,
  add column if not exists status text,
  add column if not exists technicien text,
  add column if not exists location text,
  add column if not exists notes text,
  add column if not exists travel_mode text,
  add column if not exists event_type text,
  add column if not exists is_all_day boolean,
  add column if not exists created_at timestamptz,
  add column if not exists updated_at timestamptz,
  add column if not exists missing_since timestamptz;

create table if not exists public.gazelle_timeline_entries (
  id uuid primary key default gen_random_uuid(),
  external_id text not null
);

alter table public.gazelle_timeline_entries
  add column if not exists client_id text,
  add column if not exists piano_id text,
  add column if not exists invoice_id text,
  add column if not exists estimate_id text,
  add column if not exists user_id text,
  add column if not exists occurred_at timestamptz,
  add column if not exists entry_type text,
  add column if not exists title text,
  add column if not exists description text,
  add column if not exists missing_since timestamptz;

-- Gazelle's id names a record for good.
create unique index if not exists gazelle_contacts_external_id_key on public.gazelle_contacts (external_id);
create unique index if not exists gazelle_users_external_id_key on public.gazelle_users (external_id);
create unique index if not exists gazelle_appointments_external_id_key
  on public.gazelle_appointments (external_id);
create unique index if not exists gazelle_timeline_entries_external_id_key
  on public.gazelle_timeline_entries (external_id);

-- A record may name another that is not here: checks report it, a foreign key would stop the run.
create index if not exists gazelle_contacts_client_external_id_idx
  on public.gazelle_contacts (client_external_id);
create index if not exists gazelle_appointments_client_external_id_idx
  on public.gazelle_appointments (client_external_id);
create index if not exists gazelle_appointments_piano_external_id_idx
  on public.gazelle_appointments (piano_external_id);
create index if not exists gazelle_timeline_entries_piano_id_idx
  on public.gazelle_timeline_entries (piano_id, occurred_at);

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
