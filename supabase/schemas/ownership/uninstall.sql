-- uninstall: drops everything that the engine made, and leaves the tables as they were before protect.

create function ownership_private.our_triggers_sql()
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('drop event trigger %I', e.evtname)
  from pg_event_trigger e
  join pg_proc p on p.oid = e.evtfoid
  where p.pronamespace = 'ownership_private'::regnamespace
  union all
  select format('drop trigger %I on %s', g.tgname, g.tgrelid::regclass)
  from pg_trigger g
  join pg_proc p on p.oid = g.tgfoid
  join pg_class c on c.oid = g.tgrelid
  where p.pronamespace = 'ownership_private'::regnamespace
    and c.relnamespace <> 'ownership_private'::regnamespace
    -- A partition's copy of a row trigger is dropped with that of its parent.
    and g.tgparentid = 0
$$;
comment on function ownership_private.our_triggers_sql is
  'The statements that drop the engine''s event triggers, and its triggers on protected tables.';

create function ownership_private.foreign_dependents()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with ours as (
    select 'pg_class'::regclass as classid, c.oid from pg_class c
    where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    union all
    select 'pg_proc'::regclass, p.oid from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    union all
    select 'pg_type'::regclass, t.oid from pg_type t
    where t.typnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
  )
  select string_agg(distinct format('%s depends on %s.', pg_describe_object(d.classid, d.objid, d.objsubid),
    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)), E'\n')
  from ours o
  join pg_depend d on d.refclassid = o.classid and d.refobjid = o.oid and d.deptype in ('n', 'a')
  cross join lateral pg_identify_object_as_address(d.classid, d.objid, d.objsubid) a
  where a.object_names[1] <> all ('{ownership,ownership_private,pg_toast}')
    -- For the constraint of a domain object_names holds the domain's name with its schema, as one text.
    and not (a.type = 'domain constraint' and a.object_names[1] like 'ownership\_private.%')
$$;
comment on function ownership_private.foreign_dependents is
  'Views, defaults, constraints and indexes of others that depend on the engine and would be dropped with it, as text.
   NULL when there is none.';

create function ownership.uninstall()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set client_min_messages = 'warning'
as $$
declare
  statement text;
  needed_by text;
begin
  perform ownership.require_person('uninstall');
  for statement in select s from ownership_private.our_triggers_sql() s loop
    execute statement;
  end loop;
  needed_by := ownership_private.foreign_dependents();
  if needed_by is not null then
    perform ownership_private.fail('OW013', 'the engine cannot be uninstalled: other objects need it', needed_by,
      'Change or drop them first, then call ownership.uninstall again.');
  end if;
  drop schema ownership, ownership_private cascade;
end
$$;
comment on function ownership.uninstall is
  'Takes the engine out of the database: triggers, functions, claims, history, both schemas. The values stay as they
   are. Errors: OW001, OW013.';
