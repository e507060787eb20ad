-- Bad input to protect and register_writer: each error has its own code, message, detail and hint.
begin;
set local search_path = public, extensions;
select plan(16);

create table owners (id integer primary key);
create table public.cats (
  id integer generated always as identity, external_id text primary key, name text, tags text[], weight numeric,
  twice numeric generated always as (weight * 2) stored, owner integer references owners on delete set null
);
create table public.keyless (name text);
select ownership.protect('cats', 'name');

select is(r.code, null, 'what is not refused has no refusal') from tests.refusal('select 1') r;
select tests.refuses($$select ownership.protect('nobody', 'name')$$, '42P01', 'relation "nobody" does not exist', '', '');
select tests.refuses($$select ownership.protect('cats', 'Name')$$, 'OW003', 'table public.cats has no column "Name"',
  'Its columns are: id, external_id, name, tags, weight, twice, owner.', 'Check the spelling; names are case sensitive.');
select tests.refuses($$select ownership.protect('cats', 'weight', 'careful')$$, 'OW004',
  $$unknown mode 'careful' for column weight of table public.cats$$,
  format('Modes are: %s.', (select string_agg(mode, ', ') from ownership.modes())),
  'Leave mode out for the default: merge_set for arrays of text, claim for the rest.');
select tests.refuses($$select ownership.protect('cats', 'weight', 'merge_set')$$, 'OW004',
  'mode merge_set needs an array, and column weight of table public.cats is numeric', 'Only arrays can be merged by element.', 'Use claim.');
select tests.refuses(format('select ownership.protect(%L, %L)', 'cats', col), 'OW005',
  format('column %s of table public.cats cannot be protected: %s', col, reason),
  'Protecting it would do harm, or would not hold.', 'Protect another column, or change the table first.')
from (values
  ('twice', 'it is a generated column'), ('id', 'it is an identity column'), ('external_id', 'it belongs to the identity key'),
  ('owner', 'its foreign key has ON DELETE or ON UPDATE with SET NULL, SET DEFAULT or CASCADE, and keeping its value would leave it dangling')
) c (col, reason);
select tests.refuses($$select ownership.protect('cats', 'weight', on_conflict => 'shout')$$, 'OW006',
  $$unknown on_conflict 'shout' for column weight of table public.cats$$, 'Rules are: keep, reject, observe.', 'Leave on_conflict out for the default, keep.');
select tests.refuses($$select ownership.protect('keyless', 'name')$$, 'OW007', 'table public.keyless has no unique index on any not null column',
  'A row must be recognised when it comes back after a delete; a deferrable constraint does not do.', 'Add a unique constraint, or name its columns as identity_key.');
select tests.refuses($$select ownership.protect('cats', 'weight', identity_key => '{id}')$$, 'OW007', 'table public.cats already has the identity key {external_id}',
  '{id} was asked for; all policies of a table share one key.', 'Leave identity_key out, or unprotect the table first.');
select tests.refuses($$select ownership.register_writer('a_ghost', 10)$$, 'OW009', 'there is no role a_ghost',
  'A writer is a role of the database.', 'Create it first: create role a_ghost nologin;');
select tests.refuses($$select ownership.register_writer('service_role', 0)$$, 'OW009', 'rank 0 of writer service_role is out of range',
  'Ranks go from 1 to 1000; 100 and above are people.', 'Usual ranks: 10 a sync, 20 a program with a secret key, 50 derived data, 100 people.');
select tests.refuses($$select ownership.register_writer('manual_editor', 100, claims => false)$$, 'OW009',
  'writer manual_editor has rank 100, and people always claim',
  'What a person writes is kept from every lower rank, and that rests on a claim.', 'Leave claims out, or give it a rank below 100.');
select tests.refuses($$set local ownership.writer = 'gazelle_sync'; select ownership.protect('cats', 'weight')$$, 'OW001',
  'protect needs rank 100, and gazelle_sync has rank 10', 'role postgres, lowered by the setting ownership.writer',
  'Call it as a person: postgres, or a role registered with rank 100 by ownership.register_writer.');

select * from finish();
rollback;
