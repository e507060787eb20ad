-- What the table's types refuse goes to quarantine whole, with the reason; the rest of the page is staged.
begin;
set local search_path = public, extensions;
select plan(6);

create temporary table run on commit drop as
select r.* from jsonb_to_record(sync_start_run('pianos', 'test')) r (run_id bigint, lease uuid);

select is(sync_stage_page(run_id, lease,
  '[{"external_id": "a", "year": 1921}, {"external_id": "b", "year": 99999999999},
    {"external_id": "c", "dampp_chaser_mfg_date": "0000-01-01"}, {"external_id": "d", "updated_at": "soon"}]',
  '[{"external_id": null, "path": "notes", "reason": "a NUL", "payload": "{\"notes\": \"a\\u0000b\"}"}]',
  null, true, 5),
  '{"step": "plan", "staged": 1, "rejected": 4, "wanted": []}', 'one record is sound, four are not') from run;

select is((select array_agg(id) from sync.staged_pages p, unnest(p.ids) id where p.stream = 'pianos'), '{a}',
  'the sound one is staged');
select set_eq($$ select r.external_id from sync.rejected_records r $$, array['b', 'c', 'd', null],
  'the others are in quarantine');
select is((select r.payload::text from sync.rejected_records r where r.external_id = 'b'),
  '{"year": 99999999999, "external_id": "b"}', 'whole, with no field nulled');
select is((select r.payload::text from sync.rejected_records r where r.path = 'notes'),
  '{"notes": "a\u0000b"}', 'even where jsonb could not hold it');

create domain public.plain_text as text check (value ~ '^[a-z]*$');
create table public.plain (external_id text, model plain_text);
select is(array[sync.can_store_all('plain', '[{"model": "B 211"}]')::text, sync.why_not_stored('plain', '{"model": "B 211"}')],
  '{false,"value for domain public.plain_text violates check constraint \"plain_text_check\""}', 'a type may have constraints');

select * from finish();
rollback;
