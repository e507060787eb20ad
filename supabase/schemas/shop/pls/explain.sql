-- pls_explain: every word on a piano's system, and which of them decides.

create function pls.words_on(piano text)
returns table (weight integer, says text, source text, occurred_at timestamptz, rule text, sentence text, entry_id text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with notes as materialized (
    select row_number() over () as no, t.* from pls.texts(array[words_on.piano], '{}') t
  )
  select 1, case when o.installed then 'for' else 'against' end, 'person', o.since, null,
    format('%s wrote %s', o.writer, coalesce(o.installed::text, 'null')), null
  from pls.owners(array[words_on.piano]) o
  where o.rank >= 100
  union all
  select
    case when v.evidence_id is null then 3 else 2 end,
    e.says, e.source, e.occurred_at, e.rule, e.sentence, e.entry_id
  from public.pls_evidence e
  left join pls.verdicts(array[words_on.piano]) v on v.evidence_id = e.id
  where e.piano_id = words_on.piano
  union all
  select 4, 'nothing', 'notes', n.occurred_at, j.rule, j.sentence, n.entry_id
  from pls.judge(array(select n.written from notes n order by n.no)) j
  join notes n on n.no = j.text_no
  where j.says = 'nothing'
  union all
  select 5, 'nothing', 'gazelle', null, null, 'damppChaserInstalled is not true', null
  where not exists (
    select from public.pls_evidence e where e.piano_id = words_on.piano and e.source = 'gazelle'
  )
$$;
comment on function pls.words_on(text) is
  'What a person, the notes and Gazelle say of one piano, by weight: 1 a person, 2 the newest evidence,
   3 other evidence, 4 and 5 what says nothing.';

create function public.pls_explain(piano text)
returns table (
  decides boolean, says text, source text, occurred_at timestamptz, rule text, sentence text, entry_id text
)
language plpgsql
stable
security invoker
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
      w.says, w.source, w.occurred_at, w.rule, w.sentence, w.entry_id
    from pls.words_on(piano) w
    order by w.weight, w.occurred_at desc nulls last, w.entry_id, w.sentence;
end
$$;
comment on function public.pls_explain(text) is
  'Why a piano has its badge or has none: each word for it, against it, or that says nothing, with its source, date and
   rule. What decides stands first. Errors: PT404 for a piano that is not there.';

-- Who may what: people own the rules, the detector writes evidence, nobody else writes anything.

grant pls_detector to authenticator;

alter table public.pls_rules enable row level security;
alter table public.pls_evidence enable row level security;
alter table pls.changes enable row level security;
alter table pls.progress enable row level security;

create policy people on public.pls_rules
  to authenticated, manual_editor using (true) with check (true);
create policy readers on public.pls_rules for select
  to service_role, pls_detector using (true);
create policy detector on public.pls_evidence
  to pls_detector using (true) with check (true);
create policy readers on public.pls_evidence for select
  to authenticated, manual_editor, service_role using (true);
create policy detector on pls.changes
  to pls_detector using (true);

grant select, insert, update, delete on public.pls_rules to authenticated, manual_editor;
grant select on public.pls_rules to service_role, pls_detector;
grant select on public.pls_evidence to authenticated, manual_editor, service_role;
grant select, insert, update, delete on public.pls_evidence to pls_detector;
grant usage on schema pls to pls_detector;
grant select, delete on pls.changes to pls_detector;

-- The detector gives its own claims up, and takes a mark before it writes.
grant usage on schema ownership to pls_detector;
grant execute on function ownership.release(regclass, text, name), ownership.mark(text) to pls_detector;

revoke execute on all functions in schema pls from public;
grant execute on all functions in schema pls to pls_detector;

revoke execute on function public.detect_pls(boolean, boolean, integer), public.pls_explain(text)
  from public, anon, authenticated;
grant execute on function public.detect_pls(boolean, boolean, integer) to service_role;
grant execute on function public.pls_explain(text) to authenticated, service_role, manual_editor;

-- The reason of a badge from the notes is the sentence that proved it.

create or replace function shop.badge_reasons()
returns table (piano_external_id text, source text, since timestamptz, reason text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
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
