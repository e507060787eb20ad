-- The guard: the generated BEFORE UPDATE function of a table, which judges each protected column of a row by its mode.

create function ownership_private.gate_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('pg_sequence_last_value(%L::regclass) is not null', ownership_private.gate(p.id))
  from ownership.modes() m
  where m.mode = p.mode and m.rests_on_claims
$$;
comment on function ownership_private.gate_sql is
  'The test that a cell of the column was ever claimed; NULL for modes that keep values out without a claim, too.';

create function ownership_private.concerned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(concat_ws(' and ', '(' || alike.changed || ')',
    '(' || alike.gates || format(' or coalesce(nullif(current_setting(''role''), ''none''), session_user) <> %L)', alike.source)),
    ' or ' order by alike.first_id)
  from (
    select
      min(p.id) as first_id,
      quiet.source,
      string_agg(ownership_private.changed_sql(t.tbl, p.col), ' or ' order by p.id) as changed,
      string_agg(ownership_private.gate_sql(p), ' or ' order by p.id) filter (where quiet.source is not null) as gates
    from ownership_private.policies_on(t) p
    -- A source that leaves claims is a writer like any other here.
    cross join lateral (
      select case when ownership_private.gate_sql(p) is not null and not ownership_private.leaves_claims(p.source)
        then p.source end
    ) quiet (source)
    group by quiet.source
  ) alike
$$;
comment on function ownership_private.concerned_sql is
  'The condition under which a guard has to be called for what changes: for modes that rest on claims, there are claims
   or the role is not the columns'' own source. Nothing that the source sends is kept out before the first claim, and a
   bulk load of it calls no guard. Kept short, because Postgres parses the condition of a trigger in each statement.';

create function ownership_private.is_source_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('(writer = %L or writer = ''unknown'' and current_setting(''session_replication_role'') = ''replica'')', p.source)
$$;
comment on function ownership_private.is_source_sql is
  'The test, in a guard, that the writer is the source of a column. What is loaded or replicated stands for it.';

create function ownership_private.judge_scalar_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(ownership_private.condition_sql(
    m.keeps_out, sent_is_blank, stands_is_blank,
    is_claimed => format('ownership_private.is_claimed(%s, row_key)', p.id),
    -- For a mode that rests on claims, offer_sql has run just before, and is_owned is its result.
    is_owned => case when m.rests_on_claims then 'is_owned' else format(
      'ownership_private.is_owned(%s, row_key, rank_over_claims, %s, %s)', p.id, sent_is_blank,
      ownership_private.recorded_sql(p, 'new')) end,
    says_nothing => 'false',
    is_source => ownership_private.is_source_sql(p)), 'false')
  from
    ownership.modes() m,
    ownership_private.blank_sql(tbl, p.col, p.blank_values, format('new.%I', p.col)) sent_is_blank,
    ownership_private.blank_sql(tbl, p.col, p.blank_values, format('old.%I', p.col)) stands_is_blank
  where m.mode = p.mode
$$;
comment on function ownership_private.judge_scalar_sql is
  'The condition under which a write to one scalar column is kept out, by its mode.';

create function ownership_private.offer_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Reads first, because most rows have no owner, and an update that finds none costs twice as much as a select.
  -- Whether a value is offered for the first time is asked here and not in the update: what an update computes is
  -- prepared anew for each row.
  select format($sql$
      is_owned := false;
      if %4$s then
        select c.* into owner from ownership_private.claims c
        where c.policy_id = %2$s and c.key = row_key and c.element = '';
        if found then
          offered := %1$s;
          is_owned := %3$s;
          if is_owned then
            if owner.offered_times > 0 and owner.offered is not distinct from offered then
              update ownership_private.claims c
              set offered_at = now(), offered_times = c.offered_times + 1,
                offered_by = case when c.offered_by = writer then writer
                  else ownership_private.lower_of(c.offered_by, writer) end
              where c.policy_id = %2$s and c.key = row_key and c.element = '';
            else
              if owner.offered_times > 0 then
                perform ownership_private.archive_offer(owner);
              end if;
              update ownership_private.claims c
              set offered = offered, offered_at = now(), offered_by = writer, offered_times = 1,
                offered_first_at = now()
              where c.policy_id = %2$s and c.key = row_key and c.element = '';
            end if;
            -- Not found where another transaction has just ended the claim.
            is_owned := found;
            if is_owned and current_setting('request.method', true) <> '' then
              perform ownership_private.tell_kept(%2$s);
            end if;
          end if;
        end if;
      end if;$sql$,
    ownership_private.recorded_sql(p, 'new'),
    p.id,
    ownership_private.owner_keeps_sql(
      'owner', 'rank_over_claims', ownership_private.blank_sql(tbl, p.col, p.blank_values, format('new.%I', p.col)),
      'offered'),
    ownership_private.gate_sql(p))
$$;
comment on function ownership_private.offer_sql is
  'The part of a guard that looks for an owner who keeps the value out and, where there is one, records the value on
   offer. is_owned is then true. For modes that rest on claims.';

