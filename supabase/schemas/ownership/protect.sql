-- protect: makes a policy of a table, and notes what table and column were.

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
  perform ownership_private.succeed(target);
  select * into enrolled from ownership_private.protected_tables t where t.tbl = target;
  if found then
    if wanted_key is not null and wanted_key <> enrolled.identity_key then
      perform ownership_private.fail('OW007',
        format('table %s already has the identity key %s', target, enrolled.identity_key),
        format('%s was asked for; all policies of a table share one key.', wanted_key),
        'Leave identity_key out, or unprotect the table first.');
    end if;
    -- To protect it under another name says that it keeps its policies there.
    update ownership_private.protected_tables t set protected_name = t.name where t.id = enrolled.id;
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

create function ownership_private.types_of(tbl regclass, cols name[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select f.type_sql from unnest(cols) with ordinality k (name, place)
    cross join lateral ownership_private.column_facts(tbl, k.name) f
    order by k.place
  )
$$;
comment on function ownership_private.types_of is 'The types of some columns.';

create function ownership_private.note_table()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.name := new.tbl::text;
  new.noted_oid := new.tbl::oid;
  if tg_op = 'INSERT' then
    new.protected_name := new.name;
  end if;
  new.key_attnums := array(
    select a.attnum from unnest(new.identity_key) with ordinality k (name, place)
    join pg_attribute a on a.attrelid = new.tbl and a.attname = k.name
    order by k.place
  );
  new.key_types := ownership_private.types_of(new.tbl, new.identity_key);
  return new;
end
$$;
comment on function ownership_private.note_table is
  'Records the names, numbers and types of a table that is being protected and of its key.';

create function ownership_private.note_column()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  found_col record;
begin
  select a.attnum, format_type(a.atttypid, a.atttypmod) as type_sql, ownership_private.labels_of(a.atttypid) as labels
  into found_col
  from ownership_private.protected_tables t
  join pg_attribute a on a.attrelid = t.tbl and a.attname = new.col and not a.attisdropped
  where t.id = new.table_id;
  -- A column that is not there keeps its number, by which it is known under another name.
  if found then
    new.attnum := found_col.attnum;
    new.type_sql := found_col.type_sql;
    new.labels := found_col.labels;
  end if;
  return new;
end
$$;
comment on function ownership_private.note_column is
  'Records number, type and labels of a column that is being protected, or protected anew.';

-- Not before an update of the name alone, by which follow gives a table a name that none has.
create trigger note_table before insert or update of tbl on ownership_private.protected_tables
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
set jit = off
as $$
declare
  enrolled ownership_private.protected_tables;
  is_successor boolean := ownership_private.succeeds(tbl) is not null;
  policy_mode text;
  known ownership_private.policies;
  new_policy integer;
begin
  perform ownership.require_person('protect');
  perform ownership_private.follow();
  perform ownership_private.check_column(tbl, col, coalesce(identity_key, ownership_private.default_identity_key(tbl)));
  policy_mode := coalesce(mode, (
    select p.mode from ownership_private.policies p
    where p.table_id = ownership_private.succeeds(tbl) and p.col = protect.col
  ), (
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
    execute coalesce(ownership_private.note_long_keys_sql(enrolled, tbl || ' r', 'r'), 'select');
    execute format(
      'insert into ownership_private.bases (policy_id, key, source, base)
       select %1$s, %2$s, (select p.source from ownership_private.policies p where p.id = %1$s), ''{}''
       from %3$s r where not ownership.is_blank(r.%4$I::text[])',
      new_policy, ownership_private.key_sql(tbl, enrolled.identity_key, 'r'), tbl, col);
  end if;
  perform ownership_private.generate(enrolled);
  perform ownership_private.warn_of_risks(enrolled, col, known.id is null);
  if is_successor then
    perform ownership_private.bring_back(enrolled);
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
set jit = off
as $$
declare
  enrolled ownership_private.protected_tables;
  table_exists boolean;
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
  perform ownership_private.end_policy(p.id)
  from ownership_private.policies p
  where p.table_id = enrolled.id and p.col = unprotect.col;
  if table_exists then
    perform ownership_private.generate(enrolled);
  end if;
  delete from ownership_private.protected_tables t
  where t.id = enrolled.id and not exists (select from ownership_private.policies p where p.table_id = t.id);
end
$$;
comment on function ownership.unprotect is
  'Takes the policy of a column away, with its claims and blocked writes; the values and the history stay, and the
   history tells what was given up. Error: OW001.';
