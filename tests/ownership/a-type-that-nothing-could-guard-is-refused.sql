-- A protected column or a key takes a type in which claims would not be found, or nothing would be guarded: refused.
begin;
set local search_path = public, extensions;
select plan(18);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create table cars (vin text primary key, note text, tags text[], sizes integer[]);
grant select, insert, update, delete on cars to gazelle_sync, manual_editor;
select ownership.protect('cars', c) from unnest('{note,tags}'::name[]) c;
select ownership.protect('cars', 'sizes', 'merge_set');
set local role gazelle_sync;
insert into cars values ('1', 'sent', '{new}', '{1}'), ('2', 'sent', '{}', '{}');
set local role manual_editor;
update cars set note = 'by hand ' || vin, tags = tags || '{vip}', sizes = sizes || 7;
reset role;
create function pg_temp.refuses(statements text, code text, what text) returns setof text language plpgsql as $$
begin
  perform ownership.step_aside('cars');
  return next throws_ok(statements || '; set constraints all immediate', code, null, what);
  begin
    set constraints all immediate;
  exception when others then
    return next fail(sqlerrm);
  end;
  set constraints all deferred;
end
$$;
create function pg_temp.sound() returns text language sql as $$
  select coalesce(string_agg(problem, ', '), 'sound')
  from (select problem || ' ' || object from ownership.health() union all
    select problem || ' ' || col || ' ' || key from ownership.verify()) p (problem)
$$;

-- A merged column.
select pg_temp.refuses(format('alter table cars alter column %s', c), 'OW004', 'no array: ' || c)
from unnest('{tags type text using tags::text,tags type jsonb using to_jsonb(tags),sizes type integer using sizes[1]}'::text[]) c;
select is(pg_temp.sound(), 'sound', 'and all is as before');
select ownership.step_aside('cars');
alter table cars alter column sizes type bigint[];
set constraints all immediate;
select is(pg_temp.sound(), 'sound', 'another array is followed');
set constraints all deferred;

-- The values of a key change with its type.
select pg_temp.refuses('alter table cars alter column vin ' || c, 'OW018', c) from unnest(array[
  'type text using ''x'' || vin', 'type integer using vin::integer + 1', 'type integer using 3 - vin::integer',
  'type boolean using vin = ''2''', 'type varchar(2) using ''0'' || vin']) c;
select pg_temp.refuses($$update cars set vin = vin || 'x'$$, 'OW018', 'by an update, without another type');
select pg_temp.refuses($$delete from cars where vin = '2'; update cars set vin = '3'$$, 'OW018', 'beside a delete');
select is(pg_temp.sound(), 'sound', 'and all is as before');
select ownership.step_aside('cars');
alter table cars alter column vin type varchar(9);
set constraints all immediate;
select is(pg_temp.sound(), 'sound', 'the same key in another type is followed');
set constraints all deferred;
select ownership.step_aside('cars');
insert into cars values ('4', 'a row that is deleted again');
delete from cars where vin = '4';
select lives_ok('set constraints all immediate', 'rows come and go');
set constraints all deferred;
select ownership.unprotect('cars', 'tags');
select ownership.step_aside('cars');
alter table cars alter column tags type text using tags::text;
select lives_ok('set constraints all immediate', 'what is not protected any more takes any type');
select is(pg_temp.sound(), 'sound', 'beside what is');
set local role gazelle_sync;
update cars set note = null, sizes = '{}';
reset role;
select results_eq('select note, sizes from cars order by vin', $$values ('by hand 1', '{1,7}'::bigint[]), ('by hand 2', '{7}')$$,
  'all is kept to the end');

select * from finish();
rollback;
