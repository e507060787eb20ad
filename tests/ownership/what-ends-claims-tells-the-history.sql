-- Restore, unadopt and a key that another row gets end claims, and tell the history of each.
begin;
set local search_path = public, extensions;
select plan(4);

select tests.make_bells();

select tests.fill_bells();
delete from bells where external_id = 'b2';
update bells set external_id = 'b2' where external_id = 'b1';
select is((select count(*) from ownership_private.history h
    where h.id > (select max(last) from tests.known) and h.key = 'b2' and event = 'released' and tbl = 'public.bells'),
  4::bigint, 'claims of a deleted row, under a key that another row gets');

select tests.fill_bells();
select ownership.mark('at first');
set local role pls_detector;
update bells set note = 'derived anew';
reset role;
select ownership.restore((select max(id) from ownership.marks), dry_run => false);
select is((select unsaid from tests.ended()), 0::bigint, 'a restore that ends claims');

select tests.fill_bells();
delete from ownership_private.claims where element <> '';
select ownership.adopt('bells', 'tags'), tests.note_claims();
set local role gazelle_sync;
update bells set tags = '{loud,old}';
reset role;
select ownership.unadopt('bells', 'tags', now(), '{b1,b2}', 'gazelle_sync');
select is((select unsaid from tests.ended() where ended > 0), 0::bigint, 'unadopt');

-- A function that is not among these is new, and has to be tried, too.
select bag_eq(
  $$select proname::text collate "default" from pg_proc p join pg_namespace n on n.oid = pronamespace
    where nspname like 'ownership%'
      and prosrc ~* 'delete\s+from\s+(only\s+)?ownership_private\.(claims|policies|protected_tables)'$$,
  $$values ('release_cell'), ('unadopt'), ('move_key'), ('forget_removed'), ('claims_written_sql'),
    ('unprotect'), ('end_policy'), ('follow_table')$$,
  'the functions that end claims are those tried here and by unprotect''s own tests');

select * from finish();
rollback;
