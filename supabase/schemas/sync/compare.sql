-- The columns of a stream, as SQL over the rows sent and live: what differs, and what of it has to be written.

create function sync.differs(left_side text, right_side text, is_set boolean)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    -- An element that is NULL is in no set: equal arrays come first.
    when is_set then format('(%1$s is distinct from %2$s and not coalesce(%1$s @> %2$s and %1$s <@ %2$s, false))',
      left_side, right_side)
    else format('%s is distinct from %s', left_side, right_side)
  end;
end;
$$;
comment on function sync.differs(text, text, boolean) is
  'The SQL that compares two values: arrays as sets, everything else as it is.';

create function sync.cells_of(target regclass)
returns table (name name, category "char", is_ruled boolean, differs text, changes text)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    c.name,
    c.category,
    ruled.col is not null,
    cell.differs,
    case
      when ruled.col is null then cell.differs
      -- A set that ownership merges is settled once the last set sent is this one.
      when c.category = 'A' then format(
        '%3$s and case when held.bases ? %1$L then chunk.payload ? %1$L and %2$s else %4$s end', c.name,
        sync.differs(format('to_jsonb(%s)', cell.sent), format('(held.bases -> %L)', c.name), true),
        cell.differs, cell.is_news)
      -- A value that ownership keeps out is settled once it is the one on offer.
      else format(
        '%1$s and case when held.offers ? %2$L
          then held.offers -> %2$L is distinct from coalesce(to_jsonb(%3$s), ''null'') else %4$s end',
        cell.differs, c.name, cell.sent, cell.is_news)
    end
  from sync.columns_of(cells_of.target) c
  left join ownership.ruled_columns(cells_of.target) ruled (col) on ruled.col = c.name
  cross join lateral (select format('sent.%I', c.name) as sent, format('live.%I', c.name) as live) side
  cross join lateral (
    select
      side.sent,
      sync.differs(side.sent, side.live, c.category = 'A') as differs,
      format(
        '(held.refusals is null or ownership.refusal(%L, to_jsonb(%s), to_jsonb(%s)) <> all(held.refusals))',
        c.name, side.sent, side.live) as is_news
  ) cell;
end;
$$;
comment on function sync.cells_of(regclass) is
  'For each column of a stream whether a policy may rule there, and the SQL of: does what was sent differ from what
   stands, must it be written.';

-- The one comparison of staged with live that plan and apply share, written from a stream's columns.
-- jsonb_populate_record over the live row gives the three states: an absent key keeps the live value.

create function sync.chunk(stream text, which text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
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
        left join ownership.known_answers(%1$L, array(select chunk.external_id from chunk where %6$L)) held
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

-- What a read proves: that it was complete, and what then is not there.

create function sync.is_complete(run sync.runs)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select run.step <> 'stage' and run.staged + run.rejected >= run.total_count
$$;
comment on function sync.is_complete(sync.runs) is
  'Whether the end of the pages was reached and as many ids were seen as Gazelle said there are.';

create function sync.proves_absence(run sync.runs)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- A rejected record without an id may be any row.
  select not run.is_replay and sync.is_complete(run) and not exists (
    select from sync.rejected_records j where j.run_id = run.id and j.external_id is null)
$$;
comment on function sync.proves_absence(sync.runs) is 'Whether what a run did not see is not there.';

-- Pages may shift while they are read: one complete read alone can lack a record that is there.
create table sync.absent_records (
  stream text not null references sync.streams,
  external_id text not null,
  since timestamptz not null default now(),
  primary key (stream, external_id)
);
comment on table sync.absent_records is
  'What the last complete read of a stream lacked for the first time: missing, if the next one lacks it too.';
grant select, insert, delete on sync.absent_records to sync_worker;

create function sync.lacking(run sync.runs)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      (
        select
          live.external_id,
          -- Whoever lets a run lose rows has looked at them.
          coalesce(a.since, case when %3$L then now() end) as missing_since
        from %1$s live
        left join sync.absent_records a on a.stream = %2$L and a.external_id = live.external_id
        where live.missing_since is null
          and not exists (
            select from sync.staged_pages p, unnest(p.ids) id where p.stream = %2$L and id = live.external_id)
          and not exists (
            select from sync.rejected_records j where j.run_id = %4$L and j.external_id = live.external_id)
          and %5$L
      )
    $sql$, s.target, run.stream, 'lose' = any(run.allow), run.id, sync.proves_absence(run))
  from sync.streams s
  where s.stream = run.stream
$$;
comment on function sync.lacking(sync.runs) is
  'The SQL of the rows that a complete read lacks and that are not called missing yet; since when to call them so, where
   it is the second such read in a row.';
