-- Rows that come back: the generated AFTER INSERT function, which recognises by its identity key a row that was deleted
-- before, and puts claimed values back into it.

create function ownership_private.reinsert_scalar_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      with brought_back as (
        update %9$s r
        set %1$I = %2$s
        from inserted i
        join ownership_private.claims c on c.policy_id = %3$s and c.key = %4$s and c.element = ''
        where %5$s
          and %7$s
          and ($3 is null or c.key = $3)
          and %8$s
        returning c.key, %10$s as offered, %6$s as sent_is_blank, c.value as kept
      )
      select count(ownership_private.block(%3$s, key, $2, offered, kept))
      from brought_back
      where $1 < 100 and not sent_is_blank$sql$,
    p.col,
    ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value'),
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'i'),
    sent_is_blank,
    ownership_private.owner_keeps_sql('c', '$1',
      concat_ws(' or ', sent_is_blank, ownership_private.is_default_sql(t.tbl, p.col, 'i')),
      ownership_private.recorded_sql(p, 'r')),
    ownership_private.in_owners_path_sql(t.id),
    ownership_private.quotes(t, 'table'),
    ownership_private.recorded_sql(p, 'i'))
  from ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)) sent_is_blank
$$;
comment on function ownership_private.reinsert_scalar_sql is
  'The statement that puts claimed values back into rows that came back, unless a writer of at least the owner''s rank
   inserted another value. $1 rank over claims, $2 writer, $3 one key or NULL.';

create function ownership_private.reinsert_set_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      with brought_back as (
        update %7$s r
        set %1$I = ownership_private.reinserted_set(%2$s, %3$s, $2, i.%1$I::text[], $1 >= 100)::%4$s
        from inserted i
        where %5$s
          and exists (select from ownership_private.bases b where b.policy_id = %2$s and b.key = %3$s)
          and ($3 is null or %3$s = $3)
          and %6$s
        returning %3$s as key, ownership_private.elements(i.%1$I::text[]) as offered, r.%1$I::text[] as kept
      )
      select count(ownership_private.block(%2$s, key, $2, to_jsonb(offered), to_jsonb(kept)))
      from brought_back
      where $1 < 100 and offered <> '{}' and offered <> ownership_private.elements(kept)$sql$,
    p.col, p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    f.type_sql,
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'i'),
    ownership_private.in_owners_path_sql(t.id),
    ownership_private.quotes(t, 'table'))
  from ownership_private.column_facts(t.tbl, p.col) f
$$;
comment on function ownership_private.reinsert_set_sql is
  'The statement that puts claimed elements back into rows that came back, and takes removed ones out. $1 rank over
   claims, $2 writer, $3 one key or NULL.';

create function ownership_private.claim_inserted_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.merges(p.mode) then $sql$
  if me.rank >= 100 then
    perform ownership_private.claim_elements(%1$s, %2$s, me.writer, me.rank, '{}', i.%3$I::text[], %4$L)
    from inserted i
    where %2$s is not null and not ownership.is_blank(i.%3$I::text[]);
  elsif (me.writer <> %4$L or keys <> '{}')
    -- A load is no source: its rows come with the bases that belong to them, in any order.
    and not (me.rank = 0 and current_setting('session_replication_role') = 'replica') then
    -- The source's base of the deleted row no longer holds, also where it names no set for the new row.
    insert into ownership_private.bases as b (policy_id, key, source, base)
    select %1$s, %2$s, me.writer, coalesce(i.%3$I::text[], '{}')
    from inserted i
    where %2$s is not null and (
      (me.writer <> %4$L and not ownership.is_blank(i.%3$I::text[]))
      or exists (select from ownership_private.bases o where o.policy_id = %1$s and o.key = %2$s)
    )
    on conflict (policy_id, key, source) do update set base = excluded.base;
  end if;$sql$ else $sql$
  if ownership_private.leaves_claims(me.writer) then
%5$s
  end if;$sql$ end,
    p.id,
    inserted_key,
    p.col,
    p.source,
    ownership_private.claim_inserted_cells_sql(p, inserted_key, concat_ws(' or ',
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)),
      ownership_private.is_default_sql(t.tbl, p.col, 'i'))))
  from ownership_private.key_sql(t.tbl, t.identity_key, 'i') inserted_key
$$;
comment on function ownership_private.claim_inserted_sql is
  'The part of returned_sql that claims what a writer inserted. Of a set that a source inserted it records the base,
   where that is not implied by policies.source.';

