-- Any program may fill and correct a cell of a protected column that nobody owns. Only people and the policy's source
-- empty it.
begin;
set local search_path = public, extensions;
select plan(27);

create table lamps (
  external_id text primary key, place text, seen boolean, kept text, watched text, tags text[] not null default '{}'
);
create role other_sync nologin;
create role a_stranger nologin;
grant all on lamps to gazelle_sync, service_role, pls_detector, manual_editor, other_sync, a_stranger;
select ownership.register_writer('other_sync', 15);
insert into lamps values ('l1', 'Salle A', true, 'Salle A', 'Salle A', '{oak}');
select ownership.protect('lamps', 'place');
select ownership.protect('lamps', 'seen', blank_values => '{false}', source => 'pls_detector');
select ownership.protect('lamps', 'kept', on_conflict => 'reject');
select ownership.protect('lamps', 'watched', on_conflict => 'observe');
select ownership.protect('lamps', 'tags', empty_is_opinion => true);

create function pg_temp.after(writer name, assignments text) returns lamps language plpgsql as $$
declare
  lamp lamps;
begin
  perform set_config('role', writer, true);
  execute format('update lamps set %s', assignments);
  perform set_config('role', 'none', true);
  select * into lamp from lamps;
  return lamp;
end $$;

select is((pg_temp.after(writer, format('place = %L', writer))).place, writer::text, writer || ' corrects what nobody owns')
from unnest('{service_role,other_sync,a_stranger}'::name[]) writer;
select is((pg_temp.after(writer, 'place = ' || coalesce(quote_literal(blank), 'null'))).place, 'a_stranger',
  format('%s does not blank it by %L', writer, blank))
from unnest('{service_role,other_sync,a_stranger,pls_detector}'::name[]) writer,
  unnest(array['  ', null]) blank;
select is((select count(*) from ownership.claims where tbl = 'lamps'::regclass), 0::bigint, 'nobody owns anything');
select results_eq($$select writer, offered, kept, times from ownership.blocked_writes
  where tbl = 'lamps'::regclass and col = 'place' order by offered::text$$,
  $$values ('unknown'::name, '"  "'::jsonb, '"a_stranger"'::jsonb, 4::bigint), ('unknown', null, '"a_stranger"', 4)$$,
  'each is on record, as the lowest''s who offered it');
select is((pg_temp.after('gazelle_sync', 'place = null')).place, null, 'the source blanks it,');
select is((pg_temp.after('service_role', 'place = '''' ')).place, '', 'a blank replaces a blank,');
select is((pg_temp.after('service_role', 'place = ''Salle B''')).place, 'Salle B', 'any program fills it,');
select is((pg_temp.after('manual_editor', 'place = null')).place, null, 'and a person blanks it');

select is((pg_temp.after('gazelle_sync', 'seen = false')).seen, true, 'a column has its own source and its own blanks:');
select is((pg_temp.after('pls_detector', 'seen = false')).seen, false, 'the detection takes a badge');
select throws_ok($$select pg_temp.after('service_role', 'kept = null')$$, 'PT409',
  'public.lamps.kept of l1 takes no such value from service_role', 'a policy may refuse it');
select is((pg_temp.after('service_role', 'watched = null')).watched, null, 'or only watch it');
select is((select times from ownership.blocked_writes where tbl = 'lamps'::regclass and col = 'watched'), 1::bigint, 'once');
select pg_temp.after('gazelle_sync', 'tags = ''{oak,ash}''');
select pg_temp.after('service_role', 'tags = ''{oak,ash,elm}''');
select is((pg_temp.after('service_role', 'tags = ''{}''')).tags, '{oak,ash,elm}', 'a program empties no set');
select is((pg_temp.after('gazelle_sync', 'tags = ''{}''')).tags, '{elm}', 'the source takes out what it sent');

select set_eq($$select ownership.ruled_columns('lamps', 'gazelle_sync')$$, '{place,seen,tags}'::name[], 'what may be kept out of the source');
select set_eq($$select ownership.ruled_columns('lamps', 'other_sync')$$, '{place,seen,kept,tags}'::name[], 'and of others');
select ownership.protect('lamps', 'seen');
select is((select source from ownership.policies where tbl = 'lamps'::regclass and col = 'seen'), 'pls_detector', 'the source stays as it was said');

select * from finish();
rollback;
