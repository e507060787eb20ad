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
  set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = excluded.since
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
    set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = excluded.since
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
  p ownership_private.policies, row_key_sql text, unsaid_sql text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    with claimed as (
      insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
      select distinct on ((%3$s) collate "C") %1$s, %3$s, me.writer, me.rank, %2$s
      from inserted i
      where %3$s is not null and not (%4$s)
      on conflict (policy_id, key, element) do update
      set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = excluded.since
      where c.rank <= excluded.rank and c.value::text is distinct from excluded.value::text
      returning c.key, c.element, c.value
    )%5$s;$sql$,
    p.id, ownership_private.recorded_sql(p, 'i'), row_key_sql, unsaid_sql, ownership_private.remember_sql(p, 'claimed', 'me.writer', 'claimed'))
$$;
comment on function ownership_private.claim_inserted_cells_sql is
  'The statement that claims the values of a column for the writer (record me) of the inserted rows, where no higher
   rank owns them. unsaid_sql: the test, on row i, that a value says nothing: a blank, or the column''s default.';

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
    ownership_private.owner_keeps_sql('c', '$3', '$4', '$5'))
  into keeps using policy, row_key, writer_rank, sent_is_blank, sent;
  return keeps;
end
$$;
comment on function ownership_private.is_owned is
  'Whether the owner of a cell keeps a value out: {is_owned} of modes that have other conditions beside it.';

-- The engine's own writes to a protected column, such as a value that comes back or a released cell. They pass the
-- guard, and nothing else does that their statements set off.

create function ownership_private.begin_engine_write(policy integer)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into ownership_private.engine_writes (policy, depth) values (begin_engine_write.policy, pg_trigger_depth())
  on conflict do nothing;
  select set_config('ownership.engine', 'on', true);
$$;
comment on function ownership_private.begin_engine_write is
  'Lets the statements that its caller executes write to this column past the guard, until end_engine_write.';

create function ownership_private.end_engine_write(policy integer)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from ownership_private.engine_writes e
  where e.xid = pg_current_xact_id_if_assigned() and e.policy = end_engine_write.policy
    and e.depth = pg_trigger_depth();
  -- The engine can be at work further out, too: a trigger that its write called may have inserted a row.
  select set_config('ownership.engine', case when exists (
    select from ownership_private.engine_writes e where e.xid = pg_current_xact_id_if_assigned()
  ) then 'on' else '' end, true);
$$;
comment on function ownership_private.end_engine_write is 'Ends what begin_engine_write began.';

-- Triggers of users, which the engine's writes call, run with the search path of the table's owner. Under the engine's
-- own, which is fixed, names without a schema would not be found; the writer's could name what is his.

create function ownership_private.path_of_owner(tbl oid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(', ',
    nullif(coalesce(
      (
        select substr(o.setting, length('search_path=') + 1)
        from pg_db_role_setting s, unnest(s.setconfig) o (setting)
        where s.setrole in (c.relowner, 0)
          and s.setdatabase in ((select d.oid from pg_database d where d.datname = current_database()), 0)
          and o.setting like 'search_path=%'
        order by s.setrole = 0, s.setdatabase = 0
        limit 1
      ),
      (select p.boot_val from pg_settings p where p.name = 'search_path')
    ), ''),
    quote_ident(n.nspname), 'pg_temp')
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = path_of_owner.tbl
$$;
comment on function ownership_private.path_of_owner is
  'The search path that the owner of a table has after connecting, and the table''s own schema. Temporary objects come
   last.';

create function ownership_private.in_owners_path_sql(the_table integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- The names in the statement itself have been resolved by the time this is evaluated.
  select format('(
    select set_config(''search_path'', ownership_private.path_of_owner(t.tbl), true)
    from ownership_private.protected_tables t where t.id = %s
  ) is not null', the_table)
$$;
comment on function ownership_private.in_owners_path_sql is
  'A condition, always true, by which a statement sets that path for the triggers that it calls. What executes the
   statement sets its own again at once, so that nothing of the engine''s is looked up by it.';

-- Snapshots: under repeatable read and serializable a writer does not see claims that were made after he began.

create function ownership_private.meet_unseen(the_table integer, keys text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A unique index knows them all: to insert beside one that is not visible is error 40001, and nothing of it stays.
  insert into ownership_private.claims (policy_id, key, writer, rank)
  select p.id, k.key, 'unknown', 0
  from ownership_private.policies p, unnest(keys) k (key)
  where p.table_id = the_table and pg_sequence_last_value(ownership_private.gate(p.id)) is not null
  on conflict do nothing;
  insert into ownership_private.bases (policy_id, key, source, base)
  select p.id, k.key, p.source, '{}'
  from ownership_private.policies p, unnest(keys) k (key)
  where p.table_id = the_table and pg_sequence_last_value(ownership_private.gate(p.id)) is not null
  on conflict do nothing;
  raise exception using errcode = 'OW000';
exception when sqlstate 'OW000' then
  null;
end
$$;
comment on function ownership_private.meet_unseen is
  'Fails with 40001, as an update of a row that somebody else has changed does, where claims on some keys were made that
   this transaction does not see.';

create function ownership_private.touched_bases_sql(policy integer, rows_sql text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format('update ownership_private.bases b set base = b.base from (select distinct key from %s) e
        where b.policy_id = %s and b.key = e.key', rows_sql, policy)
$$;
comment on function ownership_private.touched_bases_sql is
  'The update by which a transaction with an older snapshot meets claims on elements that were made without a write to
   their row (meet_unseen).';
