-- Whoever has a schema may make an operator = for a type that has one already. Rows are found by the equality that
-- belongs to the type: another one would run its maker's code as the engine's owner, and lose values when a row comes
-- back.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(7);

create role stranger;
create table told (who name);
grant insert on told to public;
create schema evil authorization stranger;
create schema worse authorization stranger;
grant usage on schema evil, worse to public;
create domain name_of_row as text;
create function pg_temp.take_over(type regtype, schema text) returns void language plpgsql as $$
begin
  execute format('create or replace function evil.eq(%1$s, %1$s) returns boolean language plpgsql as
    ''begin insert into public.told values (current_user); return false; end''', type);
  execute format('create operator %2$I.= (leftarg = %1$s, rightarg = %1$s, function = evil.eq)', type, schema);
end $$;
set local role stranger;
select pg_temp.take_over(t, 'evil') from unnest('{text, integer, varchar, uuid, public.name_of_row}'::regtype[]) t;
reset role;

-- A key of each kind of type: its own, one that borrows text's equality, two columns, a domain.
create table by_text (k text primary key, note text not null);
create table by_integer (k integer primary key, note text not null);
create table by_varchar (k varchar(20) primary key, note text not null);
create table by_two (k text, u uuid default '0b7e9f6e-8d4c-4d0a-9d2c-000000000001', note text not null, primary key (k, u));
create table by_domain (k name_of_row primary key, note text not null);
create function pg_temp.note_after_return(tbl regclass) returns text language plpgsql as $$
declare
  note text;
begin
  perform ownership.protect(tbl, 'note', identity_key => case tbl::text when 'by_two' then '{k,u}' else '{k}' end::name[]);
  execute format('insert into %s (k, note) values (''1'', ''by hand'')', tbl);
  perform set_config('ownership.writer', 'nobody', true);
  execute format('delete from %s', tbl);
  execute format('insert into %s (k, note) values (''1'', ''  '')', tbl);
  execute format('update %s set note = null', tbl);
  perform set_config('ownership.writer', '', true);
  execute format('select t.note from %s t', tbl) into note;
  return note;
end $$;
select is(pg_temp.note_after_return(t::regclass), 'by hand', t)
from unnest('{by_text, by_integer, by_varchar, by_two, by_domain}'::text[]) t;
select is((select count(*) from told), 0::bigint, 'nobody asked the stranger');

-- Two of them do not stop the engine either.
set local role stranger;
select pg_temp.take_over('text', 'worse');
reset role;
select lives_ok($$
  select ownership.repair(); select count(*) from ownership.health(); select count(*) from ownership.verify();
  select ownership.protect('by_text', 'note');
$$, 'repair, health, verify and protect go on');

select * from finish();
rollback;
