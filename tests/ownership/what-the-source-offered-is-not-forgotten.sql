-- Values that were adopted go back to a source where it sends the same. That it sends another is still known after a
-- program above it offered the very value that the source sends, before the source, after it, or long ago.
begin;
set local search_path = public, extensions;
select plan(7);

create table places (id text primary key, name text, note text, badge boolean);
insert into places select 'p' || n, 'by hand', 'by hand', true from generate_series(1, 5) n;
grant select, update on places to gazelle_sync, service_role;
select ownership.protect('places', 'name'), ownership.protect('places', 'note');
select ownership.protect('places', 'badge', blank_values => '{false}', source => 'pls_detector');
select ownership.adopt('places', col) from unnest('{name,note,badge}'::name[]) col;

create function pg_temp.sends(role name, id text, value text) returns void language plpgsql as $$
begin
  perform set_config('role', role, true);
  update places p set name = value, note = value, badge = false where p.id = sends.id;
  perform set_config('role', 'none', true);
end $$;

select pg_temp.sends('service_role', 'p1', 'from the source');
select is((select k.offers from ownership.known_answers('places', '{p1}', 'gazelle_sync') k), null,
  'what only a program offered, the source still has to send');
select is((select k.offers ->> 'name' from ownership.known_answers('places', '{p1}', 'service_role') k),
  'from the source', 'the program need not ask again');
select pg_temp.sends('gazelle_sync', 'p1', 'from the source');

select pg_temp.sends('gazelle_sync', 'p2', 'from the source');
select pg_temp.sends('service_role', 'p2', 'from the source');
select is((select k.offers ->> 'name' from ownership.known_answers('places', '{p2}', 'gazelle_sync') k),
  'from the source', 'nor the source after a program repeated it');

-- Both are archived, the program's last.
select pg_temp.sends(role, 'p3', value)
from (values (1, 'gazelle_sync', 'old'), (2, 'service_role', ''), (3, 'service_role', 'old'), (4, 'service_role', '')) o (place, role, value)
order by place;
-- Only the program sends another value: here the source agrees.
select pg_temp.sends('service_role', 'p4', '');

select results_eq(
  $$ select ownership.unadopt('places', col, now(), '{p1,p2,p3,p4,p5}', 'gazelle_sync')
     from unnest('{name,note,badge}'::name[]) with ordinality c (col, place) order by place $$,
  array[2, 2, 2]::bigint[], 'two of five rows go back');
select bag_eq(
  $$ select distinct key from ownership.claims where tbl = 'places'::regclass $$, '{p1,p2,p3}'::text[],
  'those of which the source sent another value stay with people');
select is(
  (select array_agg(distinct c.writer) from ownership.blocked_writes c where c.tbl = 'places'::regclass and c.key = 'p2'),
  '{gazelle_sync}'::name[], 'a value that two offered is the lower one''s');
select pg_temp.sends('gazelle_sync', 'p4', 'corrected');
select is((select name || ' ' || note from places where id = 'p4'), 'corrected corrected', 'a correction arrives where the source agreed');

select * from finish();
rollback;
