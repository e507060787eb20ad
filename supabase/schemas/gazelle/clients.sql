-- Clients.

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

select gazelle.make_or_take_over(
  'gazelle_clients', 'tags', 'company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes'
);

-- migration: gazelle_indexes

select gazelle.make_key('public.gazelle_clients');

comment on table public.gazelle_clients is 'Clients: Gazelle''s records, with what people add here.';
comment on column public.gazelle_clients.external_id is 'Gazelle''s id: cli_ and 16 letters or digits.';
comment on column public.gazelle_clients.company_name is
  'The company; where it has none, the name of its default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.first_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.last_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.status is
  'ACTIVE, INACTIVE, PROSPECT, NEW, or a value that Gazelle adds later. An INACTIVE client still exists.';
comment on column public.gazelle_clients.personal_notes is
  'What to know of the person. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.preference_notes is
  'What the client prefers. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.tags is
  'A set: its order means nothing. The shop tags clients here, institutions among them; Gazelle knows its own tags
   only.';
comment on column public.gazelle_clients.created_at is 'When the record was created in Gazelle.';
comment on column public.gazelle_clients.updated_at is 'When the record last changed in Gazelle.';
comment on column public.gazelle_clients.missing_since is
  'Since when Gazelle''s complete answers lack the record. Its row is never deleted.';

-- migration: gazelle_access

create policy writers on public.gazelle_clients
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_clients to service_role;
grant select, update on public.gazelle_clients to manual_editor;
select gazelle.grant_columns('public.gazelle_clients');

-- Signed-in users belong to the shop, for nobody can sign up by himself. They see the columns that institutions and
-- inventories show, and edit tags.
create policy signed_in on public.gazelle_clients
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_clients
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
grant
  select (external_id, company_name, city, status, tags, missing_since),
  update (tags)
  on public.gazelle_clients to authenticated;

-- migration: sync

select sync.register_stream('clients', 'public.gazelle_clients', 'gazelle', '{created_at,updated_at}');
select sync.register_job('clients', 'sync clients', '5 * * * *', 'clients', 'sync-clients');
select sync.add_check('clients', 'institutions_tagged',
  'exists (select from unnest(live.tags) tag where lower(btrim(tag)) = ''institutional'')', 'tags',
  claimed => 'c.element = ''institutional'' and not c.removed');

-- migration: gazelle_policies

-- Gazelle sends [] for a record without tags, so an empty set means that it has none, not that it does not know.
-- The key is named, for an existing table may have another primary key.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- What people correct and add.
select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;
