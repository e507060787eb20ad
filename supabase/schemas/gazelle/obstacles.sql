-- migration: gazelle_survey

-- Obstacles: what keeps an existing table from being taken over. All tables are examined before anything is changed,
-- and one error lists every obstacle with its remedy.

create or replace function gazelle.relation_obstacles()
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select found.code, c.oid::regclass::text, found.problem, found.hint
  from pg_catalog.pg_class shape
  join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = shape.relname
  cross join lateral (
    select 'GZ001' as code, case c.relkind
        when 'v' then 'is a view' when 'm' then 'is a materialized view' when 'f' then 'is a foreign table'
        when 'p' then 'is partitioned' else 'is no table'
      end || ', and the sync writes to an ordinary table' as problem,
      format('Rename it: alter %s public.%I rename to %I; then a table of this name is made.',
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
        c.relname, c.relname || '_before') as hint
    -- An index, a sequence or a type of this name is told by name_obstacles.
    where c.relkind in ('v', 'm', 'f', 'p')
    union all
    select 'GZ001', 'is a part, or has parts, of another table', format('Rename it: alter table public.%I rename to %I; or alter table … no inherit …;',
      c.relname, c.relname || '_before')
    where c.relkind = 'r' and exists (select from pg_catalog.pg_inherits i where c.oid in (i.inhparent, i.inhrelid))
    union all
    select 'GZ002', format('belongs to %I, and %I may not change it', pg_catalog.pg_get_userbyid(c.relowner), current_user),
      format('Install as %1$I; or as %1$I: alter table public.%2$I owner to %3$I;',
        pg_catalog.pg_get_userbyid(c.relowner), c.relname, current_user)
    where c.relkind = 'r' and not pg_catalog.pg_has_role(c.relowner, 'usage')
  ) found
  where shape.relnamespace = 'gazelle'::regnamespace and shape.relkind = 'r'
$$;
comment on function gazelle.relation_obstacles() is
  'Relations that have the name of one of our tables, and cannot become it: views, partitioned tables, tables of
   others.';

create or replace function gazelle.key_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  key_type text;
  is_text boolean;
begin
  select k.found_type, k.is_there and k.using_sql is null into key_type, is_text
  from gazelle.existing_columns() k
  where k.tbl = key_obstacles.tbl and k.col = 'external_id';
  if not is_text then
    return query select 'GZ003', tbl::text,
      case when key_type is null then 'has no column external_id'
        else format('has %s as external_id, and Gazelle''s ids are text', key_type) end,
      format('Is Gazelle''s id, such as cli_9UMLkteep8EsISbG, in another column? alter table %1$s rename column … to external_id; '
        || 'Is it a table of something else? alter table %1$s rename to …;', tbl);
    return;
  end if;
  return query execute format($sql$
    select 'GZ004', %1$L, format('has %%s of its external_ids in more than one row: %%s', count(*),
        string_agg(format('%%s (%%s rows)', id, rows), ', ' order by id) filter (where place <= 5)),
      'Keep one row of each; this shows them: select * from %1$s where external_id = ' || quote_literal(min(id)) || ';'
    from (
      select r.external_id::text as id, count(*) as rows, row_number() over (order by r.external_id::text) as place
      from %1$s r
      where r.external_id is not null
      group by r.external_id
      having count(*) > 1
    ) twice
    having count(*) > 0
    union all
    select 'GZ004', %1$L, format('has %%s rows without an external_id', count(*)),
      'Give them one that Gazelle does not use: update %1$s set external_id = ''own_'' || gen_random_uuid() where external_id is null;'
    from %1$s r
    where r.external_id is null
    having count(*) > 0$sql$, tbl);
end;
$$;
comment on function gazelle.key_obstacles(regclass) is
  'Duplicate and missing external_ids: each row needs one of its own.';

