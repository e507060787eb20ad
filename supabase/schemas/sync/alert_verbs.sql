-- What people do with alerts: list them, say that they know of one, and try the webhook.

create function public.sync_list_alerts(with_closed boolean default false)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', a.id, 'about', coalesce(a.job, a.stream, o.label), 'kind', a.kind, 'message', a.message,
    'details', a.details, 'hint', a.hint, 'times', a.times, 'first_at', a.first_at, 'last_at', a.last_at,
    'posted_at', a.posted_at, 'acknowledged_at', a.acknowledged_at, 'resolved_at', a.resolved_at) order by a.id), '[]')
  from sync.alerts a
  left join sync.sources o on o.source = a.source
  where with_closed or a.resolved_at is null
$$;
comment on function public.sync_list_alerts(boolean) is 'The open alerts, or all on record; oldest first.';

create function public.sync_acknowledge_alert(alert_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  update sync.alerts a
  set acknowledged_at = coalesce(a.acknowledged_at, clock_timestamp())
  where a.id = sync_acknowledge_alert.alert_id and a.resolved_at is null;
  if not found then
    raise exception 'there is no open alert %', coalesce(alert_id::text, 'NULL') using
      errcode = 'PT404',
      detail = 'It was never raised, or is over.',
      hint = 'Give the number of an open one: etiquette alerts.';
  end if;
end;
$$;
comment on function public.sync_acknowledge_alert(bigint) is
  'Says that somebody knows of an alert: it is not posted any more while it is open. It stays open, and the state is
   what it is. PT404 where it is not open.';

create function sync.test_webhook()
returns bigint
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select sync.post(jsonb_populate_record(null::sync.alerts,
    '{"job": "test", "kind": "message", "message": "Alerts of this database arrive here."}'))
  where sync.webhook_url() is not null
$$;
comment on function sync.test_webhook() is 'As sync_test_webhook, with the rights to post.';

create function public.sync_test_webhook()
returns bigint
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.test_webhook()
$$;
comment on function public.sync_test_webhook() is
  'Posts a test message to the webhook for alerts. Returns its request; NULL where no address is set.';

create function sync.webhook_answer(request bigint)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Of the request alone what the webhook answered: its address is a secret.
  return (
    select jsonb_build_object('status', r.status_code, 'timed_out', coalesce(r.timed_out, false))
    from net._http_response r
    where r.id = webhook_answer.request
  );
end;
$$;
comment on function sync.webhook_answer(bigint) is 'As sync_webhook_answer, with the rights to read pg_net''s answers.';

create function public.sync_webhook_answer(request bigint)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.webhook_answer(request)
$$;
comment on function public.sync_webhook_answer(bigint) is
  'The HTTP status with which the webhook answered a test message, or null while there is no answer.';

revoke execute on function
  public.sync_list_alerts, public.sync_acknowledge_alert, public.sync_test_webhook, public.sync_webhook_answer
from public, anon, authenticated, service_role;
grant execute on function
  public.sync_list_alerts, public.sync_acknowledge_alert, public.sync_test_webhook, public.sync_webhook_answer
to service_role;

revoke execute on function sync.test_webhook, sync.webhook_answer from public, anon, authenticated, service_role;
grant execute on function sync.test_webhook, sync.webhook_answer to sync_worker;
