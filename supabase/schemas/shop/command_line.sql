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

-- What the command line asks of the ownership engine and of the shop over the API, each as one JSON value.

create function public.ownership_explain(tbl regclass, key text, col name default null)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(e) order by e.column_name), '[]') from ownership.explain(tbl, key, col) e
$$;
comment on function public.ownership_explain(regclass, text, name) is
  'ownership.explain, one object a column. Errors: OW008, OW010, OW011.';

create function public.ownership_list_history(
  tbl regclass,
  key text,
  col name default null,
  row_limit integer default 50
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  row_key text;
begin
  -- A table, row or column that there is not is refused as explain does.
  perform from ownership.explain(tbl, key, col);
  row_key := (
    select ownership_private.canonical_key(p.tbl, p.identity_key, ownership_list_history.key)
    from ownership.policies p
    where p.tbl = ownership_list_history.tbl
    limit 1
  );
  return (
    select coalesce(jsonb_agg(to_jsonb(h) order by h.id desc), '[]')
    from (
      select e.id, e.at, e.col, e.element, e.event, e.writer, e.role, e.sub, e.run, e.old_value, e.new_value
      from ownership.history e
      where e.tbl = ownership_list_history.tbl::text
        and e.key = row_key
        and (e.col = ownership_list_history.col or ownership_list_history.col is null)
      order by e.id desc
      limit row_limit
    ) h
  );
end;
$$;
comment on function public.ownership_list_history(regclass, text, name, integer) is
  'What happened to the owned cells of a row, newest first. Errors: OW008, OW010, OW011.';

create function public.ownership_list_policies()
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.tbl, p.col), '[]')
  from (
    select
      case when n.nspname = 'public' then quote_ident(c.relname) else o.tbl::text end as tbl,
      o.col, o.mode, o.identity_key, o.blank_values, o.on_conflict, o.empty_is_opinion, o.protected_at
    from ownership.policies o
    left join pg_catalog.pg_class c on c.oid = o.tbl
    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  ) p
$$;
comment on function public.ownership_list_policies() is 'Protected columns and their rules.';

create function public.ownership_health()
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(h)), '[]') from ownership.health() h
$$;
comment on function public.ownership_health() is 'ownership.health, one object a problem.';

create function public.shop_verify()
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(to_jsonb(v)) from shop.verify() v
$$;
comment on function public.shop_verify() is 'shop.verify, one object a check.';

revoke execute on function
  public.ownership_explain, public.ownership_list_history, public.ownership_list_policies, public.ownership_health,
  public.shop_verify
from public, anon, authenticated;
grant execute on function
  public.ownership_explain, public.ownership_list_history, public.ownership_list_policies, public.ownership_health,
  public.shop_verify
to service_role;

-- What `etiquette doctor` asks the database: facts, and for what is wrong the statement that mends it.

create function shop.role_problems()
returns table (problem text, remedy text)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select format('there is no role %s', r.role), format('create role %I nologin noinherit;', r.role)
  from unnest(
    array['anon', 'authenticated', 'service_role', 'authenticator', 'sync_worker', 'gazelle_sync', 'pls_detector']
  ) r (role)
  where to_regrole(r.role) is null
  union all
  select format('authenticator cannot become %s, so no sync can run', r.role),
    format('grant %I to authenticator;', r.role)
  from unnest(array['sync_worker', 'gazelle_sync']) r (role)
  where to_regrole('authenticator') is not null and to_regrole(r.role) is not null
    and not pg_catalog.pg_has_role('authenticator', r.role, 'member')
  union all
  select format('%s is no writer that the ownership engine knows', r.role),
    format('select ownership.register_writer(%L, %s);', r.role, r.rank)
  from (values ('gazelle_sync', 10), ('service_role', 20), ('pls_detector', 50), ('authenticated', 100)) r (role, rank)
  where not exists (select from ownership.writers w where w.role = r.role)
$$;
comment on function shop.role_problems() is 'Roles that are missing, or are not what the others take them for.';

