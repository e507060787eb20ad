-- What a plan says of each cell is what the guards then do: every mode, every owner, every kind of value.
begin;
set local search_path = public, extensions;
select plan(7);

create table public.cells (
  external_id text primary key,
  free text, source text, source_unless_blank text, fill_blank text, manual text, claim text,
  tags text[], opinion text[]
);
select ownership.protect('cells', m::name, m)
from unnest('{source, source_unless_blank, fill_blank, manual, claim}'::text[]) m;
select ownership.protect('cells', 'tags');
select ownership.protect('cells', 'opinion', empty_is_opinion => true);
grant select, insert, update on cells to gazelle_sync;

create table sent as
select concat_ws(' ', s.n, t.n, by) as key, stands.v as stands, sent.v as sent, sets.v as stands_set, news.v as sent_set,
  by
from unnest(array[null, '', ' ', 'a', 'b']) with ordinality s (v, n)
cross join unnest(array[null, '', 'a', 'c']) with ordinality t (v, n)
cross join lateral (values (s.v)) stands (v)
cross join lateral (values (t.v)) sent (v)
cross join lateral (values ((array['{}', '{NULL}', '{a}', '{a,b}', '{b, c}'])[s.n]::text[])) sets (v)
cross join lateral (values ((array[null, '{}', '{A,d}', '{b}'])[t.n]::text[])) news (v)
cross join unnest(array['nobody', 'person', 'both']) by;
grant select on sent to gazelle_sync;

set role gazelle_sync;
insert into cells
select key, stands, stands, stands, stands, stands, stands, stands_set, stands_set from sent where by <> 'person';
reset role;
insert into cells select key from sent where by = 'person';
update cells c
set free = stands, source = stands, source_unless_blank = stands, fill_blank = stands, manual = stands, claim = stands,
    tags = stands_set, opinion = stands_set
from sent s where s.key = c.external_id and by = 'person';
update cells c set claim = 'mine', tags = c.tags || '{mine}', opinion = array_remove(c.opinion, 'a') || '{mine}'
from sent s where s.key = c.external_id and by = 'both';

set role gazelle_sync;
create temporary table planned on commit drop as
select o.*
from (
  select array_agg(c.external_id) as keys, array_agg(cell.col) as cols, array_agg(cell.stands) as stands,
    array_agg(cell.sent) as sent
  from cells c
  join sent s on s.key = c.external_id
  cross join lateral (values
    ('free'::name, to_jsonb(c.free), to_jsonb(s.sent)), ('source', to_jsonb(c.source), to_jsonb(s.sent)),
    ('source_unless_blank', to_jsonb(c.source_unless_blank), to_jsonb(s.sent)),
    ('fill_blank', to_jsonb(c.fill_blank), to_jsonb(s.sent)), ('manual', to_jsonb(c.manual), to_jsonb(s.sent)),
    ('claim', to_jsonb(c.claim), to_jsonb(s.sent)), ('tags', to_jsonb(c.tags), to_jsonb(s.sent_set)),
    ('opinion', to_jsonb(c.opinion), to_jsonb(s.sent_set))
  ) cell (col, stands, sent)
  where cell.stands is distinct from cell.sent
) a, ownership.foresee('cells', a.keys, a.cols, a.stands, a.sent) o;
update cells c
set free = sent, source = sent, source_unless_blank = sent, fill_blank = sent, manual = sent, claim = sent,
    tags = sent_set, opinion = sent_set
from sent s where s.key = c.external_id;
reset role;

create function pg_temp.wrong(wanted name[]) returns setof text language sql as $$
  select format('%s.%s: %s over %s was to become %s, became %s', p.key, p.col, p.sent, p.stands, p.outcome, live.v)
  from planned p
  join public.cells c on c.external_id = p.key
  cross join lateral (select to_jsonb(c) -> p.col) live (v)
  where p.col = any(wanted) and coalesce(p.outcome, 'null') <> live.v
$$;
select cmp_ok((select count(*) from planned), '>', 300::bigint, 'there is something to compare');
select is_empty($$ select pg_temp.wrong('{free, source}') $$, 'what nobody protects');
select is_empty($$ select pg_temp.wrong('{source_unless_blank, fill_blank}') $$, 'what blanks do not touch');
select is_empty($$ select pg_temp.wrong('{manual}') $$, 'what is manual');
select is_empty($$ select pg_temp.wrong('{claim}') $$, 'what is claimed');
select is_empty($$ select pg_temp.wrong('{tags}') $$, 'sets');
select is_empty($$ select pg_temp.wrong('{opinion}') $$, 'sets of which an empty one is an opinion');

select * from finish();
rollback;
