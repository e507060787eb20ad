-- What a read proves: that it was complete, and what then is not there.

create function sync.is_complete(run sync.runs)
returns boolean
language sql
immutable
security invoker
set search_path = ''
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
set search_path = ''
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
grant select, insert, delete on sync.absent_records to gazelle_sync;

create function sync.lacking(run sync.runs)
returns text
language sql
stable
security invoker
set search_path = ''
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
