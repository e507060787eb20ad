-- Who comes back from Gazelle: once, in time, with a state of which only the digest is kept.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.hash(state text) returns text language sql as $$
  select encode(sha256(convert_to(state, 'UTF8')), 'hex')
$$;
create temporary table begun on commit drop as
select s.state, (sync_begin_authorization(pg_temp.hash(s.state), 'http://127.0.0.1/back', 'key default', 'verifier of '
  || s.state) ->> 'id')::bigint as id
from unnest(array['one', 'other']) s (state);
create function pg_temp.take(state text) returns jsonb language sql as $$
  select sync_take_authorization(pg_temp.hash(take.state)) - 'id'
$$;

select is(pg_temp.take('neither'), '{"outcome": "unknown"}', 'a state that nobody gave out');
select is(sync_take_authorization('one'), '{"outcome": "unknown"}', 'the state itself is not what is kept');
select is(pg_temp.take('one'), '{"outcome": "taken", "verifier": "verifier of one",
  "redirect_url": "http://127.0.0.1/back"}', 'comes back with what was kept for it');
select is(pg_temp.take('one'), '{"outcome": "used"}', 'once');
select is((select count(*)::integer from gazelle.authorizations where verifier is not null), 1, 'a used verifier is gone');
update gazelle.authorizations set expires_at = clock_timestamp() where state_hash = pg_temp.hash('other');
select is(pg_temp.take('other'), '{"outcome": "expired"}', 'and in time');

select sync_end_authorization((select id from begun where state = 'one'), '{"code": "consent_denied"}');
select is((select error ->> 'code' from gazelle.authorizations where state_hash = pg_temp.hash('one')), 'consent_denied',
  'what came of it is on record');
select sync_end_authorization((select id from begun where state = 'one'), null);
select is((select error ->> 'code' from gazelle.authorizations where state_hash = pg_temp.hash('one')), 'consent_denied',
  'and stays so');
select throws_ok($$ select sync_begin_authorization('one', 'http://127.0.0.1/back', 'key default') $$, '23514', null,
  'a state that is no digest is not taken in');
select throws_ok($$ select sync_begin_authorization(pg_temp.hash('one'), 'http://127.0.0.1/back', 'key default') $$,
  '23505', null, 'nor one that was given out before');

update gazelle.authorizations set begun_at = clock_timestamp() - interval '25 hours';
select sync_begin_authorization(pg_temp.hash('new'), 'http://127.0.0.1/back', 'key default');
select is((select count(*)::integer from gazelle.authorizations), 1, 'those of another day are forgotten');
select ok(not has_table_privilege('gazelle_sync', 'gazelle.authorizations', 'select')
  and not has_table_privilege('service_role', 'gazelle.authorizations', 'select'), 'nobody else reads the table');
select hasnt_column('sync', 'authorizations', 'state', 'and it has no state in it');

select * from finish();
rollback;
