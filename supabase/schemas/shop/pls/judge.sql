-- Judging texts: they are split into sentences, words of the rules are replaced by signs, and the rules of sentences
-- are matched against the result.

create function pls.signs(sentence text, others text, exact_systems text, systems text, parts text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- "système PLS Dampp-Chaser" is one system: neighbouring names become one sign.
  select lower(regexp_replace(
    regexp_replace(
      regexp_replace(
        regexp_replace(
          regexp_replace(pls.fold(sentence), others, ' ', 'gi'),
          exact_systems, '§', 'g'),
        systems, '§', 'gi'),
      parts, '¤', 'gi'),
    '(\msystemes? )?§(,? ?\(?(systems?\M|§)\)?)*', '§', 'gi'))
$$;
comment on function pls.signs(text, text, text, text, text) is
  'A sentence as the rules see it: folded, with § for each system and ¤ for each part.';

create function pls.judge(texts text[])
returns table (text_no bigint, place integer, sentence text, rule text, says text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with lexicon as materialized (
    select * from pls.lexicon()
  ), places as materialized (
    select t.no as text_no, s.place::integer as place, btrim(s.sentence, E' \r\t') as sentence
    from lexicon l, unnest(judge.texts) with ordinality t (written, no),
      regexp_split_to_table(t.written, E'(?<=[.!?;])\\s+|[\\r\\n]+') with ordinality s (sentence, place)
    where s.sentence ~* l.cues or l.uncued is not null and pls.fold(s.sentence) ~* l.uncued
  ), sentences as materialized (
    -- The same sentences occur many times: each is judged once.
    select d.sentence, pls.signs(d.sentence, l.others, l.exact_systems, l.systems, l.parts) as signs
    from lexicon l, (select distinct p.sentence from places p) d
  ), rules as materialized (
    select r.name, r.kind, r.priority, pls.compiled(r.pattern) as pattern
    from public.pls_rules r
    where r.enabled and r.kind in ('for', 'against', 'nothing')
  ), matches as (
    -- Rule by rule over all sentences, so that each expression is compiled once. offset 0 keeps the planner from
    -- turning the loops round.
    select m.sentence, r.name as rule, r.kind as says, r.priority
    from rules r
    cross join lateral (select s.sentence from sentences s where s.signs ~* r.pattern offset 0) m
  ), verdicts as (
    select distinct on (m.sentence) m.sentence, m.rule, m.says
    from matches m
    order by m.sentence, m.priority desc, m.rule
  )
  select p.text_no, p.place, p.sentence, v.rule, v.says
  from places p
  join verdicts v using (sentence)
$$;
comment on function pls.judge(text[]) is
  'The sentences that some rule matches, with the rule that decides and what it says: for, against or nothing.';
