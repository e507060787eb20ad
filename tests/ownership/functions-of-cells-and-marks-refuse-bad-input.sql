-- Bad input to what works on cells and marks: each error has its own code, message, detail and hint.
begin;
set local search_path = public, extensions;
select plan(14);

create table public.cats (external_id text primary key, name text, weight numeric);
create table public.keyless (name text);
create table public.pairs (a text, b integer, name text, primary key (a, b));
select ownership.protect('cats', 'name', on_conflict => 'reject');
select ownership.protect('pairs', 'name');
insert into cats (external_id, name) values ('c1', 'Minou');
grant all on cats to gazelle_sync;

select is(r.code, null, 'what is not refused has no refusal') from tests.refusal('select 1') r;
select tests.refuses(statement, 'OW008', message, detail, hint) from (values
  ($$select ownership.adopt('cats', 'weight')$$, 'column weight of table public.cats is not protected', 'Protected there: name.',
    'Check the spelling, or protect it with ownership.protect.'),
  ($$select ownership.restore((select ownership.mark('m')), 'keyless')$$, 'table public.keyless is not protected', 'Protected there: nothing.',
    'Check the spelling; see ownership.policies.'),
  ($$select ownership.restore((select ownership.mark('m')), 'cats', '{name,weight}')$$, 'column weight of table public.cats is not protected',
    'Protected there: name.', 'Check the spelling; see ownership.policies.'),
  ($$select ownership.repair('keyless')$$, 'table public.keyless is not protected', 'There is nothing to repair.',
    'See ownership.policies, or protect it with ownership.protect.')
) e (statement, message, detail, hint);
select tests.refuses($$select ownership.adopt('cats', 'name', 'a_ghost')$$, 'OW009', 'writer a_ghost is not registered',
  'Only a writer with a rank can own a value.', 'Register it with ownership.register_writer.');
select tests.refuses($$select ownership.adopt('cats', 'name', 'gazelle_sync')$$, 'OW014',
  'writer gazelle_sync cannot adopt: it leaves no claims', 'What it writes, the source of a column may correct.',
  'Adopt for a person or another writer that claims, see ownership.writers; or register this one with claims => true.');
select tests.refuses($$select ownership.explain('cats', 'c9')$$, 'OW010', $$table public.cats has no row with the key 'c9'$$,
  'Neither a row nor a claim of a deleted one.', 'The key is the value of external_id.');
select tests.refuses($$select ownership.release('cats', 'c9', 'name')$$, 'OW010', $$nobody owns name of 'c9' in table public.cats$$,
  'There is no claim to release.', 'See ownership.claims, or ownership.explain for the cell.');
select tests.refuses($$select ownership.explain('pairs', 'a,1')$$, 'OW011', $$'a,1' is no key of table public.pairs$$,
  'Its identity key is a, b.', 'Give a JSON array of their values, such as ["a", 1].');
select tests.refuses(statement, 'OW012', message, detail, hint) from (
  select ownership.mark('first') as m
) o cross join lateral (values
  (format('select ownership.diff(%s)', m + 1), format('mark %s lies in the future', m + 1), format('The newest mark is %s.', m),
    'See ownership.marks; ownership.mark(''before the import'') takes one.'),
  ('select ownership.restore(0)', 'there is no mark 0', format('The newest mark is %s.', m),
    'See ownership.marks; ownership.mark(''before the import'') takes one.')
) e (statement, message, detail, hint);
select tests.refuses(format('select ownership.diff(%s, %s)', max(m.id), min(m.id)), 'OW012',
  format('mark %s is older than mark %s', min(m.id), max(m.id)), 'The first mark is the older one.',
  format('Call ownership.diff(%s, %s).', min(m.id), max(m.id)))
from (select ownership.mark('second') as id union all select max(o.id) from ownership.marks o) m;
select tests.refuses($$set local role gazelle_sync; update cats set name = 'Felix'$$, 'PT409',
  'public.cats.name of c1 is owned by a writer ranked above gazelle_sync', 'It holds "Minou" and was offered "Felix".',
  'Leave the column out, or have a person release the cell with ownership.release.');

select * from finish();
rollback;
