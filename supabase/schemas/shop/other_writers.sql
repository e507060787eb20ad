-- Who else writes to the streams' tables, as far as a database knows: the doctor asks what only people can answer.

create function shop.other_code()
returns table (kind text, name text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tables constant text := (
    select string_agg(c.relname, '|') from sync.streams s join pg_catalog.pg_class c on c.oid = s.target
  );
  pattern constant text := format(
    '\m(insert\s+into|update|delete\s+from|merge\s+into|copy)\s+(only\s+)?("?public"?\.)?"?(%s)\M', tables);
begin
  return query
  select 'function', p.oid::regprocedure::text
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.prosrc ~* pattern and n.nspname !~ '^(pg_|information_schema$|ownership|tests$)'
    and not gazelle.is_our_schema(n.nspname) and gazelle.extension_of('pg_proc'::regclass, p.oid) is null
    and not (n.nspname = 'public' and p.proname in (
      select t.name from gazelle.taken_names() t where t.kind = 'function'
    ));
  if to_regclass('cron.job') is not null then
    return query execute 'select ''job'', j.jobname::text from cron.job j where j.command ~* $1' using pattern;
  end if;
end;
$$;
comment on function shop.other_code() is
  'Functions and jobs of pg_cron, none of them ours, whose text writes to a table that a stream fills.';

create function shop.kept_from_programs()
returns table (cells bigint, example text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with kept as (
    select format('%s.%I of %s', b.tbl, b.col, b.key) as cell, b.last_at
    from ownership.blocked_writes b
    where b.writer = 'service_role' and not ownership.is_blank(b.offered) and b.offered <> 'false'
      and b.last_at > now() - interval '7 days' and b.tbl in (select s.target from sync.streams s)
  )
  select count(distinct k.cell), (array_agg(k.cell order by k.last_at desc, k.cell))[1] from kept k
$$;
comment on function shop.kept_from_programs() is
  'How many cells kept a value of service_role out in a week, that no source sends and is not blank, and the last of
   them: it may be what people wrote through a back end that has the service key.';

create function shop.writers_state()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', (
      select coalesce(jsonb_agg(format('%s %s', c.kind, c.name) order by c.kind, c.name), '[]') from shop.other_code() c
    ),
    'kept', k.cells,
    'example', k.example,
    'backend_writes', exists (select from ownership.history h where h.writer = 'app_backend')
  )
  from shop.kept_from_programs() k
$$;
comment on function shop.writers_state() is
  'What the doctor tells of other writers: code in the database, values kept out of programs, and whether anybody has
   written as app_backend.';

revoke execute on function shop.other_code, shop.kept_from_programs, shop.writers_state from public;
