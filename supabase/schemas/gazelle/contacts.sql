-- Contacts.

-- migration: gazelle_survey

create table if not exists gazelle.gazelle_contacts (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_external_id text,
  first_name text,
  last_name text,
  email text,
  phone text,
  is_default boolean,
  archived boolean,
  created_at timestamptz,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_contacts is 'Pattern.';

-- migration: gazelle_tables

select gazelle.make_or_take_over('gazelle_contacts', 'first_name', 'last_name', 'email', 'phone');

-- migration: gazelle_indexes

select gazelle.make_key('public.gazelle_contacts');
-- No foreign keys: a record may name one that does not exist here. Checks of each run report that; a foreign key would
-- fail the run.
create index if not exists gazelle_contacts_client_external_id_idx on public.gazelle_contacts (client_external_id);

comment on table public.gazelle_contacts is 'Contacts: all of a client''s, not only its default contact.';
comment on column public.gazelle_contacts.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_contacts.first_name is 'People correct what Gazelle has misspelt.';
comment on column public.gazelle_contacts.last_name is 'People correct what Gazelle has misspelt.';
comment on column public.gazelle_contacts.email is
  'How to reach the contact. People often know it before Gazelle does.';
comment on column public.gazelle_contacts.phone is
  'How to reach the contact. People often know it before Gazelle does.';
comment on column public.gazelle_contacts.is_default is 'The contact whose name and address stand for the client.';
comment on column public.gazelle_contacts.archived is 'Archived in Gazelle, where the record still exists.';

-- migration: gazelle_access

create policy writers on public.gazelle_contacts
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_contacts to service_role;
grant select, update on public.gazelle_contacts to manual_editor;
select gazelle.grant_columns('public.gazelle_contacts');

-- migration: sync

select sync.register_stream('contacts', 'public.gazelle_contacts', 'gazelle', '{created_at,updated_at}');
select sync.register_job('contacts', 'sync contacts', '10 */6 * * *', 'contacts', 'sync-contacts');
select sync.watch_reference('contacts', 'contacts_without_client', 'client_external_id', 'public.gazelle_clients');

-- migration: gazelle_policies

-- People correct how to reach somebody. Gazelle's own corrections still arrive in every cell that nobody edited.
select ownership.protect('public.gazelle_contacts', col, 'claim', '{external_id}')
from unnest(array['first_name', 'last_name', 'email', 'phone']::name[]) col;
