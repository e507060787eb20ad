-- migration: sync

-- Gazelle's OAuth token. It is kept in Vault, and renewed before it expires by one caller at a time.

-- Postgres checks functions with `set role = 'gazelle_sync'` as that role when they are created.
grant usage on schema gazelle to gazelle_sync;

create table gazelle.token (
  -- There is one row.
  only_row boolean primary key default true check (only_row),
  way text check (way in ('oauth', 'api_key')),
  source text check (source in ('settings', 'connect')),
  configured text,
  connected_at timestamptz,
  renewed_at timestamptz,
  expires_at timestamptz,
  renew_at timestamptz,
  error jsonb,
  failed_at timestamptz,
  lease uuid,
  lease_until timestamptz,
  -- A failed renewal has an error and a time.
  constraint token_failed_has_error check ((error is null) = (failed_at is null))
);
insert into gazelle.token default values;
revoke all on gazelle.token from public;
comment on table gazelle.token is
  'Facts about the token in Vault, not the token itself. One row; who changes the token locks it.';
comment on column gazelle.token.way is 'The kind of credentials that the last call used.';
comment on column gazelle.token.source is
  'Where the token in Vault comes from: the refresh token of the settings, or a person who connected.';
comment on column gazelle.token.configured is
  'SHA-256 of the refresh token of the settings when the token was stored. When the settings change, theirs replaces
   it.';
comment on column gazelle.token.renew_at is 'When to renew the token, while it is still valid.';
comment on column gazelle.token.error is 'Why the last renewal failed.';
comment on column gazelle.token.lease is 'Held by the caller who is renewing the token.';

create function gazelle.take_configured(configured_refresh text, configured_access text)
returns gazelle.token
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  digest text := encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  token gazelle.token;
begin
  select * into token from gazelle.token for update;
  if digest is not null and token.configured is distinct from digest then
    perform sync.keep_secret('gazelle_refresh_token', configured_refresh);
    perform sync.keep_secret('gazelle_access_token', coalesce(configured_access, ''));
    update gazelle.token
    set way = 'oauth', source = 'settings', configured = digest, connected_at = clock_timestamp(),
        renewed_at = null, expires_at = null, renew_at = null, error = null, failed_at = null,
        lease = null, lease_until = null
    returning * into token;
  elsif token.way is distinct from 'oauth' then
    update gazelle.token set way = 'oauth' returning * into token;
  end if;
  return token;
end;
$$;
comment on function gazelle.take_configured(text, text) is
  'Locks the token, and stores the token of the settings if the settings changed since the last one was stored.';

create function gazelle.claim_token(configured_refresh text, configured_access text, refused text)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token gazelle.token := gazelle.take_configured(configured_refresh, configured_access);
  access text := sync.secret('gazelle_access_token');
  refresh text := sync.secret('gazelle_refresh_token');
begin
  if access = refused or token.expires_at <= clock_timestamp() then
    access := null;
  end if;
  -- The token is used until its renewal is due, while another caller renews it, and where it cannot be renewed.
  if access is not null
    and (coalesce(token.renew_at > clock_timestamp(), true) or refresh is null or token.lease_until > clock_timestamp())
  then
    return jsonb_build_object('access_token', access);
  end if;
  if refresh is null then
    return jsonb_build_object('is_connected', false);
  end if;
  if token.lease_until > clock_timestamp() then
    return '{}';
  end if;
  update gazelle.token
  set lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute'
  returning * into token;
  return jsonb_strip_nulls(
    jsonb_build_object('refresh_token', refresh, 'lease', token.lease, 'access_token', access));
end;
$$;
comment on function gazelle.claim_token(text, text, text) is
  'A valid access token; or the task of renewing it: a refresh token, a lease, and the old token while it is valid; or
   {} while another caller renews it; or {"is_connected": false}.';

