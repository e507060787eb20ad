-- Health: whether everything that keeps manual values safe is in place. One row a problem, none on a sound database.

create function ownership_private.succeed_hint(successor regclass, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when not exists (
      select from ownership_private.keys(successor) k
      where k.cols @> t.identity_key and k.cols <@ t.identity_key and k.problem is null
    ) then ownership_private.add_key_sql(successor, t) || ' ' else '' end
    || format('select ownership.protect(%L, %L); Policies, claims, their values and the history go over to it.', successor, p.col)
  from ownership_private.policies p
  where p.table_id = t.id and successor is not null
  order by not exists (select from ownership_private.column_facts(successor, p.col)), p.id
  limit 1
$$;
comment on function ownership_private.succeed_hint is
  'What to type for a table that took the place of a protected one; NULL without such a table.';

create function ownership_private.table_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'table gone', t.name, 'It was dropped; its policies, claims and history are still here.',
    coalesce(
      ownership_private.succeed_hint(successor, t),
      'Make it again and call ownership.protect for one of its columns: policies, claims and history come back. Or give them up: '
        || (select string_agg(format('select ownership.unprotect(%s, %L);', t.tbl::oid, p.col), ' ' order by p.id)
          from ownership_private.policies p where p.table_id = t.id))
  from ownership_private.successor(t) successor
  where not exists (select from pg_class c where c.oid = t.tbl)
  union all
  select 'table swapped', t.protected_name,
    format('Another table bears the name now; the protected one %s.', coalesce('is called ' || c.oid::regclass, 'was dropped')),
    ownership_private.succeed_hint(successor, t) || coalesce(format(
      ' Or, where policies and claims are to stay with %s: call ownership.protect for that one again.', c.oid::regclass), '')
  from ownership_private.successor(t) successor
  left join pg_class c on c.oid = t.tbl
  where successor is not null
  union all
  select 'inheritance child', i.inhrelid::regclass::text, format('It inherits from %s, and writes to it do not fire the triggers there.', t.tbl),
    format('alter table %s no inherit %s; or protect the child too, and address the parent with only.', i.inhrelid::regclass, t.tbl)
  from pg_inherits i
  join pg_class c on c.oid = i.inhparent and c.relkind = 'r'
  where i.inhparent = t.tbl
    and not exists (select from ownership_private.protected_tables o where o.tbl = i.inhrelid)
  union all
  select 'rule instead', format('%s on %s', rules, t.tbl),
    'They do something else in place of a write: an edit that never reaches the table claims nothing, and no owned value comes back.',
    'Drop them, or give the table a trigger for what they do.'
  from ownership_private.instead_rules(t.tbl) rules
  where rules is not null
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
      when a.attnum is null and n.attname is not null then 'column renamed'
      when a.attnum is null then 'policy orphaned'
      when a.attnum <> p.attnum then 'column replaced'
      else 'column type changed'
    end,
    format('%s.%I', t.tbl, p.col),
    case
      when a.attnum is null and n.attname is not null
        then format('It is called %I now. A guard that still has the old name stops every update of the table.', n.attname)
      when a.attnum is null then 'The table has no such column; the policy and its claims are still here.'
      when a.attnum <> p.attnum then 'The column was dropped and made again: its values are gone, the claims are still here.'
      else format('It was %s when it was protected and is %s now.', p.type_sql, format_type(a.atttypid, a.atttypmod))
    end,
    case
      when a.attnum is null and n.attname is not null
        then format('select ownership.repair(%L); Policy, claims and history go along.', t.tbl)
      when a.attnum is null
        then format('Add the column again and protect it; or give its claims up: select ownership.unprotect(%L, %L);', t.tbl, p.col)
      when a.attnum <> p.attnum
        then 'Call ownership.protect for the column again, with the mode of ownership.policies; ownership.restore brings claimed values back.'
      else format('select ownership.repair(%L); Claimed values take the new type.', t.tbl)
    end
  from ownership_private.policies p
  join pg_class c on c.oid = t.tbl
  left join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  left join pg_attribute n on n.attrelid = t.tbl and n.attnum = p.attnum and not n.attisdropped
    and t.noted_oid = t.tbl::oid
  where p.table_id = t.id
    and (
      a.attnum is null
      or a.attnum <> p.attnum and t.noted_oid = t.tbl::oid
      or format_type(a.atttypid, a.atttypmod) <> p.type_sql
    )
  union all
  select 'label changed', format('%s.%I', t.tbl, p.col),
    format('Labels or attributes of %s are not called what they were when the column was protected.', p.type_sql),
    format('select ownership.repair(%L); Claims, values and history go along.', t.tbl)
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and a.attnum = p.attnum
  where p.table_id = t.id and t.noted_oid = t.tbl::oid
    and format_type(a.atttypid, a.atttypmod) = p.type_sql
    and p.labels is not null and p.labels <> ownership_private.labels_of(a.atttypid)
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
    from ownership_private.policies_on(t) p
    join ownership.modes() m on m.mode = p.mode
    cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  ) modes
  cross join lateral (
    values ('guard', 19, guards), ('fill', 7, fills), ('returned', 4, claims)
  ) e (suffix, tgtype, wanted)
  where e.wanted
