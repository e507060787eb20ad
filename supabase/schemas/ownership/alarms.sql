-- Alarms: who took a protection away and when, also where it was put back before anybody looked. Event triggers write
-- them, where the platform allows event triggers; health shows only what is wrong at the moment.

create table ownership_private.alarms (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  over_at timestamptz,
  problem text not null,
  tbl text,
  object text not null,
  detail text not null,
  command text not null,
  role name not null default coalesce(nullif(current_setting('role'), 'none'), session_user)
);
comment on table ownership_private.alarms is
  'Problems of health that a command caused; over_at is when a later command ended them.';

create view ownership.alarms as
select a.id, a.at, a.over_at, a.problem, a.tbl, a.object, a.detail, a.command, a.role
from ownership_private.alarms a;
comment on view ownership.alarms is
  'Protections that were taken away: by which role and command, from when until when.';

create function ownership_private.update_alarms(command text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  with found as materialized (
    select h.problem, coalesce(h.tbl::text, '') as tbl, h.object, h.detail from ownership.health() h
  ),
  ended as (
    update ownership_private.alarms a
    set over_at = clock_timestamp()
    where a.over_at is null
      and not exists (
        select from found f where f.problem = a.problem and f.tbl = coalesce(a.tbl, '') and f.object = a.object
      )
  )
  insert into ownership_private.alarms (problem, tbl, object, detail, command)
  select f.problem, nullif(f.tbl, ''), f.object, f.detail, update_alarms.command
  from found f
  where not exists (
    select from ownership_private.alarms a
    where a.over_at is null and f.problem = a.problem and f.tbl = coalesce(a.tbl, '') and f.object = a.object
  )
$$;
comment on function ownership_private.update_alarms is
  'Opens an alarm for each new problem, and closes those whose problem is gone.';

create function ownership_private.commands_concern_us()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_event_trigger_ddl_commands() c
    where c.schema_name in ('ownership', 'ownership_private')
      or exists (
        select from ownership_private.protected_tables t
        left join pg_inherits i on i.inhparent = t.tbl
        left join pg_trigger g on g.oid = c.objid and c.classid = 'pg_trigger'::regclass
        where coalesce(g.tgrelid, c.objid) in (t.tbl, i.inhrelid, to_regclass(t.name), to_regclass(t.protected_name))
      )
  )
$$;
comment on function ownership_private.commands_concern_us is
  'Whether the command that has just ended touched the engine, a protected table, a child of one, or a table under its
   name.';

create function ownership_private.drops_concern_us()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_event_trigger_dropped_objects() d
    where d.schema_name in ('ownership', 'ownership_private')
      or (d.object_type = 'trigger' and d.address_names[3] like '~~ownership\_%')
      -- It may be the unique index of an identity key; to which table a dropped index belonged is not told.
      or (d.object_type = 'index' and not d.is_temporary)
  )
$$;
comment on function ownership_private.drops_concern_us is
  'Whether what was dropped belonged to the engine or to a protected table.';

create function ownership_private.drops_columns()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_event_trigger_dropped_objects() d
    join ownership_private.protected_tables t on t.tbl = d.objid
    where d.object_type = 'table column'
  )
$$;
comment on function ownership_private.drops_columns is 'Whether columns of protected tables were dropped.';

