-- The guard: the generated BEFORE UPDATE function of a table, which judges each protected column of a row by its mode.

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
