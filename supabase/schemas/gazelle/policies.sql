-- migration: gazelle_tag_policies

-- The shop's policies: what people add to Gazelle's records here, and no writer of a lower rank may take away. The key is
-- named, for a table that was there before may have others.

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion. This
-- comes first and alone, for it looks at every row, and a table's first policy lets readers in meanwhile.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);
select ownership.protect('public.gazelle_pianos', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- migration: gazelle_client_policies

-- What people add to clients. A file a table from here on: who reads one waits for its own policies only.

select gazelle.lock_tables('gazelle_clients');

select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;

-- migration: gazelle_piano_policies

-- What people add to pianos.

select gazelle.lock_tables('gazelle_pianos');

select ownership.protect('public.gazelle_pianos', col, 'claim', '{external_id}')
from unnest(array['location', 'notes', 'dampp_chaser_humidistat_model', 'dampp_chaser_mfg_date']::name[]) col;

-- The badge: Gazelle says false where the shop's own notes know better, so false is no news.
select ownership.protect(
  'public.gazelle_pianos', 'dampp_chaser_installed', 'claim', '{external_id}', blank_values => '{false}'
);

-- migration: gazelle_activity_policies

-- What people add to contacts, users and appointments.

select gazelle.lock_tables('gazelle_contacts', 'gazelle_users', 'gazelle_appointments');

-- People correct how to reach somebody here; Gazelle's own corrections go on arriving wherever nobody did.
select ownership.protect('public.gazelle_contacts', col, 'claim', '{external_id}')
from unnest(array['first_name', 'last_name', 'email', 'phone']::name[]) col;

-- Gazelle has no phone of a user and no description of an appointment: both are kept from other programs.
select ownership.protect('public.gazelle_users', 'phone', 'claim', '{external_id}');

-- Day, time and status stay Gazelle's: its calendar is where appointments are moved and called off.
select ownership.protect('public.gazelle_appointments', col, 'claim', '{external_id}')
from unnest(array['title', 'description', 'location', 'notes']::name[]) col;

-- The timeline has none: it tells what happened, and nobody writes there but Gazelle.
