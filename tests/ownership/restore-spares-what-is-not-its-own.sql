-- restore touches a cell only if its last change is newer than the mark and no person's; each other case on its own.
begin;
set local search_path = public, extensions;
select plan(11);

create table bells (region text, number text, tone text, weight numeric, tags text[], primary key (region, number));
select ownership.protect('bells', col) from unnest('{tone,weight,tags}'::name[]) col;
grant all on bells to gazelle_sync, pls_detector;

create function pg_temp.restored(mark text, columns name[] default null) returns text[] language sql as $$
  select coalesce(array_agg(format('%s %s of %s: %s', r.action, r.col, r.key, coalesce(r.restored_value, 'null'))
    order by r.key, r.action desc, r.col), '{}')
  from ownership.restore((select max(m.id) from ownership.marks m where m.label = mark), 'bells', columns, false) r
$$;

set local role gazelle_sync;
insert into bells select 'QC', 'n' || i, 'source', i, '{cast}' from generate_series(1, 4) i;
reset role;
update bells set tone = 'c', tags = '{cast,Old}' where number = 'n1';
select ownership.mark('start');

set local role gazelle_sync;
update bells set weight = 99, tags = '{cast,new}';
reset role;
select is(pg_temp.restored('start'), '{}', 'what a source wrote where nobody owns anything is the source''s');

set local role pls_detector;
update bells set weight = 5 where number = 'n2';
insert into bells values ('QC', 'n9', 'detected', 7, '{}');
reset role;
select is(pg_temp.restored('start'), array[
  'restored weight of ["QC", "n2"]: 99', 'conflict tone of ["QC", "n9"]: "detected"', 'conflict weight of ["QC", "n9"]: 7'
], 'what a program claimed goes back to what stood there; of a row that is new nothing is known');
select is_empty($$select * from ownership.claims where key = '["QC", "n2"]'$$, 'and is unowned again, as it was');

update bells set tone = null where number = 'n1';
select is(pg_temp.restored('start', '{tone}'), array['conflict tone of ["QC", "n1"]: null', 'conflict tone of ["QC", "n9"]: "detected"'],
  'what a person cleared on purpose stays clear');

update bells set tags = case number when 'n1' then '{Old}' else '{cast,Bronze}' end::text[] where number in ('n1', 'n2');
select ownership.mark('sets');
alter table bells disable trigger user;
update bells set tags = case number when 'n1' then '{cast}' else '{new}' end::text[] where number in ('n1', 'n2');
select ownership.repair('bells');
update bells set tags = tags || '{mine}' where number = 'n1';
select is(pg_temp.restored('sets', '{tags}'), array[
  'restored tags of ["QC", "n1"]: ["mine", "Old"]', 'conflict tags of ["QC", "n1"]: ["cast", "mine"]',
  'restored tags of ["QC", "n2"]: ["Bronze"]'
], 'of a set the elements that were lost come back in their spelling, those taken out go, a newer one stays');

set local role gazelle_sync;
update bells set tags = '{cast,new}';
reset role;
select is((select array_agg(tags::text order by number) from bells where number in ('n1', 'n2')), array['{mine,Old}', '{Bronze,cast}'],
  'and the next merge lets none of them go, none of those in, and brings back what the source alone had');

update bells set tone = 'd' where number = 'n3';
select ownership.mark('rows');
update bells set number = 'n33' where number = 'n3';
delete from bells where number = 'n1';
alter table bells disable trigger user;
update bells set tone = 'lost' where number = 'n33';
select ownership.repair('bells');
select is(pg_temp.restored('rows'), array['restored tone of ["QC", "n33"]: "d"'], 'a cell is followed to the new key of its row; a row that is gone is not made');

select ownership.unprotect('bells', 'tone');
update bells set tone = 'unguarded';
select ownership.protect('bells', 'tone');
select is(pg_temp.restored('rows', '{tone}'), array['restored tone of ["QC", "n33"]: "d"', 'restored tone of ["QC", "n9"]: "detected"'],
  'what was overwritten while the column was not protected comes back from the history');
select is((select writer::text from ownership.claims where key = '["QC", "n33"]' and col = 'tone'), 'postgres', 'with its owner');

set local role pls_detector;
update bells set weight = 8 where number = 'n9';
reset role;
select is(pg_temp.restored('rows', '{weight}'), array['restored weight of ["QC", "n9"]: 7'], 'a program''s newer claim gives way to its older one');
select is_empty($$select * from ownership.verify() where key = '["QC", "n9"]'$$, 'and so does the record of it');

select * from finish();
rollback;
