-- Cells change hands in bulk: adopt claims what stands in a column, unadopt gives back what its source sent itself.

create function ownership_private.adopt_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.merges(p.mode) then $sql$
    with based as (
      insert into ownership_private.bases (policy_id, key, source, base)
      select %1$s, %2$s, %6$L, r.%4$I::text[] from %3$s r
      where %2$s is not null and not %5$s and not exists (
        select from ownership_private.bases b where b.policy_id = %1$s and b.key = %2$s
      )
    ), adopted as (
      insert into ownership_private.claims (policy_id, key, element, writer, rank, value, since)
      select distinct on (2, 3)
        %1$s, (%2$s) collate "C", ownership_private.element(e.value) collate "C", $1, $2, to_jsonb(e.value), now()
      from %3$s r, unnest(r.%4$I::text[]) with ordinality e (value, place)
      where %2$s is not null and not ownership.is_blank(e.value)
      order by 2, 3, e.place
      on conflict do nothing
      returning key, element, value
    ), touched as (%9$s)$sql$ else $sql$
    with adopted as (
      insert into ownership_private.claims (policy_id, key, writer, rank, value, since)
      select %1$s, (%2$s) collate "C", $1, $2, %8$s, now()
      from %3$s r
      where %2$s is not null and not %5$s
      order by 2
      on conflict do nothing
      returning key, element, value
    )$sql$ end || $sql$, noted as (%7$s
    )
    select count(*) from adopted$sql$,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'r'),
    t.tbl,
    p.col,
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('r.%I', p.col)),
    p.source,
    ownership_private.remember_sql(p, 'adopted', '$1', 'adopted'),
    ownership_private.recorded_sql(p, 'r'),
    ownership_private.touched_bases_sql(p.id, 'adopted'))
$$;
comment on function ownership_private.adopt_sql is
  'The statement that claims what stands in a column ($1 writer, $2 rank) and counts it.';

create function ownership.adopt(
  tbl regclass, col name, writer name default 'postgres', sent_by_source boolean default false
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set timezone = 'UTC'
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  adopter ownership_private.writers;
  adopted bigint;
begin
  perform ownership.require_person('adopt');
  select * into adopter from ownership_private.writers w where w.role = adopt.writer;
  if not found then
    perform ownership_private.fail('OW009', format('writer %I is not registered', writer),
      'Only a writer with a rank can own a value.', 'Register it with ownership.register_writer.');
  elsif not adopter.claims then
    perform ownership_private.fail('OW014', format('writer %I cannot adopt: it leaves no claims', writer),
      'What it writes, the source of a column may correct.',
      'Adopt for a person or another writer that claims, see ownership.writers; or register this one with claims => true.');
  end if;
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  -- Whoever writes in the meantime would not see the claims.
  execute format('lock table %s in share row exclusive mode', tbl);
  if sent_by_source then
    delete from ownership_private.bases b where b.policy_id = p.id;
  end if;
  execute coalesce(ownership_private.note_long_keys_sql(t, t.tbl || ' r', 'r'), 'select');
  execute ownership_private.adopt_sql(p, t) into adopted using adopter.role, adopter.rank;
  return adopted;
end
$$;
comment on function ownership.adopt is
  'Claims what stands in a column today for a writer, where nobody owns it yet, and returns how many cells or elements.
   sent_by_source: sets count as what the policy''s source sent last, so that it may send them again. Errors: OW001,
   OW008, OW009, OW014.';

create function ownership_private.agrees_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode) then $sql$exists (
      select from ownership_private.bases b
      where b.policy_id = c.policy_id and b.key = c.key and b.source = $2
        and c.element = any (ownership_private.elements(b.base))
    )$sql$
  -- A value of the source's that was kept out is on record, as its own or a lower writer's (lower_of). If none is, it
  -- sent what stands there.
  else $sql$(c.offered_times = 0 or ownership_private.lower_of(c.offered_by, $2) <> c.offered_by) and not exists (
      select from ownership_private.blocked_writes b
      where b.policy_id = c.policy_id and b.key = c.key and ownership_private.lower_of(b.writer, $2) = b.writer
    )$sql$ end
$$;
comment on function ownership_private.agrees_sql is
  'The condition that a source ($2) sent the very value that is claimed (claim c), for a row that it has sent since.';

create function ownership.unadopt(tbl regclass, col name, adopted_at timestamptz, keys text[], source name)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  handed_back bigint;
begin
  perform ownership.require_person('unadopt');
  perform ownership_private.lock_cells(p, t, keys) from ownership_private.protected_tables t where t.id = p.table_id;
  execute format($sql$
    with handed_back as (
      delete from ownership_private.claims c
      where c.policy_id = $1 and c.since = $3 and c.rank >= 100 and not c.removed and c.key = any ($4) and %s
      returning c.key, c.element, c.value
    ), noted as materialized (
      select ownership_private.remember($1, h.key, h.element, 'released', w.writer, h.value, h.value)
      from handed_back h, ownership_private.current_writer() w
    )
    select count(*) from noted$sql$, ownership_private.agrees_sql(p))
  into handed_back using p.id, source, adopted_at, keys;
  return handed_back;
end
$$;
comment on function ownership.unadopt is
  'Ends claims that ownership.adopt made (since = adopted_at) where a source has sent the same value, and returns how
   many. keys: rows of which the source has sent every column since. Errors: OW001, OW008.';
