-- foresee: what a write would do, before anything is written. The guards judge row by row while they write; this judges
-- many cells at once, by the same facts (ownership.modes) and the same merge, and writes nothing.

create function ownership_private.foresee_sql()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    select o.key, o.col, o.stands, o.sent, o.outcome,
      case
        when o.outcome is not distinct from o.sent then 'lands'
        when o.on_conflict = 'reject' then 'rejected'
        when o.keeps_out then 'kept'
        else 'merged'
      end
    from (
      select w.*,
        case
          when w.keeps_out then w.stands
          when w.keeps_out is not null and w.merges then to_jsonb(ownership_private.merged_set(
            w.policy, w.key, $6, array(select jsonb_array_elements_text(coalesce(nullif(w.stands, 'null'), '[]'))),
            array(select jsonb_array_elements_text(w.sent)), w.source))
          else w.sent
        end as outcome
      from (
        select cell.*, p.id as policy, p.on_conflict, p.source, p.merges, case p.mode %1$s end as keeps_out
        from unnest($2, $3, $4, $5) with ordinality cell (key, col, stands, sent, place)
        left join (
          select o.*, m.merges, ownership_private.blank_forms(t.tbl, o.col, o.blank_values) as blank_forms
          from ownership_private.protected_tables t
          cross join lateral ownership_private.policies_on(t) o
          join ownership.modes() m on m.mode = o.mode
          -- People always pass; what is only observed passes too.
          where t.tbl = $1 and $7 < 100 and o.on_conflict <> 'observe'
          offset 0
        ) p on p.col = cell.col
        left join ownership_private.claims c on c.policy_id = p.id and c.key = cell.key and c.element = ''
        cross join lateral (
          select
            ownership.is_blank(cell.sent) or cell.sent = any (p.blank_forms) as sent_is_blank,
            ownership.is_blank(cell.stands) or cell.stands = any (p.blank_forms) as stands_is_blank
        ) blank
        -- What was found of a cell is kept, here and below: each mention of it above would find it again.
        offset 0
      ) w
      offset 0
    ) o
    order by o.place$sql$,
    string_agg(format('when %L then %s', m.mode, ownership_private.condition_sql(
      m.keeps_out, 'blank.sent_is_blank', 'blank.stands_is_blank', 'c.policy_id is not null',
      format('c.policy_id is not null and %s', ownership_private.owner_keeps_sql('c', '$7', 'blank.sent_is_blank', 'cell.sent')),
      'coalesce(cell.sent, ''null'') = ''null'' or blank.sent_is_blank and not (p.empty_is_opinion and $6 = p.source)',
      '$6 = p.source')), ' '))
  from ownership.modes() m
  where m.keeps_out is not null
$$;
comment on function ownership_private.foresee_sql is
  'The statement of foresee: $1 table, $2 keys, $3 columns, $4 what stands there, $5 what is sent, $6 writer, $7
   rank.';

