-- What is posted about an alert: Slack's shape, Discord's, ntfy's, plain JSON; by the webhook's host, or as it is set.
begin;
set local search_path = public, extensions;
select plan(12);

select vault.create_secret('https://hooks.slack.com/services/T/B/s', 'alert_webhook_url');
create function pg_temp.goes_to(url text) returns void language sql as $$
  select vault.update_secret(s.id, url) from vault.secrets s where s.name = 'alert_webhook_url'
$$;
create function pg_temp.post(is_over boolean default false) returns jsonb language sql as $$
  select sync.post_of(a, is_over) from sync.alerts a
$$;
insert into sync.runs (stream, status, started_by, mark, lease_seconds, lease_until, error, finished_at)
values ('pianos', 'failed', 'cron', 1, 90, now(), '{}', now());
insert into sync.alerts (stream, kind, run_id, message, details, hint)
select 'pianos', 'run_failed', r.id, 'a <b> & `c`', '@everyone [x](https://y)', 'Look.' from sync.runs r;
update sync.settings set run_link = 'https://shop.test/{run}';

select is(pg_temp.post() ->> 'url', 'https://hooks.slack.com/services/T/B/s', 'Slack''s own address');
select matches(pg_temp.post() -> 'body' ->> 'text',
  '^\*pianos: run_failed\* \(<https://shop.test/\d+\|run \d+>\)\na &lt;b&gt; &amp; .*\nLook\.$');
select matches(pg_temp.post(true) -> 'body' ->> 'text', '^\*pianos: run_failed\* is over .*\nIt was: a &lt;b&gt;');

select pg_temp.goes_to('https://discord.com/api/webhooks/1/s');
select is(pg_temp.post() -> 'body' -> 'allowed_mentions', '{"parse": []}', 'Discord notifies nobody');
select matches(pg_temp.post() -> 'body' ->> 'content', E'^\\*\\*pianos: run_failed\\*\\* https.*\n```\na <b> & ''c''\n@everyone',
  'and nothing is a link that a source sent');
select ok(length(pg_temp.post() -> 'body' ->> 'content') < 2000, 'as long as Discord takes');

select pg_temp.goes_to('https://ntfy.sh/the-shop');
select is(pg_temp.post() ->> 'url', 'https://ntfy.sh', 'ntfy takes JSON at its root');
select is(pg_temp.post() -> 'body' ->> 'topic', 'the-shop', 'with the topic in it');
select matches(pg_temp.post() -> 'body' ->> 'title', '^pianos: run_failed \(run \d+\)$');

select pg_temp.goes_to('https://alerts.shop.test/in');
select ok(pg_temp.post() -> 'body' ? 'text', 'what nobody knows is taken for Slack''s');
update sync.settings set alert_shape = 'json';
select is((pg_temp.post(true) -> 'body') - '{run,link}'::text[], '{"about": "pianos", "kind": "run_failed", "state": "over",
  "message": "a <b> & `c`", "details": "@everyone [x](https://y)", "hint": "Look."}', 'plain JSON, by the setting');
delete from vault.secrets;
select is(sync_read_alerts(), '[]', 'without a webhook there is nothing to post');

select * from finish();
rollback;
