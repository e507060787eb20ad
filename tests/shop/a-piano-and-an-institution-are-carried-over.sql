-- What can be carried over beside a client with its tags: a piano, and an institution into another one.
begin;
set local search_path = public, extensions;
select plan(14);

set local role gazelle_sync;
insert into gazelle_clients (external_id, company_name)
values ('cli_a', 'Conservatoire'), ('cli_b', 'Place des Arts'), ('cli_c', 'Autre');
insert into gazelle_pianos (external_id, client_external_id, location, dampp_chaser_installed)
values ('ins_1', 'cli_a', '', false), ('ins_2', 'cli_b', '', false), ('ins_3', 'cli_b', 'Loge', false);
reset role;
update gazelle_pianos set location = 'Salle 4', tags = '{non}', dampp_chaser_installed = true
where external_id = 'ins_1';
update gazelle_pianos set missing_since = now() where external_id = 'ins_1';

select is((tests.refusal(format('select shop.carry_over(%L, %L)', gone, receiver))).code, 'PT404', told)
from (values
  ('ins_1', 'ins_1', 'not to itself'), ('ins_1', 'ins_x', 'not to nobody'), ('ins_1', 'cli_b', 'not to another kind'),
  ('ins_9', 'ins_2', 'not from nobody'), (null, 'ins_2', 'nor from nothing')) r (gone, receiver, told);
set local role service_role;
select throws_ok($$ select shop.carry_over('ins_1', 'ins_2') $$, '42501', null, 'not by a program');
reset role;
select set_eq($$ select action || ' ' || col from shop.carry_over('ins_1', 'ins_3') $$,
  array['would carry tags', 'would carry dampp_chaser_installed', 'stays location'], 'what stands there stays');
select set_eq($$ select action || ' ' || col from shop.carry_over('ins_1', 'ins_2', dry_run => false) $$,
  array['carried location', 'carried tags', 'carried dampp_chaser_installed'], 'false is no badge, and nothing no place');
select results_eq($$ select location, tags, dampp_chaser_installed from gazelle_pianos where external_id = 'ins_2' $$,
  $$ values ('Salle 4', '{non}'::text[], true) $$, 'a piano has what people knew of the other');
select is_empty('select * from shop.left_behind()', 'and nothing is left behind');

update gazelle_clients set tags = '{institutional}' where external_id in ('cli_a', 'cli_b');
update institution_config set notes = 'ours', active = false, display_name = 'Conservatoire de musique'
where client_external_id = 'cli_a';
update institution_config set display_name = 'PdA' where client_external_id = 'cli_b';
update institution_config set slug = 'conservatoire-1' where client_external_id = 'cli_a';
update gazelle_clients set missing_since = now() where external_id = 'cli_a';
select set_eq($$ select concat_ws(' ', action, col, carried_value, detail)
    from shop.carry_over('cli_a', 'cli_b', dry_run => false) $$,
  array['carried active false from cli_a', 'carried notes "ours" from cli_a',
    'stays display_name "Conservatoire de musique" postgres owns it',
    'stays slug "conservatoire-1" each institution has its own'],
  'an institution takes what it has not of its own');
select results_eq($$ select client_external_id, notes, active from institution_config order by 1 $$,
  $$ values ('cli_a', 'ours', false), ('cli_b', 'ours', false) $$, 'a configuration that stays is nobody''s to lose');
select results_eq('select key, owned from shop.left_behind()',
  $$ values ('cli_a', array['configuration conservatoire-1']) $$, 'and is told until it is deleted');
delete from institution_config where client_external_id = 'cli_a';
select is_empty('select * from shop.left_behind()', 'by a person');

select * from finish();
rollback;
