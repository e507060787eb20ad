-- What hosted Supabase has and a bare Postgres lacks. Everything here is a stand-in for local use: the
-- signatures are the hosted ones, the machinery behind them is not. It runs again at every start.
-- There are no default grants, as on projects made since 2026-10-30: every grant is a migration's own.

set client_min_messages = warning;

-- Stand-ins for the roles of the API.
do $$
begin
  if to_regrole('anon') is null then create role anon nologin noinherit; end if;
  if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
  if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
  if to_regrole('authenticator') is null then create role authenticator login noinherit; end if;
  if to_regrole('supabase_admin') is null then create role supabase_admin nologin superuser; end if;
  grant anon, authenticated, service_role to authenticator;
  -- Hosted sessions find installed extensions without naming their schema. Set once: two databases of one
  -- server that start together must not write the same row of the catalog.
  if not exists (
    select from pg_roles where rolname = current_user and rolconfig::text ~ 'search_path=.*extensions'
  ) then
    execute format('alter role %I set search_path = "$user", public, extensions', current_user);
  end if;
exception
  -- Another database of the same server is being set up at this moment; roles are shared by all of them.
  when unique_violation or duplicate_object then null;
end
$$;

revoke create on schema public from public;
grant usage on schema public to anon, authenticated, service_role;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;

-- Stand-in for the Auth server's helpers: who is asking, from the verified token of the request.
create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role;

create or replace function auth.jwt() returns jsonb
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;

create or replace function auth.uid() returns uuid
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), auth.jwt() ->> 'sub')::uuid
$$;

create or replace function auth.role() returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), auth.jwt() ->> 'role')
$$;

create or replace function auth.email() returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(current_setting('request.jwt.claim.email', true), ''), auth.jwt() ->> 'email')
$$;

-- Stand-in for Vault: the same columns and functions, the secrets in plain text behind the same closed door.
create schema if not exists vault;
revoke all on schema vault from public;

create table if not exists vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists secrets_name_idx on vault.secrets (name) where name is not null;

create or replace view vault.decrypted_secrets as
select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at
from vault.secrets;

create or replace function vault.create_secret(
  new_secret text,
  new_name text default null,
  new_description text default '',
  new_key_id uuid default null
) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into vault.secrets (secret, name, description, key_id)
  values (new_secret, new_name, new_description, new_key_id)
  returning id
$$;

create or replace function vault.update_secret(
  secret_id uuid,
  new_secret text default null,
  new_name text default null,
  new_description text default null,
  new_key_id uuid default null
) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update vault.secrets
  set
    secret = coalesce(new_secret, secret),
    name = coalesce(new_name, name),
    description = coalesce(new_description, description),
    key_id = coalesce(new_key_id, key_id),
    updated_at = now()
  where id = secret_id
$$;

revoke execute on all functions in schema vault from public;

-- Stand-in for pg_net: requests wait in a queue under their id; a sender outside the database empties it.
create schema if not exists net;
grant usage on schema net to anon, authenticated, service_role;

create table if not exists net.http_request_queue (
  id bigint generated always as identity primary key,
  method text not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);

create table if not exists net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);

create or replace function net.wake()
returns trigger
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  notify net_request_queued;
  return null;
end
$$;

create or replace trigger wake_sender after insert on net.http_request_queue
for each statement execute function net.wake();

create or replace function net.http_get(
  url text,
  params jsonb default '{}',
  headers jsonb default '{}',
  timeout_milliseconds integer default 2000
) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into net.http_request_queue (method, url, headers, timeout_milliseconds)
  values (
    'GET',
    url || coalesce(
      (select '?' || string_agg(p.key || '=' || p.value, '&') from jsonb_each_text(params) as p),
      ''
    ),
    headers,
    timeout_milliseconds
  )
  returning id
$$;

create or replace function net.http_post(
  url text,
  body jsonb default '{}',
  params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}',
  timeout_milliseconds integer default 2000
) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (
    'POST',
    url || coalesce(
      (select '?' || string_agg(p.key || '=' || p.value, '&') from jsonb_each_text(params) as p),
      ''
    ),
    headers,
    convert_to(body::text, 'UTF8'),
    timeout_milliseconds
  )
  returning id
$$;

reset client_min_messages;
