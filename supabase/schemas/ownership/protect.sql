-- What protect refuses, and how it finds the key by which a row is recognised.

create function ownership_private.index_problem(i pg_index)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not i.indisvalid or not i.indisready then 'is not valid'
    when i.indpred is not null then 'covers only a part of the rows'
    when not i.indimmediate then 'is deferrable'
  end
$$;
comment on function ownership_private.index_problem is 'Why rows cannot be recognised by a unique index; NULL where they can.';

create function ownership_private.key_column_problem(target regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not f.not_null then format('%I may be NULL', col)
    when e.typtype = 'e' then format('the values of %I, of type %s, can be renamed', col, f.type_sql)
    when f.base in ('numeric', 'real', 'double precision', 'interval') or ownership_private.is_citext(f.base)
      or f.is_exact or f.base = 'bpchar'::regtype and l.collisdeterministic then null
    when not l.collisdeterministic then format('%I has the nondeterministic collation %s, and equal values are not written alike', col, f.collation_sql)
    else format('equal values of %I, of type %s, are not always written alike', col, f.type_sql)
  end
  from ownership_private.column_facts(target, col) f
  join pg_type b on b.oid = f.base
  left join pg_type e on e.oid = ownership_private.base_type(case when f.is_array then b.typelem else b.oid end)
  left join pg_attribute a on a.attrelid = target and a.attname = col
  left join pg_collation l on l.oid = a.attcollation
$$;
comment on function ownership_private.key_column_problem is
  'Why a column cannot be part of an identity key; NULL where it can. Claims name a row by the text of its key.';

create function ownership_private.keys(target regclass)
returns table (cols name[], index_oid oid, problem text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select k.cols, k.index_oid, coalesce(
    'its unique index ' || k.index_oid::regclass || ' ' || k.index_problem,
    (select p from unnest(k.cols) c, ownership_private.key_column_problem(target, c) p where p is not null limit 1))
  from (
    select array_agg(a.attname order by u.place) as cols, i.indexrelid as index_oid,
      ownership_private.index_problem(i) as index_problem
    from pg_catalog.pg_index i
    cross join unnest(i.indkey::int2[]) with ordinality u (attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum
    where i.indrelid = target and i.indisunique and i.indexprs is null and u.place <= i.indnkeyatts
    group by i.indexrelid, ownership_private.index_problem(i)
  ) k
$$;
comment on function ownership_private.keys is
  'The unique keys of a table, each with the reason why its rows cannot be recognised by it; NULL where they can.';

create function ownership_private.default_identity_key(target regclass)
returns name[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select k.cols
  from ownership_private.keys(target) k
  join pg_index i on i.indexrelid = k.index_oid
  cross join lateral (
    select bool_or(a.attidentity <> '' or a.atthasdef) as surrogate
    from pg_attribute a where a.attrelid = target and a.attname = any (k.cols)
  ) f
  order by k.problem is not null, f.surrogate, not ('external_id' = any (k.cols)), not i.indisprimary, k.index_oid
  limit 1
$$;
comment on function ownership_private.default_identity_key is
  'A unique key to recognise rows by: preferably one without default, because a key that a source hands out stays the
   same when a row is inserted again, and a serial does not. One with a problem only where there is no other.';

create function ownership_private.check_column(target regclass, col name, identity_key name[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  reason text;
begin
  if not exists (select from ownership_private.column_facts(target, col)) then
    perform ownership_private.fail('OW003', format('table %s has no column %I', target, col),
      format('Its columns are: %s.', (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_catalog.pg_attribute a
        where a.attrelid = target and a.attnum > 0 and not a.attisdropped
      )),
      'Check the spelling; names are case sensitive.');
  end if;
  select case
    when c.relkind not in ('r', 'p') then 'it is not an ordinary or partitioned table'
    when n.nspname in ('pg_catalog', 'information_schema', 'ownership', 'ownership_private') then 'its schema is not for user tables'
    when c.relpersistence = 't' then 'a temporary table is gone with its session'
    when exists (
      select from pg_catalog.pg_inherits i
      join pg_catalog.pg_class p on p.oid = i.inhparent and p.relkind = 'r'
      where i.inhparent = target
    ) then 'tables inherit from it, and writes to them do not fire its triggers'
    when a.attgenerated <> '' then 'it is a generated column'
    when a.attidentity <> '' then 'it is an identity column'
    when col = any (identity_key) then 'it belongs to the identity key'
    when exists (
      select from pg_catalog.pg_index i
      where i.indrelid = target and i.indisprimary and a.attnum = any (i.indkey::int2[])
    ) then 'it belongs to the primary key'
    when exists (
      select from pg_catalog.pg_constraint f
      where f.conrelid = target and f.contype = 'f' and a.attnum = any (f.conkey)
        and (f.confdeltype in ('n', 'd', 'c') or f.confupdtype in ('n', 'd', 'c'))
    ) then 'its foreign key has ON DELETE or ON UPDATE with SET NULL, SET DEFAULT or CASCADE, and keeping its value would leave it dangling'
  end
  into reason
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where a.attrelid = target and a.attname = col;
  if reason is not null then
    perform ownership_private.fail('OW005',
      format('column %I of table %s cannot be protected: %s', col, target, reason),
      'Protecting it would do harm, or would not hold.', 'Protect another column, or change the table first.');
  end if;
end
$$;
comment on function ownership_private.check_column is 'Refuses what cannot be protected without harm (OW003, OW005).';

create function ownership_private.check_options(target regclass, col name, mode text, on_conflict text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  rules constant text[] := array['keep', 'reject', 'observe'];
begin
  if not ownership_private.is_mode(mode) then
    perform ownership_private.fail('OW004', format('unknown mode %L for column %I of table %s', mode, col, target),
      format('Modes are: %s.', (select string_agg(m.mode, ', ') from ownership.modes() m)),
      format('Leave mode out for the default: %s for arrays of text, %s for the rest.',
        ownership_private.default_mode('arrays of text'), ownership_private.default_mode('scalars')));
  end if;
  if ownership_private.merges(mode) and not (select f.is_set from ownership_private.column_facts(target, col) f) then
    perform ownership_private.fail('OW004',
      format('mode %s needs an array, and column %I of table %s is %s', mode, col, target, (
        select f.type_sql from ownership_private.column_facts(target, col) f
      )),
      'Only arrays can be merged by element.', format('Use %s.', ownership_private.default_mode('scalars')));
  end if;
  if on_conflict <> all (rules) then
    perform ownership_private.fail('OW006',
      format('unknown on_conflict %L for column %I of table %s', on_conflict, col, target),
      format('Rules are: %s.', array_to_string(rules, ', ')), 'Leave on_conflict out for the default, keep.');
  end if;
end
$$;
comment on function ownership_private.check_options is 'Refuses unknown modes (OW004) and conflict rules (OW006).';

create function ownership_private.check_source(target regclass, col name, source name)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if source is not null and not ownership_private.is_program(source) then
    perform ownership_private.fail('OW019',
      format('%I cannot be the source of column %I of table %s', source, col, target),
      format('Writers below rank 100 are: %s.', (
        select string_agg(quote_ident(w.role), ', ' order by w.role) from ownership_private.writers w where w.rank < 100
      )),
      'Register it first with ownership.register_writer, with a rank below 100.');
  end if;
end
$$;
comment on function ownership_private.check_source is 'Refuses a source that is no registered program (OW019).';

create function ownership_private.enroll(target regclass, wanted_key name[])
returns ownership_private.protected_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  enrolled ownership_private.protected_tables;
  found_key name[] := coalesce(wanted_key, ownership_private.default_identity_key(target));
  key record;
begin
  select * into enrolled from ownership_private.protected_tables t where t.tbl = target;
  if found then
    if wanted_key is not null and wanted_key <> enrolled.identity_key then
      perform ownership_private.fail('OW007',
        format('table %s already has the identity key %s', target, enrolled.identity_key),
        format('%s was asked for; all policies of a table share one key.', wanted_key),
        'Leave identity_key out, or unprotect the table first.');
    end if;
    return enrolled;
  end if;
  select k.index_oid, k.problem into key
  from ownership_private.keys(target) k
  where k.cols @> found_key and k.cols <@ found_key
  order by k.problem is not null, k.index_oid
  limit 1;
  if not found then
    perform ownership_private.fail('OW007',
      format('table %s has no unique index on %s', target, coalesce(found_key::text, 'any not null column')),
      'A row must be recognised when it comes back after a delete; a deferrable constraint does not do.',
      'Add a unique constraint, or name its columns as identity_key.');
  elsif key.problem is not null then
    perform ownership_private.fail('OW007',
      format('rows of table %s cannot be recognised by the key %s: %s', target, found_key, key.problem),
      'Two rows would be taken for one, or a row that comes back for another.',
      'Change the table, or name other columns as identity_key.');
  end if;
  insert into ownership_private.protected_tables (tbl, identity_key)
  values (target, found_key)
  returning * into enrolled;
  return enrolled;
end
$$;
comment on function ownership_private.enroll is
  'The row of a table in protected_tables, inserted with the table''s first policy (OW007 where no key identifies
   rows).';

-- What table and column were when they were protected: health compares it with what they are today.

create function ownership_private.note_table()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.protected_name := new.tbl::text;
  return new;
end
$$;
comment on function ownership_private.note_table is 'Records the name of a table that is being protected.';

create function ownership_private.note_column()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  select a.attnum, format_type(a.atttypid, a.atttypmod) into new.attnum, new.type_sql
  from ownership_private.protected_tables t
  join pg_attribute a on a.attrelid = t.tbl and a.attname = new.col and not a.attisdropped
  where t.id = new.table_id;
  return new;
end
$$;
comment on function ownership_private.note_column is
  'Records number and type of a column that is being protected, or protected anew.';

create trigger note_table before insert on ownership_private.protected_tables
for each row execute function ownership_private.note_table();

create trigger note_column before insert or update on ownership_private.policies
for each row execute function ownership_private.note_column();

-- protect and unprotect make and end a policy. Both are idempotent and need rank 100.

create function ownership.protect(
  tbl regclass, col name, mode text default null, identity_key name[] default null,
  blank_values text[] default '{}', on_conflict text default 'keep', empty_is_opinion boolean default false,
  source name default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  enrolled ownership_private.protected_tables;
  policy_mode text;
  known ownership_private.policies;
  new_policy integer;
begin
  perform ownership.require_person('protect');
  perform ownership_private.check_column(tbl, col, coalesce(identity_key, ownership_private.default_identity_key(tbl)));
  policy_mode := coalesce(mode, (
    select ownership_private.default_mode(case when f.is_set_of_text then 'arrays of text' else 'scalars' end)
    from ownership_private.column_facts(tbl, col) f
  ));
  perform ownership_private.check_options(tbl, col, policy_mode, on_conflict);
  perform ownership_private.check_source(tbl, col, source);
  execute format('lock table %s in share row exclusive mode', tbl);
  enrolled := ownership_private.enroll(tbl, identity_key);

  select * into known from ownership_private.policies p where p.table_id = enrolled.id and p.col = protect.col;
  if found and ownership_private.merges(known.mode) <> ownership_private.merges(policy_mode) then
    perform ownership_private.fail('OW004',
      format('column %I of table %s is protected in mode %s', col, tbl, known.mode),
      'Claims on elements and claims on whole values do not translate into each other.',
      'Call ownership.unprotect first, then protect and adopt.');
  end if;
  insert into ownership_private.policies as p
    (table_id, col, mode, blank_values, on_conflict, empty_is_opinion, source)
  values (
    enrolled.id, protect.col, policy_mode, coalesce(protect.blank_values, '{}'), protect.on_conflict,
    protect.empty_is_opinion,
    coalesce(protect.source, (select w.role from ownership_private.writers w order by w.rank, w.role limit 1))
  )
  on conflict on constraint policies_table_id_col_key do update
  set mode = excluded.mode, blank_values = excluded.blank_values, on_conflict = excluded.on_conflict,
    empty_is_opinion = excluded.empty_is_opinion, source = coalesce(protect.source, p.source), protected_at = now()
  returning p.id into new_policy;
  perform ownership_private.make_gate(new_policy);

  if ownership_private.merges(policy_mode) and known.id is null then
    execute format(
      'insert into ownership_private.bases (policy_id, key, source, base)
       select %1$s, %2$s, (select p.source from ownership_private.policies p where p.id = %1$s), ''{}''
       from %3$s r where not ownership.is_blank(r.%4$I::text[])',
      new_policy, ownership_private.key_sql(tbl, enrolled.identity_key, 'r'), tbl, col);
  end if;
  perform ownership_private.generate(enrolled);
  if ownership_private.unknown_writers(enrolled) is not null then
    raise warning '% may be written by roles that are no writers: %', tbl, ownership_private.unknown_writers(enrolled)
      using hint = 'Register them with ownership.register_writer: what a person writes through one is not kept.';
  end if;
end
$$;
comment on function ownership.protect is
  'Protects a column. Arguments: table, column, mode (default merge_set for arrays of text, claim else), identity key,
   values that count as blank, keep | reject | observe, whether an empty set is an opinion, and the writer that fills
   the column (default: as before, and at first the writer of the lowest rank). Errors: OW001, OW003 to OW007, OW016,
   OW019.';

create function ownership_private.policy_of(target regclass, col name)
returns ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known ownership_private.policies;
begin
  select p.* into known
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where t.tbl = target and p.col = policy_of.col;
  if not found then
    perform ownership_private.fail('OW008', format('column %I of table %s is not protected', col, target),
      format('Protected there: %s.', coalesce((
        select string_agg(quote_ident(p.col), ', ' order by p.col)
        from ownership_private.policies p
        join ownership_private.protected_tables t on t.id = p.table_id
        where t.tbl = target
      ), 'nothing')),
      'Check the spelling, or protect it with ownership.protect.');
  end if;
  return known;
end
$$;
comment on function ownership_private.policy_of is 'The policy of a column (OW008 where there is none).';

create function ownership.unprotect(tbl regclass, col name)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  enrolled ownership_private.protected_tables;
  table_exists boolean;
  gone integer;
begin
  perform ownership.require_person('unprotect');
  select * into enrolled from ownership_private.protected_tables t where t.tbl = unprotect.tbl;
  if not found then
    return;
  end if;
  -- A dropped table still has its row in protected_tables, by its OID.
  table_exists := exists (select from pg_catalog.pg_class c where c.oid = unprotect.tbl);
  if table_exists then
    execute format('lock table %s in share row exclusive mode', tbl);
  end if;
  perform ownership_private.remember(c.policy_id, c.key, c.element, 'unprotected', w.writer, c.value, c.value)
  from ownership_private.policies p
  join ownership_private.claims c on c.policy_id = p.id
  cross join ownership_private.current_writer() w
  where p.table_id = enrolled.id and p.col = unprotect.col
  order by c.key, c.element;
  delete from ownership_private.policies p
  where p.table_id = enrolled.id and p.col = unprotect.col
  returning p.id into gone;
  if table_exists then
    perform ownership_private.generate(enrolled);
  end if;
  if gone is not null then
    execute format('drop sequence ownership_private.%I', 'gate_' || gone);
  end if;
  delete from ownership_private.protected_tables t
  where t.id = enrolled.id and not exists (select from ownership_private.policies p where p.table_id = t.id);
end
$$;
comment on function ownership.unprotect is
  'Takes the policy of a column away, with its claims and blocked writes; the values and the history stay, and the
   history tells what was given up. Error: OW001.';

create function ownership.step_aside(tbl regclass)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership.require_person('step_aside');
  if not exists (select from ownership_private.protected_tables t where t.tbl = step_aside.tbl) then
    perform ownership_private.fail('OW008', format('table %s is not protected', tbl), 'There is nothing to take off.',
      'See ownership.policies.');
  end if;
  perform ownership_private.drop_triggers(t) from ownership_private.protected_tables t where t.tbl = step_aside.tbl;
end
$$;
comment on function ownership.step_aside is
  'Takes the engine''s triggers off a table, for a change that they stand in the way of, such as another type of a
   protected column. Nothing is protected there until ownership.protect of that column, or ownership.repair, makes them
   anew: call it in the same transaction. Claims stay. Errors: OW001, OW008.';
