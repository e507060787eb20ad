-- Views of the institutions and their pianos. For a badge they give its reason, for one from the notes the sentence
-- that proves it.

create function shop.badge_reasons()
returns table (piano_external_id text, source text, since timestamptz, reason text, grade text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.key, named.source, c.since,
    case
      when named.source = 'person' then 'a person says so'
      when proof.sentence is not null then format('the shop''s notes say so: %s', proof.sentence)
      when named.source = 'notes' then 'the shop''s notes say so'
      else format('%s says so', c.writer)
    end,
    proof.grade
  from ownership.claims c
  cross join lateral (
    select case when c.rank >= 100 then 'person' when c.writer = 'pls_detector' then 'notes' else c.writer::text end
      as source
  ) named
  left join (
    select distinct on (e.piano_id) e.piano_id, e.sentence, e.grade
    from public.pls_evidence e
    where e.source = 'notes' and e.says = 'for'
    order by e.piano_id, e.grade, e.occurred_at desc nulls last, e.id desc
  ) proof on proof.piano_id = c.key and named.source = 'notes'
  where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.value = 'true'
$$;
comment on function shop.badge_reasons() is
  'Pianos whose badge is claimed: by whom, and for the notes the newest sentence that proves it, a strong one if there
   is one, with its grade. A badge without a claim is Gazelle''s. Security definer, for people may not read claims.';
revoke execute on function shop.badge_reasons() from public;
grant execute on function shop.badge_reasons() to authenticated, service_role, manual_editor;

create view public.institution_inventory with (security_invoker = true) as
select
  config.client_external_id,
  config.slug,
  config.display_name as institution,
  piano.external_id as piano_external_id,
  piano.location as place,
  piano.make,
  piano.model,
  piano.serial_number,
  piano.type,
  piano.year,
  piano.status,
  piano.tags,
  service.last_service_at,
  coalesce(piano.dampp_chaser_installed, false) as has_badge,
  case when piano.dampp_chaser_installed then coalesce(badge.source, 'gazelle') end as badge_source,
  badge.since as badge_since,
  case when piano.dampp_chaser_installed then coalesce(badge.reason, 'Gazelle says so') end as badge_reason,
  piano.missing_since
from public.institution_config config
join public.gazelle_clients client
  on client.external_id = config.client_external_id
  and exists (select from unnest(client.tags) tag where lower(btrim(tag)) = 'institutional')
join public.gazelle_pianos piano
  on piano.client_external_id = client.external_id
  and not exists (select from unnest(piano.tags) tag where lower(btrim(tag)) = 'non')
left join lateral (
  select max(entry.occurred_at) as last_service_at
  from public.gazelle_timeline_entries entry
  where entry.piano_id = piano.external_id
    and entry.entry_type in ('SERVICE_ENTRY_MANUAL', 'SERVICE_ENTRY_AUTOMATED')
) service on true
left join shop.badge_reasons() badge
  on badge.piano_external_id = piano.external_id and piano.dampp_chaser_installed;
comment on view public.institution_inventory is
  'Pianos of each institution with their place, last service, PLS badge and its reason. Inactive pianos are included,
   those tagged non are not. The rows have no order of their own.';

create view public.institution_overview with (security_invoker = true) as
select
  config.client_external_id,
  config.slug,
  config.display_name,
  client.company_name,
  client.city,
  client.status,
  config.active,
  config.locale,
  config.options,
  config.notes,
  counted.pianos,
  counted.hidden_pianos,
  counted.badges,
  client.missing_since
from public.institution_config config
join public.gazelle_clients client
  on client.external_id = config.client_external_id
  and exists (select from unnest(client.tags) tag where lower(btrim(tag)) = 'institutional')
cross join lateral (
  select
    count(*)::integer as pianos,
    (count(*) filter (
      where exists (select from unnest(piano.tags) tag where lower(btrim(tag)) = 'non')
    ))::integer as hidden_pianos,
    (count(*) filter (where piano.dampp_chaser_installed))::integer as badges
  from public.gazelle_pianos piano
  where piano.client_external_id = client.external_id
) counted;
comment on view public.institution_overview is
  'Clients tagged institutional: their configuration, and the number of their pianos and badges.';

revoke all on public.institution_overview, public.institution_inventory
from public, anon, authenticated, service_role;
grant select on public.institution_overview, public.institution_inventory to authenticated, service_role;
