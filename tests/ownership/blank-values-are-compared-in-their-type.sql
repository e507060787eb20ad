-- A policy's own blank values are values of the column, in any notation: 0 is 0.00, f is false.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(18);

create table kinds (type text, blank text, sent text, value text);
insert into kinds values
  ('numeric(10,2)', '0', '0', '5'), ('numeric', '0.0', '0.000', '5'), ('boolean', 'f', 'false', 'true'), ('date', '1 Jan 1970', '1970-01-01', '2026-01-19'),
  ('double precision', '0', '0.0', '1.5'), ('text', 'n/a', 'n/a', 'by hand'), ('char(5)', 'n/a', 'n/a', 'x'), ('jsonb', '{"a":0}', '{"a": 0.0}', '{"a": 1}');
create function pg_temp.play(type text, blank text, sent text, value text) returns text[] language plpgsql as $$
declare
  stands jsonb;
  offered jsonb;
  foreseen text;
begin
  drop table if exists cells;
  execute format('create table cells (external_id text primary key, cell %s)', type);
  grant all on cells to gazelle_sync;
  perform ownership.protect('cells', 'cell', 'source_unless_blank', blank_values => array[blank]);
  execute format('insert into cells values (''ins_1'', %L)', value);
  execute format('select to_jsonb(cell), to_jsonb(%L::%s) from cells', sent, type) into stands, offered;
  select f.verdict into foreseen from ownership.foresee('cells', '{ins_1}', '{cell}', array[stands], array[offered], 'gazelle_sync') f;
  set local role gazelle_sync;
  execute format('update cells set cell = %L', sent);
  reset role;
  return array[(select case when to_jsonb(cell) = stands then 'kept' else 'lands' end from cells), foreseen];
end $$;
create temporary table played as select k.*, pg_temp.play(k.type, k.blank, k.sent, k.value) as seen from kinds k;
select is(p.seen[1], 'kept', format('%s: %s is blank', p.type, p.blank)) from played p;
select is(p.seen[2], 'kept', format('%s: and foreseen so', p.type)) from played p;

create table counts (external_id text primary key, n integer, at boolean);
select tests.refuses($$select ownership.protect('counts', 'n', blank_values => '{none}')$$, 'OW016',
  $$blank value 'none' is no value of column n of table public.counts$$, 'invalid input syntax for type integer: "none".', 'Give blank_values as values of integer.');
select lives_ok($$select ownership.protect('counts', 'at', blank_values => '{f,no}')$$, 'several notations are fine');

select * from finish();
rollback;
