-- diff tells of each owned cell that changed between two marks what stood there, what came, and who wrote it.
begin;
set local search_path = public, extensions;
select plan(7);

create table maps (external_id text primary key, title text, scale integer, tags text[]);
select ownership.protect('maps', col) from unnest('{title,scale,tags}'::name[]) col;
grant all on maps to gazelle_sync, pls_detector;

create function pg_temp.mark(wanted text) returns bigint language sql as $$
  select m.id from ownership.marks m where m.label = wanted
$$;
create function pg_temp.diff(from_label text, to_label text) returns text[] language sql as $$
  select coalesce(array_agg(concat_ws(' ', d.col, d.key, nullif(d.element, ''), coalesce(d.from_value::text, 'null'), '->',
    coalesce(d.to_value::text, 'null'), 'by', d.writer) order by d.key, d.col, d.element), '{}')
  from ownership.diff(pg_temp.mark(from_label), pg_temp.mark(to_label)) d
  where d.tbl = 'maps'::regclass
$$;

set local role gazelle_sync;
insert into maps select 'm' || i, 'source', 100, '{paper}' from generate_series(1, 3) i;
reset role;
select ownership.mark('one');
update maps set title = 'first', tags = '{Paper,Rare}' where external_id = 'm1';
set local role pls_detector;
update maps set scale = 200 where external_id = 'm2';
reset role;
select ownership.mark('two');
update maps set title = 'second', tags = '{rare}' where external_id = 'm1';
update maps set scale = 300 where external_id = 'm2';
update maps set title = 'there and back' where external_id = 'm3';
select ownership.mark('three');
update maps set title = 'source' where external_id = 'm3';

select is(pg_temp.diff('one', 'two'), array[
  'tags m1 rare null -> "Rare" by postgres', 'title m1 "source" -> "first" by postgres', 'scale m2 100 -> 200 by pls_detector'
], 'the first step');
select is(pg_temp.diff('two', 'three'), array[
  'tags m1 paper "Paper" -> null by postgres', 'title m1 "first" -> "second" by postgres', 'scale m2 200 -> 300 by postgres',
  'title m3 "source" -> "there and back" by postgres'
], 'the second');
select is(pg_temp.diff('one', 'three'), array[
  'tags m1 paper "Paper" -> null by postgres', 'tags m1 rare null -> "Rare" by postgres',
  'title m1 "source" -> "second" by postgres', 'scale m2 100 -> 300 by postgres', 'title m3 "source" -> "there and back" by postgres'
], 'both at once');
select is(pg_temp.diff('one', null), array[
  'tags m1 paper "Paper" -> null by postgres', 'tags m1 rare null -> "Rare" by postgres',
  'title m1 "source" -> "second" by postgres', 'scale m2 100 -> 300 by postgres'
], 'until now: what came back is no difference');
select is(pg_temp.diff('two', 'two'), '{}', 'a mark is like itself');

create function pg_temp.seen_by_a_program() returns bigint language sql set role = 'service_role' as $$
  select count(*) from ownership.diff((select min(m.id) from ownership.marks m where m.label = 'one')) d
  where d.tbl = 'maps'::regclass
$$;
select is(pg_temp.seen_by_a_program(), 0::bigint, 'a program that may not read the table sees nothing of it');
grant select on maps to service_role;
select is(pg_temp.seen_by_a_program(), 4::bigint, 'one that may sees it all');

select * from finish();
rollback;
