-- The last look before anything is changed: values and types; then everything that stands in the way, at once.

create or replace function gazelle.value_obstacle(
  tbl regclass, col name, found_type text, using_sql text, wanted regtype
)
returns table (code text, object text, problem text, hint text)
language plpgsql
stable
security invoker
set search_path = ''
set timezone = 'UTC'
as $$
declare
  row_id text;
  shown text;
  ignored text;
begin
  begin
    execute format('select count(%s) from %s', using_sql, tbl) into ignored;
    return;
  exception
    when data_exception or cannot_coerce or undefined_function then
      null;
  end;
  -- One of them is wrong, and which one is told by trying each.
  for row_id, shown in
    execute format('select external_id::text, %1$I::text from %2$s where %1$I is not null', col, tbl)
  loop
    begin
      execute format('select (%s)::text from (select $1::%s as %I) one', using_sql, found_type, col)
        into ignored using shown;
    exception
      when data_exception or cannot_coerce or undefined_function then
        return query select 'GZ005', format('%s.%I', tbl, col),
          format('is to be %s, and %L of %L cannot be: %s', wanted, left(shown, 60), row_id, sqlerrm),
          format('Correct it: update %s set %I = … where external_id = %L;', tbl, col, row_id);
        return;
    end;
  end loop;
end;
$$;
comment on function gazelle.value_obstacle(regclass, name, text, text, regtype) is 'The first value of a column that does not convert.';

create or replace function gazelle.conversion_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language sql
stable
security invoker
set search_path = ''
as $$
  with k as (
    select * from gazelle.existing_columns() e where e.tbl = conversion_obstacles.tbl and e.using_sql is not null
  ), statement as (
    select k.*, a.attnum, format('alter table %1$s alter column %2$I drop default, alter column %2$I type %3$s using %4$s;',
      k.tbl, k.col, k.wanted, k.using_sql) as by_hand
    from k
    join pg_catalog.pg_attribute a on a.attrelid = k.tbl and a.attname = k.col
  )
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, and this uses it: %s', s.found_type, s.wanted,
      string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), ', ')),
    format('Drop that, install, and make it anew for the new type. Or convert before: %s', s.by_hand)
  from statement s
  join pg_catalog.pg_depend d on d.refobjid = s.tbl and d.refobjsubid = s.attnum
  left join pg_catalog.pg_class i on d.classid = 'pg_class'::regclass and i.oid = d.objid and i.relkind = 'i'
  left join pg_catalog.pg_am am on am.oid = i.relam
  where d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass) or am.amname <> 'btree'
  group by s.tbl, s.col, s.found_type, s.wanted, s.by_hand
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, and the table is too large to be rewritten while it is in use (%s)', s.found_type, s.wanted,
      pg_size_pretty(pg_relation_size(s.tbl))),
    format('Convert it when nobody needs the table: %s', s.by_hand)
  from statement s
  where s.rewrites and pg_relation_size(s.tbl) > 32 * 1024 * 1024
$$;
comment on function gazelle.conversion_obstacles(regclass) is
  'Columns to be converted of which something is made, or whose table would be locked for longer than about a second.';

create or replace function gazelle.obstacles()
returns table (code text, object text, problem text, hint text)
language sql
stable
security invoker
set search_path = ''
as $$
  with ours as materialized (
    select distinct k.tbl
    from gazelle.existing_columns() k
    where k.tbl::text not in (select r.object from gazelle.relation_obstacles() r)
  ), named as materialized (
    select o.tbl, found.* from ours o left join gazelle.key_obstacles(o.tbl) found on true
  ), known as materialized (
    -- What is no table of Gazelle's records is not looked at any closer.
    select o.tbl from ours o where not exists (select from named n where n.tbl = o.tbl and n.code = 'GZ003')
  )
  select * from gazelle.relation_obstacles()
  union all
  select n.code, n.object, n.problem, n.hint from named n where n.code is not null
  union all
  select found.* from known o, gazelle.not_null_obstacles(o.tbl) found
  union all
  select found.* from known o, gazelle.conversion_obstacles(o.tbl) found
  union all
  select found.*
  from known o
  join gazelle.existing_columns() k on k.tbl = o.tbl
  cross join lateral gazelle.value_obstacle(k.tbl, k.col, k.found_type, k.using_sql, k.wanted) found
  where k.using_sql is not null
  union all
  select 'GZ005', o.tbl::text, format('has a policy %I, and one of ours is to be called so', p.polname),
    format('alter policy %1$I on %2$s rename to %3$I;', p.polname, o.tbl, p.polname || '_before')
  from known o
  join pg_catalog.pg_policy p on p.polrelid = o.tbl and p.polname in ('writers', 'signed_in', 'signed_in_tag')
$$;
comment on function gazelle.obstacles() is
  'Why tables that are there cannot be taken over, one row a reason, with what to do. None where nothing is there.';

revoke execute on function gazelle.value_obstacle, gazelle.conversion_obstacles, gazelle.obstacles from public;

do $$
declare
  found record;
begin
  with reasons as (
    select *, row_number() over (order by o.object, o.code, o.problem) as place
    from (select * from gazelle.earlier_obstacles() union all select * from gazelle.obstacles()) o
  )
  select count(*) as reasons, min(r.code) filter (where r.place = 1) as code,
    min(r.object || ' ' || r.problem) filter (where r.place = 1) as first_one,
    string_agg(format('%s %s.', r.object, r.problem) || E'\n  ' || r.hint, E'\n' order by r.place) as every_one
  into found
  from reasons r;
  if found.reasons > 0 then
    raise exception using errcode = found.code, message = found.first_one,
      detail = found.every_one, hint = 'Nothing was changed. Do what is said above, then install again.';
  end if;
end
$$;