create function ownership_private.guard_scalar_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if %1$s then%4$s
      if %2$s then%3$s
      end if;
    end if;$sql$,
    ownership_private.changed_sql(tbl, p.col),
    ownership_private.judge_scalar_sql(p, tbl),
    concat(
      -- What an owner keeps out offer_sql has recorded.
      case when m.rests_on_claims and p.on_conflict <> 'reject' then E'\n        if not is_owned then' end,
      format(
        E'\n        perform ownership_private.%s(%s, row_key, writer, %s, %s);',
        case p.on_conflict when 'reject' then 'reject' else 'block' end, p.id,
        ownership_private.recorded_sql(p, 'new'), ownership_private.recorded_sql(p, 'old')),
      case when m.rests_on_claims and p.on_conflict <> 'reject' then E'\n        end if;' end,
      case p.on_conflict
        when 'keep' then format(E'\n        new.%1$I := old.%1$I;', p.col)
        else E'\n        null;' end),
    case when m.rests_on_claims then ownership_private.offer_sql(p, tbl) end)
  from ownership.modes() m
  where m.mode = p.mode
$$;
comment on function ownership_private.guard_scalar_sql is 'The part of a guard that judges one scalar column.';

create function ownership_private.merge_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      settled := ownership_private.merge_write(
        %1$s, row_key, writer, old.%2$I::text[], new.%2$I::text[], %3$L, %4$L);
      if settled is distinct from new.%2$I::text[]
        and ownership_private.elements(settled) <> ownership_private.elements(new.%2$I::text[]) then
        perform ownership_private.%5$s(
          %1$s, row_key, writer, to_jsonb(ownership_private.elements(new.%2$I::text[])), to_jsonb(settled));
      end if;%6$s$sql$,
    p.id, p.col, p.source, p.empty_is_opinion,
    case p.on_conflict when 'reject' then 'reject' else 'block' end,
    case p.on_conflict when 'observe' then '' else format(E'\n      new.%I := settled;', p.col) end)
$$;
comment on function ownership_private.merge_sql is 'The part of a guard that merges what was sent into a set.';

create function ownership_private.guard_set_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.checks_values(tbl, p.col) and p.on_conflict <> 'observe' then $sql$
    if %1$s then
      -- A domain can refuse the merged set. Then the set stays as it was, and the rest of the row is written.
      begin%2$s
      exception
        when sqlstate 'PT409' then
          raise;
        when others then
          perform ownership_private.raise_again(sqlstate, sqlerrm);
          perform ownership_private.block(
            %3$s, row_key, writer, to_jsonb(ownership_private.elements(new.%4$I::text[])), to_jsonb(old.%4$I));
          new.%4$I := old.%4$I;
      end;
    end if;$sql$ else $sql$
    if %1$s then%2$s
    end if;$sql$ end,
    ownership_private.changed_sql(tbl, p.col), ownership_private.merge_sql(p), p.id, p.col)
$$;
comment on function ownership_private.guard_set_sql is 'The part of a guard that merges one set.';

-- The part of a guard that claims what a writer changed.

create function ownership_private.claim_elements_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if writer_rank >= 100 and %1$s then
      perform ownership_private.claim_elements(
        %2$s, row_key, writer, writer_rank, old.%3$I::text[], new.%3$I::text[], %4$L);
    end if;$sql$, ownership_private.changed_sql(tbl, p.col), p.id, p.col, p.source)
$$;
comment on function ownership_private.claim_elements_sql is
  'The part of a guard that claims what a person did to a set.';

create function ownership_private.claim_scalars_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    declare
      changed integer[] := '{}';
      old_values jsonb[] := '{}';
      new_values jsonb[] := '{}';
    begin%s
      if changed <> '{}' then
        perform ownership_private.claim_cells(changed, row_key, writer, writer_rank, old_values, new_values);
      end if;
    end;$sql$, string_agg(format($sql$
      if %1$s and (writer_rank >= 100 or not %2$s) then
        changed := changed || %3$s;
        old_values := array_append(old_values, %4$s);
        new_values := array_append(new_values, %5$s);
      end if;$sql$,
      ownership_private.changed_sql(t.tbl, p.col),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col)),
      p.id, ownership_private.recorded_sql(p, 'old'), ownership_private.recorded_sql(p, 'new')), '' order by p.id))
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  where m.leaves_claims and not m.merges
  having count(*) > 0
$$;
comment on function ownership_private.claim_scalars_sql is
  'The part of a guard that claims the whole values which a writer changed, in one call. NULL without such columns.';

create function ownership_private.claim_cells_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select nullif(concat(
    (
      select string_agg(ownership_private.claim_elements_sql(p, t.tbl), '' order by p.id)
      from ownership_private.policies_on(t) p
      where ownership_private.merges(p.mode)
    ),
    ownership_private.claim_scalars_sql(t)), '')
$$;
comment on function ownership_private.claim_cells_sql is
  'The part of a guard that claims what a writer changed; a blank is claimed for people alone. NULL when no mode leaves
   claims.';