create function ownership_private.observe_returned_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.merges(p.mode) then $sql$
      select count(ownership_private.block(%1$s, j.key, $2, to_jsonb(j.offered), to_jsonb(j.kept)))
      from (
        select %2$s as key, ownership_private.elements(i.%3$I::text[]) as offered,
          ownership_private.elements(ownership_private.reinserted_set(%1$s, %2$s, $2, i.%3$I::text[], false)) as kept
        from inserted i
        where exists (select from ownership_private.bases b where b.policy_id = %1$s and b.key = %2$s)
          and ($3 is null or %2$s = $3)
      ) j
      where $1 < 100 and j.offered <> '{}' and j.offered <> j.kept$sql$ else $sql$
      select count(ownership_private.block(%1$s, c.key, $2, %6$s, c.value))
      from inserted i
      join ownership_private.claims c on c.policy_id = %1$s and c.key = %2$s and c.element = ''
      where $1 < 100 and not %4$s and %5$s and ($3 is null or c.key = $3)$sql$ end,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    p.col,
    sent_is_blank,
    ownership_private.owner_keeps_sql('c', '$1',
      concat_ws(' or ', sent_is_blank, ownership_private.is_default_sql(t.tbl, p.col, 'i')),
      ownership_private.recorded_sql(p, 'i')),
    ownership_private.recorded_sql(p, 'i'))
  from ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)) sent_is_blank
$$;
comment on function ownership_private.observe_returned_sql is
  'The statement that records what was inserted over claimed values and changes nothing, for on_conflict = observe.
   Arguments as of reinsert_scalar_sql.';

create function ownership_private.bring_back_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  keys := '{}';
  if pg_sequence_last_value(%6$L::regclass) is not null then
    keys := array(
      select distinct known.key from inserted i
      join ownership_private.%5$I known on known.policy_id = %1$s and known.key = %2$s
    );
  end if;
  if keys <> '{}' then
    statement := replace(%7$s%3$s
    %7$s, '%8$s', tg_relid::regclass::text);
    perform ownership_private.begin_engine_write(%1$s);
    begin
      execute statement using me.over_claims, me.writer, null::text;
      perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    exception when others then
      perform ownership_private.raise_again(sqlstate, sqlerrm);
      -- What a constraint or a trigger refuses today must neither fail the batch nor keep other values from coming
      -- back.
      foreach row_key in array keys loop
        begin
          execute statement using me.over_claims, me.writer, row_key;
          perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        exception when others then
          perform ownership_private.raise_again(sqlstate, sqlerrm);
          raise warning 'the owned %% of %% could not come back: %%', %4$L, row_key,
            case when ownership_private.caller_may_read(tg_relid, %4$L) then sqlerrm else sqlstate end
            using hint = 'The claim stands; ownership.verify shows it.';
        end;
      end loop;
    end;
    perform ownership_private.end_engine_write(%1$s);
  end if;$sql$,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    case
      when p.on_conflict = 'observe' then ownership_private.observe_returned_sql(p, t)
      when ownership_private.merges(p.mode) then ownership_private.reinsert_set_sql(p, t)
      else ownership_private.reinsert_scalar_sql(p, t)
    end,
    p.col,
    case when ownership_private.merges(p.mode) then 'bases' else 'claims' end,
    ownership_private.gate(p.id),
    ownership_private.quotes(t, 'back'),
    ownership_private.quotes(t, 'table'))
$$;
comment on function ownership_private.bring_back_sql is
  'The part of returned_sql that puts claimed values back: into all rows at once or, where that fails, row by row.';

create function ownership_private.returned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.returned_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- The session keeps the plans. Made for few claims or few rows, a join that scans would be ruinous for many.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
%2$s
as %4$s
declare
  me record;
  keys text[];
  row_key text;
  statement text;
begin
  -- An upsert fires this trigger, too, also where it updated every row.
  if not exists (select from inserted) then
    return null;
  end if;
  select w.writer, w.rank, ownership_private.rank_over_claims(w.writer, w.rank) as over_claims into me
  from ownership_private.current_writer() w;
  if me.rank < 100 and current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    perform ownership_private.meet_unseen(%1$s, array(select distinct %5$s from inserted i where %5$s is not null));
  end if;%6$s%3$s
  return null;
end
%4$s
$sql$,
    t.id,
    ownership_private.settings_sql(t),
    string_agg(
      ownership_private.bring_back_sql(p, t) || ownership_private.claim_inserted_sql(p, t), '' order by p.id),
    ownership_private.quotes(t, 'returned'),
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    -- What a set's own source inserts anew leaves nothing under its key.
    E'\n  if me.over_claims > 0' || coalesce(format(' or me.writer <> all (%L::name[])',
      array_agg(p.source) filter (where m.merges)), '') || E' then\n    '
      || ownership_private.note_long_keys_sql(t, 'inserted i', 'i') || E';\n  end if;')
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  where m.leaves_claims
$$;
comment on function ownership_private.returned_sql is
  'Creates the AFTER INSERT function of a table. NULL when no mode leaves claims.';
