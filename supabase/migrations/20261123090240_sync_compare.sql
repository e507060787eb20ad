-- The one comparison of staged with live that plan and apply share, written from a stream's columns.
-- jsonb_populate_record over the live row gives the three states: an absent key keeps the live value.

create function sync.held(target regclass, keys text[])
returns table (key text, offers jsonb, bases jsonb, refusals text[])
language sql
stable
rows 100
security definer
set search_path = ''
as $$
  with wanted as materialized (
    select distinct k.key from unnest(held.keys) k (key)
  ), found as (
    select c.key, 'offer' as kind, c.col, coalesce(c.offered, 'null') as value, null as refusal
    from wanted
    join ownership.claims c using (key)
    where c.tbl = held.target and c.element = ''
      and c.offered_at is not null and c.rank > (select w.rank from ownership.whoami() w)
    union all
    select b.key, 'base', b.col, to_jsonb(b.base), null
    from wanted
    join ownership.bases b using (key)
    where b.tbl = held.target and b.source = 'gazelle_sync'
    union all
    select w.key, 'refusal', w.col, null, sync.refusal(w.col, w.offered, w.kept)
    from wanted
    join ownership.blocked_writes w using (key)
    join ownership.policies p on p.tbl = w.tbl and p.col = w.col
    where w.tbl = held.target and w.writer = 'gazelle_sync'
      and w.last_at >= p.protected_at
  )
  select
    f.key,
    jsonb_object_agg(f.col, f.value) filter (where f.kind = 'offer'),
    jsonb_object_agg(f.col, f.value) filter (where f.kind = 'base'),
    array_agg(f.refusal) filter (where f.kind = 'refusal')
  from found f
  group by f.key
$$;
comment on function sync.held(regclass, text[]) is
  'What ownership holds against the sync: values on offer for cells of others, last sets sent, refusals.';

create function sync.chunk(stream text, which text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select format(
    $sql$
      (
        select p.*
        from (
          select
            p.*,
            -- Whole pages, the first one in any case.
            sum(p.size) over (order by p.page) - p.size as before
          -- The partition itself: what it holds is known by its size, without statistics of its columns.
          from sync.%1$I p
          where p.page > $2 and %2$s
        ) p
        where p.before < $3
      )
    $sql$, 'staged_' || stream, which)
$$;
comment on function sync.chunk(text, text) is
  'The SQL of the next staged pages: $2 after this page, $3 rows. `which` is the SQL condition of a page p.';

create function sync.comparison(stream text, which text, more text default '')
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select format(
    $sql$
      with chunk as materialized (
        select p.page, r.payload ->> 'external_id' as external_id, r.payload, r.fingerprint
        from %4$s p, rows from (jsonb_array_elements(p.records), unnest(p.fingerprints)) r (payload, fingerprint)
        where r.payload ->> 'external_id' <> all(p.superseded)
      ), compared as materialized (
        select
          chunk.page,
          chunk.external_id,
          chunk.payload,
          chunk.fingerprint,
          standing.place is null as is_new,
          coalesce(standing.must_write, true) as changes,
          standing.*
        from chunk
        left join sync.held(%1$L, array(select chunk.external_id from chunk where %6$L)) held
          on held.key = chunk.external_id
        left join lateral (
          select
            live.xmin as version,
            live.ctid as place,
            live.missing_since is not null or %2$s as must_write,
            %3$s as differing
            %5$s
          from %1$s live
          cross join lateral jsonb_populate_record(live, chunk.payload) sent
          where live.external_id = chunk.external_id
          -- Kept apart, or the whole table would be read for a chunk of it.
          offset 0
        ) standing on true
      )
    $sql$,
    s.target,
    string_agg('(' || c.changes || ')', E'\n or '),
    string_agg(format('(%s)::integer', c.differs), E'\n + '),
    sync.chunk(comparison.stream, comparison.which),
    comparison.more,
    bool_or(c.is_ruled)
  )
  from sync.streams s, lateral sync.cells_of(s.target) c
  where s.stream = comparison.stream
  group by s.target
$$;
comment on function sync.comparison(text, text, text) is
  'The SQL that compares a chunk of staged records with live rows, with the arguments of sync.chunk. more is the SQL of
   further columns, of the rows sent and live; they are NULL where there is no live row.';
