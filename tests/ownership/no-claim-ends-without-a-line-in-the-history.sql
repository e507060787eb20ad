-- Each way in which a write or a release ends a claim leaves a line in the history: none is given up unseen.
begin;
set local search_path = public, extensions;
select plan(6);

select tests.make_bells();

select tests.fill_bells();
select ownership.release('bells', 'b1', 'place');
select tests.ended_with_a_line(1, 'release of a value');
select ownership.release('bells', 'b1', 'tags');
select tests.ended_with_a_line(3, 'release of a set');

select tests.fill_bells();
set local role manual_editor;
update bells set note = 'by hand', tags = '{old,loud}' where external_id = 'b1';
reset role;
select tests.ended_with_a_line(3, 'a higher rank, and a change of mind');

select tests.fill_bells();
set local role gazelle_sync;
update bells set tags = '{loud}' where external_id = 'b1';
reset role;
select tests.ended_with_a_line(1, 'a removal that has done its work, because the source dropped the tag');
set local role service_role;
delete from bells where external_id = 'b2';
set local role gazelle_sync;
insert into bells (external_id, tags) values ('b2', '{loud}');
update bells set tags = '{loud,new}' where external_id = 'b2';
reset role;
select tests.ended_with_a_line(2, 'the same after delete and insert');

select tests.fill_bells();
update bells set external_id = 'b3' where external_id = 'b1';
select tests.ended_with_a_line(4, 'a changed key');

select * from finish();
rollback;
