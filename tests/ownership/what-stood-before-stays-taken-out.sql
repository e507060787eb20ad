-- An element that stood in a set before it was protected, and that a person takes out, does not come back: the source
-- may hold it, whoever else writes the set in between.
begin;
set local search_path = public, extensions;
select plan(6);

create table desks (external_id text primary key, tags text[]);
insert into desks values ('d1', '{concert,rental}');
select ownership.protect('desks', 'tags', source => 'gazelle_sync');
grant select, insert, update, delete on desks to gazelle_sync, service_role;

create function pg_temp.sync_sends(sent text[]) returns text[] language sql set role = 'gazelle_sync' as $$
  update desks set tags = sent returning tags
$$;
create function pg_temp.program_sends(sent text[]) returns text[] language sql set role = 'service_role' as $$
  update desks set tags = sent returning tags
$$;

update desks set tags = '{concert}';
select is(pg_temp.program_sends('{concert,extra}'), '{concert,extra}', 'another program writes the set');
select is(pg_temp.sync_sends('{concert,rental}'), '{concert,extra}', 'the source repeats what a person took out');
select is(pg_temp.program_sends('{concert,rental,extra}'), '{concert,extra}', 'so does the program');
select is(pg_temp.sync_sends('{concert}'), '{concert,extra}', 'the source sends the set without it');
select pg_temp.program_sends('{concert}');
select ok('rental' = any (pg_temp.sync_sends('{concert,rental}')), 'and adds it: only then it is new');

update desks set tags = tags || '{slip}';
update desks set tags = array_remove(tags, 'slip');
select ok('slip' <> all (array(select jsonb_array_elements_text(ownership.release('desks', 'd1', 'tags')))),
  'what a person put there and took out is no source''s, and does not come back with a release');

select * from finish();
rollback;
