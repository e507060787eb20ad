-- From supabase/schemas/gazelle/clients.sql

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion. This
-- looks at every row, so it is a migration of its own: a table's first policy lets readers in meanwhile. The key is named,
-- for a table that was there before may have others.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- From supabase/schemas/gazelle/pianos.sql

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion.
select ownership.protect('public.gazelle_pianos', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);
