-- The connection to Gazelle as people see it, and what alarms them while there is time.

create function sync.token_status()
returns jsonb
language sql
stable
security definer
set search_path = ''
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
      from sync.authorizations a
      order by a.id desc
      limit 1
    ))
  from sync.token t, lateral (
    select
      sync.secret('gazelle_access_token') is not null and coalesce(t.expires_at > clock_timestamp(), true) as access,
      sync.secret('gazelle_refresh_token') is not null as refresh
  ) s
$$;
comment on function sync.token_status() is 'How Gazelle is reached, without anything secret.';

create function public.sync_token_status()
returns jsonb
language sql
stable
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  select sync.token_status()
$$;
comment on function public.sync_token_status() is
  'How Gazelle is reached: way (oauth, api_key, or null before the first call), since when, until when, whether the
   token can be renewed, why it was not; and what became of the last attempt to connect. Nothing in it is secret.';

create function sync.set_token_alert(kind text, error jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if error is not null then
    perform sync.raise_alert(null::text, null::bigint, kind, error);
  else
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.stream is null and a.kind = set_token_alert.kind and a.resolved_at is null;
  end if;
end;
$$;
comment on function sync.set_token_alert(text, jsonb) is 'Raises an alert that is no stream''s own, or closes it when there is no error.';

create function sync.check_token()
returns integer
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  token sync.token;
  is_renewable boolean := sync.secret('gazelle_refresh_token') is not null;
  fact text;
begin
  select * into token from sync.token where way = 'oauth';
  if token.expires_at < clock_timestamp() + interval '14 days' and (not is_renewable or token.error is not null) then
    fact := format('the access to Gazelle %s on %s',
      case when token.expires_at > clock_timestamp() then 'ends' else 'ended' end,
      to_char(token.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'));
  end if;
  perform sync.set_token_alert('token_expiring', case when fact is not null then jsonb_build_object(
    'message', fact || case when is_renewable then ', and could not be renewed' else ', and cannot be renewed' end,
    'details', token.error ->> 'message',
    'hint', 'Connect again before: etiquette connect. Or set GAZELLE_API_KEY, which does not end.') end);
  perform sync.set_token_alert('token_refused',
    case when token.error ->> 'code' = 'gazelle_unauthorized' then token.error end);
  return (select count(*) from sync.alerts a where a.stream is null and a.job is null and a.resolved_at is null);
end;
$$;
comment on function sync.check_token() is
  'Raises an alert when the token ends within two weeks and is not renewed, and when Gazelle refuses to; closes those
   that are over. Called at the end of each run, and for the schedule to call. Returns how many are open.';
