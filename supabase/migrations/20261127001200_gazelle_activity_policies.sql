-- From supabase/schemas/gazelle/policies.sql

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
