-- A restore takes no cell from its owner: of a cell that was restored long ago, the owner's last entry stays as well.
begin;
set local search_path = public, extensions;
select plan(3);

create table maps (external_id text primary key, scale integer);
select ownership.protect('maps', 'scale');
grant all on maps to gazelle_sync, pls_detector;
create function pg_temp.age() returns void language sql as $$
  update ownership_private.history set at = at - interval '450 days';
  update ownership_private.marks set at = at - interval '450 days';
  update ownership_private.policies set enrolled_at = enrolled_at - interval '450 days';
$$;

set local role gazelle_sync;
insert into maps values ('m1', 100);
set local role pls_detector;
update maps set scale = 200;
reset role;
select ownership.mark('first');
set local role pls_detector;
update maps set scale = 300;
reset role;
select count(*) from ownership.restore((select max(m.id) from ownership.marks m), dry_run => false);
select is(scale, 200, 'restored') from maps;
select pg_temp.age();
select ownership.mark('oldest kept');
set local role pls_detector;
update maps set scale = 400;
reset role;
select pg_temp.age();

select is((select p.pruned from ownership.prune() p where p.kind = 'history'), 2::bigint, 'its first two entries are pruned');
select count(*) from ownership.marks m, ownership.restore(m.id, dry_run => false) where m.label = 'oldest kept';
select is((select concat_ws(' ', c.writer, c.value, m.scale) from ownership.claims c, maps m where c.tbl = 'maps'::regclass),
  'pls_detector 200 200', 'a restore to the oldest mark gives the cell back to its owner');

select finish();
rollback;
