-- How an alert is posted: to the webhook that Vault has the address of, in the shape that its service takes.

create function sync.webhook_url()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return sync.secret('alert_webhook_url');
exception when others then
  -- A run must not end for it. The state says that Vault cannot be read.
  return null;
end;
$$;
comment on function sync.webhook_url() is
  'The address that alerts are posted to; NULL where none is set, or where Vault cannot be read.';

create function sync.post_shape(webhook text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(s.alert_shape, case
    when h.host ~ '(^|\.)discord(app)?\.com$' then 'discord'
    when h.host ~ '(^|\.)ntfy\.' then 'ntfy'
    -- Others have copied it.
    else 'slack'
  end)
  from sync.settings s
  cross join (select lower(substring(webhook from '^[a-z]+://([^/:?#]+)')) as host) h
$$;
comment on function sync.post_shape(text) is
  'The shape of what a webhook takes: the one in the settings, or by its host.';

create function sync.post_of(alert sync.alerts, is_over boolean default false)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('url', case when w.shape = 'ntfy' then regexp_replace(w.url, '/[^/]*$', '') else w.url end,
    'body', case w.shape
      when 'slack' then jsonb_build_object('text', case
        when is_over then format('*%s* is over%s', t.title, coalesce(t.run, '')) || E'\n' || sync.harmless(t.said)
        else sync.alert_text(t.about, alert.kind, alert.run_id, alert.message, alert.details, alert.hint) end)
      -- In a block of code nothing is a link, and nobody is notified.
      when 'discord' then jsonb_build_object('allowed_mentions', '{"parse": []}'::jsonb, 'content',
        format('**%s**%s%s', t.title, w.ends, coalesce(' ' || t.link, t.run, ''))
          || E'\n```\n' || left(replace(t.said, '`', ''''), 1700) || E'\n```')
      when 'ntfy' then jsonb_strip_nulls(jsonb_build_object('topic', substring(w.url from '[^/]*$'),
        'title', t.title || w.ends || coalesce(t.run, ''), 'message', t.said, 'click', t.link))
      else jsonb_build_object('about', t.about, 'kind', alert.kind, 'state', case when is_over then 'over' else 'open' end,
        'message', alert.message, 'details', alert.details, 'hint', alert.hint, 'run', alert.run_id, 'link', t.link)
    end)
  from (
    select u.url, sync.post_shape(u.url) as shape, case when is_over then ' is over' else '' end as ends
    from (select sync.webhook_url() as url) u
  ) w
  cross join lateral (
    select n.about, format('%s: %s', n.about, alert.kind) as title, ' (run ' || alert.run_id || ')' as run,
      replace((select s.run_link from sync.settings s), '{run}', alert.run_id::text) as link,
      case when is_over then 'It was: ' || alert.message
        else concat_ws(E'\n', alert.message, alert.details, alert.hint) end as said
    from (
      select coalesce(alert.job, alert.stream, o.label) as about
      from (select alert.source) s
      left join sync.sources o using (source)
    ) n
  ) t
$$;
comment on function sync.post_of(sync.alerts, boolean) is
  'What is posted about an alert, and where: that it is open, or that it is over.';

create function sync.count_unposted()
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select count(*)::integer
  from sync.alerts a
  where a.posted_at is null and a.acknowledged_at is null and a.resolved_at is null and a.job is null
    and sync.webhook_url() is not null
$$;
comment on function sync.count_unposted() is
  'How many open alerts a function still has to post; 0 where there is no webhook.';

create function public.sync_read_alerts()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select coalesce(jsonb_agg(sync.post_of(a) || jsonb_build_object('id', a.id) order by a.id), '[]')
  from sync.alerts a
  where a.posted_at is null and a.acknowledged_at is null and a.resolved_at is null and a.job is null
    and sync.webhook_url() is not null
$$;
comment on function public.sync_read_alerts() is
  'The open alerts that are not posted yet: of each the address to post to, and the body. None without a webhook. Alerts
   about jobs are not among them: the schedule posts those itself.';

create function public.sync_mark_posted(ids bigint[])
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  update sync.alerts a set posted_at = clock_timestamp() where a.id = any(ids)
$$;
comment on function public.sync_mark_posted(bigint[]) is 'Notes that the webhook accepted these alerts.';
