-- From supabase/schemas/gazelle/take_over.sql

select gazelle.lock_tables('gazelle_pianos');

-- From supabase/schemas/gazelle/pianos.sql

-- What people correct and add.
select ownership.protect('public.gazelle_pianos', col, 'claim', '{external_id}')
from unnest(array['location', 'notes', 'dampp_chaser_humidistat_model', 'dampp_chaser_mfg_date']::name[]) col;

-- The badge: false is Gazelle's default, also for pianos whose system is known from the shop's notes, so it counts as
-- blank. The detection weighs what Gazelle says, too, so it is the one that takes a badge which nobody owns.
select ownership.protect(
  'public.gazelle_pianos', 'dampp_chaser_installed', 'claim', '{external_id}', blank_values => '{false}',
  source => 'pls_detector'
);
