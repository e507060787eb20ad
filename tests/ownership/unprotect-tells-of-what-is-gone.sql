-- What is unprotected after column or table were dropped or renamed is told under the name that they had.
begin;
set local search_path = public, extensions;
select plan(3);

create table chimes (external_id text primary key, place text, note text, tags text[]);
select ownership.protect('chimes', col) from unnest('{place,note,tags}'::name[]) col;
insert into chimes values ('c1', 'Studio 4', 'loud', '{old,mine}'), ('c2', 'Studio 5', 'soft', '{}');
create function pg_temp.told(tbl text, col text) returns bigint language sql as $$
  select count(*) from ownership_private.history h where h.event = 'unprotected' and h.tbl = told.tbl and h.col = told.col
$$;

alter table chimes drop column note cascade;
select ownership.unprotect('chimes', 'note');
select is(pg_temp.told('public.chimes', 'note'), 2::bigint, 'a column that was dropped');
alter table chimes rename to bells;
select ownership.unprotect('bells', 'place');
select is(pg_temp.told('public.bells', 'place'), 2::bigint, 'a table that has another name');
alter table bells rename to chimes;
create temp table gone as select 'chimes'::regclass as tbl;
drop table chimes;
select ownership.unprotect(tbl, 'tags') from gone;
select is(pg_temp.told('public.chimes', 'tags'), 2::bigint, 'a table that was dropped');

select * from finish();
rollback;
