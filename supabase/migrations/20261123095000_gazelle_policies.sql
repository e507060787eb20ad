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

-- People correct how to reach somebody here; Gazelle's own corrections go on arriving wherever nobody did.
select ownership.protect('public.gazelle_contacts', col, mode => 'claim')
from unnest(array['first_name', 'last_name', 'email', 'phone']::name[]) col;

-- Gazelle has no phone of a user and no description of an appointment: both are kept from other programs.
select ownership.protect('public.gazelle_users', 'phone', mode => 'claim');

-- Day, time and status stay Gazelle's: its calendar is where appointments are moved and called off.
select ownership.protect('public.gazelle_appointments', col, mode => 'claim')
from unnest(array['title', 'description', 'location', 'notes']::name[]) col;

-- The timeline has none: it tells what happened, and nobody writes there but Gazelle.
