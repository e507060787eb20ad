-- migration: sync

-- Connecting to Gazelle by OAuth: a person is sent to Gazelle with a random state, and must come back with it, once and
-- within ten minutes.

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
  -- The verifier is used once, together with its state.
  constraint authorizations_verifier_is_used_up check (taken_at is null or verifier is null),
  -- Only an authorization that came back can end.
  constraint authorizations_ended_was_taken check (ended_at is null or taken_at is not null),
  -- Only one that ended can have an error.
  constraint authorizations_failed_has_end check (error is null or ended_at is not null)
);
revoke all on gazelle.authorizations from public;
comment on table gazelle.authorizations is 'Connections to Gazelle begun in the last day, and their outcome.';
comment on column gazelle.authorizations.state_hash is
  'SHA-256 of the state, so that a reader of this table cannot use it.';
comment on column gazelle.authorizations.verifier is 'The PKCE verifier, removed when the state comes back.';
comment on column gazelle.authorizations.redirect_url is
  'Where Gazelle sends the person back to. The exchange of the code repeats it.';

create function gazelle.begin_authorization(state_hash text, verifier text, redirect_url text, begun_by text)
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from gazelle.authorizations a where a.begun_at < clock_timestamp() - interval '1 day';
  insert into gazelle.authorizations as a (state_hash, verifier, redirect_url, begun_by)
  values (state_hash, verifier, redirect_url, begun_by)
  returning jsonb_build_object('id', a.id, 'expires_at', a.expires_at)
$$;
comment on function gazelle.begin_authorization(text, text, text, text) is
  'Stores an authorization that is valid for ten minutes.';

create function gazelle.take_authorization(state_hash text)
returns jsonb
language plpgsql
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
comment on function gazelle.take_authorization(text) is
  'Uses a state up and returns what was stored with it, or why it is not accepted.';

create function gazelle.end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.authorizations a
  set ended_at = clock_timestamp(), error = end_authorization.error
  where a.id = end_authorization.authorization_id and a.taken_at is not null and a.ended_at is null
$$;
comment on function gazelle.end_authorization(bigint, jsonb) is
  'Ends an authorization, with an error or, if null, with success.';

create function gazelle.connect(
  authorization_id bigint,
  access_token text,
  refresh_token text,
  expires_in integer,
  configured_refresh text
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from gazelle.token for update;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- A refresh token of an earlier connection may belong to another user, who sees other records.
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
  'Stores the tokens of a new connection in Vault. They replace those that came from the settings.';

-- The edge function connect-gazelle calls these.

create function public.sync_begin_authorization(
  state_hash text,
  redirect_url text,
  begun_by text,
  verifier text default null
)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.begin_authorization(state_hash, verifier, redirect_url, begun_by)
$$;
comment on function public.sync_begin_authorization(text, text, text, text) is
  'Stores the SHA-256 of a state, with its verifier and redirect URL, for ten minutes. Returns its id and expiry.';

create function public.sync_take_authorization(state_hash text)
returns jsonb
language sql
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
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.end_authorization(authorization_id, error)
$$;
comment on function public.sync_end_authorization(bigint, jsonb) is
  'Ends an authorization with the error of its connection.';

create function public.sync_connect(
  authorization_id bigint,
  access_token text,
  refresh_token text default null,
  expires_in integer default null,
  configured_refresh text default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.connect(authorization_id, access_token, refresh_token, expires_in, configured_refresh)
$$;
comment on function public.sync_connect(bigint, text, text, integer, text) is
  'Stores the tokens of a new connection in Vault, in place of the earlier ones.';

-- The state of the connection, for people.

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
comment on function gazelle.token_status() is
  'How Gazelle is reached: credentials, expiry, the last attempt to connect. No secrets.';

create function public.sync_token_status()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.token_status()
$$;
comment on function public.sync_token_status() is
  'How Gazelle is reached: way (oauth, api_key, or null before the first call), since when, until when, whether the
   token can be renewed, the error of its renewal, and the outcome of the last attempt to connect. No secrets.';

create function gazelle.look_at_token()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(f.code, 'token_valid'), 'Gazelle', coalesce(f.state, 'well'),
    coalesce(f.message, format('connected (%s)', t.way) || case when t.expires_at is null then ''
      else format(', until %s%s', to_char(t.expires_at at time zone 'UTC', 'YYYY-MM-DD'),
        case when t.is_renewable then ', renewed by itself' else '' end) end),
    null::text[],
    case when f.state = 'notice' then 'etiquette sync'
      when f.state <> 'well' then 'etiquette connect, or other GAZELLE_* credentials: see docs/connect.md.' end,
    null::bigint, null::bigint, null::text, null::integer
  from gazelle.token_status() s
  cross join jsonb_to_record(s) t (
    way text, is_connected boolean, is_renewable boolean, expires_at timestamptz, error jsonb
  )
  left join lateral (
    select * from (values
      (t.error ->> 'code' = 'gazelle_unauthorized', 'token_refused', 'failed', t.error ->> 'message'),
      (t.error is not null, 'token_not_renewed', 'degraded', t.error ->> 'message'),
      (t.way is null and exists (select from sync.runs r where r.status in ('complete', 'degraded')), 'token_valid',
        'well', 'was read with an API key'),
      (t.way is null, 'gazelle_not_called', 'notice', 'was not called yet'),
      (not t.is_connected, 'not_connected', 'failed', 'no token, and none can be got'),
      (not t.is_renewable and t.expires_at < clock_timestamp(), 'token_expired', 'failed', 'the token has expired'),
      (not t.is_renewable and t.expires_at < clock_timestamp() + interval '14 days', 'token_expiring', 'degraded',
        format('the token expires in %s days', extract(day from t.expires_at - clock_timestamp())))
    ) v (holds, code, state, message)
    where v.holds
    limit 1
  ) f on true
$$;
comment on function gazelle.look_at_token() is
  'How Gazelle is reached. The alerts about it are raised by gazelle.check_token.';
select sync.register_look('gazelle', 'gazelle.look_at_token()');

revoke execute on function
  gazelle.begin_authorization, gazelle.take_authorization, gazelle.end_authorization, gazelle.connect,
  gazelle.token_status, gazelle.look_at_token
from public, anon, authenticated, service_role;
grant execute on function
  gazelle.begin_authorization, gazelle.take_authorization, gazelle.end_authorization, gazelle.connect,
  gazelle.token_status
to gazelle_sync;
revoke execute on function
  public.sync_begin_authorization, public.sync_take_authorization, public.sync_end_authorization, public.sync_connect,
  public.sync_token_status
from public, anon, authenticated, service_role;
grant execute on function
  public.sync_begin_authorization, public.sync_take_authorization, public.sync_end_authorization, public.sync_connect,
  public.sync_token_status
to service_role;