create function gazelle.put_token(
  lease uuid,
  access_token text,
  refresh_token text,
  expires_in integer,
  error jsonb
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from gazelle.token t where t.lease = put_token.lease for update;
  if not found then
    raise exception 'the task of getting a token is not yours any more' using
      errcode = 'PT409',
      detail = 'It took more than a minute, or Gazelle was connected anew meanwhile.';
  end if;
  if access_token is null then
    update gazelle.token
    set lease = null, lease_until = null, renew_at = clock_timestamp() + interval '1 hour',
        error = put_token.error, failed_at = case when put_token.error is not null then clock_timestamp() end;
    return;
  end if;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- Without a new refresh token in the answer the old one stays valid.
  if refresh_token is not null then
    perform sync.keep_secret('gazelle_refresh_token', refresh_token);
  end if;
  perform gazelle.note_token(expires_in);
end;
$$;
comment on function gazelle.put_token(uuid, text, text, integer, jsonb) is
  'Stores the answer of the token endpoint, or the error, and ends the lease.';

create function gazelle.note_token(expires_in integer)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.token
  set renewed_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => expires_in),
      -- After half of its life, which leaves time to alert people if renewal fails.
      renew_at = clock_timestamp() + make_interval(secs => expires_in / 2.0),
      error = null, failed_at = null, lease = null, lease_until = null
$$;
comment on function gazelle.note_token(integer) is
  'Notes a new token and its life in seconds; NULL is a token that does not expire.';

-- The edge functions call these.

create function public.sync_claim_token(
  configured_refresh text default null,
  configured_access text default null,
  refused text default null
)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.claim_token(configured_refresh, configured_access, refused)
$$;
comment on function public.sync_claim_token(text, text, text) is
  'The access token from Vault; or, where it is due for renewal, expired or refused, the refresh token and a lease of
   one minute to renew it; or {} while another caller renews it; or {"is_connected": false}.';

create function public.sync_put_token(
  lease uuid,
  access_token text default null,
  refresh_token text default null,
  expires_in integer default null,
  error jsonb default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.put_token(lease, access_token, refresh_token, expires_in, error)
$$;
comment on function public.sync_put_token(uuid, text, text, integer, jsonb) is
  'Stores a new token in Vault, or the error of its renewal. PT409 when the lease has ended.';

create function gazelle.use_api_key()
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.token set way = 'api_key' where way is distinct from 'api_key'
$$;
comment on function gazelle.use_api_key() is
  'Notes that the settings hold an API key, which is used instead of a token.';

create function public.sync_use_api_key()
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.use_api_key()
$$;
comment on function public.sync_use_api_key() is
  'Notes that Gazelle is called with an API key, which has precedence over a token.';

create function gazelle.check_token()
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token gazelle.token;
  is_renewable boolean := sync.secret('gazelle_refresh_token') is not null;
  fact text;
begin
  select * into token from gazelle.token where way = 'oauth';
  if token.expires_at < clock_timestamp() + interval '14 days' and (not is_renewable or token.error is not null) then
    fact := format('the access to Gazelle %s on %s',
      case when token.expires_at > clock_timestamp() then 'ends' else 'ended' end,
      to_char(token.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'));
  end if;
  perform sync.set_access_alert('gazelle', 'token_expiring', case when fact is not null then jsonb_build_object(
    'message', fact || case when is_renewable then ', and could not be renewed' else ', and cannot be renewed' end,
    'details', token.error ->> 'message',
    'hint', 'Connect again before: etiquette connect. Or set GAZELLE_API_KEY, which does not end.') end);
  perform sync.set_access_alert('gazelle', 'token_refused',
    case when token.error ->> 'code' = 'gazelle_unauthorized' then token.error end);
  return (select count(*) from sync.alerts a where a.source = 'gazelle' and a.resolved_at is null);
end;
$$;
comment on function gazelle.check_token() is
  'Raises an alert when the token expires within two weeks and cannot be renewed, or when Gazelle refuses to renew it,
   and closes alerts that are over. Called at the end of each run and by the schedule. Returns the number of open
   ones.';

revoke execute on function
  gazelle.take_configured, gazelle.claim_token, gazelle.put_token, gazelle.note_token, gazelle.use_api_key,
  gazelle.check_token
from public, anon, authenticated, service_role;
grant execute on function gazelle.claim_token, gazelle.put_token, gazelle.use_api_key to gazelle_sync;
revoke execute on function public.sync_claim_token, public.sync_put_token, public.sync_use_api_key
from public, anon, authenticated, service_role;
grant execute on function public.sync_claim_token, public.sync_put_token, public.sync_use_api_key to service_role;
