-- From supabase/schemas/gazelle/policies.sql

-- The shop's policies: what people add to Gazelle's records here, and no writer of a lower rank may take away. The key is
-- named, for a table that was there before may have others.

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion. This
-- comes first and alone, for it looks at every row, and a table's first policy lets readers in meanwhile.
select ownership.protect('public.gazelle_clients', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);
select ownership.protect('public.gazelle_pianos', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);
