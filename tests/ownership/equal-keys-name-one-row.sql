-- Claims name a row by the text of its key. Two keys that are equal must have one text, and a key of which that
-- cannot be said, or by which more than one row can go, is refused.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(47);

create extension if not exists citext;
create collation ignores_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create domain code as citext;
create domain short as code;
create domain padded as bpchar;
create domain amount as numeric;
create table notations (type text, one text, other text, canonical text);
insert into notations values
  ('bpchar', 'a', 'a  ', 'a'), ('char(5)', 'a', 'a  ', 'a'), ('padded', 'a', 'a  ', 'a'), ('code', 'Été', 'ÉTÉ', 'été'), ('short', 'A', 'a', 'a'),
  ('amount', '1.0', '1.00', '1'), ('double precision', '0', '-0', '0'), ('interval', '1 mon', '30 days', '1 mon'),
  ('interval', '36:00', '1 day 12:00', '1 day 12:00:00'), ('text[]', '{a}', '{"a"}', '{a}'),
  ('daterange', '[2026-01-01,2026-01-02]', '[2026-01-01,2026-01-03)', '[2026-01-01,2026-01-03)');
create function pg_temp.play(type text, one text, other text) returns text[] language plpgsql as $$
declare
  seen text[];
begin
  delete from ownership_private.protected_tables; drop table if exists noted;
  execute format('create table noted (k %s primary key, note text not null)', type);
  grant all on noted to gazelle_sync;
  perform ownership.protect('noted', 'note');
  execute format('insert into noted values (%L, ''by hand'')', one);
  set local role gazelle_sync;
  execute format('delete from noted; insert into noted values (%L, ''from Gazelle'')', other);
  reset role;
  seen := seen || (select note from noted);
  set local role gazelle_sync;
  execute format('update noted set k = %L, note = ''from Gazelle''', one);
  execute format('insert into noted values (%L, null) on conflict (k) do update set note = excluded.note', other);
  reset role;
  return seen || (select note from noted)
    || (select e.value #>> '{}' from ownership.explain('noted', other, 'note') e)
    || (select string_agg(c.key, ' and ') from ownership.claims c where c.tbl = 'noted'::regclass);
end $$;
create temporary table played as select n.*, pg_temp.play(n.type, n.one, n.other) as seen from notations n;
select is(p.seen[1], 'by hand', format('%s: %s comes back as %s', p.type, p.one, p.other)) from played p;
select is(p.seen[2:3], '{by hand,by hand}', format('%s: it is found by either', p.type)) from played p;
select is(p.seen[4], p.canonical, format('%s: one text for both', p.type)) from played p;

create type mood as enum ('glad', 'sad');
create domain my_mood as mood;
create function pg_temp.refused(columns text, rest text, reason text, key name[] default '{k}')
returns text language plpgsql as $$
begin
  drop table if exists unclear;
  execute format('create table unclear (%s, note text)', columns);
  execute rest;
  return tests.refuses($q$select ownership.protect('unclear', 'note')$q$, 'OW007',
    format('rows of table public.unclear cannot be recognised by the key %s: %s', key, reason),
    'Two rows would be taken for one, or a row that comes back for another.',
    'Change the table, or name other columns as identity_key.');
end $$;
select pg_temp.refused('k text collate ignores_case primary key', '',
  'k has the nondeterministic collation public.ignores_case, and equal values are not written alike');
select pg_temp.refused('k char(3) collate ignores_case primary key', '',
  'k has the nondeterministic collation public.ignores_case, and equal values are not written alike');
select pg_temp.refused('k jsonb primary key', '', 'equal values of k, of type jsonb, are not always written alike');
select pg_temp.refused('k numrange primary key', '', 'equal values of k, of type numrange, are not always written alike');
select pg_temp.refused('k mood primary key', '', 'the values of k, of type public.mood, can be renamed');
select pg_temp.refused('k my_mood[] primary key', '', 'the values of k, of type public.my_mood[], can be renamed');
select pg_temp.refused('k text unique', '', 'k may be NULL');
select pg_temp.refused('k text unique nulls not distinct', '', 'k may be NULL');
select pg_temp.refused('k text not null, part text, unique (k, part)', '', 'part may be NULL', '{k,part}');
select pg_temp.refused('k text not null', 'create unique index half on unclear (k) where k <> ''''', 'its unique index public.half covers only a part of the rows');
select pg_temp.refused('k text not null unique deferrable', '', 'its unique index public.unclear_k_key is deferrable');
select pg_temp.refused('k text not null', 'create unique index broken on unclear (k); update pg_index set indisvalid = false where indexrelid = ''broken''::regclass',
  'its unique index public.broken is not valid');

create table two_keys (k jsonb primary key, external_id text not null default 'x' unique, note text);
select lives_ok($$select ownership.protect('two_keys', 'note')$$, 'a key by which rows are recognised is preferred');
select is(identity_key, '{external_id}', 'and is the one that is used') from ownership.policies where tbl = 'two_keys'::regclass;

select * from finish();
rollback;
