-- Of values that were kept out the newest stay: a number a cell, and none that is too old. People say how many.
begin;
set local search_path = public, extensions;
select plan(9);

create table maps (external_id text primary key, title text);
select ownership.protect('maps', 'title');
grant all on maps to gazelle_sync;
create function pg_temp.pruned() returns text language sql as $$
  select p.pruned::text from ownership.prune() p where p.kind = 'blocked_writes'
$$;

set local role gazelle_sync;
insert into maps values ('m1', 'source');
reset role;
update maps set title = 'mine' where external_id = 'm1';
set local role gazelle_sync;
do $$ begin for i in 1..30 loop update public.maps set title = 'offer ' || i where external_id = 'm1'; end loop; end $$;
reset role;
select is((select count(*) from ownership.blocked_writes b where b.key = 'm1' and b.col = 'title'), 30::bigint,
  'thirty values were kept out of one cell');
select is(pg_temp.pruned(), '9', 'twenty stay in the record, besides the one on offer');
select is((select c.offered from ownership.claims c where c.key = 'm1' and c.col = 'title'), '"offer 30"', 'which stays');

set local role gazelle_sync;
do $$ begin for i in 1..30 loop update public.maps set external_id = 'k' || i where external_id = 'm1'; end loop; end $$;
reset role;
select is(pg_temp.pruned(), '10', 'and twenty keys that a source would have given the row');

select lives_ok($$select ownership.set_retention(blocked_writes => '10 days', offers_per_cell => 5)$$, 'a person changes it');
select is((select r from ownership.retention r)::text, '("400 days","10 days","400 days",5)', 'the rest stays as it was');
select throws_ok($$select ownership.set_retention(history => '0')$$, 'OW015', 'too little would be kept (history: 00:00:00)',
  'a retention of nought is refused');
select throws_ok($$set local role service_role; select ownership.prune()$$, '42501', 'permission denied for function prune',
  'a program prunes nothing');
select throws_ok($$set local ownership.writer = 'pls_detector'; select ownership.prune()$$, 'OW001',
  'prune needs rank 100, and pls_detector has rank 50', 'nor who acts as one');

select finish();
rollback;
