-- Badges from evidence. The ownership engine keeps the detector from overwriting people, and no pass takes many badges,
-- or any by other rules than before, until an operator has agreed.

create function pls.give_up(pianos text[])
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  free text[];
begin
  -- Lock the rows first: an edit that is not committed yet ends before its claim is looked for.
  perform from public.gazelle_pianos p
  where p.external_id = any (give_up.pianos)
  order by p.external_id
  for no key update;
  free := array(
    select p.external_id
    from public.gazelle_pianos p
    left join pls.owners(give_up.pianos) o on o.piano_id = p.external_id
    where p.external_id = any (give_up.pianos) and coalesce(o.rank, 0) < 100
  );
  -- Only a person can blank a claimed cell, and false counts as blank: so the claim has to go.
  perform ownership.release('public.gazelle_pianos', o.piano_id, 'dampp_chaser_installed')
  from pls.owners(free) o;
  return free;
end
$$;
comment on function pls.give_up(text[]) is
  'Releases the badges of some pianos, so that the value which Gazelle sent last returns, and returns these pianos.
   Those whose badge a person owns are left out.';

create function pls.set_badges(pianos text[], installed boolean)
returns integer
language sql
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
comment on function pls.set_badges(text[], boolean) is
  'Writes the badges that differ, and counts them. Null and false are the same.';

create function pls.may_take(taken integer)
returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p.accepted then 2147483647
    when p.rules is distinct from pls.rules_in_force() then 0
    else greatest(5, (c.badges + may_take.taken) / 10)
  end
  from pls.progress p
  cross join (
    select count(*)::integer as badges from ownership.claims c
    where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.writer = 'pls_detector'
  ) c
$$;
comment on function pls.may_take(integer) is
  'How many badges a pass that has taken some may take in all: a tenth of those that notes proved, five at least; none
   by rules that nobody has agreed to yet.';

create function pls.proved_none()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select not exists (
    select from ownership.claims c
    where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.writer = 'pls_detector'
  )
$$;
comment on function pls.proved_none() is 'Whether notes have proved no badge yet: then a pass has none to lose.';

