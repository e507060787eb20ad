-- A document that cannot be imported is refused as a whole, with the place that is wrong.
begin;
set local search_path = public, extensions;
select plan(19);

create table organs (external_id text primary key, notes text, stops integer, tags text[]);
select ownership.protect('organs', col) from unnest('{notes,stops,tags}'::name[]) col;
insert into organs select 'o' || i, 'by hand', i, '{loved}' from generate_series(1, 3) i;
create temporary table good on commit drop as select ownership.export() as document;
delete from ownership_private.claims;

create function pg_temp.refusal(document jsonb, out error text[]) language plpgsql as $$
declare
  code text; message text; detail text; hint text;
begin
  perform ownership.import(document, false);
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text, detail = pg_exception_detail,
    hint = pg_exception_hint;
  error := array[code, message, detail, hint];
end
$$;
-- With one place of the good document changed.
create function pg_temp.refuses(path text[], value jsonb, variadic expected text[])
returns text language sql as $$
  select is((pg_temp.refusal(jsonb_set(document, path, value)))[:3], expected, concat(path, ' ', value)) from good
$$;

select pg_temp.refuses('{format}', '"backup"', 'OW020', 'the document is no export of manual values: format is wrong',
  'format is "backup", and should be "ownership-export".');
select pg_temp.refuses('{version}', version, 'OW020', format('the document cannot be imported: version is %s', version),
  'This database reads version 1.')
from unnest(array['2', '"1"', '1.5', 'null']::jsonb[]) version;
select is((pg_temp.refusal('null'))[2], 'the document is no export of manual values: format is wrong', 'nothing at all');
select is((pg_temp.refusal(null))[2], 'the document is no export of manual values: format is wrong', 'nor NULL');
select pg_temp.refuses('{columns}', '{}', 'OW020', 'the document cannot be imported: columns is wrong', 'It is no array.');
select pg_temp.refuses('{columns,1,column}', '"pipes"', 'OW020', 'the document cannot be imported: columns[1] is wrong',
  'Column pipes of table public.organs is not protected here.');
select pg_temp.refuses('{columns,2,mode}', '"claim"', 'OW020', 'the document cannot be imported: columns[2] is wrong',
  'It was protected in mode claim, and is in mode merge_set here.');
select pg_temp.refuses('{columns,0,claims}', '1', 'OW020', 'the document cannot be imported: columns[0] is wrong', 'Claims is no array.');
select pg_temp.refuses(array['columns', '1', 'claims', '2', field], value, 'OW020',
  'the document cannot be imported: columns[1].claims[2] is wrong', detail)
from (values ('writer', '"nobody"'::jsonb, 'Writer nobody is not registered here.'), ('since', 'null', 'Since is missing.'),
  ('value', '"many"', 'Invalid input syntax for type integer: "many".'),
  ('removed', 'true', 'Removed is for elements of sets.')) wrong (field, value, detail);
select pg_temp.refuses('{columns,2,claims,0,value}', '" "', 'OW020',
  'the document cannot be imported: columns[2].claims[0] is wrong', 'Value is no element of a set: " ".');

update organs set external_id = 'other' || external_id;
delete from ownership_private.claims;
select is(pg_temp.refusal(document), array['OW021', 'the document is of another shop: 3 of its 3 records are not here',
  'columns[0].claims[0] names ''o1''.', 'Import it where it was exported; or let the first sync end before.'],
  'a document of another shop') from good;
select is((select count(*) from ownership.claims c where c.tbl = 'organs'::regclass), 0::bigint, 'nothing of it was imported');

set local ownership.writer = 'pls_detector';
select is((pg_temp.refusal(document))[1:2], '{OW001,"import needs rank 100, and pls_detector has rank 50"}', 'people import') from good;

select * from finish();
rollback;
