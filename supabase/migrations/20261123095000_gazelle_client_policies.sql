-- The shop's policies: what people add to Gazelle's records here, and no writer of a lower rank may take away. A file a
-- table, so that who reads one waits for its own policies only. The key is named: a table that was there before may
-- have others.

select gazelle.lock_tables('gazelle_clients');

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

select ownership.protect('public.gazelle_clients', col, 'claim', '{external_id}')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;
