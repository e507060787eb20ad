-- Fingerprints: what the engine's objects were when they were installed or generated, for health to compare with. They
-- name objects and never their OIDs, so that they are still right after a dump and restore.

create table ownership_private.fingerprints (
  object text primary key,
  hash text not null,
  recorded_at timestamptz not null default now()
);
comment on table ownership_private.fingerprints is
  'The engine''s own functions, triggers, tables, views and event triggers as they were installed.';

create table ownership_private.generated (
  table_id integer references ownership_private.protected_tables on delete cascade,
  suffix text,
  body text not null,
  attributes text not null,
  definition text,
  inputs text not null,
  server text not null,
  primary key (table_id, suffix)
);
comment on table ownership_private.generated is
  'The generated functions and triggers of each protected table as they were generated: hashes of the body, of the other
   attributes of the function, of the trigger''s definition, and of all that the generator built on.';

create function ownership_private.server_major()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (current_setting('server_version_num')::integer / 10000)::text
$$;
comment on function ownership_private.server_major is
  'The major version of Postgres. Another one may write the same view or trigger in other words.';

create function ownership_private.attributes_hash(p pg_proc)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select md5(format('%s %s %s %s %s %s %s %s %s', p.prolang = (select l.oid from pg_language l where l.lanname = 'sql'),
    p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.provolatile, p.proparallel, p.prorettype::regtype,
    p.proconfig))
$$;
comment on function ownership_private.attributes_hash is
  'What a function is beside its body and its owner: language, security, volatility, settings and the like.';

create function ownership_private.is_generated(p pg_proc)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select p.prorettype = 'trigger'::regtype and p.proname ~ '^(guard|fill|returned)_[0-9]+$'
$$;
comment on function ownership_private.is_generated is 'Whether a function of the engine was made by generate.';

create function ownership_private.table_text(tbl pg_class)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(E'\n', tbl.relkind, tbl.relpersistence, tbl.relrowsecurity, tbl.relforcerowsecurity,
    (
      select string_agg(format('%s %s %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)), ', ' order by a.attname)
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = tbl.oid and a.attnum > 0 and not a.attisdropped
    ),
    (
      select string_agg(format('%s %s %s', c.conname, pg_get_constraintdef(c.oid), c.convalidated), ', ' order by c.conname)
      from pg_constraint c
      where c.conrelid = tbl.oid and c.contype <> 'n'
    ),
    -- The triggers of foreign keys have no name that is the same everywhere.
    (select count(*) from pg_trigger g where g.tgrelid = tbl.oid and g.tgisinternal and g.tgenabled <> 'O'))
$$;
comment on function ownership_private.table_text is
  'What a table of the engine is: columns, constraints, row security, whether foreign keys are enforced.';

create function ownership_private.current_fingerprints()
returns table (object text, hash text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'function ' || p.oid::regprocedure, md5(p.prosrc || ownership_private.attributes_hash(p))
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not ownership_private.is_generated(p)
  union all
  select 'event trigger ' || quote_ident(e.evtname), md5(concat_ws(E'\n', e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regproc))
  from pg_event_trigger e
  join pg_proc p on p.oid = e.evtfoid and p.pronamespace = 'ownership_private'::regnamespace
  union all
  select format('trigger %I on %s', g.tgname, c.oid::regclass), md5(pg_get_triggerdef(g.oid) || g.tgenabled::text)
  from pg_class c
  join pg_trigger g on g.tgrelid = c.oid and not g.tgisinternal
  where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
  union all
  select format('rule %I on %s', r.rulename, c.oid::regclass), md5(pg_get_ruledef(r.oid) || r.ev_enabled::text)
  from pg_class c
  join pg_rewrite r on r.ev_class = c.oid and r.rulename <> '_RETURN'
  where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
  union all
  select case when c.relkind = 'v' then 'view ' else 'table ' end || c.oid::regclass,
    md5(case when c.relkind = 'v' then concat_ws(E'\n', pg_get_viewdef(c.oid), c.reloptions)
      else ownership_private.table_text(c) end)
  from pg_class c
  where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select 'server', ownership_private.server_major()
$$;
comment on function ownership_private.current_fingerprints is
  'The engine''s objects as they are now, without what is generated for a table: that is in ownership_private.generated.';

-- What was generated for a table.

create function ownership_private.definition_hash(g pg_trigger)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select md5(format('%s %s %s %s %s %s %s', g.tgattr, g.tgdeferrable, g.tgnargs, g.tgoldtable, g.tgnewtable, g.tgconstraint = 0,
    substring(pg_get_triggerdef(g.oid) from ' WHEN (\(.*\)) EXECUTE ')))
$$;
comment on function ownership_private.definition_hash is
  'A trigger''s definition beside its name, table, time and function: columns, condition, transition tables.';

create function ownership_private.generator_inputs(t ownership_private.protected_tables)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select md5(concat_ws(E'\n', t.id, t.identity_key,
      (
        select string_agg(to_jsonb(p)::text, ',' order by p.id)
        from (
          select o.id, o.col, o.mode, o.blank_values, o.on_conflict, o.empty_is_opinion, o.source
          from ownership_private.policies o where o.table_id = t.id
        ) p
      ),
      (select string_agg(format('%s %s %s', w.role, w.rank, w.claims), ',' order by w.role) from ownership_private.writers w),
      (
        select string_agg(format('%s %s %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation,
          a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
          (
            select string_agg(w::regtype::text, ' ' order by w::regtype::text)
            from ownership_private.types_within(a.atttypid) w
          )), ',' order by a.attname)
        from pg_attribute a
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = t.tbl and not a.attisdropped and (
          a.attname = any (t.identity_key)
          or exists (select from ownership_private.policies p where p.table_id = t.id and p.col = a.attname)
        )
      ),
      (select md5(string_agg(f.hash, '' order by f.object collate "C")) from ownership_private.fingerprints f)))
  );
end
$$;
comment on function ownership_private.generator_inputs is
  'A hash of all that the generator builds on: policies, writers, the columns of policies and key with the types within
   them, and the generator itself as installed. As long as it is the same, the generator would make what it made.';

create function ownership_private.record_generated(t ownership_private.protected_tables)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from ownership_private.generated o where o.table_id = t.id;
  insert into ownership_private.generated (table_id, suffix, body, attributes, definition, inputs, server)
  select t.id, s.suffix, md5(p.prosrc), ownership_private.attributes_hash(p), ownership_private.definition_hash(g),
    ownership_private.generator_inputs(t), ownership_private.server_major()
  from unnest('{guard,fill,returned}'::text[]) s (suffix)
  join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = s.suffix || '_' || t.id
  join pg_trigger g on g.tgrelid = t.tbl and g.tgname = '~~ownership_' || s.suffix
$$;
comment on function ownership_private.record_generated is
  'Records what has just been generated for a table.';
