-- A matrix has a shape, and merged by element it would lose it: a column of matrices is protected as a whole.
begin;
set local search_path = public, extensions;
select plan(7);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create table grids (external_id text primary key, cells text[][], loose text[], odd text[]);
insert into grids values ('g1', null, '{{a,b},{c,d}}', '{a}');
grant select, insert, update, delete on grids to gazelle_sync, manual_editor;
select throws_ok($$ select ownership.protect('grids', 'cells', 'merge_set') $$, 'OW004', null, 'one that is declared');
select throws_ok($$ select ownership.protect('grids', 'loose') $$, 'OW004', null, 'one that a row holds');
select lives_ok($$ select ownership.protect('grids', col, 'claim') from unnest('{cells,loose}'::name[]) col $$, 'whole it can');
select ownership.protect('grids', 'odd', source => 'gazelle_sync');
create function pg_temp.as_role(role text, statement text) returns text language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
  return (select g::text from grids g);
end
$$;
select is(pg_temp.as_role('manual_editor', $$update grids set cells = '{{x,y},{z,z}}', odd = '{{a,a},{b,a}}'$$),
  '(g1,"{{x,y},{z,z}}","{{a,b},{c,d}}","{{a,a},{b,a}}")', 'a person writes one');
select is(pg_temp.as_role('gazelle_sync', $$update grids set cells = '{{q}}', odd = '{a,n}'$$),
  '(g1,"{{x,y},{z,z}}","{{a,b},{c,d}}","{{a,a},{b,a}}")', 'and it keeps its shape');
select is((select offered from ownership.blocked_writes where col = 'odd'), '["a", "n"]', 'what came is on record');
update grids set odd = '{a}';
select is(pg_temp.as_role('gazelle_sync', $$update grids set odd = '{{n,m},{o,p}}'$$),
  '(g1,"{{x,y},{z,z}}","{{a,b},{c,d}}",{a})', 'a set stays one');

select * from finish();
rollback;
