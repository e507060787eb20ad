-- What restore concludes where claims and history differ: after unprotect, a forgotten removal, a pruned history.
begin;
set local search_path = public, extensions;
select plan(7);

create table shelves (external_id text primary key, label text, tags text[]);
select ownership.protect('shelves', col) from unnest('{label,tags}'::name[]) col;
grant all on shelves to gazelle_sync;

create function pg_temp.restored(mark text) returns text[] language sql as $$
  select coalesce(array_agg(format('%s %s of %s: %s', r.action, r.col, r.key, r.restored_value) order by r.key, r.col), '{}')
  from ownership.restore((select max(m.id) from ownership.marks m where m.label = mark), 'shelves', dry_run => false) r
$$;
create function pg_temp.sync_sends(sent text[]) returns void language sql set role = 'gazelle_sync' as $$
  update shelves set tags = sent
$$;
create function pg_temp.lose(change text) returns void language plpgsql as $$
begin
  alter table shelves disable trigger user;
  execute change;
  perform ownership.repair('shelves');
end
$$;

set local role gazelle_sync;
insert into shelves values ('s1', 'source', '{oak,old}');
reset role;
update shelves set tags = '{oak,Mine}', label = 'person';
select ownership.mark('removed');
select pg_temp.sync_sends('{oak}');
select ownership.mark('forgotten');
select pg_temp.sync_sends('{oak,old}');
select is(pg_temp.restored('forgotten'), '{}', 'a removal that has done its work does not take out what the source adds anew');
select is((select tags from shelves), '{oak,Mine,old}', 'the element is the source''s again');

select ownership.mark('protected');
select ownership.unprotect('shelves', 'tags');
update shelves set tags = '{}';
select ownership.protect('shelves', 'tags');
select is(pg_temp.restored('protected'), array['restored tags of s1: ["Mine"]'], 'what was lost while nothing protected it comes back');
select pg_temp.sync_sends('{oak}');
select is((select tags from shelves), '{Mine,oak}', 'owned, so that the next sync adds to it');

select pg_temp.lose($$delete from ownership_private.history; update shelves set label = 'lost'$$);
select is(pg_temp.restored('protected'), array['restored label of s1: "person"'], 'where the history was pruned the claim speaks for itself');

update shelves set label = 'under the first policy';
select ownership.unprotect('shelves', 'label');
select ownership.protect('shelves', 'label');
select ownership.mark('protected anew');
update shelves set label = 'newer';
delete from ownership_private.claims;
delete from ownership_private.history where at > (select max(m.at) from ownership.marks m);
select is(pg_temp.restored('protected anew'), '{}', 'what was owned under an earlier policy was not owned at a mark of this one');

update shelves set label = 'mine' where external_id = 's1';
update ownership_private.claims set rank = 10, writer = 'gazelle_sync' where element = '';
update ownership_private.history set writer = 'gazelle_sync' where element = '';
select ownership.mark('of the sync');
select pg_temp.lose($$update shelves set label = 'sync again'$$);
select is(pg_temp.restored('of the sync'), '{}', 'a claim of a writer that leaves none binds nobody');

select * from finish();
rollback;
