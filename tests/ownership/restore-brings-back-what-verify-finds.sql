-- A whole session: people edit, a bypass blanks, verify finds it, restore brings it back, newer edits stay, undo.
begin;
set local search_path = public, extensions;
select plan(13);

create table organs (external_id text primary key, notes text, stops integer, tags text[]);
select ownership.protect('organs', col) from unnest('{notes,stops,tags}'::name[]) col;
grant all on organs to gazelle_sync;

create function pg_temp.cells() returns text[] language sql as $$
  select array_agg(format('%s %s %s %s', external_id, coalesce(notes, '-'), coalesce(stops::text, '-'), tags)
    order by external_id)
  from organs
$$;
create function pg_temp.restore(mark text, dry boolean) returns text[] language sql as $$
  select coalesce(array_agg(format('%s %s of %s', r.action, r.col, r.key) order by r.key, r.col), '{}')
  from ownership.restore((select min(m.id) from ownership.marks m where m.label like mark), 'organs', dry_run => dry) r
$$;
create function pg_temp.lost() returns integer language sql as $$
  select count(*)::integer from ownership.verify() v where v.tbl = 'organs'::regclass
$$;

set local role gazelle_sync;
insert into organs select 'o' || i, 'from source', i, '{stock}' from generate_series(1, 5) i;
reset role;
update organs set notes = 'tuned', stops = 40, tags = tags || '{loved}' where external_id in ('o1', 'o2', 'o3');
select ownership.mark('monday');
update organs set notes = 'tuned again' where external_id = 'o2';

alter table organs disable trigger all;
update organs set notes = null, stops = null, tags = array_remove(tags, 'loved') where external_id <> 'o3';
select ownership.repair('organs');
update organs set notes = 'edited after the loss' where external_id in ('o3', 'o4');
create table after_the_loss as select pg_temp.cells() as cells;

select is(pg_temp.lost(), 6, 'verify finds the six cells that were lost');
select is(pg_temp.restore('monday', true), array[
  'would restore notes of o1', 'would restore stops of o1', 'would restore tags of o1',
  'would restore notes of o2', 'would restore stops of o2', 'would restore tags of o2',
  'conflict notes of o3', 'conflict notes of o4'
], 'the dry run shows them, and what people wrote since as conflicts');
select is(pg_temp.cells(), (select cells from after_the_loss), 'a dry run changes nothing');
select is(pg_temp.lost(), 6, 'and claims nothing');

select is(pg_temp.restore('monday', false), array[
  'restored notes of o1', 'restored stops of o1', 'restored tags of o1',
  'restored notes of o2', 'restored stops of o2', 'restored tags of o2',
  'conflict notes of o3', 'conflict notes of o4'
], 'restore says what it did');
select is(pg_temp.cells(), array[
  'o1 tuned 40 {stock,loved}', 'o2 tuned again 40 {stock,loved}', 'o3 edited after the loss 40 {stock,loved}',
  'o4 edited after the loss - {stock}', 'o5 - - {stock}'
], 'lost values are back, the newer ones among them; newer edits stay; what nobody owned is the source''s to send again');
select is(pg_temp.lost(), 0, 'verify finds nothing any more');
select is((select count(*)::integer from ownership.history h where h.event = 'restored' and h.tbl = 'public.organs'), 6, 'each restored cell is in the history');
select is((select (h.old_value, h.new_value) from ownership.history h where h.event = 'restored' and h.key = 'o2' and h.col = 'stops'),
  (null::jsonb, '40'::jsonb), 'with what stood there and what stands there now');
select is(pg_temp.restore('monday', false), array['conflict notes of o2', 'conflict notes of o3', 'conflict notes of o4'],
  'a second restore finds nothing to do');

set local role gazelle_sync;
update organs set notes = 'sync', stops = 0, tags = '{stock}';
reset role;
select is(pg_temp.lost(), 0, 'what was restored is owned: the next sync is kept out');

update organs set stops = 41 where external_id = 'o1';
select is(pg_temp.restore('before restore%', false), array[
  'restored notes of o1', 'conflict stops of o1', 'restored tags of o1',
  'restored notes of o2', 'restored stops of o2', 'restored tags of o2'
], 'the restore is undone, but for what a person has edited since');
select is((pg_temp.cells())[1:2], array['o1 - 41 {stock}', 'o2 - - {stock}'], 'what had stood there stands there again');

select * from finish();
rollback;