create function pls.decide(
  pianos text[], taken integer, is_first boolean,
  out badges_set integer, out badges_taken integer, out badges_held integer, out overruled integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  for_it text[];
  against_it text[];
  without text[];
begin
  select
    coalesce(array_agg(p.external_id) filter (
      where v.says = 'for' and not p.dampp_chaser_installed is true and o.rank is null), '{}'),
    coalesce(array_agg(p.external_id) filter (
      where v.says = 'against' and p.dampp_chaser_installed and o.rank is null), '{}'),
    coalesce(array_agg(p.external_id) filter (where v.says is null and w.writer = 'pls_detector'), '{}'),
    count(*) filter (where o.rank >= 100 and (v.says = 'for') <> coalesce(p.dampp_chaser_installed, false))
  into for_it, against_it, without, overruled
  from public.gazelle_pianos p
  left join pls.verdicts(decide.pianos) v on v.piano_id = p.external_id
  left join pls.owners(decide.pianos) w on w.piano_id = p.external_id
  left join lateral (select w.rank where w.rank >= 100) o on true
  where p.external_id = any (decide.pianos);

  badges_set := pls.set_badges(for_it, true);
  badges_taken := 0;
  badges_held := cardinality(against_it) + cardinality(without);
  -- Most passes take none, and then what is costly is not asked.
  if badges_held = 0 or not is_first and taken + badges_held > pls.may_take(taken) then
    return;
  end if;
  badges_held := 0;
  against_it := pls.give_up(against_it || without);
  select count(*)::integer into badges_taken
  from public.gazelle_pianos p
  where p.external_id = any (against_it) and p.dampp_chaser_installed is not true;
  badges_taken := badges_taken + pls.set_badges(against_it, false);
  -- Without evidence nobody owns the cell.
  perform pls.give_up(without);
end
$$;
comment on function pls.decide(text[], integer, boolean) is
  'Sets and removes the badges of some pianos as their evidence says. Where the pass would take more than it may, it
   takes none of them: badges_held counts them. overruled counts those where a person decided otherwise.';

create function pls.end_pass(held integer, remaining integer, is_first boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A shop without a badge has none to lose by the rules it begins with.
  if is_first then
    update pls.progress p set rules = pls.rules_in_force() where p.rules is null;
  end if;
  if held > 0 then
    perform sync.raise_job_alert('detect-pls', 'badges_held', format('badges would be taken, and were not: %s', held),
      'The rules have changed, or many notes say otherwise.',
      'etiquette badges --to-check lists them; etiquette badges --accept, or select pls_accept(), takes them.');
  elsif remaining = 0 and exists (
    select from pls.progress p where p.accepted or p.rules is distinct from pls.rules_in_force()
    union all
    select from sync.alerts a where a.job = 'detect-pls' and a.kind = 'badges_held' and a.resolved_at is null
  ) then
    if not exists (select from shop.badges_to_check() c where c.reason = 'the badge is no longer proved') then
      update pls.progress p set rules = pls.rules_in_force(), accepted = false;
      delete from pls.known_clauses k where k.rules <> pls.rules_in_force();
      perform sync.resolve_job_alert('detect-pls', 'badges_held');
    end if;
  end if;
end
$$;
comment on function pls.end_pass(integer, integer, boolean) is
  'Raises an alert about badges that are held back; where a pass is done and holds none, its rules are agreed to.';

-- A pass of the detection, over what changed or over everything.

create function pls.work(most integer, out report jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
-- Plans made for the first slice are reused, when evidence and claims may still be small: they must use indexes anyway.
set enable_seqscan = off
set jit = off
as $$
declare
  slice_size constant integer := 2000;
  slice record;
  notes record;
  gazelle record;
  badges record;
  counts integer[] := array_fill(0, array[8]);
  is_first constant boolean := pls.proved_none();
  reached text := '';
begin
  loop
    select * into slice
    from pls.take_changes(reached, least(slice_size, most - counts[1]));
    exit when slice.reached is null;
    notes := pls.read_notes(slice.whole, slice.entries);
    gazelle := pls.read_gazelle(slice.all_pianos);
    badges := pls.decide(slice.all_pianos, counts[6], is_first);
    counts := array[
      counts[1] + cardinality(slice.all_pianos), counts[2] + notes.read,
      counts[3] + notes.added + gazelle.added, counts[4] + notes.removed + gazelle.removed,
      counts[5] + badges.badges_set, counts[6] + badges.badges_taken, counts[7] + badges.overruled,
      counts[8] + badges.badges_held
    ];
    exit when counts[1] >= most;
    reached := slice.reached;
  end loop;
  report := jsonb_build_object(
    'pianos', counts[1], 'notes_read', counts[2], 'evidence_added', counts[3], 'evidence_removed', counts[4],
    'badges_set', counts[5], 'badges_taken', counts[6], 'badges_held', counts[8], 'overruled', counts[7],
    'left', (select count(distinct c.piano_id) from pls.changes c)
  );
  perform pls.end_pass(counts[8], (report ->> 'left')::integer, is_first);
end
$$;
comment on function pls.work(integer) is
  'Reads and decides in slices of pianos, so that memory does not grow with the shop.';

create function public.detect_pls(
  full_pass boolean default false, dry_run boolean default false, piano_limit integer default null
)
returns jsonb
language plpgsql
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
  'Sets the badges that the evidence proves. Reads what is new or changed since the last pass, with full_pass all
   pianos; at most piano_limit of them, and left counts the rest. A dry run does the same and rolls it back.';

create function public.pls_accept()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An agreement to nothing would let the next pass take whatever comes until then.
  if not exists (
    select from pls.progress p where p.rules is distinct from pls.rules_in_force()
    union all
    select from shop.badges_to_check() c where c.reason = 'the badge is no longer proved'
  ) then
    raise exception 'no badge is held back' using
      errcode = 'PT409', detail = 'The rules are those that were agreed to, and every badge is proved by them.',
      hint = 'Nothing: where a pass holds badges back, an alert says so.';
  end if;
  update pls.progress p set rules = pls.rules_in_force(), accepted = true;
  perform pls.note_all();
end
$$;
comment on function public.pls_accept() is
  'Agrees to what the rules now say: the next pass takes the badges that were held back. For operators. Error: PT409.';
revoke execute on function public.pls_accept() from public, anon, authenticated, service_role;
grant execute on function public.pls_accept() to manual_editor;
