-- From supabase/schemas/gazelle/adoption.sql

select gazelle.adopt_values(name) from unnest(array['gazelle_users', 'gazelle_appointments']::name[]) name;
