-- Looks at the runs of the streams and at the alerts that were raised where something went wrong.

create function sync.look_at_runs()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    f.code, format('last run of %s', s.stream), coalesce(f.state, 'well'),
    case
      when not s.is_enabled then 'the stream is switched off'
      when r.id is null then 'there was none'
      else format('run %s, %s h ago, is %s', r.id, r.hours, r.status) || case
        when f.code = 'run_stuck' and r.idle_slices >= 5 then format(', without progress in %s calls', r.idle_slices)
        when r.status in ('failed', 'tripped', 'degraded') then coalesce(': ' || (r.error ->> 'message'), '')
        else '' end
    end,
    null::text[],
    case f.code
      when 'stream_off' then format('update sync.streams set is_enabled = true where stream = %L;', s.stream)
      when 'stream_never_ran' then format('etiquette sync %s', s.stream)
      when 'run_old' then format('etiquette sync %s', s.stream)
      when 'run_stuck' then case when r.idle_slices >= 5 then '' else format('etiquette sync %s, or ', s.stream) end
        || format('etiquette run end %s', r.id)
      else 'etiquette run ' || r.id
    end,
    null::bigint, null::bigint, null::text, null::integer
  from sync.streams s
  cross join sync.settings c
  left join lateral (
    select l.id, l.status, l.error, l.idle_slices,
      round(extract(epoch from clock_timestamp() - l.started_at) / 3600, 1) as hours,
      -- Some time to spare for what begins once a day.
      clock_timestamp() - l.started_at > c.late_after + interval '2 hours' as is_old
    from sync.runs l
    where l.stream = s.stream and not l.dry_run and not l.is_replay
    order by l.id desc
    limit 1
  ) r on true
  left join lateral (
    select * from (values
      (not s.is_enabled, 'stream_off', 'degraded'),
      (r.id is null, 'stream_never_ran', 'degraded'),
      (r.status in ('failed', 'tripped'), 'run_' || r.status, 'failed'),
      (r.status in ('partial', 'degraded'), 'run_' || r.status, 'degraded'),
      (r.status in ('running', 'paused') and (r.idle_slices >= 5 or r.is_old), 'run_stuck', 'failed'),
      (r.is_old, 'run_old', 'degraded')
    ) v (holds, code, state)
    where v.holds
    limit 1
  ) f on true
  order by s.stream
$$;
comment on function sync.look_at_runs() is
  'How the last run of each stream went. Runs raise their own alerts, so the watch raises none about them.';

create function sync.look_at_lateness()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'stream_late', format('schedule of %s', j.job), 'degraded',
    format('no complete run for longer than %s', s.late_after),
    array[coalesce(format('The last one ended at %s.', last.finished_at), 'There was none yet.')],
    'sync.schedules says what came of its calls; docs/operations.md has more.',
    null::bigint, null::bigint, j.job, null::integer
  from sync.jobs j
  cross join sync.settings s
  join sync.streams t on t.stream = j.stream
  -- A degraded run has an alert of its own.
  cross join lateral (
    select max(r.finished_at) as finished_at
    from sync.runs r
    where r.stream = j.stream and r.status in ('complete', 'degraded') and not r.dry_run and not r.is_replay
  ) last
  where j.is_on and t.is_enabled and greatest(last.finished_at, j.on_since) < clock_timestamp() - s.late_after
  order by j.job
$$;
comment on function sync.look_at_lateness() is
  'Streams on schedule that have had no complete run for too long (settings.late_after).';

create function sync.look_at_alerts()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with told as (
    select a.kind, format('%s: %s', a.kind, a.message) as message, a.details, a.hint, a.id,
      case when a.kind in ('token_refused', 'check_failed', 'drill_failed') then 'failed' else 'degraded' end as state
    from sync.alerts a
    where a.resolved_at is null
      -- A look that is taken anyway tells what it sees now.
      and not exists (select from sync.looks l where l.look = any (a.looks) and not l.is_deep)
      -- So does the look at the last runs.
      and not (a.kind ~ '^run_' and exists (
        select from sync.look_at_runs() f where f.name = format('last run of %s', a.stream) and f.code = a.kind))
  )
  select t.kind, 'alerts', t.state, t.message, string_to_array(t.details, E'\n'),
    coalesce(t.hint, 'docs/operations.md says what each alert means'),
    null::bigint, null::bigint, null::text, null::integer
  from told t
  union all
  select null, 'alerts', 'well', 'no other is open', null, null, null, null, null, null
  where not exists (select from told)
$$;
comment on function sync.look_at_alerts() is 'Open alerts about what no other look sees.';

select sync.register_look('last runs', 'sync.look_at_runs()');
select sync.register_look('lateness', 'sync.look_at_lateness()');
select sync.register_look('alerts', 'sync.look_at_alerts()');
