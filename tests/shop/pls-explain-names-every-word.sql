-- pls_explain tells who says what, since when and by which rule; what decides stands first.
begin;
set local search_path = public, extensions;
select plan(5);

set local role gazelle_sync;
insert into gazelle_pianos (external_id, dampp_chaser_installed, dampp_chaser_mfg_date, dampp_chaser_humidistat_model)
values ('ins_1', true, '2012-05-01', 'H-4'), ('ins_2', null, null, null);
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description) values
  ('tme_1', 'ins_1', '2014-01-01Z', 'SERVICE_ENTRY_MANUAL', E'La 440.\nRecommandé un PLS neuf. PLS débranché!'),
  ('tme_2', 'ins_1', '2019-01-01Z', 'USER_COMMENT', 'Enlevé le PLS, 21C, 39%');
reset role;
set local timezone = 'UTC';
select detect_pls();

prepare explained as
  select decides, says, grade, source, occurred_at::date, rule, sentence, entry_id from pls_explain('ins_1');
select results_eq('explained', $$ values
  (true, 'against', 'strong', 'notes', '2019-01-01'::date, 'removed', 'Enlevé le PLS, 21C, 39%', 'tme_2'),
  (false, 'for', 'strong', 'notes', '2014-01-01', 'upkept', 'PLS débranché!', 'tme_1'),
  (false, 'for', 'strong', 'gazelle', '2012-05-01', null, 'damppChaserInstalled: true, model H-4, made 2012-05-01', null) $$,
  'the newest evidence decides');
update gazelle_pianos set dampp_chaser_installed = true where external_id = 'ins_1';
select results_eq(
  $$ select decides, says, source, sentence from pls_explain('ins_1') limit 2 $$,
  $$ values (true, 'for', 'person', 'postgres wrote true'), (false, 'against', 'notes', 'Enlevé le PLS, 21C, 39%') $$,
  'a person''s word decides over it');
select results_eq(
  $$ select decides, says, source, sentence from pls_explain('ins_2') $$,
  $$ values (false, 'nothing', 'gazelle', 'damppChaserInstalled is not true') $$,
  'where nobody says anything, nothing decides');

select throws_ok($$ select * from pls_explain('ins_3') $$, 'PT404', 'there is no piano ''ins_3''', 'an unknown piano');
select throws_ok($$ select detect_pls(piano_limit => 0) $$, 'PT422', 'piano_limit is 0, and must be at least 1', 'a pass over nothing');

select * from finish();
rollback;
