-- Not every type has an equality, and a column may declare a collation of its own. Such a column is guarded, comes back,
-- is verified, restored, released and exported like any other.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(21);

create type place as (room text, at point);
create type form as (name text, fields json);
create domain where_it_is as point;
create table things (
  external_id text primary key, spots point[], spot point, place place, form form, forms form[], note json, page xml,
  other text
);
create table at_domains (external_id text primary key, here where_it_is, shape polygon, line line, path path, range box);
grant all on things, at_domains to gazelle_sync;
select ownership.protect('things', col, 'claim') from unnest('{spots,spot,place,form,forms,note,page}'::name[]) col;
select ownership.protect('at_domains', col, 'claim') from unnest('{here,shape,line,path,range}'::name[]) col;

set local role gazelle_sync;
insert into things (external_id) values ('ins_1');
insert into at_domains (external_id) values ('ins_1');
reset role;
select lives_ok($$
  update things set spots = '{"(1,2)"}', spot = '(1,2)', place = row('A', '(1,2)'), form = row('a', '{"b":  1}'),
    forms = array[row('a', '{"b":  1}')::form], note = '{"b":  1}', page = '<a/>'$$, 'a person writes them');
select lives_ok($$
  update at_domains set here = '(1,2)', shape = '((0,0),(1,1))', line = '{1,2,3}', path = '[(0,0),(1,1)]',
    range = '(1,1),(0,0)'$$, 'and those of geometry');
create temporary table as_written as select * from things;
create temporary table drawn as select * from at_domains;

set local role gazelle_sync;
update things set other = 'from Gazelle';
update things set spots = '{"(1,3)"}', spot = '(1,3)', place = row('A', '(1,3)'), form = row('a', '{"b": 2}'),
  forms = '{}', note = '{}', page = '<b/>';
update at_domains set here = '(1,3)', shape = null, line = '{1,2,4}', path = null, range = '(1,2),(0,0)';
reset role;
select is((t.spots, t.spot, t.place, t.form, t.forms, t.note, t.page)::text,
  (select (w.spots, w.spot, w.place, w.form, w.forms, w.note, w.page)::text from as_written w), 'what is sent is kept out') from things t;
select is(t::text, (select w::text from drawn w), 'also of geometry') from at_domains t;
select is(count(*), 12::bigint, 'and each is on offer') from ownership.claims c
  where c.tbl in ('things'::regclass, 'at_domains'::regclass) and c.offered_at is not null;
select is(count(*), 0::bigint, 'verify finds nothing lost') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass);

set local role gazelle_sync;
delete from things;
delete from at_domains;
insert into things (external_id, spot) values ('ins_1', '(1,3)');
insert into at_domains (external_id, here) values ('ins_1', '(1,3)');
reset role;
select is(count(*), 0::bigint, 'all came back') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass);
select is(t.spots::text, '{"(1,2)"}', 'as it was') from things t;

create temporary table marked as select ownership.mark('before the loss') as mark, ownership.export() as document;
alter table things disable trigger all;
alter table at_domains disable trigger all;
update things set spots = null, spot = null, place = null, form = null, forms = null, note = null, page = null;
update at_domains set here = null, shape = null, line = null, path = null, range = null;
alter table things enable trigger all;
alter table at_domains enable trigger all;
select is(count(*), 12::bigint, 'verify finds each loss') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass) and v.problem = 'value differs';
select is(count(*), 7::bigint, 'restore brings them back') from ownership.restore((select mark from marked), 'things', dry_run => false);
select is(count(*), 5::bigint, 'import does') from ownership.import((select document from marked), false) i
  where i.table_name = 'at_domains'::regclass;
select is(count(*), 0::bigint, 'nothing is lost') from ownership.verify() v
  where v.tbl in ('things'::regclass, 'at_domains'::regclass);
select is(e.value, '["(1,2)"]', 'explain shows it') from ownership.explain('things', 'ins_1', 'spots') e;
select is(ownership.release('things', 'ins_1', 'spots'), '["(1,3)"]', 'and what was offered lands with a release');
select is(t.spots::text, '{"(1,3)"}', 'in its type') from things t;

-- Keys, values and sets with a collation of their own, beside that of the engine's tables.
create collation public.numbers_first (provider = icu, locale = 'en-u-kn-true');
create table cafes (
  external_id text collate "fr-CA-x-icu" primary key, note text collate "fr-CA-x-icu", tags text[] collate "fr-CA-x-icu"
);
create table bars (external_id text collate "C", n varchar(9) collate numbers_first, note text not null default '', tags text[] collate "C", primary key (external_id, n));
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
  execute format('insert into %s (external_id%s, note, tags) select ''é'' || i%s, ''from Gazelle'', ''{a}'' from generate_series(1, 9) i',
    tbl, more, replace(more, 'n', '''1'''));
  execute format('update %s set note = ''by hand'', tags = tags || ''{Été}''', tbl);
  perform ownership.adopt(tbl, 'note');
  perform ownership.canonical_key(tbl, case when more = '' then 'é1' else '["é1", "1"]' end);
  marked := ownership.mark('before');
  set local role gazelle_sync;
  execute format('delete from %s', tbl);
  execute format('insert into %s (external_id%s, note, tags) select ''é'' || i%s, ''from Gazelle'', ''{a}'' from generate_series(1, 9) i
    on conflict do nothing', tbl, more, replace(more, 'n', '''1'''));
  execute format('update %s set note = ''from Gazelle'', tags = ''{b}''', tbl);
  reset role;
  perform ownership.count_owned(tbl);
  perform ownership.restore(marked, tbl, dry_run => false);
  perform ownership.import(ownership.export(), false);
  execute format('select string_agg(distinct concat_ws('' '', note, tags::text), ''; '') from %s', tbl) into seen;
  return seen || coalesce((select string_agg(' ' || v.problem, '') from ownership.verify() v where v.tbl = play.tbl), '');
exception when others then
  return sqlstate || ' ' || sqlerrm;
end $$;
select is(pg_temp.play(t::regclass), 'by hand {a,Été,b}', t || ' keeps what is written under a declared collation')
from unnest('{cafes,bars,clubs}'::text[]) t;
select is((select e.value from ownership.explain(t::regclass, case t when 'bars' then '["é1", "1"]' else 'é1' end, 'note') e), '"by hand"', t)
from unnest('{cafes,bars,clubs}'::text[]) t;

select * from finish();
rollback;
