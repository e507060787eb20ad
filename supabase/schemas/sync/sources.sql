-- What a source and its streams are made of, so that one SQL file declares all of it.

create function sync.register_source(
  source text,
  role name,
  label text,
  rank integer default 10,
  unauthorized_codes text[] default '{}',
  access_check regprocedure default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regrole(quote_ident(role)) is null then
    execute format('create role %I nologin', role);
  end if;
  execute format('grant %I to authenticator', role);
  if not exists (select from ownership.writers w where w.role = register_source.role) then
    perform ownership.register_writer(role, rank, label);
  end if;
  -- A run reads and writes the sync's own tables beside those of its source, in one statement. What a role inherits is
  -- decided by the role up to Postgres 15, and from 16 on by the role as it is when the other is granted to it.
  execute format('alter role %I inherit', role);
  execute format('grant sync_worker to %I', role);

  insert into sync.sources as s (source, role, label, unauthorized_codes, access_check)
  values (source, role, label, unauthorized_codes, access_check::text)
  on conflict on constraint sources_pkey do update
  set role = excluded.role, label = excluded.label, unauthorized_codes = excluded.unauthorized_codes,
      access_check = excluded.access_check;
end;
$$;
comment on function sync.register_source(text, name, text, integer, text[], regprocedure) is
  'Makes a source known, with the role as which its runs write: the role is made if it is missing, and becomes a writer
   of this rank if it is none yet. The other arguments are the columns of sync.sources.';

create function sync.source_of(stream text)
returns sync.sources
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select o from sync.streams s join sync.sources o on o.source = s.source where s.stream = source_of.stream
$$;
comment on function sync.source_of(text) is 'Where the records of a stream come from.';

create function sync.act_as_source(stream text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('role', (sync.source_of(stream)).role, true);
end;
$$;
comment on function sync.act_as_source(text) is
  'From here on the caller works as the role of a stream''s source. Only for functions with a setting for the role of
   their own, which gives their caller''s role back at their end.';

create function sync.check_access(source text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  access_check text;
begin
  for access_check in
    select o.access_check
    from sync.sources o
    where o.access_check is not null and o.source = coalesce(check_access.source, o.source)
    order by o.source
  loop
    execute 'select ' || access_check;
  end loop;
end;
$$;
comment on function sync.check_access(text) is
  'Has a source, or each of them, look at its credentials and tell what is wrong.';

-- The columns of a stream are those that its table grants to the role of its source.

create function sync.columns_of(target regclass)
returns table (name name, category "char", default_value text, has_value text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL keeps its plan: a run asks many times.
  return query
  select
    a.attname,
    t.typcategory,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    -- Whether a live row has a value there, cheap enough to count a whole table.
    format(case t.typcategory
      when 'A' then 'cardinality(live.%I) > 0'
      when 'S' then 'btrim(live.%I) <> '''''
      when 'B' then 'live.%I'
      else 'live.%I is not null'
    end, a.attname)
  from sync.streams s
  join sync.sources o on o.source = s.source
  join pg_catalog.pg_attribute a on a.attrelid = s.target
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where s.target = columns_of.target
    and a.attnum > 0
    and not a.attisdropped
    and a.attname <> 'missing_since'
    and pg_catalog.has_column_privilege(o.role, a.attrelid, a.attnum, 'update')
  order by a.attnum;
end;
$$;
comment on function sync.columns_of(regclass) is
  'The columns a stream may write: those its table grants to the role of its source. category is that of pg_type: A is
   an array, and a set.';

create function sync.register_stream(
  stream text,
  target regclass,
  source text,
  bookkeeping name[] default '{}',
  max_blanked real default null,
  max_replaced real default null,
  max_missing real default null,
  least_loss integer default null,
  max_unstored real default null,
  max_inserted real default null,
  least_inserted integer default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  staged text := format('sync.%I', 'staged_' || register_stream.stream);
begin
  insert into sync.streams (stream, target, source, bookkeeping)
  values (register_stream.stream, register_stream.target, register_stream.source, register_stream.bookkeeping)
  on conflict on constraint streams_pkey do update
  set target = excluded.target, source = excluded.source, bookkeeping = excluded.bookkeeping;
  update sync.streams s
  set max_blanked = coalesce(register_stream.max_blanked, s.max_blanked),
      max_replaced = coalesce(register_stream.max_replaced, s.max_replaced),
      max_missing = coalesce(register_stream.max_missing, s.max_missing),
      least_loss = coalesce(register_stream.least_loss, s.least_loss),
      max_unstored = coalesce(register_stream.max_unstored, s.max_unstored),
      max_inserted = coalesce(register_stream.max_inserted, s.max_inserted),
      least_inserted = coalesce(register_stream.least_inserted, s.least_inserted)
  where s.stream = register_stream.stream;

  if to_regclass(staged) is null then
    execute format('create unlogged table %s partition of sync.staged_pages for values in (%L)',
      staged, register_stream.stream);
    execute format('grant select, insert, update, delete, truncate on %s to sync_worker', staged);
  end if;
  perform sync.make_known(register_stream.stream, register_stream.target);
end;
$$;
comment on function sync.register_stream(
  text, regclass, text, name[], real, real, real, integer, real, real, integer
) is
  'Makes a table a stream of a source. The table has a unique external_id, a missing_since, and grants its columns to
   the role of the source. bookkeeping: the columns whose losses never trip a run. The limits of the breaker stay as
   they are where none are given.';
