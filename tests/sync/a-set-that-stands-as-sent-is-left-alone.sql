-- A set that stands as it is sent is not written, whatever ownership knows of the last one.
begin;
set local search_path = public, extensions;
select plan(1);

create function pg_temp.versions() returns text language sql as $$
  select string_agg(concat_ws(' ', c.external_id, c.ctid, c.xmin, c.cmin), ', ' order by c.external_id)
  from public.gazelle_clients c
$$;

select tests.the_sync_reads('[{"external_id": "a", "tags": ["x"]}, {"external_id": "b", "tags": ["y", "z"]}]');
-- Protected over values that stand there: what the source sent last is not known to ownership.
select ownership.protect('gazelle_clients', 'tags', 'merge_set');
select tests.the_sync_reads(jsonb_agg(jsonb_build_object('external_id', c.external_id, 'tags', c.tags)))
from gazelle_clients c;

create temporary table before on commit drop as select pg_temp.versions() as rows;
select tests.the_sync_reads(jsonb_agg(jsonb_build_object('external_id', c.external_id, 'tags', c.tags)))
from gazelle_clients c;
select is(pg_temp.versions(), rows, 'the sets are what they were, and no row is rewritten') from before;

select * from finish();
rollback;
