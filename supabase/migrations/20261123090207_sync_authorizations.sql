-- Connecting to Gazelle: who is sent there comes back with a state that we gave out, once and in time.

create table sync.authorizations (
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
revoke all on sync.authorizations from public;
comment on table sync.authorizations is 'Connections to Gazelle that were begun in the last day, and what came of them.';
comment on column sync.authorizations.state_hash is 'SHA-256 of the state; nobody can come back with what stands here.';
comment on column sync.authorizations.verifier is 'Of PKCE; gone once the state came back.';
comment on column sync.authorizations.redirect_url is 'Where Gazelle sends people back to; sent again with the code.';

create function sync.begin_authorization(state_hash text, verifier text, redirect_url text, begun_by text)
returns jsonb
language sql
volatile
security definer
set search_path = ''
as $$
  delete from sync.authorizations a where a.begun_at < clock_timestamp() - interval '1 day';
  insert into sync.authorizations as a (state_hash, verifier, redirect_url, begun_by)
  values (state_hash, verifier, redirect_url, begun_by)
  returning jsonb_build_object('id', a.id, 'expires_at', a.expires_at)
$$;
comment on function sync.begin_authorization(text, text, text, text) is 'Remembers whom we send to Gazelle, for ten minutes.';

create function sync.take_authorization(state_hash text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  found_one sync.authorizations;
begin
  select * into found_one from sync.authorizations a where a.state_hash = take_authorization.state_hash for update;
  if found_one.id is null then
    return '{"outcome": "unknown"}';
  elsif found_one.taken_at is not null then
    return '{"outcome": "used"}';
  elsif found_one.expires_at <= clock_timestamp() then
    return '{"outcome": "expired"}';
  end if;
  update sync.authorizations a set taken_at = clock_timestamp(), verifier = null where a.id = found_one.id;
  return jsonb_build_object('outcome', 'taken', 'id', found_one.id, 'verifier', found_one.verifier,
    'redirect_url', found_one.redirect_url);
end;
$$;
comment on function sync.take_authorization(text) is 'Uses a state up, and tells what was kept for it; or why it does not count.';

create function sync.end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  update sync.authorizations a
  set ended_at = clock_timestamp(), error = end_authorization.error
  where a.id = end_authorization.authorization_id and a.taken_at is not null and a.ended_at is null
$$;
comment on function sync.end_authorization(bigint, jsonb) is 'Notes what came of it: an error, or a connection.';

create function sync.connect(
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
set search_path = ''
as $$
begin
  perform from sync.token for update;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- One of an earlier connection could be another user's, who sees other records.
  perform sync.keep_secret('gazelle_refresh_token', coalesce(refresh_token, ''));
  update sync.token
  set way = 'oauth', source = 'connect', connected_at = clock_timestamp(),
      configured = encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  perform sync.note_token(expires_in);
  perform sync.end_authorization(authorization_id, null);
  perform sync.check_token();
end;
$$;
comment on function sync.connect(bigint, text, text, integer, text) is
  'Puts the tokens of a new connection into Vault. The refresh token of the settings, if there is one, is displaced.';
