-- pls_explain: all evidence on the system of a piano, and which decides.

create function pls.words_on(piano text)
returns table (
  weight integer, says text, grade text, source text, occurred_at timestamptz, rule text, sentence text, entry_id text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 1, case when o.installed then 'for' else 'against' end, 'strong', 'person', o.since, null,
    format('%s wrote %s', o.writer, coalesce(o.installed::text, 'null')), null
  from pls.owners(array[words_on.piano]) o
  where o.rank >= 100
  union all
  select
    case when v.evidence_id is null then 3 else 2 end,
    e.says, e.grade, e.source, e.occurred_at, e.rule, e.sentence, e.entry_id
  from public.pls_evidence e
  left join pls.verdicts(array[words_on.piano]) v on v.evidence_id = e.id
  where e.piano_id = words_on.piano
  union all
  select 4, 'nothing', null, 'gazelle', null, null, 'damppChaserInstalled is not true', null
  where not exists (
    select from public.pls_evidence e where e.piano_id = words_on.piano and e.source = 'gazelle'
  )
$$;
comment on function pls.words_on(text) is
  'What a person, the notes and Gazelle say about one piano, by weight: 1 a person, 2 the evidence that decides, 3 other
   evidence, 4 what says nothing. Sentences that are no evidence are not shown: they are none of a caller''s business.';

create function public.pls_explain(piano text)
returns table (
  decides boolean, says text, grade text, source text, occurred_at timestamptz, rule text, sentence text, entry_id text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'pls_detector'
as $$
begin
  if not exists (select from public.gazelle_pianos p where p.external_id = pls_explain.piano) then
    raise exception 'there is no piano %', quote_nullable(piano) using
      errcode = 'PT404', detail = 'gazelle_pianos has no such external_id.',
      hint = 'Give a piano''s external_id: ins_ and 16 letters or digits.';
  end if;
  return query
    select
      w.weight = min(w.weight) over () and w.weight < 3,
      w.says, w.grade, w.source, w.occurred_at, w.rule, w.sentence, w.entry_id
    from pls.words_on(piano) w
    order by w.weight, w.occurred_at desc nulls last, w.entry_id, w.sentence;
end
$$;
comment on function public.pls_explain(text) is
  'Why a piano has a badge or none: all that speaks for or against it or is unclear, with grade, source, date and rule.
   What decides comes first. Error: PT404.';

-- The detector may call every function of the schema; callers of the API only the two of the contract.

revoke execute on all functions in schema pls from public;
grant execute on all functions in schema pls to pls_detector;
revoke execute on function public.detect_pls(boolean, boolean, integer), public.pls_explain(text)
  from public, anon, authenticated, service_role;
grant execute on function public.detect_pls(boolean, boolean, integer) to service_role, manual_editor;
grant execute on function public.pls_explain(text) to authenticated, service_role, manual_editor;
