-- Verification: compares what the shop should have with what it has. Run daily on schedule, and by people on demand.

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

create function shop.verify_institutions()
returns table (name text, expected bigint, found bigint, examples text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with tagged as (
    select c.key, exists (
      select from public.gazelle_clients client
      where client.external_id = c.key
        and exists (select from unnest(client.tags) tag where shop.is_same_tag(tag, 'institutional'))
    ) as stands
    from ownership.claims c
    where c.tbl = 'public.gazelle_clients'::regclass and c.col = 'tags' and c.element = 'institutional' and not c.removed
  )
  select 'institutions that people tagged', count(*), count(*) filter (where t.stands),
    (array_agg(t.key order by t.key) filter (where not t.stands))[:5]
  from tagged t
  union all
  select format('pianos of %s', i.slug), count(p.piano_external_id),
    count(p.piano_external_id) filter (where p.missing_since is null),
    (array_agg(p.piano_external_id order by p.piano_external_id) filter (where p.missing_since is not null))[:5]
  from public.institution_overview i
  left join public.institution_inventory p on p.client_external_id = i.client_external_id
  group by i.slug
$$;
comment on function shop.verify_institutions() is
  'Institutions that people tagged, and those whose tag still stands; for each its pianos, and those still in Gazelle.';

create function shop.verify_badges()
returns table (name text, expected bigint, found bigint, examples text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'badges that people or notes proved', count(*), count(*) filter (where stands.yes),
    (array_agg(b.piano_external_id order by b.piano_external_id) filter (where not stands.yes))[:5]
  from shop.badge_reasons() b
  cross join lateral (
    select exists (
      select from public.gazelle_pianos p
      where p.external_id = b.piano_external_id and p.dampp_chaser_installed
    ) as yes
  ) stands
$$;
comment on function shop.verify_badges() is 'Badges that people or notes claim, and those that stand in the table.';

create function shop.verify_protection()
returns table (name text, expected bigint, found bigint, examples text[])
language sql
set search_path = pg_catalog, pg_temp
as $$
  with lost as materialized (
    select format('%s.%s of %s', v.tbl, v.col, v.key) as cell from ownership.verify() v
  )
  select 'protected values', held.count, held.count - (select count(*) from lost),
    (select array_agg(l.cell order by l.cell) from (select cell from lost order by 1 limit 5) l)
  from (select count(*) from ownership.claims) held
  union all
  select 'problems of the protection', 0, count(*),
    (array_agg(format('%s: %s', h.problem, h.object) order by h.problem, h.object))[:5]
  from ownership.health() h
$$;
comment on function shop.verify_protection() is
  'Claimed values, and those that stand in their tables; and whether the guards are in place.';

create function shop.verify_syncs()
returns table (name text, expected bigint, found bigint, examples text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'streams whose records are stored', count(*), count(*) filter (where last.status <> 'degraded'),
    (array_agg(last.error ->> 'message' order by last.id) filter (where last.status = 'degraded'))[:5]
  from sync.streams s
  cross join lateral (
    select r.id, r.status, r.error
    from sync.runs r
    where r.stream = s.stream and r.status in ('complete', 'partial', 'degraded') and not r.dry_run and not r.is_replay
    order by r.id desc
    limit 1
  ) last
$$;
comment on function shop.verify_syncs() is
  'Streams that have been synced, and those whose last run stored its records, all but a few.';

create function shop.verify()
returns table (name text, expected bigint, found bigint, ok boolean, examples text[])
language sql
set search_path = pg_catalog, pg_temp
as $$
  select c.name, c.expected, c.found, c.expected = c.found, coalesce(c.examples, '{}')
  from (
    select * from shop.verify_protection()
    union all
    select * from shop.verify_institutions()
    union all
    select * from shop.verify_badges()
    union all
    select * from shop.verify_syncs()
    union all
    select * from shop.verify_left_behind()
    union all
    select d.reference || ' that names nothing', 0, d.found, d.examples from shop.dangling_references() d
    union all
    select 'pianos without a client', 0, count(*), (array_agg(p.external_id order by p.external_id))[:5]
    from public.gazelle_pianos p where p.client_external_id is null
    union all
    select 'users without an external id', 0, count(*), (array_agg(u.external_id order by u.external_id))[:5]
    from public.gazelle_users u where u.external_id !~ '^usr_'
  ) c
$$;
comment on function shop.verify() is
  'Compares what the shop should have with what it has: one row a check, with at most five examples of what is wrong.
   Nothing changes: the trial write of ownership.verify is rolled back.';

revoke execute on function
  shop.dangling_references, shop.verify_institutions, shop.verify_badges, shop.verify_protection, shop.verify_syncs,
  shop.verify
from public;

create function public.shop_verify()
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(to_jsonb(v)) from shop.verify() v
$$;
comment on function public.shop_verify() is 'shop.verify, one object a check.';

revoke execute on function public.shop_verify from public, anon, authenticated, service_role;
grant execute on function public.shop_verify to service_role;
