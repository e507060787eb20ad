-- A protected column that is renamed goes on as before; one that is dropped ends its own policy and no other.
begin;
set local search_path = public, extensions;
select plan(14);
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

alter table cars rename column place to location;
alter table cars rename column tags to labels;
alter table cars rename column vin to external_id;
select is(pg_temp.sync($$location = '', labels = '{new}'$$), '(v1,2026,"Studio 4","by hand",12.50,"{new,vip}")', 'renamed columns');
select is(pg_temp.sound(), 'sound', 'health');
select is((select owner from ownership.explain('cars', '["v1", 2026]', 'location')), 'manual_editor', 'explain');
select is((select count(*) from ownership.history where col = 'location'), 1::bigint, 'the history');
alter table cars rename to motors;
create schema garage;
alter table motors set schema garage;
alter schema garage rename to yard;
set local search_path = public, yard, extensions;
select is(pg_temp.sound(), 'sound', 'a table that was renamed and moved');
alter table motors disable trigger all;
update motors set location = 'lost', labels = '{}';
alter table motors enable trigger all;
select ownership.repair();
select is((select count(*) from ownership.history where tbl = 'yard.motors'), 4::bigint, 'has one history');
select is((select string_agg(col, ' ' order by col)
    from ownership.restore((select max(id) from ownership.marks), dry_run => false)),
  'labels location', 'restore finds it');
alter table motors rename to cars;
alter table cars set schema public;

alter table cars rename location to spare;
alter table cars rename note to location;
alter table cars rename spare to note;
select is(pg_temp.sync($$note = '', location = ''$$), '(v1,2026,"Studio 4","by hand",12.50,{vip})', 'columns that exchange names');
select is((select value from ownership.explain('cars', '["v1", 2026]', 'location')), '"by hand"', 'each with its claim');

alter table cars drop column location cascade;
select is(pg_temp.sync($$note = '', labels = '{}'$$), '(v1,2026,"Studio 4",12.50,{vip})', 'a dropped column stops nobody');
select lives_ok('select ownership.repair()', 'nor repair');
select is(pg_temp.sound(), 'sound', 'its policy is over');
select results_eq($$select event::text, new_value from ownership_private.history where col = 'location' and event = 'unprotected'$$,
  $$values ('unprotected', '"by hand"'::jsonb)$$, 'and told');
select is((select problem from ownership.alarms where object like '%location'), 'column dropped', 'in the alarms, too');


select * from finish();
rollback;
