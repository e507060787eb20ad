-- What the command line asks of the sync over the API: runs as they went, and a way to stop one.

create function sync.check_stream(stream text)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if stream is not null and not exists (select from sync.streams s where s.stream = check_stream.stream) then
    raise exception 'there is no stream %', stream using
      errcode = 'PT404',
      hint = 'Streams: ' || (select string_agg(s.stream, ', ' order by s.stream) from sync.streams s);
  end if;
end;
$$;
comment on function sync.check_stream(text) is 'Refuses a stream that there is not (PT404). NULL stands for all of them.';

create function sync.known_run(run_id bigint)
returns sync.runs
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  select * into run from sync.runs r where r.id = known_run.run_id;
  if run.id is null then
    raise exception 'there is no run %', coalesce(run_id::text, 'NULL') using
      errcode = 'PT404',
      detail = coalesce((select 'The newest is ' || max(r.id) || '.' from sync.runs r), 'There was none so far.'),
      hint = 'Give the number of a run that was: etiquette runs.';
  end if;
  return run;
end;
$$;
comment on function sync.known_run(bigint) is 'A run by its number. PT404 where there is none.';

create function public.sync_list_runs(stream text default null, row_limit integer default 20)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  perform sync.check_stream(stream);
  return (
    select coalesce(jsonb_agg(sync.report(r) - 'checks' - 'plan' - 'unposted_alerts' order by r.id desc), '[]')
    from (
      select o.*
      from sync.runs o
      where o.stream = sync_list_runs.stream or sync_list_runs.stream is null
      order by o.id desc
      limit row_limit
    ) newest
    join sync.runs r on r.id = newest.id
  );
end;
$$;
comment on function public.sync_list_runs(text, integer) is
  'The newest runs, of one stream or of all, newest first. PT404 for a stream there is not.';

create function public.sync_show_run(run_id bigint)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.known_run(run_id);
begin
  return sync.report(run) || jsonb_build_object(
    'is_replay', run.is_replay, 'allow', run.allow, 'reverted_at', run.reverted_at, 'plan', sync.plan_of(run),
    'checks', (
      select coalesce(jsonb_object_agg(c.name, jsonb_build_object('is_binding', c.is_binding, 'expected', c.expected,
        'found', c.found, 'passed', c.passed)), '{}')
      from sync.checks c
      where c.run_id = run.id
    ));
end;
$$;
comment on function public.sync_show_run(bigint) is
  'A run with its checks, its plan, and samples of what it inserted, replaced, blanked and kept. PT404.';

create function public.sync_interrupt(stream text)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  perform sync.check_stream(stream);
  update sync.runs r
  set status = 'paused', lease = null
  where r.stream = sync_interrupt.stream and r.status = 'running'
  returning * into run;
  return case when run.id is not null then sync.report(run) end;
end;
$$;
comment on function public.sync_interrupt(text) is
  'Pauses the run of a stream that is at work: its holder stops at the next step, and the next start goes on with it.
   Returns the run, or null where none is at work. PT404.';

revoke execute on function public.sync_list_runs, public.sync_show_run, public.sync_interrupt
from public, anon, authenticated;
grant execute on function public.sync_list_runs, public.sync_show_run, public.sync_interrupt
to service_role;
revoke execute on function sync.check_stream, sync.known_run from public;
grant execute on function sync.check_stream, sync.known_run to sync_worker;

-- What the command line asks of the sync over the API: quarantine and its replay, and undo.

create function public.sync_list_rejected(run_id bigint default null, row_limit integer default 50)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  if run_id is not null then
    perform sync.known_run(run_id);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'run_id', j.run_id, 'stream', j.stream,
      'external_id', j.external_id, 'path', j.path, 'reason', j.reason, 'rejected_at', j.rejected_at,
      -- As text: jsonb could not hold all of what is rejected.
      'payload', j.payload::text, 'replayed_by', j.replayed_by,
      'is_replayable', j.id in (select p.id from sync.replayable(array[j.id]) p)) order by j.id desc), '[]')
    from (
      select q.*, r.stream
      from sync.rejected_records q
      join sync.runs r on r.id = q.run_id
      where q.run_id = sync_list_rejected.run_id
        or sync_list_rejected.run_id is null and q.replayed_by is null
      order by q.id desc
      limit row_limit
    ) j
  );
end;
$$;
comment on function public.sync_list_rejected(bigint, integer) is
  'Rejected records, newest first: those of a run, or all that were not replayed. PT404 for a run there is not.';

create function public.sync_begin_replay(run_id bigint default null)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  wanted bigint[];
  chosen record;
  begun bigint[] := '{}';
begin
  if run_id is not null then
    perform sync.known_run(run_id);
  end if;
  wanted := array(
    select j.id from sync.rejected_records j
    where j.run_id = sync_begin_replay.run_id or sync_begin_replay.run_id is null
  );
  for chosen in
    select p.stream, array_agg(p.id) as ids from sync.replayable(wanted) p group by p.stream order by p.stream
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
  'Begins a paused run a stream of rejected records, of one run or of all; the next call of the stream''s function
   carries it out. PT404 when there is nothing to replay, PT409 while the stream is being synced.';

create function public.sync_revert_run(run_id bigint, dry_run boolean default true, row_limit integer default 20)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.known_run(run_id);
begin
  return (
    with cell as materialized (
      select * from sync.revert(run.id, coalesce(sync_revert_run.dry_run, true))
    )
    select jsonb_build_object('run_id', run.id, 'stream', run.stream, 'dry_run', coalesce(dry_run, true),
      'stream_enabled', (select s.is_enabled from sync.streams s where s.stream = run.stream),
      'actions', (
        select coalesce(jsonb_object_agg(a.action, a.times), '{}')
        from (select c.action, count(*) as times from cell c group by c.action) a
      ),
      'samples', (
        select coalesce(jsonb_agg(to_jsonb(s)), '[]')
        from (select * from cell c where c.col is distinct from 'updated_at' limit row_limit) s
      ))
  );
end;
$$;
comment on function public.sync_revert_run(bigint, boolean, integer) is
  'Takes back what a run wrote, as sync.revert does: a dry run unless told otherwise. Counts by action, and a few cells.
   PT404, PT409.';

revoke execute on function public.sync_list_rejected, public.sync_begin_replay, public.sync_revert_run
from public, anon, authenticated;
grant execute on function public.sync_list_rejected, public.sync_begin_replay, public.sync_revert_run
to service_role;
