-- NULL into a NOT NULL column fails before any UPDATE trigger is asked, and takes the whole batch with it.

create function ownership_private.fill_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.fill_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $fill$
begin%2$s
  return new;
end
$fill$
$sql$,
    t.id,
    string_agg(format($sql$
  if new.%1$I is null then
    -- Locked, so that an edit under way is waited for here, and not mistaken for the source's value later.
    execute format('select t.%1$I from %%s t where %2$s for no key update', tg_relid::regclass)
      into new.%1$I using new;
    if not %6$s then
      perform ownership_private.block(%3$s, %4$s, w.writer, null, to_jsonb(new.%1$I))
      from ownership_private.current_writer() w;
    end if;
    new.%1$I := coalesce(new.%1$I, %5$s);
  end if;$sql$,
      p.col,
      ownership_private.match_sql(t.tbl, t.identity_key, 't', '$1'),
      p.id,
      ownership_private.key_sql(t.tbl, t.identity_key, 'new'),
      coalesce(f.default_sql, 'null'),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col))), '' order by p.id))
  from ownership_private.policies p, ownership_private.column_facts(t.tbl, p.col) f
  where p.table_id = t.id and f.not_null and p.mode <> 'source'
$$;
comment on function ownership_private.fill_sql is
  'BEFORE INSERT: what stands there, or the default, in place of NULL. NULL when the table has no such column.';

-- Rows that come back: the generated AFTER INSERT function, which knows them by their identity key.

create function ownership_private.return_scalar_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      with returned as (
        update {table} r
        set %1$I = %2$s
        from inserted i
        join ownership_private.claims c on c.policy_id = %3$s and c.key = %4$s and c.element = ''
        where %5$s
          and (c.rank > $1 or %6$s)
          and to_jsonb(r.%1$I) is distinct from c.value
          and ($3 is null or c.key = $3)
        returning c.key, to_jsonb(i.%1$I) as offered, %6$s as offers_nothing, c.value as kept
      )
      select count(ownership_private.block(%3$s, key, $2, offered, kept))
      from returned
      where $1 < 100 and not offers_nothing$sql$,
    p.col,
    ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value', '{table}'),
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'i'),
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)))
$$;
comment on function ownership_private.return_scalar_sql is
  'A claimed value comes back, unless somebody of its owner''s rank wrote another ($1 rank, $2 writer, $3 one key).';

create function ownership_private.return_set_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      with returned as (
        update {table} r
        set %1$I = ownership_private.return_elements(%2$s, %3$s, $2, i.%1$I::text[], $1 >= 100)::%4$s
        from inserted i
        where %5$s
          and exists (select from ownership_private.bases b where b.policy_id = %2$s and b.key = %3$s)
          and ($3 is null or %3$s = $3)
        returning %3$s as key, ownership_private.elements(i.%1$I::text[]) as offered, r.%1$I::text[] as kept
      )
      select count(ownership_private.block(%2$s, key, $2, to_jsonb(offered), to_jsonb(kept)))
      from returned
      where $1 < 100 and offered <> '{}' and offered <> ownership_private.elements(kept)$sql$,
    p.col, p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    f.type_sql,
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'i'))
  from ownership_private.column_facts(t.tbl, p.col) f
$$;
comment on function ownership_private.return_set_sql is
  'Claimed elements come back with the row, removed ones stay out ($1 rank, $2 writer, $3 one key).';

create function ownership_private.claim_inserted_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when p.mode = 'merge_set' then $sql$
  if me.rank >= 100 then
    perform ownership_private.claim_elements(%1$s, %2$s, me.writer, me.rank, '{}', i.%3$I::text[], %4$L)
    from inserted i
    where %2$s is not null and not ownership.is_blank(i.%3$I::text[]);
  elsif me.writer <> %4$L or keys <> '{}' then
    -- What it held in the row that is gone it holds no longer, also where it names no set for the new one.
    insert into ownership_private.bases as b (policy_id, key, source, base)
    select %1$s, %2$s, me.writer, coalesce(i.%3$I::text[], '{}')
    from inserted i
    where %2$s is not null and (
      (me.writer <> %4$L and not ownership.is_blank(i.%3$I::text[]))
      or exists (select from ownership_private.bases o where o.policy_id = %1$s and o.key = %2$s)
    )
    on conflict (policy_id, key, source) do update set base = excluded.base;
  end if;$sql$ else $sql$
  if me.rank >= 100 or ownership_private.leaves_claims(me.rank) then
%5$s
  end if;$sql$ end,
    p.id,
    inserted_key,
    p.col,
    p.base_source,
    ownership_private.claim_inserted_cells_sql(p, inserted_key,
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col))))
  from ownership_private.key_sql(t.tbl, t.identity_key, 'i') inserted_key
