-- Each column of a synced table has a declared owner, and each protected one says why people have a say in it.
begin;
set local search_path = public, extensions;
select plan(10);

select is((select array_agg(distinct o.tbl) from shop.column_owners() o where o.is_synced), array(
  select distinct format('public.%I', c.relname) from pg_class c where c.relnamespace = 'public'::regnamespace
    and c.relname like 'gazelle\_%' and c.relkind = 'r' order by 1
), 'every table of Gazelle''s is looked at');
select is((select o.declared from shop.column_owners() o where o.tbl = 'public.gazelle_pianos' and o.col = asked.col),
  asked.declared, asked.col || ' is declared ' || asked.declared)
from (values ('make', 'source'), ('tags', 'policy'), ('external_id', 'platform'), ('missing_since', 'platform')) asked (col, declared);
select is_empty($$ select o.tbl, o.col from shop.column_owners() o where o.is_synced and o.declared is null $$,
  'no column of a synced table is without an owner: grant it to gazelle_sync, or protect it');
select is_empty($$ select o.tbl, o.col from shop.column_owners() o where o.declared = 'policy' and o.why is null $$,
  'no protected column is without a reason: comment on column … is why people write it');

alter table gazelle_pianos add column room_code text;
select results_eq($$ select o.tbl, o.col from shop.column_owners() o where o.is_synced and o.declared is null $$,
  $$ values ('public.gazelle_pianos', 'room_code'::name) $$, 'a new column is noticed');
select ownership.protect('gazelle_pianos', 'room_code');
select results_eq($$ select o.tbl, o.col from shop.column_owners() o where o.declared = 'policy' and o.why is null $$,
  $$ values ('public.gazelle_pianos', 'room_code'::name) $$, 'and, once it is protected, that nobody said why');
select ownership.unprotect('gazelle_pianos', 'room_code');
grant update (room_code) on gazelle_pianos to gazelle_sync;
select is((select o.declared from shop.column_owners() o where o.col = 'room_code'), 'source', 'granted, it is the source''s');

select * from finish();
rollback;
