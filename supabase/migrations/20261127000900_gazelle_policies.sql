-- From supabase/schemas/gazelle/take_over.sql

-- Protecting a table makes its writers wait, and no reader.
select gazelle.lock_tables('share row exclusive');

-- From supabase/schemas/gazelle/users.sql

-- Gazelle has no phone number of a user. The policy protects what people write from other programs.
select ownership.protect('public.gazelle_users', 'phone', 'claim', '{external_id}');

-- From supabase/schemas/gazelle/clients.sql

-- Gazelle sends [] for a record without tags, so an empty set means that it has none, not that it does not know.
-- The key is named, for an existing table may have another primary key.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- What people correct and add.
select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;

-- From supabase/schemas/gazelle/contacts.sql

-- People correct how to reach somebody. Gazelle's own corrections still arrive in every cell that nobody edited.
select ownership.protect('public.gazelle_contacts', col, 'claim', '{external_id}')
from unnest(array['first_name', 'last_name', 'email', 'phone']::name[]) col;

-- From supabase/schemas/gazelle/pianos.sql

-- As for clients: an empty set means that Gazelle has no tags.
select ownership.protect('public.gazelle_pianos', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- What people correct and add.
select ownership.protect('public.gazelle_pianos', col, 'claim', '{external_id}')
from unnest(array['location', 'notes', 'dampp_chaser_humidistat_model', 'dampp_chaser_mfg_date']::name[]) col;

-- The badge: false is Gazelle's default, also for pianos whose system is known from the shop's notes, so it counts as
-- blank. The detection weighs what Gazelle says, too, so it is the one that takes a badge which nobody owns.
select ownership.protect(
  'public.gazelle_pianos', 'dampp_chaser_installed', 'claim', '{external_id}', blank_values => '{false}',
  source => 'pls_detector'
);

-- From supabase/schemas/gazelle/appointments.sql

-- Day, time and status are Gazelle's alone, for appointments are moved and cancelled in its calendar. It has no
-- description: that policy protects what people write from other programs.
select ownership.protect('public.gazelle_appointments', col, 'claim', '{external_id}')
from unnest(array['title', 'description', 'location', 'notes']::name[]) col;
