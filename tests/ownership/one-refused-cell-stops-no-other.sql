-- A value that a constraint or a trigger refuses today stops no batch, no restore and no import.
begin;
set local search_path = public, extensions;
select plan(9);

create table desks (external_id text primary key, place text, floor integer not null default 1, tags text[] not null);
select ownership.protect('desks', col, source => 'gazelle_sync') from unnest('{place,tags}'::name[]) col;
grant select, insert, update, delete on desks to gazelle_sync;
insert into desks select 'd' || n, 'studio ' || n, 1, array['t' || n] from generate_series(1, 9) n;
select set_config('tests.document', ownership.export()::text, true);
select set_config('tests.before', ownership.mark('before')::text, true);

create function pg_temp.sync_replaces() returns void language plpgsql set role = 'gazelle_sync' as $$
begin
  delete from desks;
  insert into desks select 'd' || n, '', 1, '{}' from generate_series(1, 9) n;
end
$$;
create function pg_temp.refuse() returns trigger language plpgsql as $$
begin
  if new.external_id = 'd7' and new.place <> '' and new.place is distinct from old.place then
    raise exception 'desk 7 has no place';
  end if;
  return new;
end
$$;
set local client_min_messages = error;

create trigger refuse before update on desks for each row execute function pg_temp.refuse();
select lives_ok('select pg_temp.sync_replaces()', 'a trigger that raises stops no batch of rows that come back');
select results_eq($$ select external_id, place from desks where place <> 'studio ' || right(external_id, 1) order by 1 $$,
  $$ values ('d7', '') $$, 'and keeps back its own row alone');
select results_eq($$ select key, problem from ownership.verify() where tbl = 'desks'::regclass $$,
  $$ values ('d7', 'value differs') $$, 'which verify names');

alter table desks disable trigger user;
update desks set place = 'lost', tags = '{}';
select ownership.repair('desks');
alter table desks enable trigger refuse;
alter table desks add constraint upstairs check (external_id <> 'd3' or place <> 'studio 3') not valid;
select results_eq(
  $$ select key, detail from ownership.restore(current_setting('tests.before')::bigint, 'desks', dry_run => false)
     where action = 'conflict' order by 1 $$,
  $$ values ('d3', 'the table refuses it: new row for relation "desks" violates check constraint "upstairs"'),
    ('d7', 'the table refuses it: desk 7 has no place') $$, 'a restore tells what the table refuses');
select results_eq($$ select external_id, place from desks where place <> 'studio ' || right(external_id, 1) order by 1 $$,
  $$ values ('d3', 'lost'), ('d7', 'lost') $$, 'and writes the rest');
select is((select count(*) from desks where tags = array['t' || right(external_id, 1)]), 9::bigint, 'other columns of these rows, too');

alter table desks disable trigger user;
update desks set place = 'lost', tags = '{}';
delete from ownership_private.claims;
select ownership.repair('desks');
alter table desks enable trigger refuse;
select is((select count(*) from ownership.import(current_setting('tests.document')::jsonb, false) where action = 'conflict'), 2::bigint, 'an import likewise');
select is((select count(*) from desks where place = 'studio ' || right(external_id, 1)), 7::bigint, 'writes the rest');

alter table desks drop constraint upstairs;
drop trigger refuse on desks;
set local role gazelle_sync;
delete from desks where external_id = 'd1';
insert into desks (external_id, place, tags) values ('d1', null, null);
reset role;
select results_eq($$ select place, tags from desks where external_id = 'd1' $$, $$ values ('studio 1', '{t1}'::text[]) $$,
  'NULL for a column that cannot hold it becomes, in a row that comes back, what was owned there');

select * from finish();
rollback;
