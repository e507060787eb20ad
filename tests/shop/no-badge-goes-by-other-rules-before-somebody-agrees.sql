-- Rules that change, here by an upgrade, take no badge: what they would take is told, listed, and taken once an
-- operator agrees. Nor does one pass take many badges.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.pass(key text, dry_run boolean default false) returns integer language sql as $$
  select (detect_pls(dry_run => pass.dry_run) ->> key)::integer
$$;
create function pg_temp.badges() returns integer language sql as $$
  select count(*)::integer from gazelle_pianos where dampp_chaser_installed
$$;
create function pg_temp.alert() returns text language sql as $$
  select string_agg(message, ' ') from sync.alerts where kind = 'badges_held' and resolved_at is null
$$;

set local role gazelle_sync;
insert into gazelle_pianos (external_id) select 'ins_' || i from generate_series(1, 20) i;
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
select 'tme_' || i, 'ins_' || i, '2024-01-01', 'USER_COMMENT', case when i = 1 then 'Buvards neufs' else 'PLS rempli' end
from generate_series(1, 20) i;
reset role;
select is(pg_temp.pass('badges_set'), 20, 'twenty badges');

select pls.ship(jsonb_agg(to_jsonb(r) || '{"enabled": false}')) from pls_rules r where r.name = 'supplied';
select is(pg_temp.pass('badges_held', true), 1, 'a dry run tells what the rules of an upgrade would take');
select is(pg_temp.pass('badges_held'), 1, 'the pass holds it back');
select is(pg_temp.badges(), 20, 'and takes nothing');
select is(pg_temp.alert(), 'badges would be taken, and were not: 1', 'an alert tells of it');
select is((select piano || ' ' || reason from pls_to_check), 'ins_1 the badge is no longer proved', 'the list shows it');
set local role manual_editor;
select pls_accept();
reset role;
select is(pg_temp.pass('badges_taken'), 1, 'once it is agreed to, the next pass takes it');
select is(pg_temp.alert(), null, 'and the alert is closed');
select tests.refuses('select pls_accept()', 'PT409', 'no badge is held back',
  'The rules are those that were agreed to, and every badge is proved by them.',
  'Nothing: where a pass holds badges back, an alert says so.');

update gazelle_timeline_entries set description = 'PLS retiré' where external_id in ('tme_2', 'tme_3');
select is(pg_temp.pass('badges_taken'), 2, 'notes take a few badges at once');
truncate gazelle_timeline_entries;
select is(pg_temp.pass('badges_held'), 17, 'but not all of a shop');
select is(pg_temp.badges(), 17, 'they stay');
set local role service_role;
select throws_ok('select pls_accept()', '42501', 'permission denied for function pls_accept', 'no program agrees');
reset role;

select * from finish();
rollback;
