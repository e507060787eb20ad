-- Health of triggers and generated functions: whether they stand as the generator would make them today.

create function ownership_private.expected_triggers(t ownership_private.protected_tables)
returns table (suffix text, tgtype smallint)
language sql
stable
set search_path = ''
as $$
  -- The bits of pg_trigger.tgtype: row 1, before 2, insert 4, update 16.
  select e.suffix, e.tgtype::smallint
  from (
    select
      count(*) > 0 as guards,
      coalesce(bool_or(f.not_null and p.mode <> 'source'), false) as fills,
      coalesce(bool_or(p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')), false) as claims
    from ownership_private.policies p
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
set search_path = ''
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
set search_path = ''
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
  'Triggers that do not do their work, on a table and its partitions, and foreign ones that undo it.';

create function ownership_private.generated_body(t ownership_private.protected_tables, suffix text)
returns text
language plpgsql
stable
set search_path = ''
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
set search_path = ''
as $$
  select
    case when p.oid is null then 'function missing' else 'function changed' end,
    format('function ownership_private.%I()', e.suffix || '_' || t.id),
    case
      when p.oid is null then 'It was dropped.'
      when 'search_path=""' = any (p.proconfig) is not true then 'Its search_path is not the empty one it was made with.'
      else 'Its body is not what the policies, the columns and the writers ask for today.'
    end,
    format('select ownership.repair(%L); Then ownership.verify finds what was lost meanwhile.', t.tbl)
  from ownership_private.expected_triggers(t) e
  left join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = e.suffix || '_' || t.id
  where exists (select from pg_class c where c.oid = t.tbl)
    -- Where a column is gone the generator has nothing to compare with; column_problems says so.
    and not exists (
      select from ownership_private.policies o
      where o.table_id = t.id and not exists (select from ownership_private.column_facts(t.tbl, o.col))
    )
    and (
      p.oid is null
      or not p.prosecdef
      or 'search_path=""' = any (p.proconfig) is not true
      or p.prosrc <> ownership_private.generated_body(t, e.suffix)
    )
$$;
comment on function ownership_private.function_problems is
  'Generated functions that are not what the generator would produce now.';

revoke all on function
  ownership_private.expected_triggers, ownership_private.expected_on_relations, ownership_private.generated_body,
  ownership_private.trigger_problems, ownership_private.function_problems
from public;
