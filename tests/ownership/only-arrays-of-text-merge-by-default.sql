-- A set has no order and each element once. Arrays of text are taken for sets; a matrix or a vector is one value,
-- unless merge_set is named.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(10);

create extension if not exists citext;
create type mood as enum ('glad', 'sad');
create domain tag as text;
create table arrays (
  external_id text primary key, tags text[], words varchar(9)[], moods mood[], names citext[], own tag[],
  matrix text[][], vector double precision[], sums numeric[], ids integer[], days date[]
);
grant all on arrays to gazelle_sync;
select ownership.protect('arrays', attname) from pg_attribute where attrelid = 'arrays'::regclass and attnum > 1 order by attnum;
select is(mode, 'merge_set', col || ' is merged') from ownership.policies
  where tbl = 'arrays'::regclass and col in ('tags', 'words', 'moods', 'names', 'own');
select is(array_agg(col::text order by col), '{days,ids,matrix,sums,vector}', 'the others are whole values') from ownership.policies
  where tbl = 'arrays'::regclass and mode = 'claim';

insert into arrays (external_id) values ('ins_1');
update arrays set matrix = '{{a,b},{a,c}}', vector = '{1,0,0}', sums = '{1.0,1.00}', ids = '{2,2}';
set local role gazelle_sync;
update arrays set matrix = '{{z}}', vector = '{5}', sums = '{1.0}', ids = '{2}';
delete from arrays;
insert into arrays (external_id, vector) values ('ins_1', '{9}');
reset role;
select is(matrix, '{{a,b},{a,c}}', 'a matrix keeps its shape') from arrays;
select is(vector, '{1,0,0}', 'a vector its length') from arrays;
select is(sums::text, '{1.0,1.00}', 'a list its digits') from arrays;
select lives_ok($$select ownership.unprotect('arrays', 'ids'); select ownership.protect('arrays', 'ids', 'merge_set')$$, 'merge_set can be named');

select * from finish();
rollback;