$$;
comment on function ownership_private.claim_inserted_sql is
  'What a writer inserted is his; a set that a source inserted is its base, written down where that is not implied.';

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
  if pg_sequence_last_value(%7$L::regclass) is not null then
    keys := array(
      select distinct known.key from inserted i
      join ownership_private.%6$I known on known.policy_id = %1$s and known.key = %2$s
    );
  end if;
  if keys <> '{}' then
    statement := replace($back$%3$s
    $back$, '{table}', tg_relid::regclass::text);
    perform ownership_private.begin_engine_write(%4$s);
    begin
      execute statement using me.rank, me.writer, null::text;
    exception when integrity_constraint_violation or data_exception then
      -- One value that a constraint no longer lets in must take neither the batch nor the others with it.
      foreach row_key in array keys loop
        begin
          execute statement using me.rank, me.writer, row_key;
        exception when integrity_constraint_violation or data_exception then
          raise warning 'the owned %% of %% could not come back: %%', %5$L, row_key, sqlerrm
            using hint = 'The claim stands; ownership.verify shows it.';
        end;
      end loop;
    end;
    perform ownership_private.end_engine_write(%4$s);
  end if;$sql$,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    case p.mode when 'merge_set' then ownership_private.return_set_sql(p, t)
      else ownership_private.return_scalar_sql(p, t) end,
    t.tbl::oid,
    p.col,
    case p.mode when 'merge_set' then 'bases' else 'claims' end,
    ownership_private.gate(p.id))
$$;
comment on function ownership_private.bring_back_sql is
  'Puts what is claimed into rows that came back: all at once, else row by row.';

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
-- Kept by the session, a plan made for few claims, or for few rows, would be none for many.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
%2$s
as $returned$
declare
  me record;
  keys text[];
  row_key text;
  statement text;
begin
  select w.writer, w.rank into me from ownership_private.current_writer() w;%3$s
  return null;
end
$returned$
$sql$,
    t.id,
    ownership_private.settings_sql(t),
    string_agg(
      ownership_private.bring_back_sql(p, t) || ownership_private.claim_inserted_sql(p, t), '' order by p.id))
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')
$$;
comment on function ownership_private.returned_sql is 'The AFTER INSERT function of one table. NULL when no mode claims.';

-- Installing the generated functions and their triggers on a table.

create function ownership_private.trigger_sql(
  t ownership_private.protected_tables, timing text, condition text, suffix text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'create trigger %1$I %2$s on %3$s for each row when (%4$s) execute function ownership_private.%5$I();
     alter table %3$s enable always trigger %1$I;
     revoke all on function ownership_private.%5$I() from public;',
    '~~ownership_' || suffix, timing, t.tbl, condition, suffix || '_' || t.id)
$$;
comment on function ownership_private.trigger_sql is
  'A row trigger that sorts after every other, and fires in replica mode too. suffix names trigger and function.';

create function ownership_private.install_returned(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
begin
  -- A statement trigger of a partitioned table does not fire for an INSERT that names the partition itself.
  for place in
    select t.tbl union select p.relid from pg_partition_tree(t.tbl) p
  loop
    execute format(
      'create trigger %1$I after insert on %2$s referencing new table as inserted for each statement
         execute function ownership_private.%3$I();
       alter table %2$s enable always trigger %1$I;
       revoke all on function ownership_private.%3$I() from public;',
      '~~ownership_returned', place, 'returned_' || t.id);
  end loop;
end
$$;
comment on function ownership_private.install_returned is
  'The statement trigger that knows rows that come back, on the table and each of its partitions.';

create function ownership_private.make_gate(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if ownership_private.gate(policy) is null then
    execute format('create sequence ownership_private.%I', 'gate_' || policy);
    -- The condition of a trigger runs with the writer's rights. He may look, and not set.
    execute format('grant select on sequence ownership_private.%I to public', 'gate_' || policy);
  end if;
end
$$;
comment on function ownership_private.make_gate is 'Makes the gate of a new policy.';

create function ownership_private.drop_triggers(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = 'warning'
as $$
declare
  suffix text;
  place regclass;
begin
  for place in select p.relid from pg_partition_tree(t.tbl) p where p.relid <> t.tbl loop
    execute format('drop trigger if exists %I on %s', '~~ownership_returned', place);
  end loop;
  foreach suffix in array array['guard', 'fill', 'returned'] loop
    execute format('drop trigger if exists %I on %s', '~~ownership_' || suffix, t.tbl);
    execute format('drop function if exists ownership_private.%I()', suffix || '_' || t.id);
  end loop;
end
$$;
comment on function ownership_private.drop_triggers is 'Leaves the table as it was before it was protected.';

create function ownership_private.generate(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = 'warning'
as $$
declare
  concerned text;
  null_in text;
  claims boolean;
begin
  perform ownership_private.drop_triggers(t);
  select
    string_agg(ownership_private.concerns_sql(p, t.tbl), ' or ' order by p.id),
    string_agg(format('new.%I is null', p.col), ' or ' order by p.id) filter (where f.not_null and p.mode <> 'source'),
    bool_or(p.mode in ('merge_set', 'claim', 'fill_blank', 'manual'))
  into concerned, null_in, claims
  from ownership_private.policies p, ownership_private.column_facts(t.tbl, p.col) f
  where p.table_id = t.id;

  if concerned is null then
    return;
  end if;
  execute ownership_private.guard_sql(t);
  execute ownership_private.trigger_sql(t, 'before update',
    format('%s or %s', concerned, ownership_private.key_changed_sql(t)), 'guard');
  if null_in is not null then
    execute ownership_private.fill_sql(t);
    execute ownership_private.trigger_sql(t, 'before insert', null_in, 'fill');
  end if;
  if claims then
    execute ownership_private.returned_sql(t);
    perform ownership_private.install_returned(t);
  end if;
end
$$;
comment on function ownership_private.generate is
  'Generates the functions and triggers of one table anew from its policies and the writers.';
