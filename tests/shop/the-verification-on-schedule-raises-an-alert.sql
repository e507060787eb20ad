-- The verification on schedule: what is not as expected is an alert, told anew when it changes, and so is the token.
begin;
set local search_path = public, extensions;
select plan(7);

create function pg_temp.open_alerts() returns text[]
language sql
as $$ select array_agg(concat_ws(' ', job, kind, details) order by id) from sync.alerts where resolved_at is null $$;

insert into gazelle_clients (external_id) values ('cli_1');
select sync.tick('verify');
select is((select outcome from sync.calls), 'ok', 'it is on record');
select is(pg_temp.open_alerts(), null, 'and alarms nobody where all is well');

insert into gazelle_pianos (external_id, client_external_id) values ('ins_1', 'cli_gone');
select sync.tick('verify');
select matches(array_to_string(pg_temp.open_alerts(), ' '),
  '^verify reference_dangling ins_1$|cli_gone', 'what is not as expected is an alert, with examples');
update sync.alerts set posted_at = clock_timestamp();
select sync.tick('verify'), sync.tick('watch');
select is((select array[count(*), count(posted_at)] from sync.alerts), array[1, 1]::bigint[], 'one, while it is the same');
insert into gazelle_pianos (external_id) values ('ins_2');
select sync.tick('verify');
select is((select array[count(*), count(posted_at)] from sync.alerts), array[1, 0]::bigint[],
  'what comes to it is told with it, anew');
delete from gazelle_pianos;
select sync.tick('watch');
select is(pg_temp.open_alerts(), null, 'and the watch closes what is in order again');

update gazelle.token set way = 'oauth', expires_at = clock_timestamp() + interval '13 days';
select sync.tick('watch');
select is(pg_temp.open_alerts(), '{token_expiring}', 'a token that ends soon is told');

select * from finish();
rollback;
