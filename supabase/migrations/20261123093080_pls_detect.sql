-- detect_pls: one pass over what changed, or over everything.

create function pls.take_changes(
  after text, pianos integer, out reached text, out whole text[], out entries text[], out all_pianos text[]
)
language sql
volatile
set search_path = ''
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
set search_path = ''
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
set search_path = ''
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
