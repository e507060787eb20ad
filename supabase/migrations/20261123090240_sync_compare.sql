-- The one comparison of staged with live that plan and apply share, written from a stream's columns.
-- jsonb_populate_record over the live row gives the three states: an absent key keeps the live value.

create function sync.differs(left_side text, right_side text, is_set boolean)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when is_set then format('not coalesce(%1$s @> %2$s and %1$s <@ %2$s, %1$s is not distinct from %2$s)',
      left_side, right_side)
    else format('%s is distinct from %s', left_side, right_side)
  end
$$;
comment on function sync.differs(text, text, boolean) is
  'The SQL that compares two values: arrays as sets, everything else as it is.';

create function sync.refusal(col name, offered jsonb, kept jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select concat_ws(' ', col, coalesce(offered, 'null'), coalesce(kept, 'null'))
$$;
comment on function sync.refusal(name, jsonb, jsonb) is
  'One text for "ownership was offered this over that and kept that".';

create function sync.held(target regclass, keys text[])
returns table (key text, offers jsonb, bases jsonb, refusals text[])
language sql
stable
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

create function sync.cells_of(target regclass)
returns table (name name, differs text, changes text)
language sql
stable
security invoker
set search_path = ''
as $$
  select
    c.name,
    v.differs,
    case
      -- A set that ownership merges is settled once the last set sent is this one.
      when c.is_set then format(
        '%3$s and case when held.bases ? %1$L then chunk.payload ? %1$L and %2$s else %4$s end', c.name,
        sync.differs(format('to_jsonb(%s)', v.sent), format('(held.bases -> %L)', c.name), true),
        v.differs, v.is_news)
      -- A value that ownership keeps out is settled once it is the one on offer.
      else format(
        '%1$s and case when held.offers ? %2$L
          then held.offers -> %2$L is distinct from coalesce(to_jsonb(%3$s), ''null'') else %4$s end',
        v.differs, c.name, v.sent, v.is_news)
    end
  from sync.columns_of(cells_of.target) c,
    lateral (select format('sent.%I', c.name) as sent, format('live.%I', c.name) as live) side,
    lateral (
      select
        side.sent,
        sync.differs(side.sent, side.live, c.is_set) as differs,
        format(
          '(held.refusals is null or sync.refusal(%L, to_jsonb(%s), to_jsonb(%s)) <> all(held.refusals))',
          c.name, side.sent, side.live) as is_news
    ) v
$$;
comment on function sync.cells_of(regclass) is
  'For each column of a stream the SQL of: does what was sent differ from what stands, must it be written.';

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

create function sync.comparison(stream text, which text)
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
          live.xmin as version,
          live.ctid as place,
          live.external_id is null as is_new,
          coalesce(live.missing_since is not null or %2$s, true) as changes,
          %3$s as differing
        from chunk
        left join %1$s live on live.external_id = chunk.external_id
        left join lateral jsonb_populate_record(live, chunk.payload) sent on true
        left join sync.held(%1$L, array(select chunk.external_id from chunk)) held
          on held.key = chunk.external_id
      )
    $sql$,
    s.target,
    string_agg('(' || c.changes || ')', E'\n or '),
    string_agg(format('(%s)::integer', c.differs), E'\n + '),
    sync.chunk(comparison.stream, comparison.which)
  )
  from sync.streams s, lateral sync.cells_of(s.target) c
  where s.stream = comparison.stream
  group by s.target
$$;
comment on function sync.comparison(text, text) is
  'The SQL that compares a chunk of staged records with live rows, with the arguments of sync.chunk.';
