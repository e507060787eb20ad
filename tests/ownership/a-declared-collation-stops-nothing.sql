-- Keys, values and sets may have a collation of their own, beside that of the engine's tables. Whatever writes,
-- verifies, restores or imports them works as with any other.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(6);

create collation public.numbers_first (provider = icu, locale = 'en-u-kn-true');
create table cafes (
  external_id text collate "fr-CA-x-icu" primary key, note text collate "fr-CA-x-icu", tags text[] collate "fr-CA-x-icu"
);
create table bars (
  external_id text collate "C", n varchar(9) collate numbers_first, note text not null default '',
  tags text[] collate "C", primary key (external_id, n)
);
create domain french as text collate "fr-CA-x-icu";
create table clubs (external_id french primary key, note french not null, tags french[]);
grant all on cafes, bars, clubs to gazelle_sync;
select ownership.protect(t::regclass, col) from unnest('{cafes,bars,clubs}'::text[]) t, unnest('{note,tags}'::name[]) col;
create function pg_temp.play(tbl regclass) returns text language plpgsql as $$
declare
  more text := case when tbl = 'bars'::regclass then ', n' else '' end;
  seen text;
  marked bigint;
begin
  execute format('insert into %s (external_id%s, note, tags)
    select ''é'' || i%s, ''from Gazelle'', ''{a}'' from generate_series(1, 9) i',
    tbl, more, replace(more, 'n', '''1'''));
  execute format('update %s set note = ''by hand'', tags = tags || ''{Été}''', tbl);
  perform ownership.adopt(tbl, 'note');
  perform ownership.canonical_key(tbl, case when more = '' then 'é1' else '["é1", "1"]' end);
  marked := ownership.mark('before');
  set local role gazelle_sync;
  execute format('delete from %s', tbl);
  execute format('insert into %s (external_id%s, note, tags)
    select ''é'' || i%s, ''from Gazelle'', ''{a}'' from generate_series(1, 9) i
    on conflict do nothing', tbl, more, replace(more, 'n', '''1'''));
  execute format('update %s set note = ''from Gazelle'', tags = ''{b}''', tbl);
  reset role;
  perform ownership.count_owned(tbl);
  perform ownership.restore(marked, tbl, dry_run => false);
  perform ownership.import(ownership.export(), false);
  execute format('select string_agg(distinct concat_ws('' '', note, tags::text), ''; '') from %s', tbl) into seen;
  return seen || coalesce((
    select string_agg(' ' || v.problem, '') from ownership.verify() v where v.tbl = play.tbl
  ), '');
exception when others then
  return sqlstate || ' ' || sqlerrm;
end $$;
select is(pg_temp.play(t::regclass), 'by hand {a,Été,b}', t || ' keeps what is written under a declared collation')
from unnest('{cafes,bars,clubs}'::text[]) t;
select is((
  select e.value from ownership.explain(t::regclass, case t when 'bars' then '["é1", "1"]' else 'é1' end, 'note') e
), '"by hand"', t)
from unnest('{cafes,bars,clubs}'::text[]) t;

select * from finish();
rollback;
