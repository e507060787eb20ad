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
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.claim_token(configured_refresh, configured_access, refused)
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
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.put_token(lease, access_token, refresh_token, expires_in, error)
$$;
comment on function public.sync_put_token(uuid, text, text, integer, jsonb) is
  'Keeps a new token in Vault, or notes the error that there is none for. PT409 when the lease is over.';

create function sync.use_api_key()
returns void
language sql
volatile
security definer
set search_path = ''
as $$
  update sync.token set way = 'api_key' where way is distinct from 'api_key'
$$;
comment on function sync.use_api_key() is 'Notes that the settings hold an API key: no token counts any more.';

create function public.sync_use_api_key()
returns void
language sql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.use_api_key()
$$;
comment on function public.sync_use_api_key() is 'Tells that Gazelle is called with an API key, which goes before a token.';
