-- Clients, as Gazelle has them.

-- migration: gazelle_survey

create table if not exists gazelle.gazelle_clients (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  company_name text,
  first_name text,
  last_name text,
  status text,
  email text,
  phone text,
  city text,
  postal_code text,
  personal_notes text,
  preference_notes text,
  locale text,
  tags text[] not null default '{}',
  created_at timestamptz,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_clients is 'Pattern.';

-- migration: gazelle_tables

select gazelle.make_or_take_over('gazelle_clients');

-- migration: gazelle_indexes

select gazelle.make_key('public.gazelle_clients');

comment on table public.gazelle_clients is 'Clients as Gazelle has them, with what people added here.';
comment on column public.gazelle_clients.external_id is 'Gazelle''s id: cli_ and 16 letters or digits.';
comment on column public.gazelle_clients.company_name is
  'The company; where it has none, the name of its default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.first_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.last_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.status is
  'ACTIVE, INACTIVE, PROSPECT, NEW, or a value Gazelle adds. INACTIVE is not gone.';
comment on column public.gazelle_clients.personal_notes is
  'What to know of the person. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.preference_notes is
  'What the client prefers. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.tags is
  'A set: its order means nothing. The shop tags clients here, institutions among them; Gazelle knows its own tags only.';
comment on column public.gazelle_clients.created_at is 'When it was created in Gazelle.';
comment on column public.gazelle_clients.updated_at is 'When it last changed in Gazelle.';
comment on column public.gazelle_clients.missing_since is
  'Since when complete reads of Gazelle no longer hold it. Never deleted.';

-- migration: gazelle_access

create policy writers on public.gazelle_clients
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_clients to service_role;
grant select, update on public.gazelle_clients to manual_editor;
select gazelle.grant_columns('public.gazelle_clients');

-- Whoever is signed in belongs to the shop: accounts are given, not taken. They see what institutions and inventories
-- show, and tag.
create policy signed_in on public.gazelle_clients
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_clients
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
grant
  select (external_id, company_name, city, status, tags, missing_since),
  update (tags)
  on public.gazelle_clients to authenticated;

-- migration: gazelle_tag_policies

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion. This
-- looks at every row, so it is a migration of its own: a table's first policy lets readers in meanwhile. The key is named,
-- for a table that was there before may have others.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- migration: gazelle_client_policies

-- What people add to clients.
select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;
