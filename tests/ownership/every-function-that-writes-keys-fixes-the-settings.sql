-- What writes keys and values as text does so under one list of settings: the engine's functions, those that are
-- generated, and explain and release, which answer with them.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(8);

select is(array(
  select p.oid::regprocedure::text from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace) and p.prosrc ~ '\mexecute\M'
    and not (p.prorettype = 'trigger'::regtype and p.proname ~ '_[0-9]+$')
    and exists (select from ownership_private.fixed_settings() s
      where lower(s.setting || '=' || s.value) <> all (select lower(c) from unnest(coalesce(p.proconfig, '{}')) c))
  order by 1
), '{}', 'every function that runs generated SQL fixes every setting');
select is(array(
  select distinct p.oid::regprocedure::text from pg_proc p cross join ownership_private.protected_tables t
  where p.pronamespace = 'ownership_private'::regnamespace and p.proname ~ ('^(guard|fill|returned)_' || t.id || '$')
    and exists (select from regexp_split_to_table(nullif(ownership_private.settings_sql(t), ''), E'\n') wanted
      where lower(regexp_replace(regexp_replace(wanted, '^set | ''|''$', '', 'g'), ' =\s*', '='))
        <> all (select lower(c) from unnest(p.proconfig) c))
), '{}', 'and so does every generated one, as far as its table needs it');

select is(array(
  select p.oid::regprocedure::text from pg_proc p join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
  where p.pronamespace = 'ownership'::regnamespace and p.prosecdef
    and not coalesce('jit=off' = any (p.proconfig), false)
), '{}', 'nothing that people call waits for a compiler');

select tests.here();
create table fills (external_id timestamptz primary key, at timestamptz not null);
grant all on fills to gazelle_sync;
select ownership.protect('fills', 'at', identity_key => '{external_id}');
insert into fills values ('2026-01-19 12:00+00', '2026-01-19 12:00+00');
select tests.elsewhere();
set local role gazelle_sync;
insert into fills values ('2026-01-19 12:00+00', null) on conflict (external_id) do update set at = excluded.at;
reset role;
select is(b.offered_at is not null, true, 'a NULL that is filled is on offer under the same key')
from ownership.claims b where b.tbl = 'fills'::regclass;
select is(c.key, '2026-01-19T12:00:00+00:00', 'which is that of UTC')
from ownership.claims c where c.tbl = 'fills'::regclass;
select is(e.value #>> '{}', '2026-01-19T12:00:00+00:00', 'explain shows the value alike')
from ownership.explain('fills', '2026-01-19 12:00+00', 'at') e;
select is(ownership.canonical_key('fills', '2026-01-19 07:00-05'), '2026-01-19T12:00:00+00:00',
  'and reads every notation');
select is(ownership.release('fills', '2026-01-19 12:00+00', 'at') #>> '{}', '2026-01-19T12:00:00+00:00',
  'release answers alike');

select * from finish();
rollback;
