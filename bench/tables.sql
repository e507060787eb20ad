-- The table that `bench -- guard` protects, of the shape of a synced one, and a table for what the source sends. Both
-- are empty at first; bench.fill(n) fills the source with n rows.

create schema bench;

create table bench.pianos (
  id uuid primary key default gen_random_uuid(),
  external_id text not null unique,
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
  dampp_chaser_mfg_date date,
  updated_at timestamptz
);

create table bench.incoming (like bench.pianos);
alter table bench.incoming add n integer primary key;

create function bench.fill(rows integer)
returns void
language sql
as $$
  insert into bench.incoming
  select
    gen_random_uuid(),
    'ins_' || substr(md5(n::text), 1, 16),
    'cli_' || substr(md5((n / 3)::text), 1, 16),
    (array['Yamaha', 'Steinway & Sons', 'Kawai', 'Heintzman', 'Bösendorfer'])[n % 5 + 1],
    'Modèle ' || n % 40,
    (1000000 + n)::text,
    (array['GRAND', 'UPRIGHT'])[n % 2 + 1],
    1900 + n % 120,
    'Studio ' || n % 300 || ', ' || n % 4 || 'e étage',
    'Accordé à 440 Hz, ' || repeat('feutres usés, mécanique à régler; ', 5) || n,
    (array['ACTIVE', 'ACTIVE', 'ACTIVE', 'INACTIVE'])[n % 4 + 1],
    (array['{}', '{concert}', '{école,location}', '{concert,prioritaire,"accord annuel"}'])[n % 4 + 1]::text[],
    n % 3 = 0,
    case when n % 3 = 0 then date '2015-01-01' + n % 3000 end,
    '2026-01-01 00:00Z',
    n
  from generate_series(1, fill.rows) n
$$;
