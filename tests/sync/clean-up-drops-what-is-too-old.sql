-- Clean-up: what is dropped, and what is kept because something needs it.
begin;
set local search_path = public, extensions;
select plan(12);

create function pg_temp.run(stream text, age interval, status text default 'complete') returns bigint
language sql
as $$
  insert into sync.runs (stream, status, step, started_by, mark, lease_seconds, lease_until, error, finished_at)
  values ($1, $3, 'finish', 'cron', 1, 90, now(), '{}', now() - $2)
  returning id
$$;
create temporary table kept as
select n.note, pg_temp.run('clients', n.age) as id
from (values ('ancient', interval '400 days'), ('old', '31 days'), ('recent', '29 days'), ('new', '1 hour')) n (note, age);
insert into kept values ('alone', pg_temp.run('pianos', '400 days'));
insert into sync.changes (run_id, external_id, was, became) select id, 'cli_1', '{"a": 1}', '{"a": 2}' from kept;
insert into sync.checks (run_id, name, is_binding, expected) select id, 'records_read', true, 1 from kept;
insert into sync.rejected_records (run_id, path, reason, payload, is_mapped) select id, 'x', 'y', '{}', false from kept;
insert into sync.planned_samples (run_id, effect, external_id) select id, 'kept', 'cli_1' from kept;
insert into sync.alerts (job, kind, message, first_at, resolved_at)
values ('pianos', 'stream_late', 'long ago', now(), now() - interval '400 days'),
  ('pianos', 'job_failing', 'open', now() - interval '400 days', null);
insert into sync.staged_pages (stream, page, records, ids) values ('clients', 1, '[{}]', '{cli_1}');
insert into sync.staged_pages (stream, page, records, ids) values ('users', 1, '[{}]', '{usr_1}');
insert into sync.runs (stream, status, started_by, mark, lease_seconds, lease_until) values ('users', 'paused', 'cron', 1, 90, now());
insert into sync.calls (job, called_at, request_id, answered_at, status, outcome)
select 'clients', now() - age, n, now() - age, 200, 'ok'
from (values (1, interval '20 days'), (2, '15 days'), (3, '1 day')) c (n, age);
insert into sync.calls (job, called_at, request_id, answered_at, status, outcome)
values ('pianos', now() - interval '20 days', 4, now(), 200, 'ok');
insert into net._http_response (id, status_code, created)
values (1, 200, now() - interval '20 days'), (3, 200, now() - interval '1 day'), (99, 200, now() - interval '20 days');
insert into cron.job_run_details (command, username, status, end_time) values
  ('select sync.tick(''clients'')', current_user, 'succeeded', now() - interval '20 days'),
  ('select sync.tick(''clients'')', current_user, 'succeeded', now() - interval '1 day'),
  ('vacuum', current_user, 'succeeded', now() - interval '20 days');

select sync.tick('clean-up'), sync.tick('clean-up');
select is((select string_agg(concat(outcome, error), ' ') from sync.calls where job = 'clean-up'), 'ok',
  'it goes through, of which the last time is on record');

create function pg_temp.notes(tbl regclass) returns text
language plpgsql
as $$
declare
  found text;
begin
  execute format('select string_agg(k.note, '' '' order by k.note) from kept k join %s t on t.run_id = k.id', tbl) into found;
  return found;
end
$$;
select is((select string_agg(k.note, ' ' order by k.note) from kept k join sync.runs r using (id)),
  'alone new old recent', 'runs go after a year, the last one of a stream never');
select is(pg_temp.notes('sync.changes'), 'alone new recent', 'what a run changed stays as long as it can be taken back');
select is(pg_temp.notes('sync.rejected_records'), 'alone new recent', 'so do records to be replayed');
select is(pg_temp.notes('sync.checks'), 'alone new recent', 'and checks');
select is(pg_temp.notes('sync.planned_samples'), 'alone new recent', 'and samples of a plan');
select is((select array_agg(message) from sync.alerts), '{open}', 'alerts that are over go, open ones stay');
select is((select array_agg(stream) from sync.staged_pages), '{users}', 'staged pages go, but those of a run that goes on');
select is((select array_agg(request_id order by request_id) from sync.calls where request_id is not null), '{3,4}',
  'calls go after two weeks, the last one of a job never');
select is((select array_agg(id order by id) from net._http_response), '{3,99}', 'with our answers in pg_net, and no others');
select is((select count(*)::integer from cron.job_run_details where command ~ 'tick'), 1, 'and our runs in pg_cron');
select is((select count(*)::integer from cron.job_run_details where command = 'vacuum'), 1, 'but nobody else''s');

select * from finish();
rollback;
