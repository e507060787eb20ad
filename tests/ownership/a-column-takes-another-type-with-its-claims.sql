-- A protected column takes another type, and the key too, while the guards step aside; past them neither changes.
begin;
set local search_path = public, extensions;
select plan(10);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create table cars (vin text, year int, place text, note text, price numeric, tags text[], primary key (vin, year));
grant select, insert, update, delete on cars to gazelle_sync, manual_editor;
select ownership.protect('cars', c, identity_key => '{vin,year}') from unnest('{place,note,price,tags}'::name[]) c;
set local role gazelle_sync;
insert into cars values ('v1', 2026, 'from source', 'from source', 1, '{new}');
set local role manual_editor;
update cars set place = 'Studio 4', note = 'by hand', price = 12.50, tags = '{new,vip}';
reset role;
select ownership.mark('before');
create function pg_temp.sync(sets text) returns text language plpgsql as $$
begin
  set local role gazelle_sync;
  execute 'update cars set ' || sets;
  reset role;
  return (select c::text from cars c);
end
$$;
create function pg_temp.sound() returns text language sql as $$
  select coalesce((select string_agg(problem || ' ' || object, ', ') from ownership.health()), 'sound')
$$;

select throws_ok('alter table cars drop column vin cascade', 'OW017', null, 'the key is not dropped');
select throws_ok('alter table cars alter column price type text', '0A000', null, 'a type is not changed past the guard');
select ownership.step_aside('cars');
alter table cars alter column price type integer using price * 100;
alter table cars alter column year type text;
set constraints all immediate;
select is(pg_temp.sound(), 'sound', 'a type that changed, with the guards aside');
select is((select value from ownership.claims where col = 'price'), '1250', 'a claim takes the new type');
select is((select key from ownership.claims where col = 'price'), '["v1", "2026"]', 'and the key its new text');
select is(pg_temp.sync('price = null'), '(v1,2026,"Studio 4","by hand",1250,"{new,vip}")', 'and is kept');
select is_empty('select from ownership.verify()', 'nothing is lost');
set constraints all deferred;
select ownership.step_aside('cars');
alter table cars alter column year type jsonb using to_jsonb(year);
select throws_ok('set constraints all immediate', 'OW018', null, 'a key that could not be recognised is refused');
alter table cars alter column year type text using year #>> '{}';
set constraints all immediate;
select is(pg_temp.sound(), 'sound', 'and comes back');
select is(pg_temp.sync($$note = ''$$), '(v1,2026,"Studio 4","by hand",1250,"{new,vip}")', 'all is kept to the end');

select * from finish();
rollback;
