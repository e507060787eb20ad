-- Gates: a sequence for each policy, by which a guard knows without reading the claims that a column has none.
-- Sequences are not transactional: one without a value proves that no claim was ever made, not even in an open
-- transaction.

create function ownership_private.gate(policy integer)
returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select to_regclass('ownership_private.gate_' || policy)
$$;
comment on function ownership_private.gate is
  'The sequence of a policy, which has a value from the moment of its first claim or base on.';

create function ownership_private.make_gate(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if ownership_private.gate(policy) is null then
    execute format('create sequence ownership_private.%I', 'gate_' || policy);
    -- The WHEN of a trigger is evaluated with the writer's rights: everybody may read the sequence, and nobody advance
    -- it.
    execute format('grant select on sequence ownership_private.%I to public', 'gate_' || policy);
  end if;
end
$$;
comment on function ownership_private.make_gate is 'Makes the gate of a new policy.';

create function ownership_private.is_gate_closed(p ownership_private.policies)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ownership.modes() m where m.mode = p.mode and m.rests_on_claims)
    and pg_sequence_last_value(ownership_private.gate(p.id)) is null
$$;
comment on function ownership_private.is_gate_closed is
  'Whether a policy cannot keep out anything yet that its source sends, because its mode rests on claims and none was
   ever made.';

create function ownership_private.open_gate()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The name is built here as in gate(), to save a call for each claim.
  if pg_sequence_last_value(to_regclass('ownership_private.gate_' || new.policy_id)) is null then
    perform nextval(ownership_private.gate(new.policy_id));
  end if;
  return new;
end
$$;
comment on function ownership_private.open_gate is
  'Opens the gate of a policy with its first claim or base: from then on guards look for claims.';

-- BEFORE, because queueing an AFTER event for each claim costs more than asking the sequence. Without WHEN, because
-- that would be read from the catalog and prepared by each statement.
create trigger open_gate
before insert on ownership_private.claims
for each row
execute function ownership_private.open_gate();

create trigger open_gate
before insert on ownership_private.bases
for each row
execute function ownership_private.open_gate();

-- Claims also come by loads and logical replication, in sessions that fire no ordinary trigger.
alter table ownership_private.claims enable always trigger open_gate;
alter table ownership_private.bases enable always trigger open_gate;

-- Claims on whole values: on one cell, on several cells of a row, on many rows at once.

create function ownership_private.claim(
  policy integer, row_key text, writer name, writer_rank integer, old_value jsonb, new_value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
  values (policy, row_key, writer, writer_rank, new_value)
  on conflict (policy_id, key, element) do update
  set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now()
  where c.rank <= excluded.rank or excluded.rank >= 100;
  if found then
    perform ownership_private.remember(policy, row_key, '', 'claimed', writer, old_value, new_value);
  end if;
end
$$;
comment on function ownership_private.claim is
  'Makes the writer the owner of a cell, with the value he wrote, NULL included. Where a higher rank owns it, as may be
   under on_conflict = observe, the claim stays as it is.';

create function ownership_private.claim_cells(
  changed integer[], row_key text, writer name, writer_rank integer, old_values jsonb[], new_values jsonb[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  if cardinality(changed) = 1 then
    perform ownership_private.claim(changed[1], row_key, writer, writer_rank, old_values[1], new_values[1]);
    return;
  end if;
  with claimed as (
    insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
    select u.policy, row_key, writer, writer_rank, u.new_value
    from unnest(changed, new_values) u (policy, new_value)
    on conflict (policy_id, key, element) do update
    set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now()
    where c.rank <= excluded.rank or excluded.rank >= 100
    returning c.policy_id, c.value
  )
  insert into ownership_private.history
    (tbl, col, key, event, writer, role, sub, run, old_value, new_value)
  select
    t.name, p.col, row_key, 'claimed', writer,
    coalesce(nullif(current_setting('role'), 'none'), session_user),
    case when current_setting('request.jwt.claims', true) <> '' then ownership_private.signed_in_user() end,
    nullif(current_setting('ownership.run', true), ''),
    old_values[array_position(changed, c.policy_id)], c.value
  from claimed c
  join ownership_private.policies p on p.id = c.policy_id
  join ownership_private.protected_tables t on t.id = p.table_id
  order by p.id;
end
$$;
comment on function ownership_private.claim_cells is
  'As claim, for several cells of a row in one statement, which is far cheaper than a call for each. changed: their
   policies.';

create function ownership_private.claim_inserted_cells_sql(
  p ownership_private.policies, row_key_sql text, blank_sql text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    with claimed as (
      insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
      select distinct on ((%3$s) collate "C") %1$s, %3$s, me.writer, me.rank, to_jsonb(i.%2$I)
      from inserted i
      where %3$s is not null and not %4$s
      on conflict (policy_id, key, element) do update
      set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = now()
      where c.rank <= excluded.rank and c.value::text is distinct from excluded.value::text
      returning c.key, c.element, c.value
    )%5$s;$sql$,
    p.id, p.col, row_key_sql, blank_sql, ownership_private.remember_sql(p, 'claimed', 'me.writer', 'claimed'))
$$;
comment on function ownership_private.claim_inserted_cells_sql is
  'The statement that claims the values of a column for the writer (record me) of the inserted rows, where no higher
   rank owns them.';

create function ownership_private.is_claimed(policy integer, row_key text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from ownership_private.claims c where c.policy_id = policy and c.key = row_key and c.element = ''
  )
$$;
comment on function ownership_private.is_claimed is
  'Whether a cell with a whole value has an owner. A blank can be owned, too.';

create function ownership_private.is_owned(
  policy integer, row_key text, writer_rank integer, sent_is_blank boolean, sent jsonb
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  keeps boolean;
begin
  execute format('select exists (select from ownership_private.claims c
      where c.policy_id = $1 and c.key = $2 and c.element = '''' and %s)',
    ownership_private.owner_keeps_sql('$3', '$4', '$5'))
  into keeps using policy, row_key, writer_rank, sent_is_blank, sent;
  return keeps;
end
$$;
comment on function ownership_private.is_owned is
  'Whether the owner of a cell keeps a value out: {is_owned} of modes that have other conditions beside it.';

-- The engine's own writes to a protected table, such as a value that comes back or a released cell. They pass the
-- guard.

create function ownership_private.engine_at_work(the_table integer)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from ownership_private.engine_writes e
    join ownership_private.protected_tables t on t.tbl = e.tbl
    where e.xid = pg_current_xact_id_if_assigned() and t.id = the_table
  );
end
$$;
comment on function ownership_private.engine_at_work is
  'Whether the engine itself is writing to this table, which guards name by its id: an OID would be another after a
   dump and restore. Guards ask the setting ownership.engine first, which is cheap
   and can be forged; the row that is asked for here cannot.';

create function ownership_private.begin_engine_write(tbl oid)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into ownership_private.engine_writes (tbl) values (begin_engine_write.tbl) on conflict do nothing;
  select set_config('ownership.engine', 'on', true);
$$;
comment on function ownership_private.begin_engine_write is
  'Lets every write to this table pass its guard, until end_engine_write.';

create function ownership_private.end_engine_write(tbl oid)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from ownership_private.engine_writes e
  where e.xid = pg_current_xact_id_if_assigned() and e.tbl = end_engine_write.tbl;
  select set_config('ownership.engine', '', true);
$$;
comment on function ownership_private.end_engine_write is 'Ends what begin_engine_write began.';
