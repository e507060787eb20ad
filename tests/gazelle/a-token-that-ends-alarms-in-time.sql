-- Two weeks before the token ends, and not renewed, people are told; and when Gazelle refuses to renew it.
begin;
set local search_path = public, extensions;
select plan(14);

create function pg_temp.alerts() returns text language sql as $$
  select string_agg(a.kind || ' ' || a.times, ', ' order by a.kind) from sync.alerts a where a.resolved_at is null
$$;
create function pg_temp.ends_in(left_over interval, renewed boolean default true) returns text language sql as $$
  update gazelle.token
  set way = 'oauth', renew_at = clock_timestamp(), expires_at = clock_timestamp() + left_over,
      error = case when not renewed then '{"code": "gazelle_unavailable", "message": "it answered 503"}'::jsonb end,
      failed_at = case when not renewed then clock_timestamp() end;
  select gazelle.check_token();
  select pg_temp.alerts()
$$;

select is(gazelle.check_token(), 0, 'before the first call there is nothing to alarm about');
select is(pg_temp.ends_in('15 days'), null, 'nor in good time');
select is(pg_temp.ends_in('13 days'), 'token_expiring 1', 'a token that cannot be renewed alarms in its last two weeks');
select matches(message, '^the access to Gazelle ends on 20\d\d-\d\d-\d\d \d\d:\d\d UTC, and cannot be renewed$', 'by its end')
from sync.alerts;
select is(pg_temp.ends_in('12 days'), 'token_expiring 2', 'once, and it counts up');
select is(pg_temp.ends_in('-1 minute'), 'token_expiring 3', 'also past its end');
select is((select a.message ~ 'ended on' and a.run_id is null and a.stream is null from sync.alerts a), true, 'and says so');

select sync.keep_secret('gazelle_refresh_token', 'renews-it');
select is(pg_temp.ends_in('13 days'), null, 'one that can be renewed does not; what was open is closed');
select is(pg_temp.ends_in('13 days', renewed => false), 'token_expiring 1', 'until it could not be');
select is((select a.details from sync.alerts a where a.resolved_at is null), 'it answered 503', 'with the reason');
select is(pg_temp.ends_in('15 days', renewed => false), null, 'while a failure may yet pass there is time');

update gazelle.token set error = '{"code": "gazelle_unauthorized", "message": "refused", "hint": "connect"}';
select gazelle.check_token();
select is(pg_temp.alerts(), 'token_refused 1', 'a refusal does not pass: it alarms at once');
select sync_use_api_key();
select is(gazelle.check_token(), 0, 'with an API key no token matters');
select is(sync_token_status() ->> 'way', 'api_key', 'which the status says');

select * from finish();
rollback;
