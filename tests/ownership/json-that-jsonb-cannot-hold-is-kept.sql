-- json takes \u0000, which jsonb refuses: no write of a person or a sync fails on it, and it comes back as it was.
begin;
set local search_path = public, extensions;
select plan(13);
delete from ownership_private.protected_tables;
set local client_min_messages = error;

create type crate as (label text, content json);
create domain document as json;
create table boxes (external_id text primary key, a json, b json[], c crate, d document not null default '{}');
grant select, insert, update, delete on boxes to gazelle_sync, manual_editor;
select ownership.protect('boxes', col, 'claim', source => 'gazelle_sync') from unnest('{a,b,c,d}'::name[]) col;
create function pg_temp.as_role(role text, statement text) returns text language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  reset role;
  return (select string_agg(r::text, ' ' order by external_id) from boxes r);
end
$$;
create function pg_temp.row_with(value text) returns text language sql as $$
  select (row('b1', value::json, array[value::json], row('x', value::json)::crate, value::document)::boxes)::text
$$;
create function pg_temp.write(key text, value text) returns text language sql as $$
  select format('insert into boxes values (%1$L, %2$L, array[%2$L::json], row(''x'', %2$L::json)::crate, %2$L) on conflict (external_id) '
    || 'do update set a = excluded.a, b = excluded.b, c = excluded.c, d = excluded.d', key, value)
$$;

select is(pg_temp.as_role('manual_editor', pg_temp.write('b1', '{"x": "\u0000"}')), pg_temp.row_with('{"x": "\u0000"}'), 'a person inserts it');
select is(pg_temp.as_role('gazelle_sync', pg_temp.write('b1', '{"y": "z\u0000"}')), pg_temp.row_with('{"x": "\u0000"}'), 'and keeps it');
select is((select count(*) from ownership.blocked_writes where offered::text like '%z%'), 4::bigint, 'what was offered is on record');
select is(pg_temp.as_role('gazelle_sync', 'delete from boxes; insert into boxes (external_id, d) values (''b1'', null)'),
  pg_temp.row_with('{"x": "\u0000"}'), 'it comes back');
select is_empty('select * from ownership.verify()', 'and is what was claimed');
select is((select count(*) from ownership.explain('boxes', 'b1') where owner = 'manual_editor'), 4::bigint, 'which explain tells');
select ownership.mark('before');
select is(pg_temp.as_role('manual_editor', pg_temp.write('b1', '{"text of json": "1"}')), pg_temp.row_with('{"text of json": "1"}'), 'a person changes it');
select set_config('tests.document', ownership.export()::text, true);
select is(pg_temp.as_role('gazelle_sync', 'delete from boxes; insert into boxes (external_id, d) values (''b1'', null)'),
  pg_temp.row_with('{"text of json": "1"}'), 'to what looks like our own form of it');
select is((select count(*)
  from ownership.restore((select max(id) from ownership.marks), 'boxes', people_too => true, dry_run => false)
  where action = 'restored'), 4::bigint, 'a restore writes it');
select is((select r::text from boxes r), pg_temp.row_with('{"x": "\u0000"}'), 'as it was');
delete from ownership_private.claims;
select is((select count(*) from ownership.import(current_setting('tests.document')::jsonb, false) where action = 'imported'), 4::bigint, 'an import, too');
select pg_temp.as_role('gazelle_sync', pg_temp.write('b2', '"\u0000"'));
select is((select sum(ownership.adopt('boxes', col)) from unnest('{a,b,c,d}'::name[]) col), 4::numeric, 'it can be adopted');
select is((select r::text from boxes r where external_id = 'b1'), pg_temp.row_with('{"text of json": "1"}'), 'and all is as it was exported');

select * from finish();
rollback;
