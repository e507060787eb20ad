-- What others said stays text in an alert, whoever posts it: a function, or the database itself.
begin;
set local search_path = public, extensions;
select plan(16);

select is(sync.harmless(said), posted, regexp_replace(said, '[^ -~]', '?', 'g'))
from (values
  ('<!here> & <https://x.test|Sign in>', '&lt;!here&gt; &amp; &lt;https: //x.test|Sign in&gt;'),
  ('@channel @Everyone a@b.test 3.1@2', '@ channel @ Everyone a@ b.test 3.1@2'),
  ('[Sign in](x.test) ![x](y) [x][y]', '[Sign in] (x.test) ![x] (y) [x] [y]'),
  ('HTTPS://x.test ftp://x //x', 'HTTPS: //x.test ftp: //x //x'),
  ('www.x.test WWW.x.test', 'www .x.test WWW .x.test'),
  ('mailto:ops@x.test', 'mailto: ops@ x.test'),
  (E'a\u202eb\u200bc\u009bd\u001be\rf\u2028g', 'a?b?c?d?e?f?g'),
  (E'École\nà 21 °C, 5.0 % 🎹', E'École\nà 21 °C, 5.0 % 🎹')
) s (said, posted);
select is(sync.harmless(null), null, 'nothing said is nothing posted');

create function pg_temp.post(message text, details text, hint text) returns text
language sql
as $$ select sync.alert_text('clients', 'run_failed', 7, message, details, hint) $$;
select is(pg_temp.post('no', null, null), E'*clients: run_failed* (run 7)\nno',
  'an alert says what it is about');
update sync.settings set run_link = 'https://shop.test/{run}';
select is(pg_temp.post('no', 'see evil.test or a.b', 'select * from shop.verify();'),
  E'*clients: run_failed* (<https://shop.test/7|run 7>)\nno\n'
    'see evil .test or a.b\nselect * from shop.verify();',
  'links to its run alone; addresses end at their dots, and a hint can be copied');
select is(sync.alert_text('clients', 'late', null, 'no', null, null), E'*clients: late*\nno',
  'an alert about a job has no run');

insert into sync.runs (stream, status, started_by, mark, error, lease_seconds, lease_until,
  finished_at)
values ('clients', 'failed', 'test', 1, '{"code": "x", "message": "@here"}', 9, now(), now());
select sync.raise_alert(r, 'run_failed', '{"message": "@here", "details": "www.x.test"}')
from sync.runs r;
select sync.set_access_alert('gazelle', 'token_refused', '{"message": "[a](b)"}');
select vault.create_secret('https://hooks.test/T', 'alert_webhook_url');
select results_eq(
  $$ select a #>> '{body,text}' from jsonb_array_elements(sync_read_alerts()) a $$,
  $$ select format(E'*clients: run_failed* (<https://shop.test/%1$s|run %1$s>)\n@ here\nwww .x .test',
      max(id)) from sync.runs union all select E'*Gazelle: token_refused*\n[a] (b)' $$,
  'functions get the text to post');

select sync.raise_job_alert('clients', 'job_failing', 'failed', '<a> @here https://x.test', 'Look.');
select is(sync.post_alerts(), null, 'the database posts the others itself');
select is(convert_from(body, 'UTF8')::jsonb ->> 'text',
  E'*clients: job_failing*\nfailed\n&lt;a&gt; @ here https: //x .test\nLook.', 'as the same text')
from net.http_request_queue;

select is(max(length(sync.harmless(repeat(sign, 20000)))) < 200000, true, 'long texts pass')
from unnest(array['@', '[](', 'www.', '://', E'\u202e']) sign;

select * from finish();
rollback;
