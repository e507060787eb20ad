-- A key may be as long as an index of the table allows, and its text as JSON or in hexadecimal longer still. No write
-- fails because an index of the engine is smaller, and no claim is lost.
begin;
set local search_path = public, extensions;
select plan(22);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create function pg_temp.noise(start integer, length integer) returns text language sql as $$
  select left(string_agg(md5(n::text), '' order by n), length) from generate_series(start, start + length / 32) n
$$;
create table a_text (k text primary key, note text, tags text[]);
create table b_bytes (k bytea primary key, note text, tags text[]);
create table c_pair (k varchar, l text, note text, tags text[], primary key (k, l));
create table d_list (k text[] primary key, note text, tags text[]);
create table keys as select * from (values
  ('a_text', quote_literal(pg_temp.noise(0, 2690)), pg_temp.noise(0, 2690)),
  ('b_bytes', quote_literal(decode(pg_temp.noise(0, 5000), 'hex')), '\x' || pg_temp.noise(0, 5000)),
  ('c_pair', format('%L, %L', pg_temp.noise(0, 1300), repeat(E'\x01"', 600)),
    jsonb_build_array(pg_temp.noise(0, 1300), repeat(E'\x01"', 600))::text),
  ('d_list', quote_literal(array[pg_temp.noise(0, 1300), pg_temp.noise(99, 1300)]),
    array[pg_temp.noise(0, 1300), pg_temp.noise(99, 1300)]::text)) k (tbl, value, key);
select ownership.protect(tbl, col, source => 'gazelle_sync') from (select tbl::regclass from keys) t, unnest('{note,tags}'::name[]) col;
grant select, insert, update, delete on a_text, b_bytes, c_pair, d_list to gazelle_sync, manual_editor;
create function pg_temp.as_role(role text, statement text) returns text language plpgsql as $$
declare
  stands text;
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
  execute format('select string_agg(note || tags::text, '' '' order by note) from %s', substring(statement from '[abcd]_[a-z]+')) into stands;
  return stands;
end
$$;
select set_config('tests.long', pg_temp.noise(7, 3000), true);

select is(pg_temp.as_role('manual_editor', format('insert into %s values (%s, ''by hand'', %L)', tbl, value,
  array[pg_temp.noise(7, 3000)])), 'by hand{' || current_setting('tests.long') || '}', 'a person inserts into ' || tbl) from keys;
select is(pg_temp.as_role('gazelle_sync', format('delete from %1$s; insert into %1$s values (%2$s, '''', ''{new}'')', tbl, value)),
  'by hand{new,' || current_setting('tests.long') || '}', 'a sync replaces the row in ' || tbl) from keys;
select is(pg_temp.as_role('gazelle_sync', format('update %1$s set note = %L', tbl, pg_temp.noise(8, 5000))),
  'by hand{new,' || current_setting('tests.long') || '}', 'and the value in ' || tbl) from keys;
select is((select count(*) from ownership.explain(tbl::regclass, key)), 2::bigint, 'one asks for it by the key in ' || tbl) from keys;
select is_empty('select * from ownership.verify()', 'all is found');
select is((select count(*) from keys k
  join jsonb_array_elements(ownership.export() -> 'columns') c on c ->> 'table' like '%' || k.tbl
  where c #>> '{claims,0,key}' = k.key), 8::bigint, 'an export has the whole keys');

create table looks_alike as select * from ownership.claims where tbl = 'a_text'::regclass and col = 'note';
select is(pg_temp.as_role('gazelle_sync', format('insert into a_text values (%L, ''of the source'', ''{}'')', (select key from looks_alike))),
  'by hand{new,' || current_setting('tests.long') || '} of the source{}', 'a key that looks like a digest is another key');
select ownership.mark('before');
select is(pg_temp.as_role('manual_editor', $$update a_text set k = 'x' || k, note = 'moved' where note = 'by hand'$$),
  'moved{new,' || current_setting('tests.long') || '} of the source{}', 'a long key that changes takes its claims along');
select set_config('tests.document', ownership.export()::text, true);
update a_text set note = 'slip' where note = 'moved';
select is((select string_agg(concat_ws(' ', action, restored_value), '; ')
  from ownership.restore((select max(id) from ownership.marks), 'a_text',
  '{note}', keys => array['x' || (select key from keys where tbl = 'a_text')], people_too => true)), 'would restore "by hand"', 'a restore takes it');
delete from ownership_private.claims;
delete from ownership_private.long_keys;
select is((select count(*) from ownership.import(current_setting('tests.document')::jsonb, false) where action = 'imported'),
  8::bigint, 'and an import');
select * from finish();
rollback;
