-- From supabase/schemas/gazelle/adoption.sql

select gazelle.adopt_values('gazelle_pianos');
