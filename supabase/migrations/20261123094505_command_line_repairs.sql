-- What the command line asks of the sync over the API: quarantine and its replay, and undo.

create function public.sync_list_rejected(run_id bigint default null, row_limit integer default 50)
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
set role = 'gazelle_sync'
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
set search_path = ''
set role = 'gazelle_sync'
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
set search_path = ''
set role = 'gazelle_sync'
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
