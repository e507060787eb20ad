-- From evidence to the badge: the newest decides. Ownership keeps out what the detector may not write.

create function pls.verdicts(pianos text[])
returns table (piano_id text, says text, evidence_id bigint)
language sql
stable
set search_path = ''
as $$
  select distinct on (e.piano_id) e.piano_id, e.says, e.id
  from public.pls_evidence e
  where e.piano_id = any (verdicts.pianos)
  order by e.piano_id, e.occurred_at desc nulls last, e.entry_id desc nulls last, e.place desc
$$;
comment on function pls.verdicts(text[]) is
  'The newest evidence of each piano; within a note, its last sentence.';

create function pls.give_up(pianos text[])
returns void
language sql
volatile
set search_path = ''
as $$
  -- A cell whose claim stands can be blanked by nobody but a person, and false is blank.
  select ownership.release('public.gazelle_pianos', o.piano_id, 'dampp_chaser_installed')
  from pls.owners(give_up.pianos) o
  where o.rank < 100
$$;
comment on function pls.give_up(text[]) is
  'Releases the badges of some pianos, as far as no person owns them: what Gazelle sent last stands there again.';

create function pls.set_badges(pianos text[], installed boolean)
returns integer
language sql
volatile
set search_path = ''
as $$
  with written as (
    update public.gazelle_pianos p
    set dampp_chaser_installed = set_badges.installed
    where p.external_id = any (set_badges.pianos)
      and coalesce(p.dampp_chaser_installed, false) <> set_badges.installed
    returning 1
  )
  select count(*)::integer from written
$$;
comment on function pls.set_badges(text[], boolean) is 'Writes the badge where it differs. No badge and false are the same.';

create function pls.decide(pianos text[], out badges_set integer, out badges_taken integer, out overruled integer)
language plpgsql
volatile
set search_path = ''
as $$
declare
  for_it text[];
  against_it text[];
  without text[];
begin
  select
    array_agg(p.external_id) filter (where v.says = 'for' and not p.dampp_chaser_installed is true and o.rank is null),
    array_agg(p.external_id) filter (where v.says = 'against' and p.dampp_chaser_installed and o.rank is null),
    array_agg(p.external_id) filter (where v.says is null and w.writer = 'pls_detector'),
    count(*) filter (where o.rank >= 100 and (v.says = 'for') <> coalesce(p.dampp_chaser_installed, false))
  into for_it, against_it, without, overruled
  from public.gazelle_pianos p
  left join pls.verdicts(decide.pianos) v on v.piano_id = p.external_id
  left join pls.owners(decide.pianos) w on w.piano_id = p.external_id
  left join lateral (select w.rank where w.rank >= 100) o on true
  where p.external_id = any (decide.pianos);

  badges_set := pls.set_badges(coalesce(for_it, '{}'), true);
  against_it := coalesce(against_it, '{}') || coalesce(without, '{}');
  perform pls.give_up(against_it);
  select count(*)::integer into badges_taken
  from public.gazelle_pianos p
  where p.external_id = any (against_it) and p.dampp_chaser_installed is not true;
  badges_taken := badges_taken + pls.set_badges(against_it, false);
  -- Where nothing is said any more, the cell is nobody's.
  perform pls.give_up(coalesce(without, '{}'));
end
$$;
comment on function pls.decide(text[]) is
  'Gives and takes the badges of some pianos as their newest evidence says; overruled counts those where a person said
   otherwise.';
