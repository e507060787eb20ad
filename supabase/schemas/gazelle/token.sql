-- migration: sync

-- Gazelle's OAuth token: in Vault, got anew ahead of its end by one caller at a time.

-- Functions that switch to this role are checked as it when they are created.
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
  -- A renewal that failed says why, and when it was.
  constraint token_failed_has_error check ((error is null) = (failed_at is null))
);
insert into gazelle.token default values;
revoke all on gazelle.token from public;
comment on table gazelle.token is 'What is known of the token in Vault, but for the token. Its lock is the token''s.';
comment on column gazelle.token.way is 'What the last call proved itself with.';
comment on column gazelle.token.source is 'Where the token in Vault descends from: a refresh token in the settings, or a connection.';
comment on column gazelle.token.configured is
  'The digest of the refresh token in the settings when Vault''s was put there: a new one displaces it.';
comment on column gazelle.token.renew_at is 'From when a new one is to be got, while the old one still serves.';
comment on column gazelle.token.error is 'Why the last renewal failed.';
comment on column gazelle.token.lease is 'Held by the caller who gets a new token at this moment.';

create function gazelle.take_configured(configured_refresh text, configured_access text)
returns gazelle.token
language plpgsql
volatile
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
  'Locks the token, and puts that of the settings in the place of Vault''s where it is another than the last one there.';

create function gazelle.claim_token(configured_refresh text, configured_access text, refused text)
returns jsonb
language plpgsql
volatile
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
  -- It goes on serving while another caller gets the next one, and where there is nothing to get one with.
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
  'A token that serves; or the task of getting one, with the old one while that serves; or {} while another caller has
   the task; or {"is_connected": false}.';

create function gazelle.put_token(
  lease uuid,
  access_token text,
  refresh_token text,
  expires_in integer,
  error jsonb
)
returns void
language plpgsql
volatile
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
  -- An answer may lack a new refresh token: the old one stays good.
  if refresh_token is not null then
    perform sync.keep_secret('gazelle_refresh_token', refresh_token);
  end if;
  perform gazelle.note_token(expires_in);
end;
$$;
comment on function gazelle.put_token(uuid, text, text, integer, jsonb) is
  'Stores what the token endpoint answered, or why there is no new token, and ends the task.';

create function gazelle.note_token(expires_in integer)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.token
  set renewed_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => expires_in),
      -- At half of its life: time enough to tell people that it cannot be.
      renew_at = clock_timestamp() + make_interval(secs => expires_in / 2.0),
      error = null, failed_at = null, lease = null, lease_until = null
$$;
comment on function gazelle.note_token(integer) is 'Notes that a new token came, which lasts for so many seconds, or for good.';

-- What the functions call for a token.

