-- The newest decisive word gives or takes the badge: install after removal, removal after install.
begin;
set local search_path = public, extensions;
select plan(11);

create function pg_temp.entry(piano text, at date, note text) returns void language sql as $$
  insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
  values (piano || at, piano, at, 'SERVICE_ENTRY_MANUAL', note)
$$;
create function pg_temp.badge(piano text) returns boolean language sql as $$
  select coalesce(dampp_chaser_installed, false) from gazelle_pianos where external_id = piano
$$;
create function pg_temp.detected() returns void language sql as $$ select detect_pls() $$;

set local role gazelle_sync;
insert into gazelle_pianos (external_id, notes, dampp_chaser_installed, dampp_chaser_mfg_date) values
  ('ins_noted', null, false, null), ('ins_taken_out', null, false, null), ('ins_put_back', null, null, null),
  ('ins_both', null, null, null), ('ins_old_note', 'Dampp-Chaser sous le clavier', false, null),
  ('ins_said_none', 'PLS retiré', false, null),
  ('ins_made_2012', null, true, '2012-05-01'), ('ins_made_2020', null, true, '2020-05-01'), ('ins_undated', null, true, null);
select pg_temp.entry('ins_noted', '2019-03-01', 'Buvards changés.');
select pg_temp.entry('ins_taken_out', '2018-03-01', 'PLS installé'), pg_temp.entry('ins_taken_out', '2020-03-01', 'PLS retiré');
select pg_temp.entry('ins_put_back', '2018-03-01', 'PLS retiré'), pg_temp.entry('ins_put_back', '2020-03-01', 'PLS installé');
select pg_temp.entry('ins_both', '2020-03-01', 'PLS retiré. Nouveau Dampp-Chaser posé.');
select pg_temp.entry('ins_old_note', '2018-03-01', 'Dampp-Chaser retiré');
select pg_temp.entry('ins_said_none', '2018-03-01', 'Dampp-Chaser rempli');
select pg_temp.entry(p, '2018-03-01', 'Dampp-Chaser removed')
from unnest('{ins_made_2012,ins_made_2020,ins_undated}'::text[]) p;
reset role;
select pg_temp.detected();

select ok(pg_temp.badge('ins_noted'), 'a note alone gives the badge');
select ok(not pg_temp.badge('ins_taken_out'), 'a removal after an install: none');
select ok(pg_temp.badge('ins_put_back'), 'an install after a removal: the badge');
select ok(pg_temp.badge('ins_both'), 'within a note the last sentence counts');
select ok(not pg_temp.badge('ins_old_note'), 'the piano''s own note has no date, and yields to a dated removal');
select ok(not pg_temp.badge('ins_said_none'), 'a removal in it counts from when it was read');
select ok(not pg_temp.badge('ins_made_2012'), 'a removal after the system was made overrules Gazelle''s true');
select ok(pg_temp.badge('ins_made_2020'), 'a system made after the removal stays');
select ok(pg_temp.badge('ins_undated'), 'an undated true of Gazelle counts from when it was first seen');

set local role gazelle_sync;
select pg_temp.entry('ins_taken_out', '2022-03-01', 'Nouveau PLS, buvards neufs');
select pg_temp.entry('ins_put_back', '2022-03-01', 'PLS enlevé');
update gazelle_pianos set dampp_chaser_installed = true where external_id = 'ins_made_2012';
reset role;
select pg_temp.detected();
select is(
  array[pg_temp.badge('ins_taken_out'), pg_temp.badge('ins_put_back')], '{true,false}', 'and so with each newer note');
select ok(not pg_temp.badge('ins_made_2012'), 'Gazelle repeating its true does not make it newer');

select * from finish();
rollback;
