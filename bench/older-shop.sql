-- The tables of a shop as an older application made and filled them: 1,000,000 timeline entries, and other rows in
-- proportion. The setting bench.divisor makes all of them fewer: with 10 a tenth of each.

create function pg_temp.fewer(rows integer)
returns integer
language sql
stable
return rows / current_setting('bench.divisor')::integer;

create table public.gazelle_clients (
  id uuid primary key default gen_random_uuid(),
  external_id varchar(40) unique,
  company_name varchar(200),
  first_name text,
  last_name text,
  city text,
  personal_notes text,
  tags text[] default '{}',
  created_at timestamp,
  updated_at timestamptz
);

create table public.gazelle_pianos (
  id bigint generated always as identity primary key,
  external_id text,
  client_external_id text references public.gazelle_clients (external_id),
  photo_url text,
  make text,
  year text,
  location text,
  notes text,
  tags text[],
  dampp_chaser_installed text,
  updated_at timestamptz
);

create table public.gazelle_contacts (
  external_id text primary key,
  client_external_id text,
  first_name text,
  email text
);

create table public.gazelle_appointments (
  external_id text not null unique,
  title text,
  appointment_date text,
  start_datetime timestamp,
  notes text
);

create table public.gazelle_timeline_entries (
  id uuid primary key default gen_random_uuid(),
  external_id varchar(40),
  client_id text,
  piano_id text,
  occurred_at timestamp,
  entry_type text,
  title text,
  description text
);

create function public.set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  return new;
end;
$$;
create trigger touch_pianos before update on public.gazelle_pianos
for each row execute function public.set_updated_at();

create view public.piano_list as
select p.id, p.location, c.company_name
from public.gazelle_pianos p
left join public.gazelle_clients c on c.external_id = p.client_external_id;

insert into public.gazelle_clients
  (external_id, company_name, first_name, last_name, city, personal_notes, tags, created_at)
select 'cli_' || n, case when n % 3 = 0 then 'École ' || n end, 'Anne', 'Roy ' || n, 'Montréal',
  case when n % 4 = 0 then 'téléphoner avant ' || n end,
  case when n % 100 = 0 then '{institutional}' else '{}' end::text[], now()
from generate_series(1, pg_temp.fewer(56000)) n;

insert into public.gazelle_pianos
  (external_id, client_external_id, make, year, location, notes, tags, dampp_chaser_installed)
select 'ins_' || n, 'cli_' || (1 + n % pg_temp.fewer(56000)), 'Yamaha', (1900 + n % 120)::text, 'Salle ' || n,
  case when n % 2 = 0 then 'Feutres usés, ' || n end, case when n % 50 = 0 then '{non}' end::text[], (n % 3 = 0)::text
from generate_series(1, pg_temp.fewer(43000)) n;

insert into public.gazelle_contacts (external_id, client_external_id, first_name, email)
select 'con_' || n, 'cli_' || n, 'Anne ' || n, n || '@example.com'
from generate_series(1, pg_temp.fewer(56000)) n;

insert into public.gazelle_appointments (external_id, title, appointment_date, start_datetime, notes)
select 'evt_' || n, 'Accord', '2026-01-02', now(), 'porte ' || n
from generate_series(1, pg_temp.fewer(100000)) n;

insert into public.gazelle_timeline_entries
  (external_id, client_id, piano_id, occurred_at, entry_type, title, description)
select 'tme_' || n, 'cli_' || (1 + n % pg_temp.fewer(56000)), 'ins_' || (1 + n % pg_temp.fewer(43000)),
  now() - n * interval '1 minute', 'USER_COMMENT', 'Service', 'Accord 440. Humidité 42 %, entrée ' || n || '.'
from generate_series(1, pg_temp.fewer(1000000)) n;
