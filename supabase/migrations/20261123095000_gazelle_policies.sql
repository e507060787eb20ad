-- The shop's policies: what people add to Gazelle's records here, and no writer of a lower rank may take away.

-- Gazelle answers [] for a record without tags, and only to a query that asked for them: there it is an opinion.
select ownership.protect('public.gazelle_clients', 'tags', mode => 'merge_set', empty_is_opinion => true);
select ownership.protect('public.gazelle_pianos', 'tags', mode => 'merge_set', empty_is_opinion => true);

select ownership.protect('public.gazelle_clients', col, mode => 'claim')
from unnest(array['company_name', 'first_name', 'last_name', 'personal_notes', 'preference_notes']::name[]) col;

select ownership.protect('public.gazelle_pianos', col, mode => 'claim')
from unnest(array['location', 'notes', 'dampp_chaser_humidistat_model', 'dampp_chaser_mfg_date']::name[]) col;

-- The badge: Gazelle says false where the shop's own notes know better, so false is no news.
select ownership.protect('public.gazelle_pianos', 'dampp_chaser_installed', mode => 'claim', blank_values => '{false}');
