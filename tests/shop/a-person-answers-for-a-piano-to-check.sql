-- Yes and no are claims of the person who answers: they stand, whatever notes say later, and a strong note against them
-- is on the list.
begin;
set local search_path = public, extensions;
select plan(16);

create function pg_temp.note(piano text, at timestamptz, note text) returns void language sql as $$
  insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
  values (piano || md5(note), piano, at, 'SERVICE_ENTRY_MANUAL', note)
$$;
create function pg_temp.found(piano text) returns text language sql as $$
  select concat_ws(' ', coalesce(p.dampp_chaser_installed::text, 'null'), c.writer, t.reason)
  from gazelle_pianos p
  left join ownership.claims c on c.tbl = 'gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.key = piano
  left join pls_to_check t on t.piano = p.external_id
  where p.external_id = found.piano
$$;

set local role gazelle_sync;
insert into gazelle_pianos (external_id, dampp_chaser_installed) values ('ins_yes', false), ('ins_no', false), ('ins_open', null);
select pg_temp.note(p, '2020-01-01', 'Accord, PLS') from unnest('{ins_yes,ins_no,ins_open}'::text[]) p;
reset role;
select detect_pls();
select is((select count(*) from pls_to_check)::integer, 3, 'three pianos are to check');

set local role manual_editor;
select pls_answer('ins_yes', true), pls_answer('ins_no', false);
reset role;
select is(pg_temp.found('ins_yes'), 'true manual_editor', 'yes is that person''s badge');
select is(pg_temp.found('ins_no'), 'false manual_editor', 'no as well, though nothing changed');
select is((select string_agg(piano, ' ') from pls_to_check), 'ins_open', 'what is answered leaves the list');

set local role gazelle_sync;
select pg_temp.note('ins_yes', now() + '1 day', 'PLS retiré'), pg_temp.note('ins_no', now() + '1 day', 'PLS installé');
select pg_temp.note('ins_open', now() + '1 day', 'PLS rempli');
reset role;
select is((detect_pls() ->> 'overruled')::integer, 2, 'newer notes say otherwise');
select is(pg_temp.found('ins_yes'), 'true manual_editor newer than what manual_editor set', 'the answer stands, and is on the list');
select is(pg_temp.found('ins_no'), 'false manual_editor newer than what manual_editor set', 'either way');
select is(pg_temp.found('ins_open'), 'true pls_detector', 'who was not asked is not meant');

set local role gazelle_sync;
insert into gazelle_pianos (external_id, dampp_chaser_installed) values ('ins_said', true);
reset role;
select detect_pls();
select is(pg_temp.found('ins_said'), 'true', 'Gazelle says that there is one');
set local role manual_editor;
select pls_answer('ins_said', false);
reset role;
select is(pg_temp.found('ins_said'), 'false manual_editor', 'a person who says no to that is believed');
set local role gazelle_sync;
update gazelle_pianos set dampp_chaser_installed = true where external_id = 'ins_said';
reset role;
select is((detect_pls(true) ->> 'overruled')::integer, 3, 'Gazelle says it again');
select is(pg_temp.found('ins_said'), 'false manual_editor', 'which takes nothing, and is no news');
set local role gazelle_sync;
update gazelle_pianos set dampp_chaser_mfg_date = current_date + 2 where external_id = 'ins_said';
select pg_temp.note('ins_said', now() + '2 days', 'PLS installé');
reset role;
select detect_pls();
select is(pg_temp.found('ins_said'), 'false manual_editor newer than what manual_editor set', 'a newer strong word is listed');

select tests.refuses($$select pls_answer('ins_9', true)$$, 'PT404', 'there is no piano ''ins_9''',
  'gazelle_pianos has no such external_id.', 'Give a piano''s external_id: ins_ and 16 letters or digits.');
select tests.refuses($$select pls_answer('ins_no', null)$$, 'PT422', 'the answer for piano ''ins_no'' is null',
  'installed says whether a system is in the piano.', 'Answer true or false.');
set local role service_role;
select throws_ok($$select pls_answer('ins_no', true)$$, '42501', 'permission denied for function pls_answer', 'a key is no person');
reset role;

select * from finish();
rollback;
