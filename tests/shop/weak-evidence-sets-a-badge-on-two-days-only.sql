-- Strong evidence sets or takes a badge. Weak evidence needs a second day, and undoes nothing that is strong.
begin;
set local search_path = public, extensions;
select plan(9);

create function pg_temp.entry(piano text, at date, note text) returns void language sql as $$
  insert into gazelle_pianos (external_id) values (piano) on conflict do nothing;
  insert into gazelle_timeline_entries (external_id, piano_id, occurred_at, entry_type, description)
  values (piano || at || md5(note), piano, at, 'SERVICE_ENTRY_MANUAL', note)
$$;
create function pg_temp.found(piano text) returns text language sql as $$
  select concat_ws(', ', case when p.dampp_chaser_installed then 'badge' else 'none' end, c.reason, c.sentence)
  from gazelle_pianos p left join pls_to_check c on c.piano = p.external_id where p.external_id = found.piano
$$;

set local role gazelle_sync;
select pg_temp.entry('ins_named', '2020-01-01', 'Accord, PLS');
select pg_temp.entry('ins_same_day', '2020-01-01', 'Accord, PLS'), pg_temp.entry('ins_same_day', '2020-01-01', 'PLS et clavier');
select pg_temp.entry('ins_two_days', '2020-01-01', 'Accord, PLS'), pg_temp.entry('ins_two_days', '2021-01-01', 'PLS et clavier');
select pg_temp.entry('ins_gone', '2018-01-01', 'PLS retiré'), pg_temp.entry('ins_gone', '2020-01-01', 'Accord, PLS'),
  pg_temp.entry('ins_gone', '2021-01-01', 'PLS et clavier');
select pg_temp.entry('ins_had', '2018-01-01', 'PLS rempli'), pg_temp.entry('ins_had', '2020-01-01', 'Il y avait un PLS');
select pg_temp.entry('ins_asked', '2020-01-01', 'Impossible de dire s''il y a un PLS');
select pg_temp.entry('ins_offered', '2020-01-01', 'PLS recommandé'), pg_temp.entry('ins_offered', '2021-01-01', 'PLS commandé');
insert into gazelle_pianos (external_id, dampp_chaser_installed) values ('ins_upstream', true);
select pg_temp.entry('ins_upstream', '2099-01-01', 'Il y avait un PLS');
reset role;
select detect_pls();

select is(pg_temp.found('ins_named'), 'none, not sure, Accord, PLS', 'a name alone is asked about');
select ok(pg_temp.found('ins_same_day') like 'none, not sure, %', 'so are two on one day');
select is(pg_temp.found('ins_two_days'), 'badge', 'two days make a badge');
select is(pg_temp.found('ins_gone'), 'none, newer than its removal, and not sure, PLS et clavier', 'but not after a removal');
select is(pg_temp.found('ins_had'), 'badge, perhaps it is gone, Il y avait un PLS', 'nor does a weak word take one');
select is(pg_temp.found('ins_asked'), 'none, not sure, Impossible de dire s''il y a un PLS', 'what nobody knows is asked');
select is(pg_temp.found('ins_offered'), 'none', 'what is understood is not');
select is(pg_temp.found('ins_upstream'), 'badge, perhaps it is gone, Il y avait un PLS', 'Gazelle''s own field is strong');
select is(
  (select grade || ' ' || says from pls_explain('ins_asked') where source = 'notes'), 'weak unclear', 'pls_explain tells the grade');

select * from finish();
rollback;
