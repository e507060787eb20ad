-- A release judges what stands in the end, and stops for no rule of a shop; a rule that the shop made is the shop's,
-- whatever its name.
begin;
set local search_path = public, extensions;
select plan(9);

create function pg_temp.rule(rule text) returns text language sql as $$
  select concat_ws(' ', r.enabled, r.priority, r.pattern, r.cue) from pls_rules r where r.name = rule
$$;
select pls.ship('[{"name": "one", "kind": "for", "pattern": "alpha", "grade": "strong"},
  {"name": "two", "kind": "for", "pattern": "gamma", "grade": "strong"}]');
set local role manual_editor;
update pls_rules set pattern = 'alpha2' where name = 'one';
insert into pls_rules (name, kind, pattern, grade) values ('shop_against', 'against', 'beta', 'strong');
insert into pls_rules (name, kind, pattern) values ('shop_act', 'act', 'delta');
reset role;
select pls.ship('[{"name": "one", "kind": "for", "pattern": "beta", "grade": "strong"},
  {"name": "shop_against", "kind": "for", "pattern": "beta3", "grade": "weak", "priority": 10, "enabled": false},
  {"name": "shop_act", "kind": "for", "pattern": "beta3", "grade": "strong"}]');
select is(pg_temp.rule('one'), 't 50 alpha2', 'an edited rule is not switched off for words that were not taken');
select is(pg_temp.rule('shop_against') || ', ' || pg_temp.rule('shop_act'), 't 50 beta, t 50 delta',
  'a rule that the shop made is not the release''s to change');
set local role manual_editor;
update pls_rules set pattern = 'gamma' where name = 'one';
reset role;
select pls.ship('[{"name": "one", "kind": "for", "pattern": "alpha", "grade": "weak"}]');
select lives_ok($$update pls_rules set meaning = 'a note' where name = 'two'$$, 'and nothing that it lets in stops an edit');
select pls.ship('[{"name": "one", "kind": "for", "pattern": "omega", "grade": "strong"}]');
select ownership.release('pls_rules', 'one', 'pattern');
select pls.ship('[{"name": "one", "kind": "for", "pattern": "beta", "grade": "strong", "meaning": "new"}]');
select is(pg_temp.rule('one'), 't 50 omega',
  'a correction that contradicts a rule of the shop leaves the rule as it was, and at work');
update pls_rules set enabled = false where name = 'shop_against';
select pls.ship('[{"name": "one", "kind": "for", "pattern": "beta", "grade": "strong"}]');
select is(pg_temp.rule('one'), 't 50 beta', 'and is taken where that one is switched off');
select throws_ok($$update pls_rules set kind = 'unclear', grade = null where name = 'one'$$, 'PT422', null, 'a rule keeps its kind');
select throws_ok($$update pls_rules set kind = 'system' where name = 'shop_act'$$, 'PT422', null, 'one of the shop''s own, too');
select throws_ok($$update pls_rules set name = 'uno' where name = 'one'$$, 'PT422', null, 'a shipped rule keeps its name');
select lives_ok($$update pls_rules set name = 'still_ours' where name = 'shop_act'$$, 'the shop''s own takes another');

select * from finish();
rollback;
