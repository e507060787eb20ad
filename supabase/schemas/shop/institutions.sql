-- Institutions: clients that are tagged institutional, by people or by Gazelle. Each gets a configuration, which people
-- edit.

create table public.institution_config (
  client_external_id text primary key,
  slug text not null unique,
  display_name text not null,
  active boolean not null default true,
  locale text not null default 'fr-CA',
  options jsonb not null default '{}',
  notes text,
  created_at timestamptz not null default now(),
  -- The slug is part of web addresses.
  constraint institution_config_slug_is_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  constraint institution_config_has_a_name check (btrim(display_name) <> ''),
  constraint institution_config_locale_is_one check (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  constraint institution_config_options_are_an_object check (jsonb_typeof(options) = 'object')
);
comment on table public.institution_config is
  'Configuration of institutions, one row each. No sync writes it. The row is created when a client is first tagged
   institutional, and stays when the tag is removed.';
-- No foreign key: the configuration must survive when the client's row is deleted and comes back.
comment on column public.institution_config.client_external_id is 'The client''s external_id.';
comment on column public.institution_config.slug is
  'The institution''s name in web addresses: lower-case letters, digits and hyphens.';
comment on column public.institution_config.display_name is
  'The name to show. Initially the client''s company name; later changes in Gazelle do not reach it.';
comment on column public.institution_config.active is
  'Whether the shop serves the institution at present. Independent of the client''s status.';
comment on column public.institution_config.locale is 'Language and country of its pages, such as fr-CA.';
comment on column public.institution_config.options is 'Settings of an application: a JSON object.';
comment on column public.institution_config.notes is 'Notes of the shop.';

-- Protected, although no sync writes them, so that history, restore and export include them.
select ownership.protect('public.institution_config', col, mode => 'claim')
from unnest(array['slug', 'display_name', 'active', 'locale', 'options', 'notes']::name[]) col;

alter table public.institution_config enable row level security;
revoke all on public.institution_config from public, anon, authenticated, service_role;
create policy signed_in on public.institution_config
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_change on public.institution_config
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
create policy writers on public.institution_config to manual_editor using (true) with check (true);

grant select, update (slug, display_name, active, locale, options, notes)
  on public.institution_config to authenticated, manual_editor;
-- Programs with a secret key may only read.
grant select on public.institution_config to service_role;

create function shop.slug_of(name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    nullif(
      btrim(
        -- As long as an address can use, and far below what an index can hold.
        left(
          ltrim(
            regexp_replace(
              lower(regexp_replace(normalize(name collate pg_catalog."default", nfd), '[\u0300-\u036f''’.]', '', 'g')),
              '[^a-z0-9]+', '-', 'g'
            ), '-'
          ), 80
        ), '-'
      ), ''
    ), 'institution'
  )
$$;
comment on function shop.slug_of(text) is
  'A name as a slug of at most 80 characters: École Vincent-d''Indy becomes ecole-vincent-dindy.';

create function shop.numbered_slug(slug text, number integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select slug || case when number > 1 then '-' || number else '' end
$$;
comment on function shop.numbered_slug(text, integer) is 'The slug of the first, second, … institution of one name.';

create function shop.free_slug(slug text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  taken integer := 0;
  free integer := 1;
  middle integer;
begin
  -- The numbers 1, 2, 4, … until one is free, then the middle between it and the last one that is taken: a dozen
  -- look-ups where thousands have one name.
  while exists (select from public.institution_config c where c.slug = shop.numbered_slug(free_slug.slug, free)) loop
    taken := free;
    free := free * 2;
  end loop;
  while free - taken > 1 loop
    middle := (taken + free) / 2;
    if exists (select from public.institution_config c where c.slug = shop.numbered_slug(free_slug.slug, middle)) then
      taken := middle;
    else
      free := middle;
    end if;
  end loop;
  return shop.numbered_slug(slug, free);
end;
$$;
comment on function shop.free_slug(text) is 'A slug that no institution has: this one, or this one with a number.';

create function shop.open_institution(client_external_id text, name text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A name is never empty here, whatever the client has.
  shown constant text := coalesce(nullif(btrim(name), ''), 'Institution');
  acting_as constant text := coalesce(current_setting('ownership.writer', true), '');
begin
  -- These are default values, so they are written under a name without a rank: they claim nothing, and where people had
  -- configured the institution before, the engine restores their values.
  perform set_config('ownership.writer', 'defaults', true);
  -- Another session can take the slug in the same moment: then the next one is tried.
  while not exists (
    select from public.institution_config c where c.client_external_id = open_institution.client_external_id
  ) loop
    insert into public.institution_config (client_external_id, slug, display_name)
    values (
      open_institution.client_external_id,
      shop.free_slug(shop.slug_of(shown)),
      shown
    )
    on conflict do nothing;
  end loop;
  perform set_config('ownership.writer', acting_as, true);
end;
$$;
comment on function shop.open_institution(text, text) is
  'Creates the configuration of an institution, unless it has one.';

create function shop.institution_name(client public.gazelle_clients)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    nullif(btrim(client.company_name), ''),
    nullif(btrim(concat_ws(' ', client.first_name, client.last_name)), ''),
    client.external_id
  )
$$;
comment on function shop.institution_name(public.gazelle_clients) is
  'The initial name of an institution: company, person, or external_id.';

create function shop.open_tagged_institution()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from unnest(new.tags) tag where shop.is_same_tag(tag, 'institutional')) then
    perform shop.open_institution(new.external_id, shop.institution_name(new));
  end if;
  return null;
end;
$$;
comment on function shop.open_tagged_institution() is
  'Trigger: creates the configuration of a client that is tagged institutional.';

revoke execute on function shop.slug_of, shop.numbered_slug, shop.free_slug, shop.institution_name,
  shop.open_institution, shop.open_tagged_institution from public;

-- The condition is a cheap filter; the function compares tag by tag.
create trigger open_tagged_institution
after insert or update of tags on public.gazelle_clients
for each row when (new.tags <> '{}' and new.tags::text ilike '%institutional%')
execute function shop.open_tagged_institution();

-- Clients that have the tag already, where tables were taken over. Only institution_config is written.
select shop.open_institution(c.external_id, shop.institution_name(c))
from public.gazelle_clients c
where exists (select from unnest(c.tags) tag where shop.is_same_tag(tag, 'institutional'))
order by c.external_id;