create or replace function gazelle.not_null_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'GZ005', format('%s.%I', tbl, k.col), 'must not be null here, and Gazelle has records without it',
    format('alter table %s alter column %I drop not null;', tbl, k.col)
  from gazelle.existing_columns() k
  where k.tbl = not_null_obstacles.tbl and k.not_null and not k.filled_by_database and k.col not in ('external_id', 'tags')
  union all
  select 'GZ005', format('%s.%I', tbl, k.col), 'is filled by the database itself, and the sync writes it',
    format('alter table %1$s rename column %2$I to %3$I;', tbl, k.col, k.col || '_before')
  from gazelle.existing_columns() k
  where k.tbl = not_null_obstacles.tbl and k.filled_by_database
  union all
  select 'GZ005', format('%s.%I', tbl, a.attname), 'must not be null and has no default: no new record could be stored',
    format('alter table %1$s alter column %2$I set default …; or alter table %1$s alter column %2$I drop not null;', tbl, a.attname)
  from pg_catalog.pg_attribute a
  where a.attrelid = tbl and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
    and a.attidentity = ''
    and not exists (select from gazelle.existing_columns() k where k.tbl = not_null_obstacles.tbl and k.col = a.attname)
$$;
comment on function gazelle.not_null_obstacles(regclass) is
  'Columns that would refuse a record of Gazelle''s: not null, generated, or required and unknown to the sync.';

revoke execute on function
  gazelle.relation_obstacles, gazelle.key_obstacles,
  gazelle.not_null_obstacles
from public;

create or replace function gazelle.value_obstacle(tbl regclass, col name)
returns table (code text, object text, problem text, hint text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  converted record;
  row_id text;
  shown text;
  ignored text;
begin
  select k.using_sql, k.found_type, k.wanted into converted
  from gazelle.existing_columns() k
  where k.tbl = value_obstacle.tbl and k.col = value_obstacle.col and k.using_sql is not null;
  if not found then
    return;
  end if;
  begin
    execute format('select count(%s) from %s', converted.using_sql, tbl) into ignored;
    return;
  exception
    when data_exception or cannot_coerce or undefined_function then
      null;
  end;
  -- Some value does not convert: find the first by converting one row at a time.
  for row_id, shown in
    execute format('select external_id::text, %1$I::text from %2$s where %1$I is not null', col, tbl)
  loop
    begin
      execute format('select (%s)::text from (select $1::%s as %I) one', converted.using_sql,
        converted.found_type, col) into ignored using shown;
    exception
      when data_exception or cannot_coerce or undefined_function then
        return query select 'GZ005', format('%s.%I', tbl, col),
          format('is to be %s, and %L of %L cannot be: %s', converted.wanted, left(shown, 60), row_id, sqlerrm),
          format('Correct it: update %s set %I = … where external_id = %L;', tbl, col, row_id);
        return;
    end;
  end loop;
end;
$$;
comment on function gazelle.value_obstacle(regclass, name) is
  'The first value of a column that cannot be converted, with its row.';

create or replace function gazelle.conversion_problem(tbl regclass, by_hand text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('create table gazelle.trial (like %s including all excluding indexes)', tbl);
  -- An index of another kind than btree is told by its name.
  execute (
    select coalesce(string_agg(replace(pg_catalog.pg_get_indexdef(i.indexrelid), format(' INDEX %I ON %s ', x.relname, tbl),
      ' INDEX ON gazelle.trial '), '; '), 'select')
    from pg_catalog.pg_index i
    join pg_catalog.pg_class x on x.oid = i.indexrelid
    join pg_catalog.pg_am am on am.oid = x.relam and am.amname = 'btree'
    where i.indrelid = tbl
  );
  execute replace(by_hand, format('alter table %s ', tbl), 'alter table gazelle.trial ');
  raise exception using errcode = 'GZ008';
exception
  when sqlstate 'GZ008' then
    return null;
  when others then
    return sqlerrm;
end;
$$;
comment on function gazelle.conversion_problem(regclass, text) is
  'Tries a conversion on an empty copy of a table, which is rolled back (GZ008), and returns the error it meets, or null.';

create or replace function gazelle.conversion_obstacles(tbl regclass)
returns table (code text, object text, problem text, hint text)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with k as (
    select * from gazelle.existing_columns() e where e.tbl = conversion_obstacles.tbl and e.using_sql is not null
  ), statement as (
    select k.*, a.attnum, gazelle.becomes(a.atttypid, k.wanted, k.using_sql, k.col) as converts, format('alter table %1$s alter column %2$I drop default, alter column %2$I type %3$s using %4$s;',
      k.tbl, k.col, k.wanted, k.using_sql) as by_hand
    from k
    join pg_catalog.pg_attribute a on a.attrelid = k.tbl and a.attname = k.col
  )
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, which it cannot become', s.found_type, s.wanted),
    format('It seems to be something else: alter table %s rename column %I to %I; then one of ours is added.',
      s.tbl, s.col, s.col || '_before')
  from statement s
  where not s.converts
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col), format('is %s and must be %s, and that fails: %s', s.found_type, s.wanted, trial.problem),
    format('A constraint, a default or an index of its own does not fit: drop that, install, and make it anew for the new type. '
      || 'Or convert before: %s', s.by_hand)
  from statement s
  cross join lateral gazelle.conversion_problem(s.tbl, s.by_hand) trial (problem)
  where s.converts and trial.problem is not null
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, and this uses it: %s', s.found_type, s.wanted,
      string_agg(distinct pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), ', ')),
    format('Drop that, install, and make it anew for the new type. Or convert before: %s', s.by_hand)
  from statement s
  join pg_catalog.pg_depend d on d.refobjid = s.tbl and d.refobjsubid = s.attnum
  left join pg_catalog.pg_class i on d.classid = 'pg_class'::regclass and i.oid = d.objid and i.relkind = 'i'
  left join pg_catalog.pg_am am on am.oid = i.relam
  where s.converts
    and (d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass) or am.amname <> 'btree')
  group by s.tbl, s.col, s.found_type, s.wanted, s.by_hand
  union all
  select 'GZ005', format('%s.%I', s.tbl, s.col),
    format('is %s and must be %s, and the table is too large to be rewritten while it is in use (%s)', s.found_type, s.wanted,
      pg_size_pretty(pg_relation_size(s.tbl))),
    format('Convert it when nobody needs the table: %s', s.by_hand)
  from statement s
  where s.converts and s.rewrites and pg_relation_size(s.tbl) > 32 * 1024 * 1024
