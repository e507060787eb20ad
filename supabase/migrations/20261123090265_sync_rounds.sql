-- A round is one run of each stream. A call that has not the time for all of them leaves the rest to the next.

create function public.sync_due_streams(streams text[])
returns jsonb
language sql
stable
security invoker
set search_path = ''
set role = 'gazelle_sync'
as $$
  with last_runs as (
    select
      s.stream,
      s.place,
      run.id as run,
      coalesce(run.status in ('running', 'paused'), false) as is_active,
      -- A round begins with the run of its first stream.
      first_value(run.id) over (order by s.place) as round
    from unnest(sync_due_streams.streams) with ordinality s (stream, place)
    left join lateral (
      select r.id, r.status from sync.runs r where r.stream = s.stream order by r.id desc limit 1
    ) run on true
  ), due as (
    select l.stream, l.place
    from last_runs l
    where l.is_active
      or l.round is null
      or coalesce(l.run < l.round, true)
  )
  select jsonb_agg(d.stream order by d.place)
  from (
    select * from due
    union all
    -- A round that is over is followed by the next one.
    select l.stream, l.place from last_runs l where not exists (select from due)
  ) d
$$;
comment on function public.sync_due_streams(text[]) is
  'Which of the streams, in the order given, still need their run in this round; all of them when it is over.';
