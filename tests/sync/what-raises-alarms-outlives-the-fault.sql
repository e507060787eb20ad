-- Every look into Vault fails, as after a restore elsewhere: calls are on record, one alert is raised, and all else is
-- told.
begin;
set local search_path = public, extensions;
select plan(8);

create or replace function sync.secret(secret_name text) returns text language plpgsql stable as $$
begin raise exception 'pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext' using errcode = '22000'; end $$;
create function pg_temp.open_alerts() returns text[] language sql as $$
  select array_agg(concat_ws(' ', a.job, a.kind) order by a.id) from sync.alerts a where a.resolved_at is null
$$;

select sync.tick('clients'), sync.tick('pianos'), sync.tick('users');
select is((select count(*)::integer from sync.calls where outcome = 'failed' and error ~ 'ciphertext'), 3,
  'three calls that could not be made are on record');
alter table gazelle_pianos disable trigger "~~ownership_guard";
select sync.tick('watch');
select is(pg_temp.open_alerts(), '{watch cannot_tell,watch protection_weakened}',
  'one alert for all that cannot be told, and what else is wrong beside it');
select matches((select message from sync.alerts where kind = 'cannot_tell'), 'vault: the look .*\n?.*ciphertext');
select is((select last_error from sync.schedules where job = 'watch'),
  'alerts cannot be posted: alert_webhook_url in Vault is no address that pg_net takes', 'that it could not post is on record');
select is(shop_doctor() -> 'status' ->> 'state', 'cannot tell', 'the doctor is told all of it');
select ok(jsonb_array_length(shop_doctor() -> 'status' -> 'well') > 2, 'and what is well');

select sync.tick('watch');
select is((select count(*)::integer from sync.alerts), 2, 'no second one at the next look');
create or replace function sync.secret(secret_name text) returns text language sql stable as $$
  select nullif(d.decrypted_secret, '') from vault.decrypted_secrets d where d.name = secret.secret_name $$;
select ownership.repair();
select sync.tick('watch');
select is(pg_temp.open_alerts(), null, 'and both are over once the cause is gone');

select * from finish();
rollback;
