-- The badge is the detector's: Gazelle cannot blank it, a person overrules it for good and may give it back.
begin;
set local search_path = public, extensions;
select plan(13);

create function pg_temp.badge() returns boolean language sql as $$
  select dampp_chaser_installed from gazelle_pianos where external_id = 'ins_1'
$$;
create function pg_temp.owner() returns text language sql as $$
  select writer::text from ownership.claims
  where tbl = 'gazelle_pianos'::regclass and col = 'dampp_chaser_installed' and key = 'ins_1'
$$;
create function pg_temp.report(key text, full_pass boolean default false) returns integer language sql as $$
  select (detect_pls(full_pass) ->> key)::integer
$$;

set local role gazelle_sync;
insert into gazelle_pianos (external_id, dampp_chaser_installed) values ('ins_1', false);
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, title)
values ('tme_1', 'ins_1', '2024-01-01', 'USER_COMMENT', 'Entretien PLS');
reset role;
select is(pg_temp.report('badges_set'), 1, 'the detector sets it');
select is(pg_temp.owner(), 'pls_detector', 'and owns it');

set local role gazelle_sync;
update gazelle_pianos set dampp_chaser_installed = false where external_id = 'ins_1';
reset role;
select is(pg_temp.badge(), true, 'Gazelle''s false does not blank it');
select is(pg_temp.report('badges_taken'), 0, 'nor does the next pass');

update gazelle_pianos set dampp_chaser_installed = false where external_id = 'ins_1';
select is(pg_temp.report('overruled', true), 1, 'a person says no, and a full pass reports it');
select is(pg_temp.badge(), false, 'and leaves it');
set local role gazelle_sync;
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, title)
values ('tme_2', 'ins_1', '2025-01-01', 'USER_COMMENT', 'Buvards neufs');
reset role;
select is(pg_temp.report('badges_set'), 0, 'new evidence does not change a person''s word');

select ownership.release('gazelle_pianos', 'ins_1', 'dampp_chaser_installed');
select is(pg_temp.badge(), false, 'given back, what Gazelle sent last stands there');
select is(pg_temp.report('badges_set'), 1, 'and the next pass decides anew');

delete from gazelle_timeline_entries where piano_id = 'ins_1';
select is(pg_temp.report('badges_taken'), 1, 'once nothing speaks for it, the badge goes');
select is(pg_temp.owner(), null, 'and is nobody''s');

select ownership.register_writer('service_role', 20, claims => true);
set local role service_role;
update gazelle_pianos set dampp_chaser_installed = true where external_id = 'ins_1';
insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, title)
values ('tme_3', 'ins_1', '2025-02-01', 'USER_COMMENT', 'PLS retiré');
reset role;
select is(pg_temp.report('badges_taken'), 1, 'the badge of a program that claims gives way to a removal');
select is(pg_temp.badge(), false, 'as the notes say');

select * from finish();
rollback;
