-- The token is got by one caller at a time, and a new one in the settings displaces what Vault holds.
begin;
set local search_path = public, extensions;
select plan(15);

create function pg_temp.claim(refused text default null, configured text default 'configured')
returns jsonb language sql as $$
  select public.sync_claim_token(configured, null, refused)
$$;

create temporary table task on commit drop as
select r.* from jsonb_to_record(pg_temp.claim()) r (refresh_token text, lease uuid);
select is((select refresh_token from task), 'configured', 'the first caller is to get one with the token of the settings');
select is(pg_temp.claim(), '{}', 'the second waits meanwhile');
update gazelle.token set lease_until = clock_timestamp() - interval '1 second';
create temporary table later on commit drop as
select r.* from jsonb_to_record(pg_temp.claim()) r (refresh_token text, lease uuid);
select is((select refresh_token from later), 'configured', 'a caller that was killed blocks the others for a minute');
select throws_ok($$ select sync_put_token(lease, 'a-1', 'r-1', 3600) from task $$, 'PT409', null,
  'and may not store any more');

select sync_put_token(lease, 'a-1', 'r-1', 86400) from later;
select is(pg_temp.claim(), '{"access_token": "a-1"}', 'once stored it serves everybody');
select is(pg_temp.claim('a-0'), '{"access_token": "a-1"}', 'also him whose older one was refused');
select is(pg_temp.claim('a-1') ->> 'refresh_token', 'r-1', 'refused itself, it is to be got anew');
select is(pg_temp.claim(), '{"access_token": "a-1"}', 'while who knows no better goes on with it');

update gazelle.token set lease_until = clock_timestamp(), renew_at = clock_timestamp();
create temporary table early on commit drop as
select r.* from jsonb_to_record(pg_temp.claim()) r (access_token text, refresh_token text, lease uuid);
select is((select array[access_token, refresh_token] from early), '{a-1,r-1}', 'from half of its life a new one is got, while it serves');
select sync_put_token(lease, error => '{"code": "gazelle_unavailable"}') from early;
select is(pg_temp.claim(), '{"access_token": "a-1"}', 'it goes on serving where that fails, and is not tried at each call');
select is(sync_token_status() -> 'error' ->> 'code', 'gazelle_unavailable', 'which the status tells');

select sync.keep_secret('gazelle_refresh_token', '');
update gazelle.token set renew_at = clock_timestamp();
select is(pg_temp.claim(configured => null), '{"access_token": "a-1"}', 'without a refresh token it serves to its end');
update gazelle.token set expires_at = clock_timestamp();
select is(pg_temp.claim(configured => null), '{"is_connected": false}', 'and then there is none');

select is(pg_temp.claim(configured => 'new') ->> 'refresh_token', 'new',
  'a new token in the settings counts, whatever Vault holds');
select ok(not has_table_privilege('gazelle_sync', 'gazelle.token', 'select')
  and not has_table_privilege('service_role', 'gazelle.token', 'select'), 'nobody else reads the table');

select * from finish();
rollback;
