-- Claims on a composite name its attributes. Renamed, dropped and new ones are followed, also within arrays, domains
-- and other composites, and where the type is that of a table's rows.
begin;
set local search_path = public, extensions;
select plan(9);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create type spot as (street text, city text);
create domain site as spot;
create table stops (at spot, label text);
create table tours (external_id text primary key, start spot, goal site, via spot[], leg stops);
grant select, insert, update, delete on tours to gazelle_sync, manual_editor;
select ownership.protect('tours', col, source => 'gazelle_sync') from unnest('{start,goal,via,leg}'::name[]) col;
create function pg_temp.as_role(role text, statement text) returns text language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
  return (select t::text from tours t);
end
$$;
create function pg_temp.comes_back() returns text language sql as $$
  select pg_temp.as_role('gazelle_sync', $sql$delete from tours; insert into tours values ('t1')$sql$)
$$;
select pg_temp.as_role('manual_editor',
  $$insert into tours values ('t1', '(a,b)', '(c,d)', '{"(e,f)","(g,h)"}', '("(i,j)",k)')$$);
select pg_temp.as_role('gazelle_sync', $$update tours set goal = '(q,r)'$$);
select ownership.mark('before');

alter type spot rename attribute street to road;
select is(pg_temp.comes_back(), $$(t1,"(a,b)","(c,d)","{""(e,f)"",""(g,h)""}","(""(i,j)"",k)")$$, 'an attribute that is renamed');
select is_empty('select from ownership.verify()', 'and nothing is lost');
alter table stops rename column label to name;
select is(pg_temp.comes_back(), $$(t1,"(a,b)","(c,d)","{""(e,f)"",""(g,h)""}","(""(i,j)"",k)")$$, 'a column of a table that is the type');
alter type spot rename attribute road to x;
alter type spot rename attribute city to road;
alter type spot rename attribute x to city;
select is(pg_temp.comes_back(), $$(t1,"(a,b)","(c,d)","{""(e,f)"",""(g,h)""}","(""(i,j)"",k)")$$, 'attributes that exchange their names');
update tours set start = '(z,z)';
select is((select restored_value from ownership.restore((select max(id) from ownership.marks), people_too => true)), '{"city": "a", "road": "b"}',
  'the past has the names of today');
select is(ownership.release('tours', 't1', 'goal'), '{"city": "q", "road": "r"}', 'and so has what is on offer');

alter type spot drop attribute road;
alter type spot add attribute road text;
select is(pg_temp.comes_back(), '(t1,"(z,)",,"{""(e,)"",""(g,)""}","(""(i,)"",k)")', 'a new attribute has nothing of a dropped one');
select is((select value from ownership.claims where col = 'leg'), '{"at": {"city": "i", "road": null}, "name": "k"}', 'as the claims say');
select is_empty('select * from ownership.health()', 'and nothing is wrong');

select * from finish();
rollback;
