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
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.begin_authorization(state_hash, verifier, redirect_url, begun_by)
$$;
comment on function public.sync_begin_authorization(text, text, text, text) is
  'Keeps the SHA-256 of a state, with what belongs to it, for ten minutes. Answers its id and end.';

create function public.sync_take_authorization(state_hash text)
returns jsonb
language sql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.take_authorization(state_hash)
$$;
comment on function public.sync_take_authorization(text) is
  'Uses a state up. The outcome is taken, with id, verifier and redirect_url; or unknown, used or expired.';

create function public.sync_end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
volatile
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.end_authorization(authorization_id, error)
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
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.connect(authorization_id, access_token, refresh_token, expires_in, configured_refresh)
$$;
comment on function public.sync_connect(bigint, text, text, integer, text) is
  'Puts the tokens of a new connection into Vault, in the place of those that were there.';
