-- Some types call values equal that are written differently. A person who changes one into the other has written it,
-- and what a source sends in the other form is another value.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(27);

create extension if not exists citext;
create collation public.ignores_accents (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
create domain public.price as numeric;
create table changes (type text, before text, after text);
insert into changes values
  ('text collate public.ignores_accents', 'École Émile', 'ecole emile'), ('interval', '1 mon', '30 days'),
  ('numeric', '1.0', '1.00'), ('citext', 'Vip', 'VIP'), ('jsonb', '{"a": 1.0}', '{"a": 1.00}'), ('public.price', '2', '2.0'),
  ('numeric[]', '{1.0,2}', '{1.00,2}'), ('bpchar', 'a', 'a  '), ('numrange', '[1.0,2)', '[1.00,2)');

create function pg_temp.play(type text, before text, after text) returns text[] language plpgsql as $$
declare
  seen text[];
  stands text;
begin
  drop table if exists changing;
  execute format('create table changing (external_id text primary key, cell %s)', type);
  grant all on changing to gazelle_sync;
  perform ownership.protect('changing', 'cell', 'claim');
  execute format('insert into changing values (''ins_1'', %L)', before);
  -- The insert is a person's; it is the update that shall be the owner of the cell.
  delete from ownership_private.claims;
  execute format('update changing set cell = %L', after);
  seen := seen || (select 'claimed ' || count(*) from ownership.claims c where c.tbl = 'changing'::regclass);
  set local role gazelle_sync;
  execute format('update changing set cell = %L', before);
  reset role;
  select cell::text into stands from changing;
  seen := seen || ('stands ' || stands);
  set local role gazelle_sync;
  execute format('delete from changing; insert into changing values (''ins_1'', %L)', before);
  reset role;
  select cell::text into stands from changing;
  seen := seen || ('comes back ' || stands);
  alter table changing disable trigger all;
  execute format('update changing set cell = %L', before);
  return seen || (select 'lost ' || count(*) from ownership.verify() v
    where v.tbl = 'changing'::regclass and v.problem = 'value differs');
end $$;
create temporary table played as select c.*, pg_temp.play(c.type, c.before, c.after) as seen from changes c;
create function pg_temp.text_of(type text, value text) returns text language plpgsql as $$
begin
  execute format('create temporary table one_cell (cell %s); insert into one_cell values (%L)', type, value);
  select cell::text into value from one_cell;
  drop table one_cell;
  return value;
end $$;

select is(p.seen[1], 'claimed 1', p.type || ': it is claimed') from played p;
select is(p.seen[2:3], array['stands ' || text_of, 'comes back ' || text_of], p.type || ': it is kept, and comes back')
from played p, pg_temp.text_of(p.type, p.after);
select is(p.seen[4], 'lost 1', p.type || ': its loss is found') from played p;

select * from finish();
rollback;
