-- The reason of a badge from the notes is the sentence that proved it.

create or replace function shop.badge_reasons()
returns table (piano_external_id text, source text, since timestamptz, reason text)
language sql
stable
security definer
set search_path = ''
as $$
  select c.key, named.source, c.since,
    case
      when named.source = 'person' then 'a person says so'
      when proof.sentence is not null then format('the shop''s notes say so: %s', proof.sentence)
      when named.source = 'notes' then 'the shop''s notes say so'
      else format('%s says so', c.writer)
    end
  from ownership.claims c
  cross join lateral (
    select case when c.rank >= 100 then 'person' when c.writer = 'pls_detector' then 'notes' else c.writer::text end
      as source
  ) named
  left join (
    select distinct on (e.piano_id) e.piano_id, e.sentence
    from public.pls_evidence e
    where e.source = 'notes' and e.says = 'for'
    order by e.piano_id, e.occurred_at desc nulls last, e.id desc
  ) proof on proof.piano_id = c.key and named.source = 'notes'
  where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.value = 'true'
$$;
comment on function shop.badge_reasons() is
  'Pianos whose badge somebody claims, and who; of the notes, the newest sentence that speaks for it. A badge that
   nobody claims is Gazelle''s own. A definer: people do not read the claims themselves.';
