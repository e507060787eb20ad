-- A document in which a program owns something, or which has two values for one cell, is refused with the place.
begin;
set local search_path = public, extensions;
select plan(6);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create table lamps (external_id text primary key, place text, tags text[]);
select ownership.protect('lamps', col, source => 'gazelle_sync') from unnest('{place,tags}'::name[]) col;
insert into lamps values ('l1', 'hall', '{a}');
create function pg_temp.import(place text, tags text) returns text language plpgsql as $$
declare
  document jsonb := replace(replace($d${"format": "ownership-export", "version": 1, "columns": [
    {"table": "public.lamps", "column": "place", "mode": "claim", "claims": [PLACE]},
    {"table": "public.lamps", "column": "tags", "mode": "merge_set", "claims": [TAGS]}]}$d$, 'PLACE', place), 'TAGS', tags);
  problem text;
begin
  return (select string_agg(concat_ws(' ', col, key, action), ', ' order by col) from ownership.import(document));
exception when sqlstate 'OW020' then
  get stacked diagnostics problem = pg_exception_detail;
  return sqlerrm || ': ' || problem;
end
$$;
create function pg_temp.claim(key text, value text, writer text default 'manual_editor') returns text language sql as $$
  select jsonb_build_object('key', key, 'value', value, 'writer', writer, 'since', '2026-01-19')::text
$$;

select is(pg_temp.import(pg_temp.claim('l1', 'attic', 'service_role'), ''), 'the document cannot be imported: columns[0].claims[0] is wrong: '
  || 'Writer service_role owns nothing: it is a program that leaves no claims.', 'a program owns no value');
select is(pg_temp.import('', pg_temp.claim('l1', 'a', 'gazelle_sync')), 'the document cannot be imported: columns[1].claims[0] is wrong: '
  || 'Writer gazelle_sync owns nothing: it is a program that leaves no claims.', 'nor an element');
select is(pg_temp.import(pg_temp.claim('l1', 'attic') || ',' || pg_temp.claim('l1', 'den'), ''),
  'the document cannot be imported: columns[0].claims[1] is wrong: The value of l1 stands at columns[0].claims[0] already.', 'one key twice');
select is(pg_temp.import('', pg_temp.claim('l1', 'VIP') || ',' || pg_temp.claim('l1', ' vip ')),
  'the document cannot be imported: columns[1].claims[1] is wrong: The element vip of l1 stands at columns[1].claims[0] already.', 'one element twice');
select is(pg_temp.import(pg_temp.claim('l1', 'den') || ']}, {"table": "public.lamps", "column": "place", "mode": "claim", "claims": ['
  || pg_temp.claim('l1', 'den'), ''), 'the document cannot be imported: columns[1].claims[0] is wrong: The value of l1 stands at '
  || 'columns[0].claims[0] already.', 'also where the column is there twice');
select is(pg_temp.import(pg_temp.claim('l1', 'den'), pg_temp.claim('l1', 'vip') || ',' || pg_temp.claim('l1', 'loud')),
  'place l1 conflict, tags l1 would import', 'people own, and a set has many elements');

select * from finish();
rollback;