$$;
comment on function ownership_private.expected_triggers is
  'The triggers that the generator would install on a table today.';

create function ownership_private.expected_on_relations(t ownership_private.protected_tables)
returns table (rel regclass, suffix text, tgname name, tgtype smallint, proname name)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid::regclass, e.suffix, ('~~ownership_' || e.suffix)::name, e.tgtype, (e.suffix || '_' || t.id)::name
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
      else 'It fires at another time or under another condition, or calls another function.'
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
    or exists (
      select from ownership_private.generated made
      where made.table_id = t.id and made.suffix = e.suffix and made.server = ownership_private.server_major()
        and made.definition <> ownership_private.definition_hash(g)
    )
  union all
  select 'trigger after ours', format('%I on %s', g.tgname, e.rel),
    format('It fires after %I, and can change what that has settled%s.', e.tgname, ': its source sets ' || (
      select string_agg(quote_ident(p.col), ', ' order by p.col) from ownership_private.policies p
      where p.table_id = t.id and quote_ident(g.tgname) = any (
        string_to_array(ownership_private.assigning_triggers(e.rel, p.col), ', '))
    )),
    format('alter trigger %I on %s rename to %I;', g.tgname, e.rel, 'a_' || g.tgname)
  from ownership_private.expected_on_relations(t) e
  -- Only BEFORE triggers of rows can still change a value. Triggers of one event fire in the order of their names.
  join pg_trigger g on g.tgrelid = e.rel and g.tgname > e.tgname and g.tgtype & 3 = 3 and g.tgtype & e.tgtype & 20 <> 0
  where e.tgtype & 3 = 3 and g.tgenabled <> 'D' and not g.tgisinternal
    and not exists (
      select from ownership_private.expected_on_relations(t) ours where ours.rel = e.rel and ours.tgname = g.tgname
    )
$$;
comment on function ownership_private.trigger_problems is
  'Triggers of the engine that are missing, off or changed, on a table and its partitions, and triggers of others that
   fire after them.';

create function ownership_private.trigger_right_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'trigger granted', format('%s to %s', c.oid::regclass, g.roles),
    'Roles with this right may make triggers there, which run with the rights of whoever writes: the engine''s owner, too.',
    format('revoke trigger on %s from %s;', c.oid::regclass, g.roles)
  from (select t.tbl as rel union select p.relid from pg_partition_tree(t.tbl) p) r
  join pg_class c on c.oid = r.rel
  cross join lateral (
    select string_agg(ownership_private.role_sql(a.grantee), ', ' order by ownership_private.role_sql(a.grantee)) as roles
    from aclexplode(c.relacl) a
    left join pg_roles o on o.oid = a.grantee
    left join ownership_private.writers w on w.role = o.rolname
    where a.privilege_type = 'TRIGGER' and a.grantee <> c.relowner and coalesce(w.rank, 0) < 100
  ) g
  where g.roles is not null
  union all
  select 'owner is no person', format('%s of %s', c.oid::regclass, o.rolname),
    'An owner may make triggers there, which run with the rights of whoever writes: the engine''s owner, too.',
    format('alter table %s owner to a role with rank 100, or register %I as a person.', c.oid::regclass, o.rolname)
  from (select t.tbl as rel union select p.relid from pg_partition_tree(t.tbl) p) r
  join pg_class c on c.oid = r.rel
  join pg_roles o on o.oid = c.relowner
  left join ownership_private.writers w on w.role = o.rolname
  where coalesce(w.rank, 0) < 100 and not o.rolsuper
    and c.relowner <> (select n.nspowner from pg_namespace n where n.nspname = 'ownership_private')
