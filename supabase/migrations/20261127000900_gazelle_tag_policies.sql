-- From supabase/schemas/gazelle/clients.sql

-- Gazelle sends [] for a record without tags, so an empty set means that it has none, not that it does not know.
-- This scans the table, and is a migration of its own so that readers do not wait meanwhile. The key is named, for an
-- existing table may have another primary key.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- From supabase/schemas/gazelle/pianos.sql

-- As for clients: an empty set means that Gazelle has no tags.
select ownership.protect('public.gazelle_pianos', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);
