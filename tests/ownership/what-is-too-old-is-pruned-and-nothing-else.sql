-- prune deletes what is older than the retention. What a claim, a kept mark or an undo rests on stays.
begin;
set local search_path = public, extensions;
select plan(12);

create table maps (external_id text primary key, title text, scale integer, tags text[]);
select ownership.protect('maps', col) from unnest('{title,scale,tags}'::name[]) col;
grant all on maps to gazelle_sync, pls_detector;
create function pg_temp.age(by interval) returns void language sql as $$
  update ownership_private.history set at = at - by;
  update ownership_private.marks set at = at - by;
  update ownership_private.claims set since = since - by;
  update ownership_private.policies set enrolled_at = enrolled_at - by;
  update ownership_private.blocked_writes set first_at = first_at - by, last_at = last_at - by;
$$;
create function pg_temp.pruned(dry boolean) returns jsonb language sql as $$
  select jsonb_object_agg(kind, pruned) filter (where pruned > 0) from ownership.prune(dry)
$$;

set local role gazelle_sync;
insert into maps select 'm' || i, 'source', 100, '{paper}' from generate_series(1, 3) i;
reset role;
select ownership.mark('two years ago');
-- A cell with a long past, an element that came and went, a cell that was given back.
update maps set title = 'title 1', tags = '{paper,"tag 1"}' where external_id = 'm1';
update maps set title = 'title 3', tags = '{rare}' where external_id = 'm1';
update maps set scale = 5 where external_id = 'm3';
select ownership.release('maps', 'm3', 'scale');
set local role pls_detector;
update maps set scale = 200 where external_id in ('m1', 'm2');
reset role;
-- A key that changes, and that another row then takes.
update maps set external_id = 'm9' where external_id = 'm2';
set local role pls_detector;
insert into maps values ('m2', 'another row', 7);
update maps set scale = 8 where external_id = 'm2';
reset role;
select pg_temp.age('200 days');
-- The last mark before the time up to which the history is kept: it serves for that time, and is kept as well.
select ownership.mark('a year and a half ago');
update maps set title = 'between' where external_id = 'm1';
set local role pls_detector;
update maps set scale = 300 where external_id in ('m1', 'm9');
reset role;
select pg_temp.age('400 days');
select ownership.mark('half a year ago');
update maps set title = 'title 4', tags = '{rare,framed}' where external_id = 'm1';
update maps set title = 'new key' where external_id = 'm9';
select pg_temp.age('180 days');
select ownership.mark('now');
create temporary table before as select m.label, d.* from ownership.marks m, ownership.diff(m.id) d where m.label <> 'two years ago';
create temporary table planned as
select m.label, r.* from ownership.marks m, ownership.restore(m.id, dry_run => true) r where m.label <> 'two years ago';
create temporary table owned as select * from ownership.claims;
create temporary table entries as select h.* from ownership_private.history h;

select isnt(pg_temp.pruned(true), null, 'a dry run counts what would go');
select results_eq('table entries order by id', 'select * from ownership_private.history order by id', 'and deletes nothing');
create temporary table counted as select * from ownership.prune(true);
select results_eq('select * from ownership.prune()', 'table counted', 'what goes is what was counted');
select is(pg_temp.pruned(false), null, 'a second time there is nothing left to prune');
select cmp_ok((select count(*) from ownership_private.history), '<', (select count(*) from entries), 'the history is shorter');
select set_eq('select m.label, d.* from ownership.marks m, ownership.diff(m.id) d', 'table before',
  'every kept mark tells the same differences');
select set_eq('select m.label, r.* from ownership.marks m, ownership.restore(m.id, dry_run => true) r', 'table planned',
  'and would restore the same');
select set_eq('table ownership.claims', 'table owned', 'no claim is gone');
select is_empty($$select from ownership.verify() v where v.problem is not null$$, 'verify finds nothing');
select is((select count(*) from ownership_private.history h where h.event = 'moved'), (select count(*) from entries e
  where e.event = 'moved'), 'every change of a key stays');

select count(*) from ownership.marks m, ownership.restore(m.id, dry_run => false) where m.label = 'a year and a half ago';
select is((select array_agg(concat_ws(' ', c.key, c.writer, c.value) order by c.key) from ownership.claims c
    where c.col = 'scale'), '{m1 pls_detector 200,m2 pls_detector 8,m9 pls_detector 200}',
  'a restore to the oldest mark brings back value and owner, each under the key of today');
select throws_ok(format('select ownership.restore(%s)', min(m.id) - 1), 'OW012', format('mark %s is not kept any more',
  min(m.id) - 1), 'a mark that was pruned is told from one that never was') from ownership.marks m;
select finish();
rollback;
