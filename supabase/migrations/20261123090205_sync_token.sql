-- Gazelle's OAuth token: in Vault, got anew ahead of its end by one caller at a time.

create table sync.token (
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
insert into sync.token default values;
revoke all on sync.token from public;
comment on table sync.token is 'What is known of the token in Vault, but for the token. Its lock is the token''s.';
comment on column sync.token.way is 'What the last call proved itself with.';
comment on column sync.token.source is 'Where the token in Vault descends from: a refresh token in the settings, or a connection.';
comment on column sync.token.configured is
  'The digest of the refresh token in the settings when Vault''s was put there: a new one displaces it.';
comment on column sync.token.renew_at is 'From when a new one is to be got, while the old one still serves.';
comment on column sync.token.error is 'Why the last renewal failed.';
comment on column sync.token.lease is 'Held by the caller who gets a new token at this moment.';

create function sync.keep_secret(secret_name text, value text)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  known uuid := (select s.id from vault.secrets s where s.name = keep_secret.secret_name);
begin
  if known is null then
    perform vault.create_secret(value, secret_name, 'Kept by the sync');
  else
    perform vault.update_secret(known, value);
  end if;
end;
$$;
comment on function sync.keep_secret(text, text) is 'Puts a secret into Vault, in the place of the last one of its name.';

create function sync.secret(secret_name text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select nullif(d.decrypted_secret, '') from vault.decrypted_secrets d where d.name = secret.secret_name
$$;
comment on function sync.secret(text) is 'A secret out of Vault, or null.';

create function sync.take_configured(configured_refresh text, configured_access text)
returns sync.token
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  digest text := encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  token sync.token;
begin
  select * into token from sync.token for update;
  if digest is not null and token.configured is distinct from digest then
    perform sync.keep_secret('gazelle_refresh_token', configured_refresh);
    perform sync.keep_secret('gazelle_access_token', coalesce(configured_access, ''));
    update sync.token
    set way = 'oauth', source = 'settings', configured = digest, connected_at = clock_timestamp(),
        renewed_at = null, expires_at = null, renew_at = null, error = null, failed_at = null,
        lease = null, lease_until = null
    returning * into token;
  elsif token.way is distinct from 'oauth' then
    update sync.token set way = 'oauth' returning * into token;
  end if;
  return token;
end;
$$;
comment on function sync.take_configured(text, text) is
  'Locks the token, and puts that of the settings in the place of Vault''s where it is another than the last one there.';

create function sync.claim_token(configured_refresh text, configured_access text, refused text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  token sync.token := sync.take_configured(configured_refresh, configured_access);
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
  update sync.token
  set lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute'
  returning * into token;
  return jsonb_strip_nulls(
    jsonb_build_object('refresh_token', refresh, 'lease', token.lease, 'access_token', access));
end;
$$;
comment on function sync.claim_token(text, text, text) is
  'A token that serves; or the task of getting one, with the old one while that serves; or {} while another caller has
   the task; or {"is_connected": false}.';

create function sync.put_token(
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
set search_path = ''
as $$
begin
  perform from sync.token t where t.lease = put_token.lease for update;
  if not found then
    raise exception 'the task of getting a token is not yours any more' using
      errcode = 'PT409',
      detail = 'It took more than a minute, or Gazelle was connected anew meanwhile.';
  end if;
  if access_token is null then
    update sync.token
    set lease = null, lease_until = null, renew_at = clock_timestamp() + interval '1 hour',
        error = put_token.error, failed_at = case when put_token.error is not null then clock_timestamp() end;
    return;
  end if;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- An answer may lack a new refresh token: the old one stays good.
  if refresh_token is not null then
    perform sync.keep_secret('gazelle_refresh_token', refresh_token);
  end if;
  perform sync.note_token(expires_in);
end;
$$;
comment on function sync.put_token(uuid, text, text, integer, jsonb) is
  'Stores what the token endpoint answered, or why there is no new token, and ends the task.';

create function sync.note_token(expires_in integer)
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  update sync.token
  set renewed_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => expires_in),
      -- At half of its life: time enough to tell people that it cannot be.
      renew_at = clock_timestamp() + make_interval(secs => expires_in / 2.0),
      error = null, failed_at = null, lease = null, lease_until = null
$$;
comment on function sync.note_token(integer) is 'Notes that a new token came, which lasts for so many seconds, or for good.';
