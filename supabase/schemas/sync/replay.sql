-- Replay: rejected records are read again by a run of their own, once their reason is fixed.

create function sync.replayable(ids bigint[])
returns table (id bigint, stream text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select distinct on (r.stream, coalesce(j.external_id, j.id::text)) j.id, r.stream
  from sync.rejected_records j
  join sync.runs r on r.id = j.run_id
  where j.id = any(replayable.ids)
    and j.replayed_by is null
    -- A later run that read everything has read the record again, and stored or rejected it.
    and not exists (
      select from sync.runs l
      where l.stream = r.stream and l.id > r.id and l.status in ('complete', 'degraded') and not l.dry_run and not l.is_replay
    )
  order by r.stream, coalesce(j.external_id, j.id::text), j.id desc
$$;
comment on function sync.replayable(bigint[]) is
  'Of these rejected records the newest of each id, unless a later complete run has read them again.';

create function sync.begin_replay(ids bigint[], started_by text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  chosen bigint[];
  chosen_stream text;
  run sync.runs;
begin
  select array_agg(p.id), min(p.stream) into chosen, chosen_stream from sync.replayable(ids) p;
  if chosen is null then
    raise exception 'there is nothing to replay' using
      errcode = 'PT404',
      detail = 'There are no such records, or a later complete run has read them anew.',
      hint = 'See sync.rejected_records. What is still rejected is among those of the last run.';
  end if;
  perform pg_advisory_xact_lock(hashtext('sync.start'), hashtext(chosen_stream));
  if exists (select from sync.runs r where r.stream = chosen_stream and r.status in ('running', 'paused')) then
    raise exception 'stream % is being synced', chosen_stream using
      errcode = 'PT409',
      hint = 'Wait for the run to end, then replay.';
  end if;
  perform sync.act_as_source(chosen_stream);
  run := sync.begin_run(chosen_stream, started_by, null, false, '{}');
  update sync.runs r
  set is_replay = true, status = 'paused', lease = null, slices = 0, total_count = cardinality(chosen)
  where r.id = run.id;
  update sync.rejected_records j
  set replayed_by = run.id
  from sync.runs r
  where j.id = any(chosen) and r.id = j.run_id and r.stream = chosen_stream;
  return run.id;
end;
$$;
comment on function sync.begin_replay(bigint[], text) is
  'Inserts a run of rejected records, paused: the next call of the stream''s function carries it out.';

create function sync.replay_rejected(ids bigint[])
returns bigint
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.begin_replay(ids, 'replay of ' || cardinality(ids) || ' records')
$$;
comment on function sync.replay_rejected(bigint[]) is
  'Begins a run that reads rejected records of a stream again; the next call of the stream''s function carries it out.
   Returns the id of the run. PT404 where there is nothing to replay, PT409 while the stream is being synced.';

create function sync.replay_rejected(run_id bigint)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.begin_replay(
    array(select j.id from sync.rejected_records j where j.run_id = replay_rejected.run_id),
    'replay of run ' || replay_rejected.run_id)
$$;
comment on function sync.replay_rejected(bigint) is 'The same for all records that a run rejected.';

create function public.sync_begin_replay(run_id bigint default null)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  asked bigint[];
  chosen record;
  begun bigint[] := '{}';
begin
  if run_id is not null then
    perform sync.find_run(run_id);
  end if;
  asked := array(
    select j.id from sync.rejected_records j
    where j.run_id = sync_begin_replay.run_id or sync_begin_replay.run_id is null
  );
  for chosen in
    select p.stream, array_agg(p.id) as ids from sync.replayable(asked) p group by p.stream order by p.stream
  loop
    begun := begun || sync.begin_replay(chosen.ids, format('replay of %s records', cardinality(chosen.ids)));
  end loop;
  if begun = '{}' then
    perform sync.begin_replay('{}', 'replay of nothing');
  end if;
  return (select jsonb_agg(sync.report(r) order by r.id) from sync.runs r where r.id = any(begun));
end;
$$;
comment on function public.sync_begin_replay(bigint) is
  'For each stream begins a run that reads its rejected records again, those of one run or all; the next call of the
   stream''s function carries it out. PT404 where there is nothing to replay, PT409 while the stream is being synced.';

create function public.sync_read_rejected(run_id bigint, lease uuid, after bigint, row_limit integer default 200)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
begin
  return (
    select jsonb_build_object(
      -- As text, because jsonb could not hold every payload.
      'records', coalesce(jsonb_agg(jsonb_build_object('is_mapped', j.is_mapped, 'payload', j.payload::text)
        order by j.id), '[]'),
      'last', max(j.id), 'is_last', count(*) < row_limit, 'total_count', run.total_count)
    from (
      select q.*
      from sync.rejected_records q
      where q.replayed_by = run.id and q.id > sync_read_rejected.after
      order by q.id
      limit row_limit
    ) j
  );
end;
$$;
comment on function public.sync_read_rejected(bigint, uuid, bigint, integer) is
  'The next records of a replay, after the rejected record with this id.';
