-- Rules are data: people add, change and disable them; one that could not work is refused by its name.
begin;
set local search_path = public, extensions;
select plan(24);

create function pg_temp.refuses(kind text, pattern text, fault text) returns text language sql as $$
  select is(r.code || ' ' || r.message || ' ' || r.detail,
    format('PT422 rule ''mine'' cannot be used: %s The pattern is %s.', fault, pattern), fault)
  from tests.refusal(format('insert into pls_rules (name, kind, pattern, grade) values (''mine'', %L, %L, %L)', kind,
    pattern, case when kind in ('for', 'against') then 'strong' end)) r
$$;
create function pg_temp.says(note text) returns text language sql as $$
  select coalesce((select j.says || ' ' || j.rule from pls.judge(array[note]) j order by j.place desc limit 1), 'silent')
$$;

select pg_temp.refuses('system', '(saunier', 'invalid regular expression: parentheses () not balanced');
select pg_temp.refuses('against', '{system} [', 'invalid regular expression: brackets [] not balanced');
select pg_temp.refuses('for', '{piano} installed', '{piano} stands for nothing here');
select pg_temp.refuses('system', 'new {system}', '{system} stands for nothing here');
select pg_temp.refuses('system', '(a)\1', 'it refers back to a group');
select pg_temp.refuses('system', 'x*', 'it matches the empty text, so every sentence');
select pg_temp.refuses('part', '  ', 'it is empty');
select pg_temp.refuses('system', '\S', 'it matches words that no rule knows, so every sentence');
select pg_temp.refuses('system', '(?i)oops', 'it begins with an option, and stands inside a larger expression');
select pg_temp.refuses('removed', 'retir(e|er)', '''retir(e|er)'' is no word of a list');
select pg_temp.refuses('against', repeat('{system}', 251), 'it has 2008 characters, and 2000 are allowed');
select pg_temp.refuses('system', '(x{1,200}){1,200}', 'its repetitions multiply to 40000, and 50 are allowed');
select pg_temp.refuses('part', '((a?b?c?d?e?f?g?){50})h', 'it takes more than half a second to compile');
select lives_ok($$insert into pls_rules (name, kind, pattern) values ('quick', 'system', '\mq[a-z]{2,9}k\M')$$, 'small counts are no fault');
select is(
  (tests.refusal($$insert into pls_rules (name, kind, pattern) values ('not_a_system', 'other', '\mdampp\M')$$)).message,
  'rule ''not_a_system'' contradicts rule ''dampp''', 'so is a rule that says something else of the same words');
select is(pls.slow_at('x'), null, 'the time that an expression takes is measured');
select is(
  (tests.refusal($$update pls_rules set cue = 'damp(' where name = 'dampp_chaser'$$)).detail,
  'The cue is damp(.', 'a cue is checked as well, and by an update too');

select is(pg_temp.says('Saunier ok.'), 'silent', 'a word that no rule knows says nothing');
set local role manual_editor;
insert into pls_rules (name, kind, pattern) values ('saunier', 'system', '\msaunier\M');
reset role;
select is(pg_temp.says('Saunier ok.'), 'for upkept', 'an operator teaches a name');
select is(pg_temp.says('SAUNIER RETIRÉ'), 'against removed', 'and the rules know at once what becomes of it');
set local role manual_editor;
insert into pls_rules (name, kind, priority, pattern) values ('toy', 'nothing', 200, '{system}.*jouet');
update pls_rules set enabled = false where name in ('removed', 'saunier');
reset role;
select is(pg_temp.says('Dampp-Chaser jouet'), 'nothing toy', 'the highest priority decides');
select is(pg_temp.says('PLS retiré'), 'for named', 'a disabled rule no longer reads');
select is(pg_temp.says('Saunier ok.'), 'silent', 'nor does a disabled word');
set local role service_role;
select throws_ok($$update pls_rules set enabled = true$$, '42501', 'permission denied for table pls_rules', 'no program writes them');
reset role;

select * from finish();
rollback;
