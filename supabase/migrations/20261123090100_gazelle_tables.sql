-- What Gazelle holds, under the names an existing application reads.
-- Each column is added only where it is missing, so this installs over tables that hold data already.

create table if not exists public.gazelle_clients (
  id uuid primary key default gen_random_uuid(),
  external_id text not null
);

alter table public.gazelle_clients
  add column if not exists company_name text,
  add column if not exists first_name text,
  add column if not exists last_name text,
  add column if not exists status text,
  add column if not exists email text,
  add column if not exists phone text,
  add column if not exists city text,
  add column if not exists postal_code text,
  add column if not exists personal_notes text,
  add column if not exists preference_notes text,
  add column if not exists locale text,
  add column if not exists tags text[] not null default '{}',
  add column if not exists created_at timestamptz,
  add column if not exists updated_at timestamptz,
  add column if not exists missing_since timestamptz;

create table if not exists public.gazelle_pianos (
  id uuid primary key default gen_random_uuid(),
  external_id text not null
);

alter table public.gazelle_pianos
  add column if not exists client_external_id text,
  add column if not exists make text,
  add column if not exists model text,
  add column if not exists serial_number text,
  add column if not exists type text,
  add column if not exists year integer,
  add column if not exists location text,
  add column if not exists notes text,
  add column if not exists status text,
  add column if not exists tags text[] not null default '{}',
  add column if not exists dampp_chaser_installed boolean,
  add column if not exists dampp_chaser_humidistat_model text,
  add column if not exists dampp_chaser_mfg_date date,
  add column if not exists updated_at timestamptz,
  add column if not exists missing_since timestamptz;

-- Gazelle's id names a record for good.
create unique index if not exists gazelle_clients_external_id_key on public.gazelle_clients (external_id);
create unique index if not exists gazelle_pianos_external_id_key on public.gazelle_pianos (external_id);

-- A piano may name a client that is not here: checks report it, a foreign key would stop the run.
create index if not exists gazelle_pianos_client_external_id_idx
  on public.gazelle_pianos (client_external_id);

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
