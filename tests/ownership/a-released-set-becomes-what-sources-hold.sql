-- A set that is released becomes what the sources hold; a base of blanks alone holds nothing.
begin;
set local search_path = public, extensions;
select plan(3);

create table pianos (id text primary key, tags text[] not null default '{}');
grant all on pianos to public;
select ownership.protect('pianos', 'tags');
set local role manual_editor;
insert into pianos values ('blank', '{NULL}'), ('sent', '{"", concert}');
update pianos set tags = '{mine}';
reset role;

select is(ownership.release('pianos', 'blank', 'tags'), '["mine"]', 'where no source holds anything, what stands there stays');
select is((select tags from pianos where id = 'blank'), '{mine}', 'in the table too');

set local role service_role;
update pianos set tags = '{"", concert}' where id = 'sent';
reset role;
select is(ownership.release('pianos', 'sent', 'tags'), '["concert"]', 'a blank element lands nowhere');

select * from finish();
rollback;
