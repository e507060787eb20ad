-- migration: gazelle_survey
-- What Gazelle's tables look like, as patterns: empty tables that nobody uses. Tables of an older application are
-- compared with them before anything is changed. This file and the next may run again when the next one refuses.

create schema if not exists gazelle;
comment on schema gazelle is
  'The patterns of Gazelle''s tables, and how tables that were there before are taken over. The tables are in public.';

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
