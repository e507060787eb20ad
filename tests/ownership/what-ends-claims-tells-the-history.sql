-- Restore, unadopt and a key that another row gets end claims, and tell the history of each.
begin;
set local search_path = public, extensions;
select plan(4);

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

select pg_temp.fill();
delete from bells where external_id = 'b2';
update bells set external_id = 'b2' where external_id = 'b1';
select is((select count(*) from ownership_private.history h
    where h.id > (select max(last) from known) and h.key = 'b2' and event = 'released' and tbl = 'public.bells'),
  4::bigint, 'claims of a deleted row, under a key that another row gets');

select pg_temp.fill();
select ownership.mark('at first');
set local role pls_detector;
update bells set note = 'derived anew';
reset role;
select ownership.restore((select max(id) from ownership.marks), dry_run => false);
select is((select unsaid from pg_temp.ended()), 0::bigint, 'a restore that ends claims');

select pg_temp.fill();
delete from ownership_private.claims where element <> '';
select ownership.adopt('bells', 'tags'), pg_temp.note();
set local role gazelle_sync;
update bells set tags = '{loud,old}';
reset role;
select ownership.unadopt('bells', 'tags', now(), '{b1,b2}', 'gazelle_sync');
select is((select unsaid from pg_temp.ended() where ended > 0), 0::bigint, 'unadopt');

-- A function that is not among these is new, and has to be tried, too.
select bag_eq(
  $$select proname::text collate "default" from pg_proc p join pg_namespace n on n.oid = pronamespace
    where nspname like 'ownership%'
      and prosrc ~* 'delete\s+from\s+(only\s+)?ownership_private\.(claims|policies|protected_tables)'$$,
  $$values ('release_cell'), ('unadopt'), ('move_key'), ('forget_removed'), ('claims_written_sql'),
    ('unprotect')$$, 'the functions that end claims are those tried here and by unprotect''s own tests');

select * from finish();
rollback;