create function ownership_private.note_dropped_columns(command text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- Over at once: what was lost is in the history.
  insert into ownership_private.alarms (problem, tbl, object, detail, command, over_at)
  select 'column dropped', t.name, format('%s.%I', t.name, p.col),
    format('Its policy ended with %s claims.', (select count(*) from ownership_private.claims c where c.policy_id = p.id)),
    command, clock_timestamp()
  from pg_event_trigger_dropped_objects() d
  join ownership_private.protected_tables t on t.tbl = d.objid
  join ownership_private.policies p on p.table_id = t.id and p.attnum = d.objsubid
  where d.object_type = 'table column'
$$;
comment on function ownership_private.note_dropped_columns is
  'Keeps a record of who dropped a protected column.';

create function ownership_private.changes_columns(command text)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select case
    when command in ('ALTER SCHEMA', 'ALTER TYPE', 'ALTER DOMAIN') then true
    -- A table can be made as a partition; one that is renamed can have taken the columns of its partitions along.
    when command in ('ALTER TABLE', 'CREATE TABLE') then exists (
      select from pg_event_trigger_ddl_commands() c
      join pg_class r on r.oid = c.objid
      left join pg_inherits i on i.inhrelid = c.objid
      where c.classid = 'pg_class'::regclass and (i.inhrelid is not null or exists (
        select from ownership_private.protected_tables t where t.tbl = c.objid
      ) or exists (
        -- Its rows are values of a protected column.
        select from ownership_private.policies p, jsonb_object_keys(p.labels) l where l like format('%s.%%', c.objid)
      ))
    )
    else false
  end
$$;
comment on function ownership_private.changes_columns is
  'Whether the command that has just ended can have renamed something protected, a label of its values, or added a
   partition.';

create function ownership_private.watch()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  callers text;
begin
  get diagnostics callers = pg_context;
  -- The engine itself is at work. generate, for one, drops every trigger before it creates the new ones.
  if callers ~ 'function ownership_private\.(generate|drop_triggers|end_policy|follow\w*|note_\w+)\(' then
    return;
  end if;
  if (tg_event = 'sql_drop' and ownership_private.drops_columns())
    or (tg_event = 'ddl_command_end' and ownership_private.changes_columns(tg_tag)) then
    perform ownership_private.note_dropped_columns(tg_tag) where tg_event = 'sql_drop';
    perform ownership_private.follow(in_command => true);
  end if;
  if (tg_event = 'sql_drop' and ownership_private.drops_concern_us())
    or (tg_event = 'ddl_command_end' and ownership_private.commands_concern_us()) then
    perform ownership_private.update_alarms(tg_tag);
  end if;
exception when others then
  if sqlstate in ('OW004', 'OW017', 'OW018') then
    raise;
  end if;
  -- An alarm that fails must not stop a migration.
  raise warning 'ownership could not look for alarms after %: %', tg_tag, sqlerrm;
end
$$;
comment on function ownership_private.watch is
  'Event trigger: lets policies, claims and history go along with tables and columns that change, and looks at the
   health of the engine after commands that may have hurt it. Errors: OW004, OW017, OW018.';

create function ownership.record_fingerprints()
returns void
language sql
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  delete from ownership_private.fingerprints;
  insert into ownership_private.fingerprints (object, hash)
  select f.object, f.hash from ownership_private.current_fingerprints() f;
  -- What the generator of today would make as well counts as made by it.
  update ownership_private.generated made
  set inputs = ownership_private.generator_inputs(t)
  from ownership_private.protected_tables t
  join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace
  where t.id = made.table_id and p.proname = made.suffix || '_' || t.id
    and p.prosrc = ownership_private.generated_body(t, made.suffix);
  select ownership_private.update_alarms('record_fingerprints');
$$;
comment on function ownership.record_fingerprints is
  'Takes the engine as it stands for the right one: health compares it with this from now on. To be called at the end
   of every migration that changes a function of the engine.';

do $$
begin
  create event trigger ownership_watch_commands on ddl_command_end
  when tag in (
    'ALTER TABLE', 'CREATE TABLE', 'CREATE TRIGGER', 'ALTER TRIGGER', 'CREATE FUNCTION', 'ALTER FUNCTION',
    'ALTER ROUTINE', 'ALTER SEQUENCE', 'GRANT', 'CREATE INDEX', 'ALTER INDEX', 'CREATE VIEW', 'ALTER VIEW', 'CREATE RULE',
    'CREATE TABLE AS', 'SELECT INTO', 'ALTER SCHEMA', 'ALTER TYPE', 'ALTER DOMAIN'
  )
  execute function ownership_private.watch();
  create event trigger ownership_watch_drops on sql_drop execute function ownership_private.watch();
  alter event trigger ownership_watch_commands enable always;
  alter event trigger ownership_watch_drops enable always;
exception when insufficient_privilege then
  raise notice 'no event triggers on this platform: ownership.health tells what is wrong, but not who did it';
end
$$;
