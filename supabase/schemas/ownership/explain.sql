-- explain: what stands in a cell, and why.

create function ownership.canonical_key(tbl regclass, key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership.policies;
begin
  select o.* into p from ownership.policies o where o.tbl = canonical_key.tbl limit 1;
  if p.tbl is null then
    perform ownership_private.fail('OW008', format('%s is not protected', tbl), 'Its rows have no key that is known.',
      'See ownership.policies, or protect it with ownership.protect.');
  end if;
  return ownership_private.canonical_key(p.tbl, p.identity_key, canonical_key.key);
end
$$;
comment on function ownership.canonical_key is
  'The key of a row as ownership.claims and ownership.history have it, from the key as a person writes it. Errors:
   OW008, OW011.';

create function ownership_private.live_value(
  target regclass, identity_key name[], row_key text, col name, out row_exists boolean, out value jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('select true, %s from %s r join (%s) k on %s',
    ownership_private.recorded_sql(target, col, format('r.%I', col)), target,
    ownership_private.key_record_sql(target, identity_key, row_key),
    ownership_private.match_sql(target, identity_key, 'r', 'k')) into row_exists, value;
  row_exists := coalesce(row_exists, false);
end
$$;
comment on function ownership_private.live_value is 'What stands in a cell now, read with the caller''s rights.';

create function ownership_private.explain_cell(
  p ownership.policies, row_key text,
  out owner name, out rank integer, out since timestamptz, out offered jsonb, out offered_at timestamptz,
  out elements jsonb, out base jsonb, out last_blocks jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select c.writer, c.rank, c.since, c.offered, c.offered_at into owner, rank, since, offered, offered_at
  from ownership.claims c
  where c.tbl = p.tbl and c.col = p.col and c.key = row_key
  order by c.rank desc, c.since desc
  limit 1;
  select jsonb_agg(jsonb_build_object('element', c.value, 'owner', c.writer, 'removed', c.removed, 'since', c.since)
    order by c.since, c.element) into elements
  from ownership.claims c
  where c.tbl = p.tbl and c.col = p.col and c.key = row_key and c.element <> '';
  select jsonb_object_agg(b.source, to_jsonb(b.base)) into base
  from ownership.bases b
  where b.tbl = p.tbl and b.col = p.col and b.key = row_key;
  select jsonb_agg(to_jsonb(recent) order by recent.last_at desc) into last_blocks
  from (
    select b.writer, b.offered, b.kept, b.times, b.first_at, b.last_at
    from ownership.blocked_writes b
    where b.tbl = p.tbl and b.col = p.col and b.key = row_key
    order by b.last_at desc
    limit 5
  ) recent;
end
$$;
comment on function ownership_private.explain_cell is 'What the engine knows of one cell.';

create function ownership.explain(tbl regclass, key text, col name default null)
returns table (
  column_name name, mode text, owner name, rank integer, since timestamptz, value jsonb,
  offered jsonb, offered_at timestamptz, elements jsonb, base jsonb, last_blocks jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  p ownership.policies;
  row_key text;
  row_exists boolean;
  known boolean := false;
begin
  for p in
    select o.* from ownership.policies o
    where o.tbl = explain.tbl and (o.col = explain.col or explain.col is null)
    order by o.col
  loop
    row_key := coalesce(row_key, ownership_private.canonical_key(p.tbl, p.identity_key, explain.key));
    column_name := p.col;
    mode := p.mode;
    select l.row_exists, l.value into row_exists, value
    from ownership_private.column_facts(p.tbl, p.col)
    cross join lateral ownership_private.live_value(p.tbl, p.identity_key, row_key, p.col) l;
    select e.* into owner, rank, since, offered, offered_at, elements, base, last_blocks
    from ownership_private.explain_cell(p, row_key) e;
    known := known or coalesce(row_exists, false) or owner is not null or last_blocks is not null;
    return next;
  end loop;
  if p.tbl is null then
    perform ownership_private.fail('OW008', format('%s%s is not protected', tbl, '.' || col),
      'There is no policy to explain.', 'See ownership.policies, or protect it with ownership.protect.');
  elsif not known then
    perform ownership_private.fail('OW010', format('table %s has no row with the key %L', tbl, key),
      'Neither a row nor a claim of a deleted one.',
      format('The key is the value of %s.', array_to_string(p.identity_key, ', ')));
  end if;
end
$$;
comment on function ownership.explain is
  'Why a cell holds what it holds: owner, since, value, last offered value, claimed elements, bases, last blocked
   writes. key: the value of the identity key, or the JSON array of several. Errors: OW008, OW010, OW011.';