create function public.sync_claim_token(
  configured_refresh text default null,
  configured_access text default null,
  refused text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.claim_token(configured_refresh, configured_access, refused)
$$;
comment on function public.sync_claim_token(text, text, text) is
  'The access token, from Vault; or, where it is old, used up or refused, the refresh token and a lease to get a new one
   within a minute; or {} while another caller does; or {"is_connected": false}.';

create function public.sync_put_token(
  lease uuid,
  access_token text default null,
  refresh_token text default null,
  expires_in integer default null,
  error jsonb default null
)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.put_token(lease, access_token, refresh_token, expires_in, error)
$$;
comment on function public.sync_put_token(uuid, text, text, integer, jsonb) is
  'Keeps a new token in Vault, or notes the error that there is none for. PT409 when the lease is over.';

create function gazelle.use_api_key()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.token set way = 'api_key' where way is distinct from 'api_key'
$$;
comment on function gazelle.use_api_key() is 'Notes that the settings hold an API key: no token counts any more.';

create function public.sync_use_api_key()
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.use_api_key()
$$;
comment on function public.sync_use_api_key() is 'Tells that Gazelle is called with an API key, which goes before a token.';

-- Connecting to Gazelle: who is sent there comes back with a state that we gave out, once and in time.

create table gazelle.authorizations (
  id bigint generated always as identity primary key,
  state_hash text not null unique check (state_hash ~ '^[0-9a-f]{64}$'),
  verifier text,
  redirect_url text not null,
  begun_by text not null,
  begun_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '10 minutes',
  taken_at timestamptz,
  ended_at timestamptz,
  error jsonb,
  -- A verifier is of use once, with the state that it was made for.
  constraint authorizations_verifier_is_used_up check (taken_at is null or verifier is null),
  -- Nothing ends that did not come back.
  constraint authorizations_ended_was_taken check (ended_at is null or taken_at is not null),
  -- Only what ended has failed.
  constraint authorizations_failed_has_end check (error is null or ended_at is not null)
);
revoke all on gazelle.authorizations from public;
comment on table gazelle.authorizations is 'Connections to Gazelle that were begun in the last day, and what came of them.';
comment on column gazelle.authorizations.state_hash is 'SHA-256 of the state; nobody can come back with what stands here.';
comment on column gazelle.authorizations.verifier is 'Of PKCE; gone once the state came back.';
comment on column gazelle.authorizations.redirect_url is 'Where Gazelle sends people back to; sent again with the code.';

create function gazelle.begin_authorization(state_hash text, verifier text, redirect_url text, begun_by text)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from gazelle.authorizations a where a.begun_at < clock_timestamp() - interval '1 day';
  insert into gazelle.authorizations as a (state_hash, verifier, redirect_url, begun_by)
  values (state_hash, verifier, redirect_url, begun_by)
  returning jsonb_build_object('id', a.id, 'expires_at', a.expires_at)
$$;
comment on function gazelle.begin_authorization(text, text, text, text) is 'Remembers whom we send to Gazelle, for ten minutes.';

create function gazelle.take_authorization(state_hash text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_one gazelle.authorizations;
begin
  select * into found_one from gazelle.authorizations a where a.state_hash = take_authorization.state_hash for update;
  if found_one.id is null then
    return '{"outcome": "unknown"}';
  elsif found_one.taken_at is not null then
    return '{"outcome": "used"}';
  elsif found_one.expires_at <= clock_timestamp() then
    return '{"outcome": "expired"}';
  end if;
  update gazelle.authorizations a set taken_at = clock_timestamp(), verifier = null where a.id = found_one.id;
  return jsonb_build_object('outcome', 'taken', 'id', found_one.id, 'verifier', found_one.verifier,
    'redirect_url', found_one.redirect_url);
end;
$$;
comment on function gazelle.take_authorization(text) is 'Uses a state up, and tells what was kept for it; or why it does not count.';

create function gazelle.end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.authorizations a
  set ended_at = clock_timestamp(), error = end_authorization.error
  where a.id = end_authorization.authorization_id and a.taken_at is not null and a.ended_at is null
$$;
comment on function gazelle.end_authorization(bigint, jsonb) is 'Notes what came of it: an error, or a connection.';

create function gazelle.connect(
  authorization_id bigint,
  access_token text,
  refresh_token text,
  expires_in integer,
  configured_refresh text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from gazelle.token for update;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- One of an earlier connection could be another user's, who sees other records.
  perform sync.keep_secret('gazelle_refresh_token', coalesce(refresh_token, ''));
  update gazelle.token
  set way = 'oauth', source = 'connect', connected_at = clock_timestamp(),
      configured = encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  perform gazelle.note_token(expires_in);
  perform gazelle.end_authorization(authorization_id, null);
  perform gazelle.check_token();
end;
$$;
comment on function gazelle.connect(bigint, text, text, integer, text) is
  'Puts the tokens of a new connection into Vault. The refresh token of the settings, if there is one, is displaced.';

-- What connect-gazelle calls.

create function public.sync_begin_authorization(
  state_hash text,
  redirect_url text,
  begun_by text,
  verifier text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.begin_authorization(state_hash, verifier, redirect_url, begun_by)
$$;
comment on function public.sync_begin_authorization(text, text, text, text) is
  'Keeps the SHA-256 of a state, with what belongs to it, for ten minutes. Answers its id and end.';

create function public.sync_take_authorization(state_hash text)
returns jsonb
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.take_authorization(state_hash)
$$;
comment on function public.sync_take_authorization(text) is
  'Uses a state up. The outcome is taken, with id, verifier and redirect_url; or unknown, used or expired.';

create function public.sync_end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.end_authorization(authorization_id, error)
$$;
comment on function public.sync_end_authorization(bigint, jsonb) is 'Notes why a connection did not come about.';

create function public.sync_connect(
  authorization_id bigint,
  access_token text,
  refresh_token text default null,
  expires_in integer default null,
  configured_refresh text default null
)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.connect(authorization_id, access_token, refresh_token, expires_in, configured_refresh)
$$;
comment on function public.sync_connect(bigint, text, text, integer, text) is
  'Puts the tokens of a new connection into Vault, in the place of those that were there.';

-- The connection to Gazelle as people see it, and what alarms them while there is time.

create function gazelle.token_status()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('way', t.way, 'is_connected', coalesce(t.way = 'api_key', false) or s.access
      or s.refresh and t.error ->> 'code' is distinct from 'gazelle_unauthorized')
    || case when t.way = 'oauth' and (s.access or s.refresh) then jsonb_build_object(
        'source', t.source, 'connected_at', t.connected_at, 'renewed_at', t.renewed_at, 'expires_at', t.expires_at,
        'is_renewable', s.refresh, 'error', t.error || jsonb_build_object('at', t.failed_at))
      else '{}' end
    || jsonb_build_object('attempt', (
      select jsonb_build_object('id', a.id, 'begun_at', a.begun_at, 'expires_at', a.expires_at, 'error', a.error,
        'outcome', case
          when a.error is not null then 'failed'
          when a.ended_at is not null then 'connected'
          when a.expires_at <= clock_timestamp() then 'expired'
          else 'waiting'
        end)
      from gazelle.authorizations a
      order by a.id desc
      limit 1
    ))
  from gazelle.token t, lateral (
    select
      sync.secret('gazelle_access_token') is not null and coalesce(t.expires_at > clock_timestamp(), true) as access,
      sync.secret('gazelle_refresh_token') is not null as refresh
  ) s
$$;
comment on function gazelle.token_status() is 'How Gazelle is reached, without anything secret.';

create function public.sync_token_status()
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.token_status()
$$;
comment on function public.sync_token_status() is
  'How Gazelle is reached: way (oauth, api_key, or null before the first call), since when, until when, whether the
   token can be renewed, why it was not; and what became of the last attempt to connect. Nothing in it is secret.';

create function gazelle.check_token()
returns integer
language plpgsql
volatile
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
  'Raises an alert when the token ends within two weeks and is not renewed, and when Gazelle refuses to; closes those
   that are over. Called at the end of each run, and for the schedule to call. Returns how many are open.';

revoke execute on function
  gazelle.take_configured, gazelle.claim_token, gazelle.put_token, gazelle.note_token, gazelle.use_api_key,
  gazelle.begin_authorization, gazelle.take_authorization, gazelle.end_authorization, gazelle.connect,
  gazelle.token_status, gazelle.check_token
from public, anon, authenticated, service_role;
grant execute on function
  gazelle.claim_token, gazelle.put_token, gazelle.use_api_key, gazelle.begin_authorization, gazelle.take_authorization,
  gazelle.end_authorization, gazelle.connect, gazelle.token_status
to gazelle_sync;
revoke execute on function
  public.sync_claim_token, public.sync_put_token, public.sync_use_api_key, public.sync_begin_authorization,
  public.sync_take_authorization, public.sync_end_authorization, public.sync_connect, public.sync_token_status
from public, anon, authenticated;
grant execute on function
  public.sync_claim_token, public.sync_put_token, public.sync_use_api_key, public.sync_begin_authorization,
  public.sync_take_authorization, public.sync_end_authorization, public.sync_connect, public.sync_token_status
to service_role;
