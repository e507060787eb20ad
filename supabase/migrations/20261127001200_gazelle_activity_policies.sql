-- From supabase/schemas/gazelle/take_over.sql

select gazelle.lock_tables('gazelle_contacts', 'gazelle_users', 'gazelle_appointments');

-- From supabase/schemas/gazelle/users.sql

-- Gazelle has no phone of a user: it is kept from other programs.
select ownership.protect('public.gazelle_users', 'phone', 'claim', '{external_id}');

-- From supabase/schemas/gazelle/contacts.sql

-- People correct how to reach somebody here; Gazelle's own corrections go on arriving wherever nobody did.
select ownership.protect('public.gazelle_contacts', col, 'claim', '{external_id}')
from unnest(array['first_name', 'last_name', 'email', 'phone']::name[]) col;

-- From supabase/schemas/gazelle/appointments.sql

-- Day, time and status stay Gazelle's: its calendar is where appointments are moved and called off. Gazelle has no
-- description: it is kept from other programs.
select ownership.protect('public.gazelle_appointments', col, 'claim', '{external_id}')
from unnest(array['title', 'description', 'location', 'notes']::name[]) col;
