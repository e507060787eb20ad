-- Each way in which a write or a release ends a claim leaves a line in the history: none is given up unseen.
begin;
set local search_path = public, extensions;
select plan(6);

create table bells (external_id text primary key, place text, note text, tags text[]);
select ownership.protect('bells', c) from unnest('{place,note,tags}'::name[]) c;
grant all on bells to gazelle_sync, manual_editor, service_role, pls_detector;

create temp table known as
select c.*, p.col, 0::bigint as last from ownership_private.claims c, ownership_private.policies p limit 0;

-- A table whose every cell a person or the detector owns, and what is claimed in it.
create function pg_temp.fill() returns void language plpgsql as $$
begin
  delete from bells;
  delete from ownership_private.bases b using known k where b.policy_id = k.policy_id;
  delete from ownership_private.claims c using known k where c.policy_id = k.policy_id;
  set local role gazelle_sync;
  insert into bells select k, 'Salle A', 'sent', '{old,loud}' from unnest('{b1,b2}'::text[]) k;
  set local role pls_detector;
  update bells set note = 'derived';
  set local role manual_editor;
  update bells set place = 'Studio 4', tags = '{loud,mine}';
  reset role;
  perform pg_temp.note();
end $$;
create function pg_temp.note() returns void language sql as $$
  delete from known;
  insert into known select c.*, p.col, (select max(id) from ownership_private.history)
  from ownership_private.claims c
  join ownership_private.policies p on p.id = c.policy_id
  join ownership_private.protected_tables t on t.id = p.table_id and t.tbl = 'bells'::regclass
$$;

-- How many claims have ended or changed hands since, and how many of them without a line of the cell.
create function pg_temp.ended(out ended bigint, out unsaid bigint) language sql as $$
  select count(*), count(*) filter (where not exists (
    select from ownership_private.history h
    where h.id > k.last and h.tbl = 'public.bells' and h.col = k.col
      and (h.key = k.key or h.event = 'moved' and h.old_value #>> '{}' = k.key) and h.element in (k.element, '')))
  from known k
  where not exists (select from ownership_private.claims c where c.policy_id = k.policy_id and c.key = k.key
    and c.element = k.element and c.removed = k.removed and c.writer = k.writer)
$$;
create function pg_temp.says(ended bigint, what text) returns text language sql as $$
  select is(e::text, format('(%s,0)', says.ended), what) from pg_temp.ended() e
$$;

select pg_temp.fill();
select ownership.release('bells', 'b1', 'place');
select pg_temp.says(1, 'release of a value');
select ownership.release('bells', 'b1', 'tags');
select pg_temp.says(3, 'release of a set');

select pg_temp.fill();
set local role manual_editor;
update bells set note = 'by hand', tags = '{old,loud}' where external_id = 'b1';
reset role;
select pg_temp.says(3, 'a higher rank, and a change of mind');

select pg_temp.fill();
set local role gazelle_sync;
update bells set tags = '{loud}' where external_id = 'b1';
reset role;
select pg_temp.says(1, 'a removal that has done its work, because the source dropped the tag');
set local role service_role;
delete from bells where external_id = 'b2';
set local role gazelle_sync;
insert into bells (external_id, tags) values ('b2', '{loud}');
update bells set tags = '{loud,new}' where external_id = 'b2';
reset role;
select pg_temp.says(2, 'the same after delete and insert');

select pg_temp.fill();
update bells set external_id = 'b3' where external_id = 'b1';
select pg_temp.says(4, 'a changed key');

select * from finish();
rollback;
