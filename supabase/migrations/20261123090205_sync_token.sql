-- Gazelle's OAuth token: in Vault, got anew ahead of its end by one caller at a time.

create table sync.token (
  -- There is one row.
  only_row boolean primary key default true check (only_row),
  configured text,
  expires_at timestamptz,
  lease uuid,
  lease_until timestamptz
);
insert into sync.token default values;
revoke all on sync.token from public;
comment on table sync.token is 'What is known of the token in Vault, but for the token. Its lock is the token''s.';
comment on column sync.token.configured is
  'The digest of the refresh token in the settings that Vault''s descend from: a new one there counts from then on.';
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

create function sync.claim_token(configured_refresh text, configured_access text, refused text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  digest text := encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  token sync.token;
  access text;
begin
  select * into token from sync.token for update;
  if token.configured is distinct from digest then
    perform sync.keep_secret('gazelle_refresh_token', configured_refresh);
    perform sync.keep_secret('gazelle_access_token', coalesce(configured_access, ''));
    update sync.token set configured = digest, expires_at = null, lease = null returning * into token;
  end if;

  access := sync.secret('gazelle_access_token');
  if access is not null and access is distinct from refused then
    -- Near its end it still serves those who come while another caller gets the next one.
    if coalesce(token.expires_at > clock_timestamp() + interval '1 hour', true)
      or token.expires_at > clock_timestamp() and token.lease_until > clock_timestamp() then
      return jsonb_build_object('access_token', access);
    end if;
  end if;
  if token.lease is not null and token.lease_until > clock_timestamp() then
    return '{}';
  end if;
  update sync.token
  set lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute'
  returning * into token;
  return jsonb_build_object('refresh_token', sync.secret('gazelle_refresh_token'), 'lease', token.lease);
end;
$$;
comment on function sync.claim_token(text, text, text) is
  'A token that serves, or the task of getting one, or {} while another caller has it.';

create function sync.put_token(lease uuid, access_token text, refresh_token text, expires_in integer)
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
      detail = 'It took more than a minute, and another caller took it over.';
  end if;
  if access_token is not null then
    perform sync.keep_secret('gazelle_access_token', access_token);
    update sync.token set expires_at = clock_timestamp() + make_interval(secs => expires_in);
  end if;
  -- An answer may lack a new refresh token: the old one stays good.
  if refresh_token is not null then
    perform sync.keep_secret('gazelle_refresh_token', refresh_token);
  end if;
  update sync.token set lease = null, lease_until = null;
end;
$$;
comment on function sync.put_token(uuid, text, text, integer) is
  'Stores what the token endpoint answered, and ends the task; without an access token it only ends it.';

create function public.sync_claim_token(
  configured_refresh text,
  configured_access text default null,
  refused text default null
)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.claim_token(configured_refresh, configured_access, refused)
$$;
comment on function public.sync_claim_token(text, text, text) is
  'The access token, from Vault; or, where it is used up or was refused, the refresh token and a lease to get a new one
   within a minute; or {} while another caller does.';

create function public.sync_put_token(
  lease uuid,
  access_token text default null,
  refresh_token text default null,
  expires_in integer default null
)
returns void
language sql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.put_token(lease, access_token, refresh_token, expires_in)
$$;
comment on function public.sync_put_token(uuid, text, text, integer) is
  'Keeps a new token in Vault. PT409 when the lease is over.';
