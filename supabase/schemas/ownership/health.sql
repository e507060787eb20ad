-- Health: whether everything that keeps manual values safe is in place. One row a problem, none on a sound database.

create table ownership_private.fingerprints (
  object text primary key,
  hash text not null,
  recorded_at timestamptz not null default now()
);
comment on table ownership_private.fingerprints is
  'The engine''s own functions and event triggers as they were installed.';

create function ownership_private.current_fingerprints()
returns table (object text, hash text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'function ' || p.oid::regprocedure, md5(concat_ws(E'\n', p.prosrc, p.prosecdef, p.provolatile, p.proconfig))
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not (p.prorettype = 'trigger'::regtype and p.proname ~ '_[0-9]+$')
  union all
  select 'event trigger ' || quote_ident(e.evtname), md5(concat_ws(E'\n', e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regproc))
  from pg_event_trigger e
  join pg_proc p on p.oid = e.evtfoid and p.pronamespace = 'ownership_private'::regnamespace
$$;
comment on function ownership_private.current_fingerprints is
  'The engine''s objects as they are now, without generated functions: function_problems compares those with what the
   generator would make.';

create function ownership_private.table_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'table gone', t.protected_name, 'It was dropped; its policies, claims and history are still here.',
    'Make it again and protect it; ownership.history has the values that people wrote.'
  where not exists (select from pg_class c where c.oid = t.tbl)
  union all
  select 'table swapped', t.protected_name,
    format('Another table bears the name now; the protected one %s.', coalesce('is called ' || c.oid::regclass, 'was dropped')),
    'Protect the new table with ownership.protect, or rename the tables back.'
  from (select) one
  left join pg_class c on c.oid = t.tbl
  where to_regclass(t.protected_name) <> t.tbl
    and not exists (select from ownership_private.protected_tables o where o.tbl = to_regclass(t.protected_name))
  union all
  select 'inheritance child', i.inhrelid::regclass::text, format('It inherits from %s, and writes to it do not fire the triggers there.', t.tbl),
    format('alter table %s no inherit %s; or protect the child too, and address the parent with only.', i.inhrelid::regclass, t.tbl)
  from pg_inherits i
  join pg_class c on c.oid = i.inhparent and c.relkind = 'r'
  where i.inhparent = t.tbl
    and not exists (select from ownership_private.protected_tables o where o.tbl = i.inhrelid)
  union all
  select 'key not unique', t.tbl::text, format('No valid unique index is left on its identity key %s.', t.identity_key),
    'Make the index again: rows are recognised by this key when they come back.'
  from pg_class c
  where c.oid = t.tbl
    and not exists (
      select from pg_index i
      where i.indrelid = t.tbl and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and t.identity_key @> array(select a.attname from pg_attribute a
          where a.attrelid = t.tbl and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
    )
$$;
comment on function ownership_private.table_problems is 'Tables that are not what was protected.';

create function ownership_private.column_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case
      when a.attnum is null then 'policy orphaned'
      when a.attnum <> p.attnum then 'column replaced'
      else 'column type changed'
    end,
    format('%s.%I', t.tbl, p.col),
    case
      when a.attnum is null then 'The column was dropped or renamed. A guard that still names it stops every update of the table.'
      when a.attnum <> p.attnum then 'The column was dropped and made again: its values are gone, the claims are still here.'
      else format('It was %s when it was protected and is %s now.', p.type_sql, format_type(a.atttypid, a.atttypmod))
    end,
    case
      when a.attnum is null
        then 'Undo the change; or ownership.unprotect the old name, which forgets its claims, and ownership.protect the new one.'
      else 'Call ownership.protect for the column again, with the mode of ownership.policies; ownership.restore brings claimed values back.'
    end
  from ownership_private.policies p
  join pg_class c on c.oid = t.tbl
  left join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  where p.table_id = t.id
    and (a.attnum is null or a.attnum <> p.attnum or format_type(a.atttypid, a.atttypmod) <> p.type_sql)
  union all
  select 'foreign key acts', format('%s.%I', t.tbl, a.attname),
    format('%I has ON DELETE or ON UPDATE with SET NULL, SET DEFAULT or CASCADE: a guard that keeps the value leaves it dangling.', f.conname),
    format('Make %I again without that action, or call ownership.unprotect for the column.', f.conname)
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  join pg_constraint f on f.conrelid = t.tbl and f.contype = 'f' and a.attnum = any (f.conkey)
  where p.table_id = t.id and (f.confdeltype in ('n', 'd', 'c') or f.confupdtype in ('n', 'd', 'c'))
$$;
comment on function ownership_private.column_problems is
  'Policies whose column is not the one that was protected, or could not be protected today.';

-- Triggers and generated functions: whether they stand as the generator would make them today.

create function ownership_private.expected_triggers(t ownership_private.protected_tables)
returns table (suffix text, tgtype smallint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- The bits of pg_trigger.tgtype: row 1, before 2, insert 4, update 16.
  select e.suffix, e.tgtype::smallint
  from (
    select
      count(*) > 0 as guards,
      coalesce(bool_or(f.not_null and m.keeps_out is not null), false) as fills,
      coalesce(bool_or(m.leaves_claims), false) as claims
    from ownership_private.policies p
    join ownership.modes() m on m.mode = p.mode
    cross join lateral ownership_private.column_facts(t.tbl, p.col) f
    where p.table_id = t.id
  ) modes
  cross join lateral (
    values ('guard', 19, guards), ('fill', 7, fills), ('returned', 4, claims)
  ) e (suffix, tgtype, wanted)
  where e.wanted
$$;
comment on function ownership_private.expected_triggers is
  'The triggers that the generator would install on a table today.';

create function ownership_private.expected_on_relations(t ownership_private.protected_tables)
returns table (rel regclass, tgname name, tgtype smallint, proname name)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid::regclass, ('~~ownership_' || e.suffix)::name, e.tgtype, (e.suffix || '_' || t.id)::name
  from ownership_private.expected_triggers(t) e
  cross join (select t.tbl as rel union select p.relid from pg_partition_tree(t.tbl) p) r
  join pg_class c on c.oid = r.rel
$$;
comment on function ownership_private.expected_on_relations is
  'The triggers a protected table must have, and each of its partitions too.';

create function ownership_private.trigger_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case
      when g.oid is null then 'trigger missing'
      when g.tgenabled in ('D', 'R') then 'trigger disabled'
      when g.tgenabled = 'O' then 'trigger demoted'
      else 'trigger changed'
    end,
    format('%I on %s', e.tgname, e.rel),
    case
      when g.oid is null then 'Without it writes are not judged, or what people write is not claimed.'
      when g.tgenabled = 'D' then 'It does not fire at all.'
      when g.tgenabled = 'R' then 'It fires for replicated writes only.'
      when g.tgenabled = 'O' then 'It is not ENABLE ALWAYS: replicated writes, and sessions in replica mode, pass it by.'
      else 'It fires at another time, or calls another function.'
    end,
    case
      when g.tgenabled <> 'A' then format('alter table %s enable always trigger %I;', e.rel, e.tgname)
      else format('select ownership.repair(%L);', t.tbl)
    end || ' Then ownership.verify finds what was lost meanwhile.'
  from ownership_private.expected_on_relations(t) e
  left join pg_trigger g on g.tgrelid = e.rel and g.tgname = e.tgname
  left join pg_proc p on p.oid = g.tgfoid
  where g.oid is null
    or g.tgenabled <> 'A'
    or g.tgtype <> e.tgtype
    or p.proname <> e.proname
    or p.pronamespace <> 'ownership_private'::regnamespace
  union all
  select 'trigger after ours', format('%I on %s', g.tgname, e.rel), format('It fires after %I, and can change what that has settled.', e.tgname),
    format('alter trigger %I on %s rename to %I;', g.tgname, e.rel, 'a_' || g.tgname)
  from ownership_private.expected_on_relations(t) e
  -- Only BEFORE triggers of rows can still change a value. Triggers of one event fire in the order of their names.
  join pg_trigger g on g.tgrelid = e.rel and g.tgname > e.tgname and g.tgtype & 3 = 3 and g.tgtype & e.tgtype & 20 <> 0
  where e.tgtype & 3 = 3 and g.tgenabled <> 'D' and not g.tgisinternal and g.tgname not like '~~ownership\_%'
$$;
comment on function ownership_private.trigger_problems is
  'Triggers of the engine that are missing, off or changed, on a table and its partitions; and triggers of others that
   fire after them.';

create function ownership_private.generated_body(t ownership_private.protected_tables, suffix text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  function_sql text;
begin
  execute format('select ownership_private.%I($1)', suffix || '_sql') into function_sql using t;
  return substring(function_sql from 'as \$[a-z]+\$(.*)\$[a-z]+\$');
end
$$;
comment on function ownership_private.generated_body is 'The body that the generator would give a function today.';

create function ownership_private.function_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case when p.oid is null then 'function missing' else 'function changed' end,
    format('function ownership_private.%I()', e.suffix || '_' || t.id),
    case
      when p.oid is null then 'It was dropped.'
      when 'search_path=pg_catalog, pg_temp' = any (p.proconfig) is not true then 'Its search_path is not the one it was made with: pg_catalog, pg_temp.'
      else 'Its body is not what the policies, the columns and the writers ask for today.'
    end,
    format('select ownership.repair(%L); Then ownership.verify finds what was lost meanwhile.', t.tbl)
  from ownership_private.expected_triggers(t) e
  left join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = e.suffix || '_' || t.id
  where exists (select from pg_class c where c.oid = t.tbl)
    -- Where a column is gone nothing can be generated to compare with; column_problems reports it.
    and not exists (
      select from ownership_private.policies o
      where o.table_id = t.id and not exists (select from ownership_private.column_facts(t.tbl, o.col))
    )
    and (
      p.oid is null
      or not p.prosecdef
      or 'search_path=pg_catalog, pg_temp' = any (p.proconfig) is not true
      or p.prosrc <> ownership_private.generated_body(t, e.suffix)
    )
$$;
comment on function ownership_private.function_problems is
  'Generated functions that are not what the generator would produce now.';

-- The engine itself.

create function ownership_private.engine_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case
      when recorded.object like 'event trigger %' then 'alarm off'
      when found.object is null then 'engine function missing'
      else 'engine function changed'
    end,
    recorded.object,
    case when found.object is null then 'It was dropped.' else 'It is not what was installed.' end,
    'Install the engine''s migrations again; ownership.alarms may tell who changed it.'
  from ownership_private.fingerprints recorded
  left join ownership_private.current_fingerprints() found on found.object = recorded.object
  where found.hash is distinct from recorded.hash
  union all
  select 'gate closed', format('sequence ownership_private.%I', 'gate_' || p.id),
    format('%s.%I has claims, and its guard believes that it has none.', t.tbl, p.col),
    format('select nextval(%L); Then ownership.verify finds what was lost meanwhile.', 'ownership_private.gate_' || p.id)
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where pg_sequence_last_value(ownership_private.gate(p.id)) is null
    and exists (select from ownership_private.claims c where c.policy_id = p.id and c.element = '')
  union all
  select 'search_path open', 'function ' || p.oid::regprocedure, 'Without a fixed search_path, or with one that does not name pg_temp last, a caller''s own objects are found first.',
    format('alter function %s set search_path = pg_catalog, pg_temp;', p.oid::regprocedure)
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
  union all
  select 'engine table open', format('table %s', c.oid::regclass), format('Role %s may use it directly.', a.grantee::regrole),
    format('revoke all on %s from %s;', c.oid::regclass, a.grantee::regrole)
  from pg_class c
  cross join lateral aclexplode(c.relacl) a
  where c.relnamespace = 'ownership_private'::regnamespace and c.relkind = 'r' and a.grantee <> c.relowner
  union all
  select 'writer without role', quote_ident(w.role), format('The role was dropped; it has rank %s, and whoever writes in its place has another.', w.rank),
    'Create the role again, or register the one that writes now with ownership.register_writer.'
  from ownership_private.writers w
  where not exists (select from pg_roles r where r.rolname = w.role)
    -- The roles of the Supabase platform are registered by the engine itself, and do not exist on another Postgres.
    and (
      w.role not in ('supabase_admin', 'authenticated', 'manual_editor', 'service_role')
      or exists (select from ownership_private.claims c where c.writer = w.role)
    )
$$;
comment on function ownership_private.engine_problems is
  'What is wrong with the engine itself and with the roles that it knows.';

create function ownership.repair(tbl regclass default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership.require_person('repair');
  if tbl is not null and not exists (select from ownership_private.protected_tables t where t.tbl = repair.tbl) then
    perform ownership_private.fail('OW008', format('table %s is not protected', tbl), 'There is nothing to repair.',
      'See ownership.policies, or protect it with ownership.protect.');
  end if;
  perform ownership_private.generate(t)
  from ownership_private.protected_tables t
  join pg_class c on c.oid = t.tbl
  where t.tbl = repair.tbl or repair.tbl is null;
  perform ownership_private.update_alarms('ownership.repair');
end
$$;
comment on function ownership.repair is
  'Makes the triggers and generated functions of a table (default: of all) anew from its policies. Errors: OW001,
   OW008.';

create function ownership.health()
returns table (problem text, tbl regclass, object text, detail text, hint text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select found.problem, t.tbl, found.object, found.detail, found.hint
  from ownership_private.protected_tables t
  cross join lateral (
    select * from ownership_private.table_problems(t)
    union all
    select * from ownership_private.column_problems(t)
    union all
    select * from ownership_private.trigger_problems(t)
    union all
    select * from ownership_private.function_problems(t)
  ) found
  union all
  select e.problem, null, e.object, e.detail, e.hint
  from ownership_private.engine_problems() e
$$;
comment on function ownership.health is
  'What stands in the way of protection: problem, table, object, detail, and a hint on how to repair it. No row on a
   sound database.';