create function ownership_private.engine_cells_sql(t ownership_private.protected_tables, taken_from text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format($sql$
      if %1$s = any (engine_writes) then
        new.%2$I := %3$s.%2$I;
      end if;$sql$, p.id, p.col, taken_from), '' order by p.id)
  from ownership_private.policies_on(t) p
$$;
comment on function ownership_private.engine_cells_sql is
  'The part of a guard that gives the columns which the engine is writing the values of another record.';

create function ownership_private.put_aside_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if current_setting('ownership.engine', true) = 'on' then
      -- Which columns the engine itself is writing by this statement. The setting can be forged, these rows cannot.
      engine_writes := array(
        select e.policy from ownership_private.engine_writes e
        where e.xid = pg_current_xact_id_if_assigned() and e.policy = any (%1$L) and e.depth = pg_trigger_depth() - 1
      );
      -- Their values are put aside, and all else is judged, such as what a trigger of users changed with them.
      if engine_writes <> '{}' then
        by_engine := new;%4$s
        if not (%2$s or %3$s) then
          return by_engine;
        end if;
      end if;
    end if;$sql$,
    array_agg(p.id order by p.id)::integer[],
    ownership_private.key_changed_sql(t),
    string_agg(ownership_private.changed_sql(t.tbl, p.col), ' or ' order by p.id),
    ownership_private.engine_cells_sql(t, 'old'))
  from ownership_private.policies_on(t) p
$$;
comment on function ownership_private.put_aside_sql is
  'The part of a guard that puts aside what the engine itself is writing by this statement.';

create function ownership_private.note_long_key_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  if %1$s then
    insert into ownership_private.long_keys (key, whole_key) values (row_key, %2$s) on conflict do nothing;
  end if;$sql$, is_long, ownership_private.whole_key_sql(t.tbl, t.identity_key, 'new'))
  from ownership_private.is_long_sql(t.tbl, t.identity_key, 'new') is_long
  where is_long is not null
$$;
comment on function ownership_private.note_long_key_sql is
  'The part of a guard that keeps the text of a key which is known by its digest.';

create function ownership_private.guard_body_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$#variable_conflict use_variable
declare
  writer name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  writer_rank integer := %2$s;
  rank_over_claims integer;
  row_key text := %3$s;
  settled text[];
  owner ownership_private.claims;
  offered jsonb;
  is_owned boolean;
  engine_writes integer[];
  by_engine record;
begin
  -- One test for all that is not so where a program writes under its own name: each costs, and is made for every row.
  if writer_rank not between 1 and 99
    or current_setting('ownership.engine', true) <> '' or current_setting('ownership.writer', true) <> '' then%10$s
    if writer_rank = 0 or nullif(current_setting('ownership.writer', true), '') is not null
      or (writer_rank >= 100 and current_setting('session_replication_role') = 'replica') then
      select w.writer, w.rank into writer, writer_rank from ownership_private.current_writer() w;
    end if;
  end if;
  rank_over_claims := case when %7$s then writer_rank else 0 end;
  if %5$s then
    if writer_rank < 100 and ownership_private.keeps_key(%1$s, %6$s, row_key, writer, rank_over_claims) then
      %9$s row_key := %6$s;
    else
      perform ownership_private.move_key(%1$s, %6$s, row_key);
    end if;
  end if;%12$s
  if writer_rank < 100 then
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
      perform ownership_private.meet_unseen(%1$s, array[row_key]);
    end if;%4$s
  end if;
  if row_key is not null and %7$s then%8$s
  end if;
  if engine_writes <> '{}' then%11$s
  end if;
  return new;
end$sql$,
    t.id,
    ownership_private.rank_sql('writer'),
    ownership_private.key_sql(t.tbl, t.identity_key, 'new'),
    string_agg(
      case when ownership_private.merges(p.mode) then ownership_private.guard_set_sql(p, t.tbl)
        else ownership_private.guard_scalar_sql(p, t.tbl) end,
      '' order by p.id),
    ownership_private.key_changed_sql(t),
    ownership_private.key_sql(t.tbl, t.identity_key, 'old'),
    ownership_private.claimants_sql('writer'),
    coalesce(ownership_private.claim_cells_sql(t), E'\n    null;'),
    ownership_private.keep_key_sql(t),
    ownership_private.put_aside_sql(t),
    ownership_private.engine_cells_sql(t, 'by_engine'),
    ownership_private.note_long_key_sql(t))
  from ownership_private.policies_on(t) p
$$;
comment on function ownership_private.guard_body_sql is
  'The body of the BEFORE UPDATE function of a table: it keeps an owned key, or moves claims to a changed one, keeps
   values out or merges them by mode, and claims what the writer changed.';

create function ownership_private.guard_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.guard_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- The session keeps the plans. Made while the table of claims is empty, they would be sequential scans for good.
set enable_seqscan = off
%2$s
as %3$s
%4$s
%3$s
$sql$,
    t.id, ownership_private.settings_sql(t), ownership_private.quotes(t, 'guard'),
    ownership_private.plpgsql_names(ownership_private.guard_body_sql(t)))
$$;
comment on function ownership_private.guard_sql is 'Creates the BEFORE UPDATE function of a table.';