$$;
comment on function ownership_private.trigger_right_problems is
  'Roles that are no people and may make triggers on a table, because they were granted it or own the table.';

create function ownership_private.partition_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'trigger left', format('%I on %s', g.tgname, g.tgrelid::regclass),
    'It belongs to a table of which this was a partition, and still claims for it.',
    format('select ownership.repair(%L);', t.tbl)
  from pg_proc p
  join pg_trigger g on g.tgfoid = p.oid
  where p.pronamespace = 'ownership_private'::regnamespace and p.proname = 'returned_' || t.id
    and g.tgrelid <> t.tbl and g.tgrelid not in (select tree.relid from pg_partition_tree(t.tbl) tree)
$$;
comment on function ownership_private.partition_problems is 'Triggers of the engine on tables that were partitions once.';

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
  return (regexp_match(function_sql, 'as (\$[a-z]+_[0-9a-f]+\$)(.*)\1'))[2];
exception when others then
  -- What cannot be generated for one table must not hide the problems of the others.
  return 'cannot be generated: ' || sqlerrm;
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
      when ownership_private.attributes_hash(p) is distinct from made.attributes
        then 'Its security, volatility, language or settings are not those it was made with.'
      else 'Its body is not what the policies, the columns and the writers ask for today.'
    end,
    format('select ownership.repair(%L); Then ownership.verify finds what was lost meanwhile.', t.tbl)
  from ownership_private.expected_triggers(t) e
  left join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = e.suffix || '_' || t.id
  left join ownership_private.generated made on made.table_id = t.id and made.suffix = e.suffix
  where exists (select from pg_class c where c.oid = t.tbl)
    and case
      when p.oid is null or ownership_private.attributes_hash(p) is distinct from made.attributes then true
      -- Generating costs far more than comparing with what was recorded.
      when made.inputs = ownership_private.generator_inputs(t) then md5(p.prosrc) <> made.body
      else p.prosrc <> ownership_private.generated_body(t, e.suffix)
    end
$$;
comment on function ownership_private.function_problems is
  'Generated functions that are not what the generator would produce now.';

create function ownership_private.mend_gates(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  policy integer;
begin
  for policy in select p.id from ownership_private.policies p where p.table_id = t.id loop
    perform ownership_private.make_gate(policy);
    execute format('grant select on sequence ownership_private.%I to public', 'gate_' || policy);
    perform nextval(ownership_private.gate(policy))
    where pg_sequence_last_value(ownership_private.gate(policy)) is null
      and (
        exists (select from ownership_private.claims c where c.policy_id = policy)
        or exists (select from ownership_private.bases b where b.policy_id = policy)
      );
  end loop;
end
$$;
comment on function ownership_private.mend_gates is
  'Makes the gates of a table''s policies readable, and opens those of policies that have claims or bases.';

create function ownership.repair(tbl regclass default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('repair');
  if tbl is not null and not exists (select from ownership_private.protected_tables t where t.tbl = repair.tbl) then
    perform ownership_private.fail('OW008', format('table %s is not protected', tbl), 'There is nothing to repair.',
      'See ownership.policies, or protect it with ownership.protect.');
  end if;
  if tbl is null then
    perform ownership_private.generate_all();
  else
    perform ownership_private.follow();
    perform ownership_private.generate(t) from ownership_private.protected_tables t where t.tbl = repair.tbl;
  end if;
  perform ownership_private.mend_gates(t)
  from ownership_private.protected_tables t
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
set jit = off
as $$
  select found.problem, (select c.oid::regclass from pg_class c where c.oid = t.tbl), found.object, found.detail,
    found.hint
  from ownership_private.protected_tables t
  cross join lateral (
    select * from ownership_private.table_problems(t)
    union all
    select * from ownership_private.column_problems(t)
    union all
    select * from ownership_private.trigger_problems(t)
    union all
    select * from ownership_private.trigger_right_problems(t)
    union all
    select * from ownership_private.partition_problems(t)
    union all
    select * from ownership_private.function_problems(t)
    union all
    select * from ownership_private.writer_problems(t)
  ) found
  union all
  select e.problem, null, e.object, e.detail, e.hint
  from ownership_private.engine_problems() e
$$;
comment on function ownership.health is
  'What stands in the way of protection: problem, table, object, detail, and a hint on how to repair it. No row on a
   sound database.';
