-- A key or value that cannot be compared is named by verify, and hides none of the others.
begin;
set local search_path = public, extensions;
select plan(3);
delete from ownership_private.protected_tables;

create table lifts (number integer primary key, note text, height integer, details json);
select ownership.protect('lifts', c) from unnest('{note,height,details}'::name[]) c;
insert into lifts select i, 'by hand ' || i, i, format('{"n": %s}', i)::json from generate_series(1, 9) i;
alter table lifts disable trigger all;
update lifts set note = 'lost', height = 0, details = '{}' where number = 5;
update lifts set details = '"\u0000"' where number = 7;
alter table lifts enable trigger all;
select ownership.repair();
insert into ownership_private.claims (policy_id, key, writer, rank, value)
select id, 'lift one', 'postgres', 100, '"by hand"' from ownership_private.policies where col = 'note';
update ownership_private.claims c set value = '"tall"' from ownership_private.policies p
where p.id = c.policy_id and p.col = 'height' and c.key in ('2', '8');

create function pg_temp.found(name text) returns table (key text, problem text) language sql as $$
  select v.key, v.problem from ownership.verify() v where v.col = name and v.problem <> 'drill could not run'
$$;
select bag_eq($$select * from pg_temp.found('note')$$,
  $$values ('5', 'value differs'), ('lift one', 'cannot be compared')$$, 'a key that is none of the column''s type');
select bag_eq($$select * from pg_temp.found('height')$$,
  $$values ('5', 'value differs'), ('2', 'cannot be compared'), ('8', 'cannot be compared')$$, 'claimed values that are none');
select bag_eq($$select * from pg_temp.found('details')$$,
  $$values ('5', 'value differs'), ('7', 'value differs')$$, 'a value that jsonb cannot hold');

select * from finish();
rollback;
