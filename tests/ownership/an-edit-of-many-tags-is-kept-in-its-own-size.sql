-- The history tells of each element of a set alone. An edit of a thousand tags is kept in about its own size, and not
-- with both whole sets in each of a thousand entries.
begin;
set local search_path = public, extensions;
select plan(5);

create table pianos (external_id text primary key, tags text[] not null default '{}');
select ownership.protect('pianos', 'tags');
insert into pianos values ('p1', array(select 'tag number ' || i from generate_series(1, 1000) i)), ('p2', '{a}');
select is((select count(*) from ownership.history h where h.key = 'p1' and h.event = 'claimed'), 1000::bigint,
  'each tag has an entry');
select cmp_ok((select sum(pg_column_size(h)) from ownership_private.history h where h.key = 'p1'), '<', 400000::bigint,
  'which is as long as a line');

update pianos set tags = '{"tag number 1",new}' where external_id = 'p1';
select cmp_ok((select sum(pg_column_size(h)) from ownership_private.history h where h.key = 'p1' and h.event = 'removed'),
  '<', 400000::bigint, 'also of what was taken out');
update pianos set tags = '{" A ",b}' where external_id = 'p2';
update pianos set tags = '{b}' where external_id = 'p2';
select results_eq($$select h.element collate "default", h.event, h.old_value, h.new_value from ownership.history h
    where h.key = 'p2' order by h.id$$,
  $$values ('a', 'claimed', null::jsonb, '"a"'::jsonb), ('b', 'claimed', null, '"b"'), ('a', 'removed', '" A "', null)$$,
  'an entry has the element as it was spelled');
select results_eq($$select c.element collate "default", c.removed, c.value from ownership.claims c
    where c.key = 'p2' order by 1$$,
  $$values ('a', true, '" A "'::jsonb), ('b', false, '"b"')$$, 'and so has its claim');

select finish();
rollback;
