-- The columns of a stream, as SQL over two rows, sent and live: whether they differ, and whether that needs a write.

create function sync.differs_sql(left_side text, right_side text, is_set boolean)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    -- @> is never true of an array with a NULL in it, so equal arrays are told first.
    when is_set then format('(%1$s is distinct from %2$s and not coalesce(%1$s @> %2$s and %1$s <@ %2$s, false))',
      left_side, right_side)
    else format('%s is distinct from %s', left_side, right_side)
  end;
end;
$$;
comment on function sync.differs_sql(text, text, boolean) is
  'The SQL of whether two values differ. Arrays are compared as sets.';

create function sync.cells_of(target regclass)
returns table (name name, category "char", is_ruled boolean, differs text, changes text)
language plpgsql
stable
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
        '%3$s and case when answered.bases ? %1$L then chunk.payload ? %1$L and %2$s else %4$s end', c.name,
        sync.differs_sql(format('to_jsonb(%s)', cell.sent), format('(answered.bases -> %L)', c.name), true),
        cell.differs, cell.is_news)
      -- A value that ownership keeps out is settled once it is the one on offer.
      else format(
        '%1$s and case when answered.offers ? %2$L
          then answered.offers -> %2$L is distinct from coalesce(to_jsonb(%3$s), ''null'') else %4$s end',
        cell.differs, c.name, cell.sent, cell.is_news)
    end
  from sync.columns_of(cells_of.target) c
  left join ownership.ruled_columns(cells_of.target) ruled (col) on ruled.col = c.name
  cross join lateral (select format('sent.%I', c.name) as sent, format('live.%I', c.name) as live) side
  cross join lateral (
    select
      side.sent,
      sync.differs_sql(side.sent, side.live, c.category = 'A') as differs,
      format(
        '(answered.refusals is null or ownership.refusal(%L, to_jsonb(%s), to_jsonb(%s)) <> all(answered.refusals))',
        c.name, side.sent, side.live) as is_news
  ) cell;
end;
$$;
comment on function sync.cells_of(regclass) is
  'For each column of a stream: whether a policy may keep something out of it (is_ruled), the SQL of whether the value
   sent differs from the live one (differs), and the SQL of whether that needs a write (changes).';

-- The comparison of staged records with live rows, which plan and apply share, made from the columns of a stream.
-- jsonb_populate_record over the live row gives the three states: an absent key keeps the live value.

create function sync.chunk_sql(stream text, which text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      (
        select p.*
        from (
          select
            p.*,
            -- Whole pages, and the first one however large it is.
            sum(p.size) over (order by p.page) - p.size as before
          -- The partition itself: for that the planner goes by its size, without statistics.
          from sync.%1$I p
          where p.page > $2 and %2$s
        ) p
        where p.before < $3
      )
    $sql$, 'staged_' || stream, which)
$$;
comment on function sync.chunk_sql(text, text) is
  'The SQL of the next staged pages: $2 after this page, $3 rows. `which` is the SQL condition of a page p.';

create function sync.comparison_sql(stream text, which text, more text default '')
returns text
language sql
stable
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
        left join ownership.known_answers(%1$L, array(select chunk.external_id from chunk where %6$L)) answered
          on answered.key = chunk.external_id
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
          -- offset 0 keeps it a subquery: joined, the planner would read the whole table for a chunk of it.
          offset 0
        ) standing on true
      )
    $sql$,
    s.target,
    string_agg('(' || c.changes || ')', E'\n or '),
    string_agg(format('(%s)::integer', c.differs), E'\n + '),
    sync.chunk_sql(comparison_sql.stream, comparison_sql.which),
    comparison_sql.more,
    bool_or(c.is_ruled)
  )
  from sync.streams s, lateral sync.cells_of(s.target) c
  where s.stream = comparison_sql.stream
  group by s.target
$$;
comment on function sync.comparison_sql(text, text, text) is
  'The SQL that compares a chunk of staged records with live rows. Its parameters are those of sync.chunk_sql. more is
   the SQL of further columns over the rows sent and live; they are NULL where there is no live row.';

-- What a complete read proves: that the source has no more the records that were not in it.

create function sync.is_complete(run sync.runs)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select run.step <> 'stage' and run.staged + run.rejected >= run.total_count
$$;
comment on function sync.is_complete(sync.runs) is
  'Whether a run read all pages, and at least as many ids as the source says it has.';

create function sync.proves_absence(run sync.runs)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- A rejected record without an id could be that of any row.
  select not run.is_replay and sync.is_complete(run) and not exists (
    select from sync.rejected_records j where j.run_id = run.id and j.external_id is null)
$$;
comment on function sync.proves_absence(sync.runs) is 'Whether the source does not have what a run did not read.';

-- One complete read proves too little: when records come and go meanwhile, pages shift, and a record can be missed.
create table sync.absent_records (
  stream text not null references sync.streams,
  external_id text not null,
  since timestamptz not null default now(),
  primary key (stream, external_id)
);
comment on table sync.absent_records is
  'Rows whose records the last complete read of their stream did not contain, for the first time. If the next one does
   not either, they are marked missing.';
grant select, insert, delete on sync.absent_records to sync_worker;

create function sync.lacking_sql(run sync.runs)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      (
        select
          live.external_id,
          -- With `lose` allowed a person has looked at the rows: one read will do.
          coalesce(a.since, case when %3$L then now() end) as missing_since
        from (
          select l.external_id from %1$s l where l.missing_since is null and %5$L
          -- A set operation reads each side once; of a join the planner decides by statistics, which these tables lack.
          except
          (
            select id from sync.staged_pages p, unnest(p.ids) id where p.stream = %2$L
            union all
            select j.external_id from sync.rejected_records j where j.run_id = %4$L
          )
        ) live
        left join sync.absent_records a on a.stream = %2$L and a.external_id = live.external_id
      )
    $sql$, s.target, run.stream, 'lose' = any(run.allow), run.id, sync.proves_absence(run))
  from sync.streams s
  where s.stream = run.stream
$$;
comment on function sync.lacking_sql(sync.runs) is
  'The SQL of the rows that a complete read did not contain and that are not marked missing yet. missing_since is what
   to mark them with; NULL where this is the first such read.';
