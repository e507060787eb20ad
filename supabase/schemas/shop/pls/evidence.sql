-- Evidence for and against a system: sentences of the shop's notes, and Gazelle's own field. Evidence that is unchanged
-- is not written again.

create table public.pls_evidence (
  id bigint generated always as identity primary key,
  piano_id text not null,
  source text not null,
  entry_id text,
  place integer not null default 1,
  rule text,
  says text not null,
  grade text not null,
  sentence text not null,
  occurred_at timestamptz,
  found_at timestamptz not null default now(),
  constraint pls_evidence_knows_the_source check (source in ('gazelle', 'notes')),
  constraint pls_evidence_takes_sides check (says in ('for', 'against', 'unclear')),
  constraint pls_evidence_is_graded check (grade in ('strong', 'weak') and (says <> 'unclear' or grade = 'weak')),
  -- Evidence from notes names the rule that found it.
  constraint pls_evidence_notes_have_a_rule check ((source = 'notes') = (rule is not null)),
  -- A sentence counts once.
  constraint pls_evidence_counts_once unique nulls not distinct (piano_id, source, entry_id, place)
);
comment on table public.pls_evidence is
  'What proves or disproves a system in a piano: Gazelle''s own field, and sentences of the notes. What a person set is
   not here, but a claim of the ownership engine.';
comment on column public.pls_evidence.piano_id is 'The piano''s external_id; that piano may be unknown here.';
comment on column public.pls_evidence.entry_id is 'The timeline entry''s external_id; null for the piano''s own notes.';
comment on column public.pls_evidence.place is 'The number of the sentence in its text, from 1.';
comment on column public.pls_evidence.says is
  'for or against a system; unclear: a person should look.';
comment on column public.pls_evidence.grade is
  'strong sets or takes a badge. weak does with another weak statement on another day, and never against a strong one.';
comment on column public.pls_evidence.occurred_at is
  'When it was observed: the newest strong evidence decides. Null counts as the oldest.';

create index pls_evidence_entry_id_idx on public.pls_evidence (entry_id);

alter table public.pls_evidence enable row level security;
revoke all on public.pls_evidence, public.pls_evidence_id_seq from public, anon, authenticated, service_role;
create policy detector on public.pls_evidence
  to pls_detector using (true) with check (true);
create policy readers on public.pls_evidence for select
  to authenticated, manual_editor, service_role using (true);
grant select on public.pls_evidence to authenticated, manual_editor, service_role;
grant select, insert, update, delete on public.pls_evidence to pls_detector;

create function pls.service_types()
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select '{SERVICE_ENTRY_MANUAL,SERVICE_ENTRY_AUTOMATED,USER_COMMENT,PIANO_MEASUREMENT}'::text[]
$$;
comment on function pls.service_types() is
  'The types of timeline entries in which technicians write what they saw. Estimates and e-mails prove nothing.';

create function pls.each(ids text[])
returns setof text
language sql
immutable
rows 1000
set search_path = pg_catalog, pg_temp
as $$
  select unnest(ids)
$$;
comment on function pls.each(text[]) is
  'The elements of a long array, so that they can be joined by a hash: = any would scan the array for each row.';

