-- A badge that the notes proved shows the newest sentence that speaks for it; a person's word shows none.
begin;
set local search_path = public, extensions;
select plan(3);

create function pg_temp.reason() returns text language sql as $$
  select i.badge_reason from institution_inventory i
$$;
insert into gazelle_clients (external_id, company_name, tags) values ('cli_1', 'Place des Arts', '{institutional}');
set local role gazelle_sync;
insert into gazelle_pianos (external_id, client_external_id) values ('ins_1', 'cli_1');
reset role;
set local role pls_detector;
update gazelle_pianos set dampp_chaser_installed = true;
reset role;
select is(pg_temp.reason(), 'the shop''s notes say so', 'without a sentence');
insert into pls_evidence (piano_id, source, entry_id, rule, says, grade, sentence, occurred_at)
select 'ins_1', 'notes', entry, (select r.name from pls_rules r limit 1), says, 'strong', sentence, at
from (values ('tle_1', 'for', 'PLS installé.', '2024-01-01Z'::timestamptz), ('tle_2', 'for', 'Buvards changés.', '2025-01-01Z'),
  ('tle_3', 'against', 'PLS débranché.', '2025-02-01Z')) e (entry, says, sentence, at);
select is(pg_temp.reason(), 'the shop''s notes say so: Buvards changés.', 'the newest that speaks for it');
update gazelle_pianos set dampp_chaser_installed = false;
update gazelle_pianos set dampp_chaser_installed = true;
select is(pg_temp.reason(), 'a person says so', 'a person needs no sentence');

select * from finish();
rollback;
