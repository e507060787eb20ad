-- A row in which a higher rank owns something keeps its identity key under every statement of a lower rank: the rest
-- of the statement goes through, and the attempt is on record.
begin;
set local search_path = public, extensions;
select plan(11);

create table organs (external_id text primary key, serial text unique, notes text, tags text[], status text);
select ownership.protect('organs', c) from unnest('{notes,tags}'::name[]) c;
grant all on organs to gazelle_sync, manual_editor, service_role, anon, pls_detector;
set local role gazelle_sync;
insert into organs select k, 's' || k, 'from Gazelle', '{concert}', 'open' from unnest('{A,B,C,D,E,F}'::text[]) k;
set local role manual_editor;
update organs set notes = 'by hand' where external_id in ('A', 'B');
update organs set tags = '{}' where external_id = 'C';
set local role pls_detector;
update organs set notes = 'derived' where external_id = 'D';
reset role;
create function pg_temp.organs() returns text language sql as $$
  select string_agg(format('%s=%s', external_id, coalesce(notes, '')), ' ' order by serial) from organs
$$;
select set_config('test.whole', 'A=by hand B=by hand C=from Gazelle D=derived E=from Gazelle F=from Gazelle', true);

-- Renamed away, by every rank below the owner's.
set local role service_role;
update organs set external_id = 'zz_A' where external_id = 'A';
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'a program renames no row of a person''s');
set local role gazelle_sync;
update organs set external_id = 'zz_A' where external_id = 'A';
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'nor does the sync');
set local role anon;
update organs set external_id = 'zz_A' where external_id = 'A';
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'nor a role without rank');
set local role pls_detector;
update organs set external_id = 'zz_A' where external_id = 'A';
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'nor what derives data');
select results_eq(
  $$select col, key collate "default", offered, kept, writer, times from ownership.blocked_writes
    where tbl = 'organs'::regclass and col = 'external_id'$$,
  $$values ('external_id'::name, 'A', '"zz_A"'::jsonb, '"A"'::jsonb, 'pls_detector'::name, 4::bigint)$$,
  'one row tells of all four attempts');

-- Other statements that change a key.
set local role service_role;
update organs set external_id = external_id || '2', status = 'shut', notes = 'x' where external_id in ('A', 'F');
reset role;
select results_eq($$select external_id, notes, status from organs where serial in ('sA', 'sF') order by serial$$,
  $$values ('A', 'by hand', 'shut'), ('F2', 'x', 'shut')$$,
  'of a batch the other rows get their keys, and the other columns their values');
set local role service_role;
update organs set external_id = 'F', notes = 'from Gazelle' where external_id = 'F2';
insert into organs (external_id, serial) values ('new', 'sA')
on conflict (serial) do update set external_id = excluded.external_id;
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'an upsert on another unique column');
set local role service_role;
merge into organs o using (values ('sB', 'new')) v (serial, id) on o.serial = v.serial
when matched then update set external_id = v.id;
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'merge');
set local role service_role;
update organs set external_id = 'zz_C' where external_id = 'C';
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'a row out of which a person took a tag');
set local role service_role;
update organs set external_id = 'tmp' where external_id = 'A';
update organs set external_id = 'A' where external_id = 'E';
reset role;
select is(pg_temp.organs(), current_setting('test.whole'), 'a swap by way of a third key');
set local role service_role;
with o as (update organs set external_id = 'zz_B' where external_id = 'B' returning external_id)
select set_config('test.returned', external_id, true) from o;
reset role;
select is(current_setting('test.returned'), 'B', 'returning tells which key stands');

select * from finish();
rollback;
