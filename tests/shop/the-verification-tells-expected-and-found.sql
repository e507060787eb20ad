-- The verification: a sound shop has what it should, and each kind of loss has its row, with examples.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.wrong() returns setof text language sql as $$
  select format('%s: expected %s, found %s %s', v.name, v.expected, v.found, v.examples)
  from shop.verify() v where not v.ok order by 1
$$;

set local role gazelle_sync;
insert into gazelle_clients (external_id, company_name) values ('cli_1', 'Place des Arts');
insert into gazelle_pianos (external_id, client_external_id) select 'ins_' || i, 'cli_1' from generate_series(1, 4) i;
insert into gazelle_users (external_id) values ('usr_1');
reset role;
update gazelle_clients set tags = '{institutional}';
update gazelle_pianos set tags = '{non}' where external_id = 'ins_4';
set local role pls_detector;
update gazelle_pianos set dampp_chaser_installed = true where external_id in ('ins_1', 'ins_2');
reset role;

select is_empty('select pg_temp.wrong()', 'a sound shop has nothing wrong');
select results_eq(
  $$ select name, expected, found from shop.verify() where name !~ 'names nothing|without|protect|trial|gone' order by name collate "C" $$,
  $$ values ('institutions tagged', 1::bigint, 1::bigint), ('pianos of place-des-arts', 3, 3),
    ('pianos with badge', 2, 2) $$, 'institutions, inventories and badges are counted');

create function pg_temp.breaks(what text, told text) returns text language plpgsql as $$
declare told_now text;
begin
  begin
    -- Past the guards.
    perform ownership_private.begin_engine_write(p.id) from ownership_private.policies p;
    execute what;
    perform ownership_private.end_engine_write(p.id) from ownership_private.policies p;
    select string_agg(w, E'\n') into told_now from pg_temp.wrong() w;
    raise exception 'enough' using errcode = 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return is(told_now, told, what);
  end;
end $$;

select pg_temp.breaks($$update gazelle_clients set tags = '{}'$$,
  E'institutions tagged: expected 1, found 0 {cli_1}\nprotected values: expected 4, found 3 {"public.gazelle_clients.tags of cli_1"}');
select pg_temp.breaks($$update gazelle_pianos set dampp_chaser_installed = false where external_id = 'ins_2'$$,
  E'pianos with badge: expected 2, found 1 {ins_2}\n'
  'protected values: expected 4, found 3 {"public.gazelle_pianos.dampp_chaser_installed of ins_2"}');
select pg_temp.breaks($$update gazelle_pianos set missing_since = now() where external_id = 'ins_3'$$,
  'pianos of place-des-arts: expected 3, found 2 {ins_3}');
select pg_temp.breaks($$update gazelle_pianos set client_external_id = 'cli_9' where external_id = 'ins_4'$$,
  'gazelle_pianos.client_external_id that names nothing: expected 0, found 1 {cli_9}');
select pg_temp.breaks($$update gazelle_pianos set client_external_id = null where external_id = 'ins_4'$$,
  'pianos without a client: expected 0, found 1 {ins_4}');
select pg_temp.breaks($$insert into gazelle_users (external_id) values ('')$$, 'users without an external id: expected 0, found 1 {""}');
select pg_temp.breaks($$insert into gazelle_timeline_entries (external_id, piano_id, user_id) values ('tle_1', 'ins_9', 'usr_9')$$,
  E'gazelle_timeline_entries.piano_id that names nothing: expected 0, found 1 {ins_9}\n'
  'gazelle_timeline_entries.user_id that names nothing: expected 0, found 1 {usr_9}');
select pg_temp.breaks($$insert into gazelle_appointments
  (external_id, technicien, piano_external_id, client_external_id) values ('evt_1', 'usr_8', 'ins_8', 'cli_8')$$,
  E'gazelle_appointments.client_external_id that names nothing: expected 0, found 1 {cli_8}\n'
  'gazelle_appointments.piano_external_id that names nothing: expected 0, found 1 {ins_8}\n'
  'gazelle_appointments.technicien that names nothing: expected 0, found 1 {usr_8}');
select pg_temp.breaks($$delete from gazelle_users;
  insert into gazelle_appointments (external_id, technicien) values ('evt_1', 'usr_8')$$, null);
select pg_temp.breaks($$update institution_config set client_external_id = 'cli_7'$$,
  'institution_config.client_external_id that names nothing: expected 0, found 1 {cli_7}');
alter table gazelle_pianos disable trigger "~~ownership_guard";
select ok((select string_agg(w, ' ') from pg_temp.wrong() w)
  like '%protection: expected 0, found 1 %~~ownership%', 'a guard that is off');

select * from finish();
rollback;
