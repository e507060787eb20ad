-- A pass reads what is new or changed, and nothing else; a changed rule makes it read everything.
begin;
set local search_path = public, extensions;
select plan(17);

create function pg_temp.pass(variadic keys text[]) returns text language sql as $$
  with report as materialized (select detect_pls() as r)
  select string_agg(k || ' ' || (r ->> k), ', ' order by place) from report, unnest(keys) with ordinality k (k, place)
$$;
create function pg_temp.rules(piano text) returns text language sql as $$
  select coalesce(string_agg(rule, ', ' order by occurred_at, place), 'none') from pls_evidence where piano_id = piano
$$;

set local role gazelle_sync;
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, title, description)
select 'tme_' || n, 'ins_1', '2024-01-01'::date + n::integer, type, 'Accord', 'PLS OK'
from unnest('{SERVICE_ENTRY_MANUAL,SERVICE_ENTRY_AUTOMATED,USER_COMMENT,PIANO_MEASUREMENT,ESTIMATE,CONTACT_EMAIL_MANUAL,INVOICE}'::text[])
  with ordinality t (type, n);
insert into gazelle_pianos (external_id) values ('ins_1'), ('ins_2');
reset role;
select is(pg_temp.pass('pianos', 'notes_read', 'left'), 'pianos 2, notes_read 4, left 0',
  'entries that came before their piano are read, and only the four types that carry service text');
select is(pg_temp.pass('pianos', 'evidence_added'), 'pianos 0, evidence_added 0', 'then there is nothing to do');

update gazelle_timeline_entries set title = 'Tuning' where external_id = 'tme_1';
select is(pg_temp.pass('pianos', 'notes_read', 'evidence_added'), 'pianos 1, notes_read 1, evidence_added 0', 'one entry changes: one is read');
update gazelle_timeline_entries set missing_since = now() where external_id = 'tme_1';
select is(pg_temp.pass('pianos'), 'pianos 0', 'one that vanished upstream still counts');
update gazelle_timeline_entries set description = E'Rien.\nBuvards neufs.' where external_id = 'tme_1';
select is(pg_temp.pass('evidence_added', 'evidence_removed'), 'evidence_added 1, evidence_removed 1', 'its evidence follows it');
select is(pg_temp.rules('ins_1'), 'supplied, upkept, upkept, upkept', 'sentence by sentence');
update gazelle_timeline_entries set occurred_at = '2024-06-01' where external_id = 'tme_1';
select is(pg_temp.pass('evidence_added'), 'evidence_added 1', 'so does its date');
select is(pg_temp.rules('ins_1'), 'upkept, upkept, upkept, supplied', 'which puts it last');
update gazelle_timeline_entries set piano_id = 'ins_2' where external_id = 'tme_1';
select is(pg_temp.pass('pianos', 'badges_set'), 'pianos 2, badges_set 1', 'an entry moves to another piano');
select is(pg_temp.rules('ins_1') || ' | ' || pg_temp.rules('ins_2'), 'upkept, upkept, upkept | supplied', 'and its evidence with it');
delete from gazelle_timeline_entries where external_id = 'tme_1';
select is(pg_temp.pass('evidence_removed', 'badges_taken'), 'evidence_removed 1, badges_taken 1', 'or it goes');
update gazelle_pianos set notes = 'Dampp-Chaser plein' where external_id = 'ins_2';
select is(pg_temp.pass('pianos', 'badges_set'), 'pianos 1, badges_set 1', 'the piano''s own notes change');

update pls_rules set enabled = false where name in ('upkept', 'named');
select is(pg_temp.pass('pianos', 'evidence_removed', 'badges_held'), 'pianos 2, evidence_removed 4, badges_held 2',
  'rules are disabled: no badge goes before somebody agrees');
update pls_rules set enabled = true where name in ('upkept', 'named');
select is((detect_pls(piano_limit => 1) ->> 'left')::integer, 1, 'a pass may stop after some pianos');
select is(pg_temp.pass('pianos', 'left'), 'pianos 1, left 0', 'and the next goes on');
select is((detect_pls(true) - 'notes_read' - 'mark')::text, '{"left": 0, "pianos": 2, "dry_run": false, "full_pass": true, '
  '"overruled": 0, "badges_set": 0, "badges_held": 0, "badges_taken": 0, "evidence_added": 0, "evidence_removed": 0}', 'a full pass finds it all done');
truncate gazelle_timeline_entries;
select is(pg_temp.pass('evidence_removed', 'badges_taken'), 'evidence_removed 3, badges_taken 1', 'an emptied timeline speaks for nothing');

select * from finish();
rollback;
