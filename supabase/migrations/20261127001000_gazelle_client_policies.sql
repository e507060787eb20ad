-- From supabase/schemas/gazelle/take_over.sql

select gazelle.lock_tables('gazelle_clients');

-- From supabase/schemas/gazelle/clients.sql

-- What people correct and add.
select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;
