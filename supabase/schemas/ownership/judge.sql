-- Judging: when a guard has to be called, and its parts that keep a column's value out or merge it, by mode.

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
