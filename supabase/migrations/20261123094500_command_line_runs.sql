-- What the command line asks of the sync over the API: runs as they went, and a way to stop one.

create function sync.check_stream(stream text)
returns void
language plpgsql
stable
security invoker
set search_path = ''
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
set search_path = ''
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
set search_path = ''
set role = 'gazelle_sync'
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
set search_path = ''
set role = 'gazelle_sync'
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
set search_path = ''
set role = 'gazelle_sync'
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
grant execute on function sync.check_stream, sync.known_run to gazelle_sync;