create function ownership_private.foresee(
  tbl regclass, keys text[], cols name[], standing_values jsonb[], sent_values jsonb[], writer name, writer_rank integer
)
returns table (key text, col name, stands jsonb, sent jsonb, outcome jsonb, verdict text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute ownership_private.foresee_sql()
  using tbl, keys, cols, standing_values, sent_values, writer, writer_rank;
end
$$;
comment on function ownership_private.foresee is 'As ownership.foresee, for a writer and a rank.';

create function ownership.foresee(
  tbl regclass, keys text[], cols name[], stands jsonb[], sent jsonb[], writer name default null
)
returns table (key text, col name, stands jsonb, sent jsonb, outcome jsonb, verdict text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.*
  from ownership_private.writer_or_caller(foresee.writer) w
  cross join lateral ownership_private.foresee(
    foresee.tbl, foresee.keys, foresee.cols, foresee.stands, foresee.sent, w.writer,
    ownership_private.rank_over_claims(w.writer, w.rank)) f
$$;
comment on function ownership.foresee is
  'What would become of cells if they were updated, before anything is. The arrays have one element a cell: the key as
   in ownership.claims, the column, what stands there and what is sent, as to_jsonb gives it. writer: who writes
   (default: the caller). outcome is what will stand there; verdict: lands, merged (a set), kept, or rejected.';

create function ownership.ruled_columns(tbl regclass, writer name default null)
returns setof name
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select p.col
  from ownership_private.writer_or_caller(ruled_columns.writer) w
  cross join ownership_private.protected_tables t
  cross join lateral ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  where t.tbl = ruled_columns.tbl
    and m.keeps_out is not null
    and p.on_conflict <> 'observe'
    and not (ownership_private.is_gate_closed(p) and p.source = w.writer)
$$;
comment on function ownership.ruled_columns is
  'The columns of a table in which a policy may today keep something out of what a writer sends (default: the caller).
   The others take what is sent.';

create function ownership.refusal(col name, offered jsonb, kept jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', col, coalesce(offered, 'null'), coalesce(kept, 'null'))
$$;
comment on function ownership.refusal is
  'One text for "this was offered over that, and that was kept", as in known_answers.';

create function ownership.known_answers(tbl regclass, keys text[], writer name default null)
returns table (key text, offers jsonb, bases jsonb, refusals text[])
language sql
stable
rows 100
security definer
set search_path = pg_catalog, pg_temp
-- These tables fill up within one run, before anybody has counted their rows: they are read by their keys, whatever the
-- planner believes. The keys are conditions of the index itself, and not a table to join with.
set enable_seqscan = off
set jit = off
as $$
  with me as materialized (
    select w.* from ownership_private.writer_or_caller(known_answers.writer) w
  ), policy as materialized (
    select p.id, p.col, p.protected_at
    from ownership_private.protected_tables t
    join ownership_private.policies p on p.table_id = t.id
    where t.tbl = known_answers.tbl
  ), refused as (
    select distinct on (r.policy_id, r.key, r.offered) r.*
    from (
      select b.policy_id, b.key, b.offered, b.kept, b.writer, b.last_at
      from ownership_private.blocked_writes b
      where b.policy_id = any (array(select policy.id from policy)) and b.key = any (known_answers.keys)
      union all
      select c.policy_id, c.key, c.offered, c.value, c.offered_by, c.offered_at
      from ownership_private.claims c
      where c.policy_id = any (array(select policy.id from policy)) and c.key = any (known_answers.keys)
        and c.offered_times > 0
    ) r
    order by r.policy_id, r.key, r.offered, r.last_at desc
  ), found as (
    select c.key, 'offer' as kind, policy.col, coalesce(c.offered, 'null') as value, null as refusal
    from ownership_private.claims c join policy on policy.id = c.policy_id
    where c.policy_id = any (array(select policy.id from policy)) and c.key = any (known_answers.keys)
      and c.element = '' and c.offered_at is not null
      -- What only a program above it offered, a source still has to send: its own offer tells whose value it is.
      and ownership_private.lower_of(c.offered_by, (select me.writer from me)) = c.offered_by
      and c.rank > (select ownership_private.rank_over_claims(me.writer, me.rank) from me)
    union all
    select b.key, 'base', policy.col, to_jsonb(b.base), null
    from ownership_private.bases b join policy on policy.id = b.policy_id
    where b.policy_id = any (array(select policy.id from policy)) and b.key = any (known_answers.keys)
      and b.source = (select me.writer from me)
    union all
    select r.key, 'refusal', policy.col, null, ownership.refusal(policy.col, r.offered, r.kept)
    from refused r join policy on policy.id = r.policy_id
    where r.writer = (select me.writer from me) and r.last_at >= policy.protected_at
  )
  select
    f.key,
    jsonb_object_agg(f.col, f.value) filter (where f.kind = 'offer'),
    jsonb_object_agg(f.col, f.value) filter (where f.kind = 'base'),
    array_agg(f.refusal) filter (where f.kind = 'refusal')
  from found f
  group by f.key
$$;
comment on function ownership.known_answers is
  'What a writer (default: the caller) was told about rows before, so that it need not ask again. By column: the value
   on offer for a cell that a higher rank owns; the last set that the writer sent; and each write that was kept out
   since the policy was made, as ownership.refusal writes it.';

create function ownership_private.owned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'select ' || coalesce(string_agg(format($sql$(
    select count(*)
    from ownership_private.claims c
    join %1$s r on %2$s
    where c.policy_id = %3$s and not c.removed
      and c.rank > (
        select ownership_private.rank_over_claims(w.writer, w.rank) from ownership_private.current_writer() w
      )
      and %4$s)$sql$,
    t.tbl,
    same_key.sql,
    p.id,
    format(
      case when ownership_private.merges(p.mode) then 'c.element collate "C" = any (ownership_private.elements(r.%1$I::text[]))'
        else 'coalesce(%2$s, ''null'') = coalesce(c.value, ''null'')' end,
      p.col, ownership_private.recorded_sql(p, 'r'))), ' + '), '0')
  from (select ownership_private.same_key_sql(t, 'r', 'c.key') as sql offset 0) same_key
  cross join ownership_private.policies_on(t) p
$$;
comment on function ownership_private.owned_sql is
  'The statement that counts the claimed values of a table, above the caller''s rank, that stand where they are
   claimed.';

create function ownership.count_owned(tbl regclass)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  counted bigint := 0;
  the_table ownership_private.protected_tables;
begin
  select * into the_table from ownership_private.protected_tables t where t.tbl = count_owned.tbl;
  if found then
    execute ownership_private.owned_sql(the_table) into counted;
  end if;
  return counted;
end
$$;
comment on function ownership.count_owned is
  'How many values that writers above the caller own stand in a table as they are owned: before and after a write, it
   tells whether the write took one away.';
