-- Rules come with each release. What a shop wrote into one is a claim: a release neither switches it on again nor takes
-- its words; it is known what was offered, and the shop can take it.
begin;
set local search_path = public, extensions;
select plan(16);

create function pg_temp.rule(rule text) returns text language sql as $$
  select concat_ws(' ', r.enabled, r.priority, r.pattern, r.cue) from pls_rules r where r.name = rule
$$;
create function pg_temp.owned() returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', key, col, writer), ', ' order by key, col), 'nothing') from ownership.claims
  where tbl = 'pls_rules'::regclass
$$;
create function pg_temp.says(note text) returns text language sql as $$
  select coalesce((select concat_ws(' ', j.rule, j.says) from pls.judge(array[note]) j), 'silent')
$$;

select is(pg_temp.owned(), 'nothing', 'what an install brings nobody owns');
select pls.ship('[{"name": "newcomer", "kind": "system", "pattern": "\\mnewcomer\\M", "cue": "newcomer"},
  {"name": "gone", "kind": "gone", "pattern": "gone"},
  {"name": "put_en", "kind": "put", "pattern": "installed popped_in"}]');
select is(pg_temp.rule('newcomer'), 't 50 \mnewcomer\M newcomer', 'a release brings a rule');
select is(pg_temp.rule('put_en'), 't 50 installed popped_in', 'and changes one');
select is(pg_temp.owned(), 'nothing', 'and owns none of it');
select is(pg_temp.says('PLS popped in'), 'installed for', 'it reads by them');

set local role manual_editor;
update pls_rules set enabled = false where name = 'newcomer';
update pls_rules set pattern = 'gone evapor*' where name = 'gone';
insert into pls_rules (name, kind, pattern) values ('ours', 'part', '\mours\M');
reset role;
select is(pg_temp.says('PLS evaporated'), 'removed against', 'a shop edits a rule');
select pls.ship('[{"name": "newcomer", "kind": "system", "pattern": "\\mnew ?comer\\M", "cue": null},
  {"name": "gone", "kind": "gone", "pattern": "gone vanished", "priority": 60},
  {"name": "theirs", "kind": "system", "pattern": "\\mours\\M"},
  {"name": "put_en", "kind": "put", "pattern": "popped_in", "enabled": false}]');
select is(pg_temp.rule('newcomer'), 'f 50 \mnew ?comer\M', 'what the shop switched off stays off, and gets what else is new');
select is(pg_temp.rule('gone'), 't 60 gone evapor*', 'words that the shop wrote stay');
select is(pg_temp.says('PLS evaporated'), 'removed against', 'and are read');
select is(pg_temp.rule('put_en'), 'f 50 popped_in', 'what a release drops is switched off, where no shop wrote');
select is(pg_temp.rule('ours') || ', ' || pg_temp.rule('theirs'), 't 50 \mours\M, f 50 \mours\M',
  'a shipped rule that contradicts the shop''s waits, switched off');
select is((select offered #>> '{}' from ownership.explain('pls_rules', 'gone', 'pattern')), 'gone vanished',
  'what was offered is known');
select ownership.release('pls_rules', 'gone', 'pattern');
select is(pg_temp.rule('gone'), 't 60 gone vanished', 'and can be taken');
select is_empty('select * from ownership.health()', 'the rules are protected');

select throws_ok($$update pls_rules set pattern = '(' where name = 'newcomer'$$, 'PT422', null,
  'what cannot work is refused in a rule that is switched off, too');

set local role service_role;
select throws_ok($$select pls.ship('[]')$$, '42501', null, 'no program ships rules');
reset role;

select * from finish();
rollback;
