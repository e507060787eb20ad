-- A client is merged into another in Gazelle: what people own of the sender is told, and goes to the receiver.
begin;
set local search_path = public, extensions;
select plan(15);

set local role gazelle_sync;
insert into gazelle_clients (external_id, company_name, preference_notes)
values ('cli_a', 'Place des Arts', ''), ('cli_b', 'PdA inc.', 'upstream'), ('cli_c', 'Autre', '');
insert into gazelle_pianos (external_id, client_external_id)
select 'ins_' || i, 'cli_a' from generate_series(1, 16) i;
reset role;
update gazelle_clients set tags = '{institutional,vip}' where external_id = 'cli_a';
update gazelle_clients set personal_notes = 'sonner', preference_notes = 'le matin', company_name = 'PdA' where external_id = 'cli_a';
update gazelle_clients set tags = '{concert}' where external_id = 'cli_b';
update institution_config set notes = 'ours' where client_external_id = 'cli_a';
select is_empty('select * from shop.left_behind()', 'what is in Gazelle is not left behind');
select tests.refuses($$ select shop.carry_over('cli_a', 'cli_b') $$, 'PT409', '''cli_a'' is not gone',
  'Gazelle still has it. A record is gone when two complete reads in a row lack it.',
  'Wait for the next complete run of its stream.');

-- The pianos change client in a run, and the sender is gone.
insert into sync.runs (stream, status, step, started_by, mark, lease_seconds, lease_until,
  finished_at) values ('pianos', 'complete', 'finish', 'test', 1, 9, now(), now());
insert into sync.changes (run_id, external_id, was, became)
select (select max(id) from sync.runs), 'ins_' || i, '{"client_external_id": "cli_a"}',
  '{"client_external_id": "cli_b"}' from generate_series(1, 16) i;
update gazelle_pianos set client_external_id = 'cli_b';
update gazelle_clients set missing_since = now() where external_id = 'cli_a';

select results_eq('select key, owned from shop.left_behind()', $$ values ('cli_a', array['company_name',
  'configuration place-des-arts', 'personal_notes', 'preference_notes', 'tags: institutional, vip']) $$,
  'told: which columns, tags and configuration stand on whom');
select is((select v.examples[1] from shop.verify() v where v.name ~ '^gone'), 'cli_a PdA: company_name; '
  'configuration place-des-arts; personal_notes; preference_notes; tags: institutional, vip; 16 of its '
  'pianos and 0 other records are now with cli_b: etiquette carry cli_a cli_b',
  'the verification says where the pianos went, and what to type');

create function pg_temp.carried(receiver text, over_cols name[] default '{}', dry boolean default true)
returns setof text
language sql
as $$
  select concat_ws(' ', c.action, c.col, c.carried_value, c.detail)
  from shop.carry_over('cli_a', receiver, over_cols, dry) c order by 1
$$;
create function pg_temp.told(dry boolean) returns text[]
language sql
as $$ select array[
  d || ' client_external_id "place-des-arts" the whole configuration',
  d || ' personal_notes "sonner" from cli_a',
  d || ' tags ["concert", "institutional", "vip"] from cli_a',
  'stays company_name "PdA" something else stands there',
  'stays preference_notes "le matin" something else stands there']
  from (select case when dry then 'would carry' else 'carried' end as d) o $$;
select set_eq($$ select pg_temp.carried('cli_b') $$, pg_temp.told(true), 'a dry run tells each');
select is((select tags from gazelle_clients where external_id = 'cli_b'), '{concert}', 'and writes nothing');
select set_eq($$ select pg_temp.carried('cli_b', dry => false) $$, pg_temp.told(false), 'then it is done');
select results_eq($$ select tags, personal_notes, company_name, preference_notes from gazelle_clients
  where external_id = 'cli_b' $$, $$ values ('{concert,institutional,vip}'::text[], 'sonner', 'PdA inc.', 'upstream') $$,
  'the receiver has what people owned, and its own');
select results_eq($$ select slug, display_name, notes from institution_config where
  client_external_id = 'cli_b' $$, $$ values ('place-des-arts', 'Place des Arts', 'ours') $$,
  'the institution has its address, name and notes');
select is((select pianos from institution_overview), 16, 'and its pianos; the sender is none any more');
select results_eq('select key, owned from shop.left_behind()',
  $$ values ('cli_a', array['company_name', 'preference_notes']) $$, 'what stayed is still told');
select is((select writer from ownership.claims where key = 'cli_b' and col = 'personal_notes'), 'postgres', 'with its owner');
set local role gazelle_sync;
update gazelle_clients set tags = '{}', personal_notes = 'theirs' where external_id = 'cli_b';
reset role;
select results_eq($$ select tags, personal_notes from gazelle_clients where external_id = 'cli_b' $$,
  $$ values ('{concert,institutional,vip}'::text[], 'sonner') $$, 'no sync takes it');

update gazelle_clients set company_name = 'PdA Montréal' where external_id = 'cli_b';
select set_eq($$ select pg_temp.carried('cli_b', '{company_name,preference_notes}', false) $$,
  array['carried preference_notes "le matin" from cli_a', 'stays company_name "PdA" postgres owns it'], 'by name also over what Gazelle has there, and not over what people own');
select ownership.release('gazelle_clients', 'cli_a', 'company_name');
select is_empty('select * from shop.left_behind()', 'what nobody needs is released, and nothing is left behind');

select * from finish();
rollback;
