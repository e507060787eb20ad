-- Weighing the evidence: strong decides by its date, weak only together, and what stays open a person is asked.

create function pls.verdicts(pianos text[])
returns table (piano_id text, says text, evidence_id bigint, doubt_id bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with evidence as (
    -- age 1 is the newest; within one note the last sentence.
    select e.*, row_number() over (
      partition by e.piano_id order by e.occurred_at desc nulls last, e.entry_id desc nulls last, e.place desc
    ) as age
    from public.pls_evidence e
    where e.piano_id = any (verdicts.pianos)
  ), strong as (
    select distinct on (e.piano_id) e.piano_id, e.id, e.says, e.age, e.entry_id
    from evidence e
    where e.grade = 'strong'
    order by e.piano_id, e.age
  ), weak as (
    -- Weak evidence counts where it is newer than the strong, and from another note. What has no date is no other day.
    select e.piano_id,
      count(distinct (e.occurred_at at time zone 'UTC')::date) filter (where e.says = 'for') as days,
      min(e.age) filter (where e.says = 'for') as for_age,
      min(e.age) filter (where e.says = 'against') as against_age,
      (array_agg(e.id order by e.age) filter (where e.says = 'for'))[1] as for_id,
      (array_agg(e.id order by e.age) filter (where e.says = 'against'))[1] as against_id,
      (array_agg(e.id order by e.age) filter (where e.says in ('for', 'unclear')))[1] as asking_id
    from evidence e
    left join strong s on s.piano_id = e.piano_id
    where e.grade = 'weak' and (s.id is null or e.age < s.age and e.entry_id is distinct from s.entry_id)
    group by e.piano_id
  )
  select p.piano_id, d.says, coalesce(s.id, case when d.says = 'for' then w.for_id end),
    case when d.says is distinct from 'for' then w.asking_id when s.id is not null then w.against_id end
  from (select distinct e.piano_id from evidence e) p
  left join strong s using (piano_id)
  left join weak w using (piano_id)
  cross join lateral (
    select case
      when s.id is not null then s.says
      when w.days >= 2 and w.for_age < coalesce(w.against_age, w.for_age + 1) then 'for'
    end as says
  ) d
$$;
comment on function pls.verdicts(text[]) is
  'What the evidence says of each piano, for, against or nothing yet; the evidence that decides, the newest strong one
   or the newer of two weak ones; and doubt_id, evidence that a person should look at.';

create function shop.badges_to_check()
returns table (piano_id text, reason text, evidence_id bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with pianos as (
    select array(
      select e.piano_id from public.pls_evidence e
      union
      select c.key from ownership.claims c
      where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.writer = 'pls_detector'
    ) as ids
  )
  select p.id, r.reason, r.evidence_id
  from pianos
  cross join unnest(pianos.ids) p (id)
  left join pls.verdicts(pianos.ids) v on v.piano_id = p.id
  left join pls.owners(pianos.ids) o on o.piano_id = p.id
  left join public.pls_evidence e on e.id = v.evidence_id
  cross join lateral (
    select
      case
        when o.rank >= 100 then case
          when e.grade = 'strong' and (e.says = 'for') <> coalesce(o.installed, false)
            and coalesce(e.occurred_at, e.found_at) > o.since
          then format('newer than what %s set', o.writer) end
        when o.writer = 'pls_detector' and o.installed and v.says is distinct from 'for'
          then 'the badge is no longer proved'
        when v.doubt_id is null then null
        when v.says = 'against' then 'newer than its removal, and not sure'
        when v.says = 'for' then 'perhaps it is gone'
        else 'not sure'
      end as reason,
      case when o.rank >= 100 then e.id else coalesce(v.doubt_id, e.id) end as evidence_id
  ) r
  where r.reason is not null
$$;
comment on function shop.badges_to_check() is
  'Pianos whose badge a person should decide, why, and the sentence to look at. Security definer, for people may not
   read the claims.';
revoke execute on function shop.badges_to_check() from public;
grant execute on function shop.badges_to_check() to authenticated, service_role, manual_editor;

create view public.pls_to_check with (security_invoker = true) as
select
  p.external_id as piano,
  concat_ws(' ', nullif(p.make, ''), nullif(p.model, '')) as name,
  p.location as place,
  coalesce(p.dampp_chaser_installed, false) as has_badge,
  c.reason,
  e.says,
  e.grade,
  e.sentence,
  e.occurred_at,
  e.rule,
  e.entry_id
from shop.badges_to_check() c
join public.gazelle_pianos p on p.external_id = c.piano_id
left join public.pls_evidence e on e.id = c.evidence_id;
comment on view public.pls_to_check is
  'Pianos whose badge the notes leave open, each with the sentence to look at: pls_answer says yes or no.';
revoke all on public.pls_to_check from public, anon, authenticated, service_role;
grant select on public.pls_to_check to authenticated, service_role, manual_editor;

create function public.pls_answer(piano text, installed boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if installed is null then
    raise exception 'the answer for piano % is null', quote_nullable(piano) using
      errcode = 'PT422', detail = 'installed says whether a system is in the piano.', hint = 'Answer true or false.';
  end if;
  -- A value that does not change claims nothing: emptied first, it is this person's word in any case.
  update public.gazelle_pianos p set dampp_chaser_installed = null where p.external_id = pls_answer.piano;
  update public.gazelle_pianos p
  set dampp_chaser_installed = pls_answer.installed
  where p.external_id = pls_answer.piano;
  if not found then
    raise exception 'there is no piano %', quote_nullable(piano) using
      errcode = 'PT404', detail = 'gazelle_pianos has no such external_id.',
      hint = 'Give a piano''s external_id: ins_ and 16 letters or digits.';
  end if;
end
$$;
comment on function public.pls_answer(text, boolean) is
  'Says, as the person who calls it, whether a piano has a system. The badge is that person''s from then on. Errors:
   PT404, PT422.';
revoke execute on function public.pls_answer(text, boolean) from public, anon, authenticated, service_role;
grant execute on function public.pls_answer(text, boolean) to manual_editor;
