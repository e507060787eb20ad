-- From supabase/schemas/gazelle/take_over.sql

select gazelle.lock_tables('gazelle_contacts', 'gazelle_users', 'gazelle_appointments');

-- From supabase/schemas/gazelle/users.sql

-- Gazelle has no phone number of a user. The policy protects what people write from other programs.
select ownership.protect('public.gazelle_users', 'phone', 'claim', '{external_id}');

-- From supabase/schemas/gazelle/contacts.sql

-- People correct how to reach somebody. Gazelle's own corrections still arrive in every cell that nobody edited.
select ownership.protect('public.gazelle_contacts', col, 'claim', '{external_id}')
from unnest(array['first_name', 'last_name', 'email', 'phone']::name[]) col;

-- From supabase/schemas/gazelle/appointments.sql

-- Day, time and status are Gazelle's alone, for appointments are moved and cancelled in its calendar. It has no
-- description: that policy protects what people write from other programs.
select ownership.protect('public.gazelle_appointments', col, 'claim', '{external_id}')
from unnest(array['title', 'description', 'location', 'notes']::name[]) col;
