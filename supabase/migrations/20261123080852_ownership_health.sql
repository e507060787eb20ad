-- Health: whether everything that keeps manual values safe is in place. One row a problem, none on a sound database.

create function ownership_private.engine_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = ''
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
  select 'search_path open', 'function ' || p.oid::regprocedure, 'A function that trusts the search_path of its caller can be led astray.',
    format('alter function %s set search_path = '''';', p.oid::regprocedure)
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not coalesce('search_path=""' = any (p.proconfig), false)
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
    -- The platform's roles are registered beforehand: on another Postgres they never were.
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
set search_path = ''
as $$
begin
  perform ownership_private.require_person('repair');
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
  'Makes the triggers and generated functions of a table (default: of all) anew from its policies. Errors:
   OW001, OW008.';

create function ownership.health()
returns table (problem text, tbl regclass, object text, detail text, hint text)
language sql
stable
security definer
set search_path = ''
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
  'What stands in the way of protection: problem, table, object, detail, and a hint on how to repair it. No row
   on a sound database.';

revoke all on function ownership_private.engine_problems, ownership.repair, ownership.health from public;

do $$
begin
  if to_regrole('service_role') is not null then
    grant execute on function ownership.health to service_role;
  end if;
end
$$;
