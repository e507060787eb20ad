-- The effect on a cell in which no policy rules is told in the column's own type: as JSON would tell it.
begin;
set local search_path = public, extensions;
create type mood as enum ('', 'calm', 'wild');
create domain name_of_place as text;
create table shapes (
  external_id text primary key, missing_since timestamptz,
  a_text text, a_varchar varchar(20), a_place name_of_place, a_bool boolean, a_number numeric, an_integer integer,
  a_date date, a_moment timestamptz, a_while interval, a_uuid uuid, a_mood mood, a_json jsonb,
  a_set text[], some_numbers integer[]
);
grant select, insert, update on shapes to gazelle_sync;
select sync.register_stream('shapes', 'shapes', 'gazelle');
create temporary table samples (col name, vals text[]) on commit drop;
insert into samples values
  ('a_text', array[null, '', '  ', U&'\00a0', U&'\200b x', 'x', 'X', ' x', 'é', '0', 'false', E'\t']),
  ('a_varchar', array[null, '', ' ', 'x', 'y ']), ('a_place', array[null, '', 'Laval']),
  ('a_bool', array[null, 'true', 'false']), ('a_number', array[null, '0', '1', '1.0', 'NaN']),
  ('an_integer', array[null, '0', '-1']), ('a_date', array[null, '2026-01-19', 'infinity']),
  ('a_moment', array[null, '2026-01-19 00:00Z', '2026-01-19 01:00Z']), ('a_while', array[null, '0', '1 day']),
  ('a_uuid', array[null, '00000000-0000-0000-0000-000000000000']), ('a_mood', array[null, '', 'calm', 'wild']),
  ('a_json', array[null, 'null', '""', '[]', '{}', '0', 'false', '[1]', '[1, 2]', '{"a": 1}', '" "']),
  ('a_set', array[null, '{}', '{NULL}', '{""}', '{a}', '{b}', '{a,b}', '{b,a}', '{a,a,b}', '{" ",a}']),
  ('some_numbers', array[null, '{}', '{0}', '{1,2}']);
select plan(1 + (select count(*)::integer from sync.effects_on('shapes')));

select is((select count(*) from sync.effects_on('shapes') e where e.is_ruled), 0::bigint, 'no policy rules here');

create function pg_temp.differing(col name, effect text, vals text[]) returns text language plpgsql as $$
declare
  found text;
begin
  execute format(
    $sql$
      select string_agg(format('%%s over %%s: %%s, and not %%s', sent.text, live.text, told.effect, meant.effect), '; ')
      from (select v, jsonb_populate_record(null::shapes, jsonb_build_object(%1$L, %3$s)) as r from unnest($1) v) l,
        (select v, jsonb_populate_record(null::shapes, jsonb_build_object(%1$L, %3$s)) as r from unnest($1) v) s,
        lateral (select l.v as text, (l.r).*) live,
        lateral (select s.v as text, (s.r).*) sent,
        lateral (select (%2$s) as effect) told,
        lateral (select sync.effect(to_jsonb(live.%1$I), to_jsonb(sent.%1$I)) as effect) meant
      where coalesce(told.effect, 'kept') <> meant.effect
    $sql$, col, effect, case col when 'a_json' then 'v::jsonb' else 'v' end) using vals into found;
  return found;
end;
$$;
select is(pg_temp.differing(e.name, e.effect, s.vals), null, format('%s: each of its values over each', e.name))
from sync.effects_on('shapes') e
left join samples s on s.col = e.name;

select * from finish();
rollback;
