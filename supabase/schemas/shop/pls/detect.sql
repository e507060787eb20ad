-- Reading: texts are cut into sentences, the words of the rules become signs, and the rules judge what is left.

create function pls.signs(sentence text, others text, exact_systems text, systems text, parts text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- A name between "système" and another name is still one system.
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
  'A folded sentence in which § stands for a system and ¤ for a part of one.';

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
    -- A shop writes the same sentence many times: each is judged once.
    select d.sentence, pls.signs(d.sentence, l.others, l.exact_systems, l.systems, l.parts) as signs
    from lexicon l, (select distinct p.sentence from places p) d
  ), rules as materialized (
    select r.name, r.kind, r.priority, pls.compiled(r.pattern) as pattern
    from public.pls_rules r
    where r.enabled and r.kind in ('for', 'against', 'nothing')
  ), matches as (
    -- Rule by rule over all sentences, so that each expression is compiled once; offset 0 keeps this order.
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
  'Each sentence of some texts on which a rule has something to say, with the rule that decides: for, against or nothing.';

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
  'The types of timeline entries that carry what a technician saw. Estimates and e-mails cannot prove an install.';

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
  'The elements of a long array, to be joined by hashing: = any would search the array from its beginning for each row.';

create function pls.texts(pianos text[], entries text[])
returns table (piano_id text, entry_id text, occurred_at timestamptz, written text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- An entry that vanished upstream still counts: absent is not deleted, and what was seen was seen.
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
  where w.written ~* l.cues or l.uncued is not null and pls.fold(w.written) ~* l.uncued
$$;
comment on function pls.texts(text[], text[]) is
  'The notes worth reading: of whole pianos, and single entries beside them.';

-- What is new or changed is noted by triggers, so that a pass reads that and nothing else.

create function pls.note_all()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into pls.changes (piano_id)
  select p.external_id from public.gazelle_pianos p
  union
  select e.piano_id from public.pls_evidence e
$$;
comment on function pls.note_all() is 'Every piano is to be read anew.';

create function pls.everything_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pls.note_all();
  return null;
end
$$;
comment on function pls.everything_changed() is 'After a rule changed, or a table was emptied.';

create function pls.entries_came()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pls.changes (piano_id, entry_id)
  select n.piano_id, n.external_id
  from new_rows n
  where n.piano_id is not null and n.entry_type = any (pls.service_types());
  return null;
end
$$;
comment on function pls.entries_came() is 'New entries that carry service text are to be read.';

create function pls.entry_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What an entry said of the piano it was at before is to be forgotten, so that one is noted too.
  insert into pls.changes (piano_id, entry_id)
  select distinct c.piano_id, c.entry_id
  from (
    values (old.piano_id, old.external_id),
      (case when tg_op = 'UPDATE' then new.piano_id end, case when tg_op = 'UPDATE' then new.external_id end)
  ) c (piano_id, entry_id)
  where c.piano_id is not null;
  return null;
end
$$;
comment on function pls.entry_changed() is 'An entry that changed, moved or went is to be read again.';

create function pls.pianos_came()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pls.changes (piano_id) select n.external_id from new_rows n;
  return null;
end
$$;
comment on function pls.pianos_came() is 'New pianos are to be read, with entries that came before them.';

create function pls.piano_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('role') <> 'pls_detector' then
    insert into pls.changes (piano_id) values (new.external_id);
  end if;
  return new;
end
$$;
comment on function pls.piano_changed() is
  'A piano whose notes or badge somebody else changes is to be read. Before ownership judges, so that an offer counts.';

create function pls.note_releases()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into pls.changes (piano_id)
  select distinct h.key
  from pls.progress p
  join ownership.history h on h.id > p.history_id
  where h.tbl = 'public.gazelle_pianos' and h.col = 'dampp_chaser_installed'
    and h.event = 'released' and h.writer <> 'pls_detector';
  update pls.progress p set history_id = coalesce((select max(h.id) from ownership.history h), 0)
$$;
comment on function pls.note_releases() is
  'Badges that a person gave back are to be decided: a release that changes no value fires no trigger.';

-- migration: shop_changes

create trigger pls_everything_changed
after insert or update or delete or truncate on public.pls_rules
for each statement execute function pls.everything_changed();

create trigger pls_everything_changed
after truncate on public.gazelle_timeline_entries
for each statement execute function pls.everything_changed();

create trigger pls_entries_came
after insert on public.gazelle_timeline_entries
referencing new table as new_rows
for each statement execute function pls.entries_came();

create trigger pls_entry_changed
after update on public.gazelle_timeline_entries
for each row when (
  (old.external_id, old.piano_id, old.entry_type, old.occurred_at, old.title, old.description)
  is distinct from (new.external_id, new.piano_id, new.entry_type, new.occurred_at, new.title, new.description)
)
execute function pls.entry_changed();

create trigger pls_entry_went
after delete on public.gazelle_timeline_entries
for each row execute function pls.entry_changed();

create trigger pls_pianos_came
after insert on public.gazelle_pianos
referencing new table as new_rows
for each statement execute function pls.pianos_came();

create trigger pls_piano_changed
before update on public.gazelle_pianos
for each row when (
  (old.external_id, old.notes, old.dampp_chaser_installed, old.dampp_chaser_mfg_date)
  is distinct from (new.external_id, new.notes, new.dampp_chaser_installed, new.dampp_chaser_mfg_date)
)
execute function pls.piano_changed();

-- This may install over tables that hold data.
select pls.note_all();

-- migration: shop

-- From notes to evidence, and from Gazelle's own field. What stands there already is not written again.

create function pls.read_notes(pianos text[], entries text[], out read integer, out added integer, out removed integer)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with notes as materialized (
    select row_number() over () as no, t.* from pls.texts(read_notes.pianos, read_notes.entries) t
  ), found as materialized (
    select
      n.piano_id, n.entry_id, j.place, j.rule, j.says, j.sentence,
      -- A piano's own note has no date. Of a system it is the oldest evidence; a removal counts from when it was read.
      case when n.entry_id is not null then n.occurred_at when j.says = 'against' then now() end as occurred_at
    from pls.judge(array(select n.written from notes n order by n.no)) j
    join notes n on n.no = j.text_no
    where j.says <> 'nothing'
  ), added as (
    insert into public.pls_evidence as e (piano_id, source, entry_id, place, rule, says, sentence, occurred_at)
    select f.piano_id, 'notes', f.entry_id, f.place, f.rule, f.says, f.sentence, f.occurred_at
    from found f
    on conflict (piano_id, source, entry_id, place) do update
    set rule = excluded.rule, says = excluded.says, sentence = excluded.sentence,
      occurred_at = excluded.occurred_at, found_at = now()
    where (e.rule, e.says, e.sentence) is distinct from (excluded.rule, excluded.says, excluded.sentence)
      or e.entry_id is not null and e.occurred_at is distinct from excluded.occurred_at
    returning 1
  ), removed as (
    delete from public.pls_evidence e
    -- By the index, id by id: there may be two ids or ten thousand, and the planner cannot know.
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
  'Reads the notes of whole pianos and single entries: how many were worth reading, what was found, what no longer holds.';

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
  'Who owns the badge of some pianos. Runs as its owner: the view shows claims only to who may read all of the table.';

create function pls.hear_gazelle(pianos text[], out added integer, out removed integer)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  with words as materialized (
    select
      p.external_id as piano_id,
      -- In a cell that nobody owns stands what the source sent; in the others it is what was kept out.
      case when o.piano_id is null then p.dampp_chaser_installed else (o.offered #>> '{}')::boolean end as installed,
      o.piano_id is null or o.offered_at is not null as known,
      p.dampp_chaser_mfg_date::timestamp at time zone 'UTC' as made_at,
      concat_ws(', ', 'damppChaserInstalled: true', 'model ' || nullif(p.dampp_chaser_humidistat_model, ''),
        'made ' || p.dampp_chaser_mfg_date) as sentence
    from public.gazelle_pianos p
    left join pls.owners(hear_gazelle.pianos) o on o.piano_id = p.external_id
    where p.external_id = any (hear_gazelle.pianos)
  ), added as (
    -- What has no date of its own counts from when it was first seen.
    insert into public.pls_evidence as e (piano_id, source, says, sentence, occurred_at)
    select w.piano_id, 'gazelle', 'for', w.sentence, least(w.made_at, now())
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
comment on function pls.hear_gazelle(text[]) is
  'Keeps what Gazelle''s own field says as evidence. Its true counts; its false says nothing, for it is the default.';

-- From evidence to the badge: the newest decides. Ownership keeps out what the detector may not write.

create function pls.verdicts(pianos text[])
returns table (piano_id text, says text, evidence_id bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
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

-- detect_pls: one pass over what changed, or over everything.

create function pls.take_changes(
  after text, pianos integer, out reached text, out whole text[], out entries text[], out all_pianos text[]
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  -- From one piano to the next by the index: a plain distinct would read all that is noted, for each slice again.
  with recursive slice as (
    (
      select c.piano_id, 1 as place
      from pls.changes c
      where c.piano_id > take_changes.after
      order by c.piano_id
      limit 1
    )
    union all
    select n.piano_id, s.place + 1
    from slice s
    cross join lateral (
      select c.piano_id from pls.changes c where c.piano_id > s.piano_id order by c.piano_id limit 1
    ) n
    where s.place < take_changes.pianos
  ), taken as (
    delete from pls.changes c
    where c.piano_id > take_changes.after and c.piano_id <= (select max(s.piano_id) from slice s)
    returning c.piano_id, c.entry_id
  )
  select
    max(t.piano_id),
    coalesce(array_agg(distinct t.piano_id) filter (where t.entry_id is null), '{}'),
    coalesce(array_agg(distinct t.entry_id) filter (where t.entry_id is not null), '{}'),
    array_agg(distinct t.piano_id)
  from taken t
$$;
comment on function pls.take_changes(text, integer) is
  'Takes what is to be read of the next pianos: those to be read whole, single entries, and all of them.';

create function pls.work(most integer, out report jsonb)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- The plans of the first slice are kept, and to it evidence and claims may look small: by the index all the same.
set enable_seqscan = off
set jit = off
as $$
declare
  slice_size constant integer := 1000;
  slice record;
  notes record;
  gazelle record;
  badges record;
  counts integer[] := array_fill(0, array[7]);
  reached text := '';
begin
  loop
    select * into slice
    from pls.take_changes(reached, least(slice_size, most - counts[1]));
    exit when slice.reached is null;
    notes := pls.read_notes(slice.whole, slice.entries);
    gazelle := pls.hear_gazelle(slice.all_pianos);
    badges := pls.decide(slice.all_pianos);
    counts := array[
      counts[1] + cardinality(slice.all_pianos), counts[2] + notes.read,
      counts[3] + notes.added + gazelle.added, counts[4] + notes.removed + gazelle.removed,
      counts[5] + badges.badges_set, counts[6] + badges.badges_taken, counts[7] + badges.overruled
    ];
    exit when counts[1] >= most;
    reached := slice.reached;
  end loop;
  report := jsonb_build_object(
    'pianos', counts[1], 'notes_read', counts[2], 'evidence_added', counts[3], 'evidence_removed', counts[4],
    'badges_set', counts[5], 'badges_taken', counts[6], 'overruled', counts[7],
    'left', (select count(distinct c.piano_id) from pls.changes c)
  );
end
$$;
comment on function pls.work(integer) is 'Reads and decides slice by slice, so that memory does not grow with the shop.';

create function public.detect_pls(
  full_pass boolean default false, dry_run boolean default false, piano_limit integer default null
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'pls_detector'
as $$
declare
  mark bigint;
  report jsonb;
begin
  if piano_limit < 1 then
    raise exception 'piano_limit is %, and must be at least 1', piano_limit using
      errcode = 'PT422', detail = 'It is how many pianos one call reads at most.', hint = 'Leave it out to read all.';
  end if;
  -- One pass at a time.
  perform pg_advisory_xact_lock(hashtextextended('detect_pls', 0));
  begin
    perform pls.note_releases();
    if full_pass then
      perform pls.note_all();
    end if;
    if exists (select from pls.changes) then
      mark := ownership.mark('detect_pls');
    end if;
    report := pls.work(coalesce(piano_limit, 2147483647)) || jsonb_build_object(
      'full_pass', full_pass, 'dry_run', dry_run, 'mark', case when not dry_run then mark end
    );
    if dry_run then
      raise exception 'this was a dry run' using
        errcode = 'PL000', detail = 'Nothing of it stays.', hint = 'Nothing: detect_pls catches this itself.';
    end if;
  exception when sqlstate 'PL000' then
    null;
  end;
  return report;
end
$$;
comment on function public.detect_pls(boolean, boolean, integer) is
  'Sets the badges that the evidence proves. Reads what is new or changed since the last pass, or with full_pass all
   pianos; at most piano_limit of them, the rest next time (left). A dry run does the same and takes it back.';
