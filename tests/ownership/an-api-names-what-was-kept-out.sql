-- Where PostgREST runs the request, the answer's header Ownership-Kept names the columns that a write was kept out of.
begin;
set local search_path = public, extensions;
select plan(11);

create table lamps (external_id text primary key, place text, notes text, watched text, tags text[], hidden text);
grant select (external_id, place, notes, watched, tags), insert, update, delete on lamps to service_role;
insert into lamps select 'l' || i, 'Salle A', 'old', 'old', '{oak}', 'old' from generate_series(1, 3) i;
select ownership.protect('lamps', col) from unnest('{place,notes,tags,hidden}'::name[]) col;
select ownership.protect('lamps', 'watched', on_conflict => 'observe');
select ownership.adopt('lamps', col) from unnest('{place,watched,tags,hidden}'::name[]) col;

create function pg_temp.headers(statement text, method text default 'PATCH', others text default '') returns text
language plpgsql as $$
declare
  found text;
begin
  perform set_config('request.method', method, true), set_config('response.headers', others, true),
    set_config('ownership.told', '', true), set_config('role', 'service_role', true);
  execute statement;
  perform set_config('role', 'none', true);
  found := current_setting('response.headers');
  return found;
end $$;

select is(pg_temp.headers($$update lamps set place = 'Salle B'$$)::jsonb, '[{"Ownership-Kept": "lamps.place"}]', 'an owned cell, once for many rows');
select is(pg_temp.headers($$update lamps set place = 'Salle C', notes = ''$$)::jsonb, '[{"Ownership-Kept": "lamps.place, lamps.notes"}]',
  'what nobody owns and a program blanks, too');
select is(pg_temp.headers($$update lamps set tags = '{elm}' where external_id = 'l1'$$)::jsonb, '[{"Ownership-Kept": "lamps.tags"}]', 'a set that was merged');
select is(pg_temp.headers(
  $$with gone as (delete from lamps where external_id = 'l1') select 1; insert into lamps values ('l1', 'Salle D')$$)::jsonb,
  '[{"Ownership-Kept": "lamps.place"}]', 'a row that comes back');
select is(pg_temp.headers($$update lamps set notes = 'new'$$), '', 'nothing was kept out, nothing is told');
select is(pg_temp.headers($$update lamps set watched = 'new'$$), '', 'what is only observed is not kept out');
select is(pg_temp.headers($$update lamps set hidden = 'new'$$), '', 'a column that the caller may not read is not named');
select is(pg_temp.headers($$update lamps set place = 'Salle B'$$, ''), '', 'another client than the API gets no header');
select is(pg_temp.headers($$update lamps set place = 'Salle B'$$, 'PATCH', '[{"X-Own": "1"}, {"X-Own": "2"}]')::jsonb,
  '[{"X-Own": "1"}, {"X-Own": "2"}, {"Ownership-Kept": "lamps.place"}]', 'the headers of others stay');
select is(pg_temp.headers($$update lamps set place = 'Salle B'$$, 'PATCH', 'no json'), 'no json', 'also those that are none');

do $$ begin
  execute 'create table wide (external_id text primary key, '
    || (select string_agg(format('%I text', repeat('x', 50) || i), ', ') from generate_series(1, 40) i) || ')';
end $$;
insert into wide values ('w1');
select ownership.protect('wide', repeat('x', 50) || i, 'manual') from generate_series(1, 40) i;
grant all on wide to service_role;
select ok(length(pg_temp.headers('update wide set '
  || (select string_agg(repeat('x', 50) || i || ' = 1', ', ') from generate_series(1, 40) i)))
  between 900 and 1100, 'the header has a bound');

select * from finish();
rollback;
