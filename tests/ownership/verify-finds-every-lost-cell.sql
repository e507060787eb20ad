-- What was lost while the triggers were off is found, cell by cell, and nothing else is reported.
begin;
set local search_path = public, extensions;
select plan(9);

create function pg_temp.lost(of_element text) returns text[] language sql as $$
  select array_agg(format('%s of %s %s: %s, not %s', v.col, v.key, v.problem, coalesce(v.expected::text, 'NULL'),
    coalesce(v.found::text, 'NULL')) order by v.col)
  from ownership.verify() v
  where v.element = of_element
$$;
create function pg_temp.lost_to_a_program() returns text[] language sql set role = 'service_role' as $$
  select pg_temp.lost('vip')
$$;

create table lamps (
  external_id text primary key,
  name text not null,
  watts integer,
  lit_at timestamptz,
  plan jsonb,
  marks json,
  grid integer[],
  tags text[]
);
grant all on lamps to gazelle_sync, service_role;
select ownership.protect('lamps', col) from unnest('{name,watts,lit_at,plan,marks,tags}'::name[]) col;
select ownership.protect('lamps', 'grid', 'claim');

set local role gazelle_sync;
insert into lamps
select 'l' || i, 'lamp ' || i, i, '2026-01-01T00:00:00Z', '{"a": 1}', '{"a":  1}', '{{1,2},{3,4}}', '{Source,shared}'
from generate_series(1, 4) i;
reset role;
update lamps
set name = upper(name), watts = watts + 100, lit_at = '2026-02-02T12:00:00Z', plan = '{"b": [1, 2]}', marks = '{"b":  2}',
  grid = '{{5,6},{7,8}}', tags = '{shared,VIP}'
where external_id in ('l1', 'l2');

select is_empty('select * from ownership.verify()', 'nothing was lost yet');
set local timezone = 'America/Montreal';
set local intervalstyle = 'iso_8601';
select is_empty('select * from ownership.verify()', 'nor does it depend on the settings of the session');

alter table lamps disable trigger user;
update lamps set name = 'lost', watts = null, lit_at = null, plan = '{}', marks = '{}', grid = null
where external_id in ('l1', 'l3');
update lamps set tags = '{source,shared}' where external_id = 'l2';
select ownership.repair('lamps');

select is(pg_temp.lost(''), array[
  'grid of l1 value differs: [[5, 6], [7, 8]], not NULL',
  'lit_at of l1 value differs: "2026-02-02T12:00:00+00:00", not NULL',
  'marks of l1 value differs: {"b": 2}, not {}',
  'name of l1 value differs: "LAMP 1", not "lost"',
  'plan of l1 value differs: {"b": [1, 2]}, not {}',
  'watts of l1 value differs: 101, not NULL'
], 'every scalar a person owned, whatever its type; not those of l3, which nobody owned');
select is(pg_temp.lost('source') || pg_temp.lost('vip'), array[
  'tags of l2 element is back: NULL, not ["source", "shared"]',
  'tags of l2 element is missing: "VIP", not ["source", "shared"]'
], 'of a set the tag that was taken out, and the one that was put in');

delete from lamps where external_id = 'l1';
select is_empty($$select * from ownership.verify() where key = 'l1'$$, 'a claim outlives its row: that the row is gone is no loss');
select is((select count(*)::integer from ownership.claims where tbl = 'lamps'::regclass and key = 'l1' and col = 'name'), 1, 'it is still claimed');

update ownership_private.claims set value = '"much"' where key = 'l2' and value = '102';
select is((select format('%s %s', v.col, v.problem) from ownership.verify() v where v.element is null), 'watts cannot be compared',
  'a claim that does not fit its column is named, and does not stop the others');

select is(pg_temp.lost_to_a_program(), array['tags of l2 element is missing: "VIP", not ["source", "shared"]'],
  'a program that may read the table sees the values');
revoke all on lamps from service_role;
select is(pg_temp.lost_to_a_program(), array['tags of l2 element is missing: NULL, not NULL'],
  'one that may not is told of the loss without them');

select * from finish();
rollback;