create function pls.texts(pianos text[], entries text[])
returns table (piano_id text, entry_id text, occurred_at timestamptz, written text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Entries that are missing in Gazelle still count: what the technician saw remains true.
  with chosen as (
    select e.piano_id, e.external_id as entry_id, e.entry_type, e.occurred_at, e.title, e.description
    from public.gazelle_timeline_entries e
    where e.piano_id = any (texts.pianos)
    union all
    select e.piano_id, e.external_id, e.entry_type, e.occurred_at, e.title, e.description
    from public.gazelle_timeline_entries e
    where e.external_id = any (texts.entries) and e.piano_id is not null
      and not exists (select from pls.each(texts.pianos) p (id) where p.id = e.piano_id)
  ), written as (
    select c.piano_id, c.entry_id, c.occurred_at, concat_ws(E'\n', c.title, c.description) as written
    from chosen c
    where c.entry_type = any (pls.service_types())
    union all
    select p.external_id, null, null, p.notes
    from public.gazelle_pianos p
    where p.external_id = any (texts.pianos) and p.notes <> ''
  )
  select w.piano_id, w.entry_id, w.occurred_at, w.written
  from written w, pls.lexicon() l
  where w.written ~* l.hints and w.written ~* l.cues
    or l.uncued is not null and pls.fold(w.written) ~* l.uncued
$$;
comment on function pls.texts(text[], text[]) is
  'The notes in which a word of the rules occurs: all of some pianos, and single entries of others.';

create function pls.read_notes(pianos text[], entries text[], out read integer, out added integer, out removed integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with notes as materialized (
    select row_number() over () as no, t.* from pls.texts(read_notes.pianos, read_notes.entries) t
  ), found as materialized (
    select
      n.piano_id, n.entry_id, j.place, j.rule, j.says, coalesce(j.grade, 'weak') as grade, j.sentence,
      -- The notes of the piano itself have no date. For a system they are the oldest evidence; a removal counts as of
      -- the time it was read, so that it outweighs what was true before.
      case when n.entry_id is not null then n.occurred_at when j.says = 'against' then now() end as occurred_at
    from pls.judge(array(select n.written from notes n order by n.no)) j
    join notes n on n.no = j.text_no
    where j.says <> 'nothing'
  ), added as (
    insert into public.pls_evidence as e (piano_id, source, entry_id, place, rule, says, grade, sentence, occurred_at)
    select f.piano_id, 'notes', f.entry_id, f.place, f.rule, f.says, f.grade, f.sentence, f.occurred_at
    from found f
    on conflict (piano_id, source, entry_id, place) do update
    set rule = excluded.rule, says = excluded.says, grade = excluded.grade, sentence = excluded.sentence,
      occurred_at = excluded.occurred_at, found_at = now()
    where (e.rule, e.says, e.grade, e.sentence)
        is distinct from (excluded.rule, excluded.says, excluded.grade, excluded.sentence)
      or e.entry_id is not null and e.occurred_at is distinct from excluded.occurred_at
    returning 1
  ), removed as (
    delete from public.pls_evidence e
    -- A loop over the ids that reads the index: the planner cannot know whether there are two ids or ten thousand.
    where e.id = any (array(
        select c.id from pls.each(read_notes.pianos) p (id)
        cross join lateral (select e.id from public.pls_evidence e where e.piano_id = p.id offset 0) c
        union
        select c.id from pls.each(read_notes.entries) n (id)
        cross join lateral (select e.id from public.pls_evidence e where e.entry_id = n.id offset 0) c
      ))
      and e.source = 'notes'
      and not exists (
        select from found f
        where f.piano_id = e.piano_id and f.entry_id is not distinct from e.entry_id and f.place = e.place
      )
    returning 1
  )
  select (select count(*) from notes)::integer, (select count(*) from added)::integer,
    (select count(*) from removed)::integer
$$;
comment on function pls.read_notes(text[], text[]) is
  'Reads the notes of whole pianos and single entries and updates their evidence. Counts the notes in which a word of
   the rules occurs, and the evidence added and removed.';

create function pls.owners(pianos text[])
returns table (
  piano_id text, writer name, rank integer, since timestamptz, installed boolean, offered jsonb, offered_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.key, c.writer, c.rank, c.since, (c.value #>> '{}')::boolean, c.offered, c.offered_at
  from ownership.claims c
  where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.key = any (owners.pianos)
$$;
comment on function pls.owners(text[]) is
  'Who owns the badges of some pianos. Security definer, for the view shows claims only to roles that may read every
   column of the table.';

create function pls.read_gazelle(pianos text[], out added integer, out removed integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with words as materialized (
    select
      p.external_id as piano_id,
      -- Gazelle's value is the cell itself where nobody owns it, else the offer that ownership kept out.
      case when o.piano_id is null then p.dampp_chaser_installed else (o.offered #>> '{}')::boolean end as installed,
      o.piano_id is null or o.offered_at is not null as known,
      p.dampp_chaser_mfg_date::timestamp at time zone 'UTC' as made_at,
      concat_ws(', ', 'damppChaserInstalled: true', 'model ' || nullif(p.dampp_chaser_humidistat_model, ''),
        'made ' || p.dampp_chaser_mfg_date) as sentence
    from public.gazelle_pianos p
    left join pls.owners(read_gazelle.pianos) o on o.piano_id = p.external_id
    where p.external_id = any (read_gazelle.pianos)
  ), added as (
    -- Without a date of manufacture it counts as of the time it was first seen.
    insert into public.pls_evidence as e (piano_id, source, says, grade, sentence, occurred_at)
    select w.piano_id, 'gazelle', 'for', 'strong', w.sentence, least(w.made_at, now())
    from words w
    where w.installed and w.known
    on conflict (piano_id, source, entry_id, place) do update
    set sentence = excluded.sentence,
      occurred_at = case when excluded.sentence ~ ', made ' then excluded.occurred_at else e.occurred_at end
    where e.sentence <> excluded.sentence
    returning 1
  ), removed as (
    delete from public.pls_evidence e
    using words w
    where e.source = 'gazelle' and e.piano_id = w.piano_id and w.known and w.installed is not true
    returning 1
  )
  select (select count(*) from added)::integer, (select count(*) from removed)::integer
$$;
comment on function pls.read_gazelle(text[]) is
  'Updates the evidence from Gazelle''s own field. true counts; false says nothing, for it is Gazelle''s default.';
