-- The inventory of an institution: its pianos without the hidden ones, with last service, badge and why.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.rows_for(actor name, query text) returns text[] language plpgsql as $$
declare found text[];
begin
  perform set_config('role', actor, true);
  execute format('select array_agg(q::text) from (%s) q', query) into found;
  perform set_config('role', 'none', true);
  return found;
exception when others then return array[sqlstate];
end $$;
select set_config('request.jwt.claims', '{"sub": "1b4e28ba-2fa1-41d2-883f-0016d3cca427"}', true);

-- As the sync.
set local role gazelle_sync;
insert into gazelle_clients (external_id, company_name) values ('cli_1', 'Place des Arts'), ('cli_2', 'Madame Roy');
insert into gazelle_pianos (external_id, client_external_id, location, make, status, dampp_chaser_installed)
values ('ins_1', 'cli_1', 'Scène', 'Steinway', 'ACTIVE', true), ('ins_2', 'cli_1', 'Loge', 'Yamaha', 'INACTIVE', false),
  ('ins_3', 'cli_1', 'Loge', 'Kawai', 'ACTIVE', false), ('ins_4', 'cli_1', 'Cave', 'Heintzman', 'ACTIVE', true),
  ('ins_5', 'cli_2', 'Salon', 'Lesage', 'ACTIVE', true);
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type)
values ('tle_1', 'ins_1', '2025-03-01Z', 'SERVICE_ENTRY_MANUAL'), ('tle_2', 'ins_1', '2025-09-01Z', 'SERVICE_ENTRY_AUTOMATED'),
  ('tle_3', 'ins_1', '2025-12-01Z', 'USER_COMMENT'), ('tle_4', 'ins_2', '2025-12-01Z', 'ESTIMATE_SENT');
reset role;
select is(pg_temp.rows_for('authenticated', 'select slug from institution_overview'), null, 'no tag, no institution');

-- As people, and as the detector.
update gazelle_clients set tags = '{institutional}' where external_id = 'cli_1';
update gazelle_pianos set tags = '{Non}' where external_id = 'ins_4';
update gazelle_pianos set dampp_chaser_installed = true where external_id = 'ins_3';
set local role pls_detector;
update gazelle_pianos set dampp_chaser_installed = true where external_id = 'ins_2';
reset role;

select is(pg_temp.rows_for('authenticated', 'select slug, display_name, pianos, hidden_pianos, badges from institution_overview'),
  '{"(place-des-arts,\"Place des Arts\",4,1,4)"}', 'the institution, with what it has');
select is(
  pg_temp.rows_for(actor, 'select piano_external_id as id, place, make, status, last_service_at at time zone ''UTC'' as at,
    has_badge, badge_reason from institution_inventory where slug = ''place-des-arts'' order by 1'),
  '{"(ins_1,Scène,Steinway,ACTIVE,\"2025-09-01 00:00:00\",t,\"Gazelle says so\")",
    "(ins_2,Loge,Yamaha,INACTIVE,,t,\"the shop''s notes say so\")",
    "(ins_3,Loge,Kawai,ACTIVE,,t,\"a person says so\")"}',
  format('%s sees the inventory', actor))
from unnest('{authenticated,service_role}'::name[]) actor;
update gazelle_pianos set dampp_chaser_installed = false where external_id = 'ins_2';
select is(pg_temp.rows_for('authenticated', 'select has_badge, badge_source, badge_reason, badge_since
    from institution_inventory where piano_external_id = ''ins_2'''), '{"(f,,,)"}', 'a badge taken away has no reason');
select is(pg_temp.rows_for('anon', 'table ' || relation), '{42501}', 'a visitor may not look at ' || relation)
from unnest('{institution_overview,institution_inventory}'::text[]) relation;

update gazelle_clients set tags = '{}' where external_id = 'cli_1';
select is(pg_temp.rows_for('authenticated', 'select piano_external_id from institution_inventory'), null, 'untagged, it is gone');
select is(pg_temp.rows_for('authenticated', 'select slug from institution_config'), '{(place-des-arts)}', 'but its configuration');
update gazelle_clients set tags = '{INSTITUTIONAL}' where external_id = 'cli_1';
select is(cardinality(pg_temp.rows_for('authenticated', 'select 1 from institution_inventory')), 3, 'and it comes back');
select set_config('request.jwt.claims', '{}', true);
select is(pg_temp.rows_for('authenticated', 'table ' || relation), null, 'without a user, nothing in ' || relation)
from unnest('{institution_overview,institution_inventory,institution_config}'::text[]) relation;

select * from finish();
rollback;
