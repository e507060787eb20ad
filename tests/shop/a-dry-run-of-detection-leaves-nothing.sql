-- A dry run reports what a pass would do, and does none of it.
begin;
set local search_path = public, extensions;
select plan(6);

set local role gazelle_sync;
insert into gazelle_pianos (external_id) values ('ins_1');
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, title)
values ('tme_1', 'ins_1', '2024-01-01', 'USER_COMMENT', 'PLS installé');
reset role;
create temporary table rehearsal on commit drop as select detect_pls(dry_run => true) as report;

select is((report ->> 'badges_set')::integer, 1, 'it counts the badge') from rehearsal;
select is((select dampp_chaser_installed from gazelle_pianos where external_id = 'ins_1'), null, 'which is not set');
select is_empty($$ select * from pls_evidence $$, 'no evidence is kept');
select is_empty($$ select * from ownership.marks $$, 'no mark is taken');
select is(
  detect_pls() - 'mark', (select report from rehearsal) - 'mark' || '{"dry_run": false}',
  'the pass after it does what it said');
select is((select dampp_chaser_installed from gazelle_pianos where external_id = 'ins_1'), true, 'and sets the badge');

select * from finish();
rollback;
