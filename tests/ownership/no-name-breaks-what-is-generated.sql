-- Names of tables and columns that look like code: quotes, place holders, words that SQL or PL/pgSQL reserves.
begin;
set local search_path = public, extensions;
select plan(6);

create table "odd$guard$" (
  external_id text primary key, "a$guard$" text, "b$back$" text, "{table}" text, "100%s" text, "it's" text,
  "new.by" text
);
select ownership.protect('"odd$guard$"', col, source => 'gazelle_sync')
from unnest(array['a$guard$', 'b$back$', '{table}', '100%s', 'it''s', 'new.by']) col;
grant select, insert, update, delete on "odd$guard$" to gazelle_sync;
insert into "odd$guard$" values ('o1', 'p', 'p', 'p', 'p', 'p', 'p');
set local role gazelle_sync;
delete from "odd$guard$";
insert into "odd$guard$" values ('o1', 's', 's', 's', 's', 's', 's');
update "odd$guard$" set "a$guard$" = '', "100%s" = '', "new.by" = '';
reset role;
select results_eq('table "odd$guard$"', $$ values ('o1', 'p', 'p', 'p', 'p', 'p', 'p') $$, 'no name breaks out of what is generated');

create table words (
  external_id text primary key, "by" text, "begin" text not null, "if" text[], "strict" integer, "select" text,
  "loop" jsonb
);
select ownership.protect('words', col, source => 'gazelle_sync') from unnest('{by,begin,if,strict,select,loop}'::name[]) col;
grant select, insert, update, delete on words to gazelle_sync;
insert into words values ('w1', 'p', 'p', '{p}', 1, 'p', '"p"');
create function pg_temp.sync_writes(statement text) returns void language plpgsql set role = 'gazelle_sync' as $$
begin
  execute statement;
end
$$;
select lives_ok($$ select pg_temp.sync_writes('update words set "by" = null, "begin" = ''s'', "if" = ''{s}'', "strict" = 2, "select" = ''s''') $$,
  'an update of columns whose names PL/pgSQL reserves');
set local role gazelle_sync;
delete from words;
insert into words values ('w1', 's', null, '{s}', 2, 's', '"s"');
reset role;
select results_eq('table words', $$ values ('w1', 'p', 'p', '{s,p}'::text[], 1, 'p', '"p"'::jsonb) $$, 'they keep what is owned');

create table keys ("by" text, "while" integer, place text, primary key ("by", "while"));
select ownership.protect('keys', 'place', source => 'gazelle_sync');
grant select, insert, update, delete on keys to gazelle_sync;
insert into keys values ('k1', 1, 'p');
set local role gazelle_sync;
update keys set "by" = 'k2', place = 's';
delete from keys;
insert into keys values ('k1', 1, 's');
reset role;
select results_eq('table keys', $$ values ('k1', 1, 'p') $$, 'and so does a row whose key has such names');
select is_empty($$ select * from ownership.health() where tbl in ('"odd$guard$"'::regclass, 'words'::regclass, 'keys'::regclass) $$,
  'health knows what was generated');
select is_empty('select * from ownership.verify()', 'and verify has nothing to say');

select * from finish();
rollback;
