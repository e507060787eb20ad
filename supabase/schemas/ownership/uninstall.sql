-- uninstall: everything the engine made goes, and the tables of its users are as they were before protect.

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
    -- What a partition has from its parent goes with the parent's.
    and g.tgparentid = 0
$$;
comment on function ownership_private.our_triggers_sql is
  'What takes the engine''s triggers off the database and off its users'' tables.';

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
    -- The constraint of a domain goes by the domain's name, schema and all in one.
    and not (a.type = 'domain constraint' and a.object_names[1] like 'ownership\_private.%')
$$;
comment on function ownership_private.foreign_dependents is
  'What others built on the engine, and would lose with it: views, defaults, constraints, indexes. NULL when
   nothing.';

create function ownership.uninstall()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
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
