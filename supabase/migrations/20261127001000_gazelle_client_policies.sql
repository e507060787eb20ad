-- From supabase/schemas/gazelle/policies.sql

-- What people add to clients. A file a table from here on: who reads one waits for its own policies only.

select gazelle.lock_tables('gazelle_clients');

select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;