create function shop.grant_problems()
returns table (problem text, remedy text)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  with contract as (
    select p.oid, p.oid::regprocedure as entry
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname ~ '^(sync|ownership|shop)_'
  ), exposed as (
    select c.oid, c.oid::regclass as entry, c.relrowsecurity, o.role
    from sync.streams s
    join sync.sources o on o.source = s.source
    join pg_catalog.pg_class c on c.oid = s.target
  )
  select format('service_role may not call %s', f.entry), format('grant execute on function %s to service_role;', f.entry)
  from contract f
  where not pg_catalog.has_function_privilege('service_role', f.oid, 'execute')
  union all
  select format('%s may call %s', r.role, f.entry),
    format('revoke execute on function %s from public, anon, authenticated;', f.entry)
  from contract f
  cross join unnest(array['anon', 'authenticated']) r (role)
  where pg_catalog.has_function_privilege(r.role, f.oid, 'execute')
  union all
  select format('row level security is off for %s', t.entry), format('alter table %s enable row level security;', t.entry)
  from exposed t
  where not t.relrowsecurity
  union all
  select format('visitors may read %s', t.entry), format('revoke all on %s from anon;', t.entry)
  from exposed t
  where pg_catalog.has_any_column_privilege('anon', t.oid, 'select')
  union all
  select format('%s may not write %s', t.role, t.entry), format('grant select, insert on %s to %I;', t.entry, t.role)
  from exposed t
  where not pg_catalog.has_any_column_privilege(t.role, t.oid, 'insert')
    or not pg_catalog.has_any_column_privilege(t.role, t.oid, 'update')
$$;
comment on function shop.grant_problems() is 'Who may not do what he must, or may do what he must not.';

create function shop.migration_versions()
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  versions jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select jsonb_agg(m.version order by m.version) from supabase_migrations.schema_migrations m' into versions;
  end if;
  return versions;
end;
$$;
comment on function shop.migration_versions() is 'What the Supabase CLI has on record as applied; null without such a record.';

create function shop.schedule_state()
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  jobs jsonb;
begin
  if to_regclass('sync.schedules') is not null then
    execute 'select coalesce(jsonb_agg(jsonb_build_object(''job'', s.job, ''schedule'', s.schedule, ''active'', s.active)
      order by s.job), ''[]'') from sync.schedules s' into jobs;
  end if;
  return jobs;
end;
$$;
comment on function shop.schedule_state() is 'The jobs of the schedule; null where none is installed.';

create function public.shop_doctor()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'migrations', shop.migration_versions(),
    'roles', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from shop.role_problems() p),
    'grants', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from shop.grant_problems() p),
    'health', (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from ownership.health() h),
    'token', gazelle.token_status(),
    'schedule', shop.schedule_state(),
    'missing_secrets', (
      select coalesce(jsonb_agg(n.name order by n.name), '[]')
      from unnest(array['project_url', 'cron_secret_key']) n (name)
      where sync.secret(n.name) is null
    ),
    'streams', (
      select jsonb_agg(jsonb_build_object('stream', s.stream, 'is_enabled', s.is_enabled, 'run_id', last.id,
        'status', last.status, 'error', last.error,
        'hours', round(extract(epoch from clock_timestamp() - last.started_at) / 3600, 1)) order by s.stream)
      from sync.streams s
      left join lateral (
        select r.id, r.status, r.error, r.started_at
        from sync.runs r
        where r.stream = s.stream and not r.dry_run and not r.is_replay
        order by r.id desc
        limit 1
      ) last on true
    ),
    'alerts', (
      select coalesce(jsonb_agg(jsonb_build_object('stream', a.stream, 'kind', a.kind, 'message', a.message,
        'hint', a.hint) order by a.id), '[]')
      from sync.alerts a
      where a.resolved_at is null
    ))
$$;
comment on function public.shop_doctor() is
  'What is to be known of a project''s database from outside: migrations, roles, grants, protection, token, schedule,
   last runs, open alerts. Nothing secret.';

revoke execute on function
  shop.role_problems, shop.grant_problems, shop.migration_versions, shop.schedule_state,
  public.shop_doctor
from public, anon, authenticated;
grant execute on function public.shop_doctor to service_role;
