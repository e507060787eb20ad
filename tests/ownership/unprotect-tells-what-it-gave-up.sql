-- Whoever takes a policy away gives up what was owned under it: the history has each cell and element, and by whom.
begin;
set local search_path = public, extensions;
select plan(3);

create table lamps (external_id text primary key, place text, tags text[]);
select ownership.protect('lamps', col) from unnest('{place,tags}'::name[]) col;
grant all on lamps to gazelle_sync, manual_editor;
set local role gazelle_sync;
insert into lamps values ('l1', 'Salle A', '{old,oak}'), ('l2', 'Salle B', '{}');
set local role manual_editor;
update lamps set place = 'Studio 4', tags = '{oak,Mine}' where external_id = 'l1';
reset role;

select ownership.unprotect('lamps', col) from unnest('{place,tags}'::name[]) col;
select results_eq(
  $$select col, key collate "default", element collate "default", writer, old_value
    from ownership.history where tbl = 'public.lamps' and event = 'unprotected' order by id$$,
  $$values ('place'::name, 'l1', '', 'postgres'::name, '"Studio 4"'::jsonb), ('tags', 'l1', 'mine', 'postgres', '"Mine"'),
    ('tags', 'l1', 'old', 'postgres', '"old"')$$,
  'each claim that was given up');
select results_eq('select external_id, place, tags from lamps order by 1',
  $$values ('l1', 'Studio 4', '{oak,Mine}'::text[]), ('l2', 'Salle B', '{}')$$, 'the values stay');
select ownership.unprotect('lamps', 'place');
select is((select count(*) from ownership.history where tbl = 'public.lamps' and event = 'unprotected'), 3::bigint,
  'what was not protected any more is not told again');

select * from finish();
rollback;
