-- What a trigger of users writes while the engine writes is judged like any other write: siblings, and other columns.
begin;
set local search_path = public, extensions;
select plan(7);

create table desks (external_id text primary key, place text, note text, label text);
select ownership.protect('desks', col, source => 'gazelle_sync') from unnest('{place,note}'::name[]) col;
grant select, insert, update, delete on desks to gazelle_sync;
insert into desks values ('d1', 'studio 1', 'n1'), ('d2', 'studio 2', 'n2'), ('d3', 'studio 3', 'n3');

create function pg_temp.spread() returns trigger language plpgsql as $$
begin
  -- Once: its own writes call it, too.
  if pg_trigger_depth() < 4 then
    update public.desks set place = new.place where external_id <> new.external_id and place <> new.place;
  end if;
  return null;
end
$$;
create function pg_temp.drag() returns trigger language plpgsql as $$
begin
  if new.place <> old.place then
    new.note := 'dragged along';
    new.label := upper(new.place);
  end if;
  return new;
end
$$;
create function pg_temp.sync_replaces(key text) returns void language plpgsql set role = 'gazelle_sync' as $$
begin
  delete from desks where external_id = key;
  insert into desks values (key, 'of the source', 'of the source');
end
$$;

create trigger spread after update on desks for each row execute function pg_temp.spread();
select pg_temp.sync_replaces('d1');
select results_eq('select external_id, place from desks order by 1',
  $$ values ('d1', 'studio 1'), ('d2', 'studio 2'), ('d3', 'studio 3') $$,
  'a row comes back, and a trigger spreads its value over no owned cell of another row');
select is_empty('select * from ownership.verify()', 'verify finds nothing');
drop trigger spread on desks;

create trigger drag before update on desks for each row execute function pg_temp.drag();
select pg_temp.sync_replaces('d2');
select results_eq($$ select place, note, label from desks where external_id = 'd2' $$,
  $$ values ('studio 2', 'n2', 'STUDIO 2') $$, 'a trigger changes no other owned cell of a row that comes back');
drop trigger drag on desks;

select set_config('tests.before', ownership.mark('before')::text, true);
alter table desks disable trigger user;
update desks set place = 'lost' where external_id = 'd1';
select ownership.repair('desks');
create trigger spread after update on desks for each row execute function pg_temp.spread();
grant usage on schema ownership to manual_editor;
grant execute on function ownership.restore to manual_editor;
grant update on desks to manual_editor;
create function pg_temp.editor_restores() returns bigint language sql set role = 'manual_editor' as $$
  select count(*) from ownership.restore(current_setting('tests.before')::bigint, dry_run => false)
$$;
select is(pg_temp.editor_restores(), 1::bigint, 'a restore writes');
select is((select place from desks where external_id = 'd1'), 'studio 1', 'what it restores');
select is((select count(*) from ownership.claims where tbl = 'desks'::regclass and writer = 'manual_editor' and key = 'd2'), 1::bigint,
  'what a trigger spreads then is an edit of the person who restores, and claimed as such');
drop trigger spread on desks;

select set_config('ownership.engine', 'on', true);
set local role gazelle_sync;
update desks set note = '' where external_id = 'd3';
reset role;
select is((select note from desks where external_id = 'd3'), 'n3', 'whoever says that he is the engine is not');

select * from finish();
rollback;
