-- What the doctor knows of other writers: code in the database, and values that were kept out of programs.
begin;
set local search_path = public, extensions;
select plan(6);

insert into gazelle_pianos (external_id, location, dampp_chaser_installed)
values ('ins_1', 'Studio 4', true), ('ins_2', 'Salle A', true);
select is(shop_doctor() -> 'writers', '{"code": [], "kept": 0, "example": null, "backend_writes": false}',
  'nothing is asked where nobody else writes');

create schema app;
create table gazelle_pianos_old ();
create function app.old_sync() returns void language plpgsql as $$
begin
  update public.gazelle_pianos set notes = '';
  insert into gazelle_clients (external_id) values ('cli_1');
end $$;
create function app.reads() returns bigint language sql as 'select count(*) from public.gazelle_pianos';
create function app.near() returns void language sql as 'delete from gazelle_pianos_old where false';
select cron.schedule('nightly', '0 3 * * *', 'delete   from only gazelle_appointments where status is null');
select is(shop_doctor() #> '{writers,code}', '["function app.old_sync()", "job nightly"]', 'code that writes, and no other');

set local role service_role;
update gazelle_pianos set location = '', dampp_chaser_installed = false;
reset role;
select is(shop_doctor() #> '{writers,kept}', '0', 'the blanks of an old script are not asked about');
set local role service_role;
update gazelle_pianos set location = 'porte B' where external_id = 'ins_2';
reset role;
select is((shop_doctor() -> 'writers') - 'code',
  '{"kept": 1, "example": "public.gazelle_pianos.location of ins_2", "backend_writes": false}', 'a value that was kept out is');
set local role gazelle_sync;
update gazelle_pianos set location = 'porte B' where external_id = 'ins_2';
reset role;
select is(shop_doctor() #> '{writers,kept}', '0', 'not where the source sends the same');
set local role app_backend;
update gazelle_pianos set location = 'Studio 5' where external_id = 'ins_1';
reset role;
select is(shop_doctor() #> '{writers,backend_writes}', 'true', 'people who write as app_backend are seen');

select * from finish();
rollback;
