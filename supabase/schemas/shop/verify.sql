-- The state of the shop, and its verification, which takes the deep looks too: daily on schedule, by people on demand.

create function shop.dangling_references()
returns table (reference text, found bigint, examples text[])
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  ref record;
begin
  for ref in
    select * from (values
      ('gazelle_pianos', 'client_external_id', 'gazelle_clients'),
      ('gazelle_contacts', 'client_external_id', 'gazelle_clients'),
      ('gazelle_appointments', 'client_external_id', 'gazelle_clients'),
      ('gazelle_appointments', 'piano_external_id', 'gazelle_pianos'),
      ('gazelle_appointments', 'technicien', 'gazelle_users'),
      ('gazelle_timeline_entries', 'client_id', 'gazelle_clients'),
      ('gazelle_timeline_entries', 'piano_id', 'gazelle_pianos'),
      ('gazelle_timeline_entries', 'user_id', 'gazelle_users'),
      ('institution_config', 'client_external_id', 'gazelle_clients')
    ) r (source, col, target)
  loop
    -- If the referenced table is empty, its stream was never synced: nothing is dangling then.
    return query execute format($sql$
      select %L, count(d.value), (array_agg(d.value order by d.value))[:5]
      from (
        select r.%2$I as value from public.%3$I r
        where r.%2$I is not null and not exists (select from public.%4$I t where t.external_id = r.%2$I)
          and exists (select from public.%4$I)
      ) d$sql$, format('%s.%s', ref.source, ref.col), ref.col, ref.source, ref.target);
  end loop;
end;
$$;
comment on function shop.dangling_references() is
  'References to other records by external_id: for each column how many name a record that does not exist, and five of
   them.';

create function shop.look_at_references()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'reference_dangling', c.name, case when c.found > 0 then 'degraded' else 'well' end,
    case when c.found > 0 then format('%s, such as %s', c.found, c.examples[1]) else 'none' end, c.examples,
    case when c.found > 0 then 'etiquette sync; what stays is to be corrected in Gazelle.' end,
    0::bigint, c.found, 'verify', null::integer
  from (
    select format('%s that names nothing', d.reference) as name, d.found, d.examples from shop.dangling_references() d
    union all
    select 'pianos without a client', count(*), (array_agg(p.external_id order by p.external_id))[:5]
    from public.gazelle_pianos p where p.client_external_id is null
    union all
    select 'users without an external id', count(*), (array_agg(u.external_id order by u.external_id))[:5]
    from public.gazelle_users u where u.external_id !~ '^usr_'
  ) c
$$;
comment on function shop.look_at_references() is 'References and records that are incomplete.';

create function shop.look_at_inventories()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'pianos_missing', format('pianos of %s', c.slug), case when c.found < c.expected then 'degraded' else 'well' end,
    case when c.found < c.expected then format('%s are not in Gazelle any more', c.expected - c.found)
      else 'all are in Gazelle' end,
    c.examples, case when c.found < c.expected then 'Look in Gazelle where they went, and correct it there.' end,
    c.expected, c.found, 'verify', null::integer
  from (
    select i.slug, count(p.piano_external_id) as expected,
      count(p.piano_external_id) filter (where p.missing_since is null) as found,
      (array_agg(p.piano_external_id order by p.piano_external_id) filter (where p.missing_since is not null))[:5]
        as examples
    from public.institution_overview i
    left join public.institution_inventory p on p.client_external_id = i.client_external_id
    group by i.slug
  ) c
  order by c.slug
$$;
comment on function shop.look_at_inventories() is 'For each institution its pianos, and those still in Gazelle.';

create function shop.look_at_drill()
returns setof sync.finding
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  with failed as materialized (
    select format('%s.%s of %s', v.tbl, v.col, v.key) as cell from ownership.verify() v where v.problem ~ '^drill '
  )
  select 'drill_failed', 'columns that a trial write would blank', case when count(*) > 0 then 'failed' else 'well' end,
    case when count(*) > 0 then 'an unknown writer could blank an owned value' else 'none' end,
    (array_agg(f.cell order by f.cell))[:5],
    case when count(*) > 0 then 'etiquette health; select ownership.repair();' end,
    0::bigint, count(*), 'verify', null::integer
  from failed f
$$;
comment on function shop.look_at_drill() is
  'Tries to blank an owned value of each column, which is rolled back: see ownership.verify.';

create function shop.look_left_behind()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'owned_and_gone', v.name, case when v.found > 0 then 'degraded' else 'well' end,
    case when v.found > 0 then v.found::text else 'none' end, v.examples,
    case when v.found > 0 then 'etiquette carry lists what went where' end,
    v.expected, v.found, 'verify', null::integer
  from shop.verify_left_behind() v
$$;
comment on function shop.look_left_behind() is 'Records that are gone from Gazelle, and of which people own something.';

select sync.register_look('left behind', 'shop.look_left_behind()', is_deep => true);
select sync.register_look('drill', 'shop.look_at_drill()', is_deep => true);
select sync.register_look('inventories', 'shop.look_at_inventories()', is_deep => true);
select sync.register_look('references', 'shop.look_at_references()', is_deep => true);

create function shop.verify()
returns table (name text, expected bigint, found bigint, ok boolean, examples text[])
language sql
set search_path = pg_catalog, pg_temp
as $$
  select f.name, f.expected, f.found, f.state = 'well', coalesce(f.details, '{}')
  from sync.findings('deep') f
  where f.expected is not null or f.state = 'cannot tell'
$$;
comment on function shop.verify() is
  'Compares what the shop should have with what it has: one row for each count of every look, with at most five examples
   of what is wrong, and one for each look that failed. Nothing changes: the trial write is rolled back.';

create function shop.status(depth text)
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  with taken as materialized (
    select f.state, f.place, to_jsonb(f) - '{look,place,job,times}'::text[] as finding from sync.findings(depth) f
  )
  select jsonb_build_object(
    'state', sync.state_of(array_agg(t.state)), 'at', clock_timestamp(),
    'findings', coalesce(
      jsonb_agg(t.finding order by sync.gravity(t.state) desc, t.place) filter (where t.state <> 'well'), '[]'),
    'well', coalesce(jsonb_agg(t.finding order by t.place) filter (where t.state = 'well'), '[]'))
  from taken t
$$;
comment on function shop.status(text) is
  'The state of the shop by looks of some depth (sync.findings): the findings, gravest first, and what is well.';

revoke execute on function
  shop.dangling_references, shop.look_at_references, shop.look_at_inventories, shop.look_at_drill,
  shop.look_left_behind, shop.verify, shop.status
from public;

create function public.shop_verify()
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select shop.status('deep')
$$;
comment on function public.shop_verify() is
  'As shop_status, by every look: those that take long too. Nothing changes: the trial write is rolled back.';

create function public.shop_status()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select shop.status('quick')
$$;
comment on function public.shop_status() is
  'The state of the shop: well, degraded, failed, cannot tell or lost; the findings, gravest first; and what is well.
   Cheap enough to ask every minute. It does not depend on the watch.';

revoke execute on function public.shop_verify, public.shop_status from public, anon, authenticated, service_role;
grant execute on function public.shop_verify, public.shop_status to service_role;