$$;
comment on function gazelle.conversion_obstacles(regclass) is
  'Columns that need conversion but are used by a view, policy, trigger or special index, or whose table is so large
   that the rewrite would lock it for more than about a second.';

create or replace function gazelle.obstacles()
returns table (code text, object text, problem text, hint text)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with ours as materialized (
    select distinct k.tbl
    from gazelle.existing_columns() k
    where k.tbl::text not in (select r.object from gazelle.relation_obstacles() r)
  ), named as materialized (
    select o.tbl, found.* from ours o left join gazelle.key_obstacles(o.tbl) found on true
  ), known as materialized (
    -- A table without a usable external_id (GZ003) holds something else: its other columns do not matter.
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
  cross join lateral gazelle.value_obstacle(k.tbl, k.col) found
  where k.using_sql is not null
    and gazelle.becomes(k.found_type::regtype, k.wanted, k.using_sql, k.col)
$$;
comment on function gazelle.obstacles() is
  'Why existing tables cannot be taken over: one row a reason, with the remedy. Empty where no such table exists.';

revoke execute on function
  gazelle.value_obstacle, gazelle.conversion_problem, gazelle.conversion_obstacles, gazelle.obstacles
from public;

do $$
declare
  found record;
  demand record;
begin
  with reasons as (
    select *, row_number() over (order by o.object, o.code, o.problem) as place
    from (
      select * from gazelle.earlier_obstacles()
      union all
      select * from gazelle.installer_obstacles()
      union all
      select * from gazelle.name_obstacles()
      union all
      select * from gazelle.job_obstacles()
      union all
      select * from gazelle.obstacles()
    ) o
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
  for demand in select * from gazelle.strict_constraints() loop
    raise warning '% may refuse what Gazelle sends: % %', demand.tbl, demand.name, demand.definition using
      hint = format('A record that it refuses is not stored. Where that is not wanted, make it wider, or: %s', demand.change);
  end loop;
end
$$;
