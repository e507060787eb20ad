-- Following: policies, claims and history go along when a table or column gets another name, and policies end with
-- their column. Event triggers call it after each command (alarms.sql); where the platform has none, protect, repair
-- and register_writer do.

create function ownership_private.changed_tables()
returns setof ownership_private.protected_tables
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select t.*
  from ownership_private.protected_tables t
  join pg_class c on c.oid = t.tbl
  where t.noted_oid <> t.tbl::oid
    or exists (
      select from ownership_private.policies p
      left join pg_attribute a on a.attrelid = t.tbl and not a.attisdropped
        and case when p.attnum = 0 then a.attname = p.col else a.attnum = p.attnum end
      where p.table_id = t.id and (p.attnum <> 0 or a.attnum is not null)
        and ((a.attname, a.attnum, format_type(a.atttypid, a.atttypmod)) is distinct from (p.col, p.attnum, p.type_sql)
          or p.labels is not null and p.labels <> ownership_private.labels_of(a.atttypid))
    )
    or exists (
      select from unnest(t.identity_key, t.key_attnums, t.key_types) k (name, attnum, type_sql)
      left join pg_attribute a on a.attrelid = t.tbl and a.attnum = k.attnum and not a.attisdropped
      where (a.attname, format_type(a.atttypid, a.atttypmod)) is distinct from (k.name, k.type_sql)
    )
    -- Names and types are the same, and something else on which the guards rest is not, such as a default.
    or exists (
      select from ownership_private.generated made
      where made.table_id = t.id and made.inputs <> ownership_private.generator_inputs(t)
    )
  order by t.id;
end
$$;
comment on function ownership_private.changed_tables is
  'Protected tables whose columns are not any more those that were noted, or for which the generator would make
   something else.';

create function ownership_private.note_names(t ownership_private.protected_tables, new_tbl text, new_cols jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.renames (id, old_tbl, old_col, tbl, col)
  select nextval(pg_get_serial_sequence('ownership_private.history', 'id')), t.name, p.col, new_tbl,
    coalesce(new_cols ->> p.id::text, p.col)
  from ownership_private.policies p
  where p.table_id = t.id and (t.name <> new_tbl or new_cols ? p.id::text);
  update ownership_private.policies p set col = new_cols ->> p.id::text
  where p.table_id = t.id and new_cols ? p.id::text;
  update ownership_private.protected_tables o set name = new_tbl where o.id = t.id;
end
$$;
comment on function ownership_private.note_names is
  'Gives a table and its policies new names. new_cols: by the policy''s id, the column''s new name.';

create function ownership_private.end_policy(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership_private.remember(policy, c.key, c.element, 'unprotected', w.writer, c.value, c.value)
  from ownership_private.claims c
  cross join ownership_private.current_writer() w
  where c.policy_id = policy
  order by c.key, c.element;
  -- Conditions of triggers read the gate. Whoever ends a policy generates the table's guards anew.
  perform ownership_private.drop_triggers(t)
  from ownership_private.protected_tables t join ownership_private.policies p on p.table_id = t.id
  where p.id = policy;
  delete from ownership_private.policies p where p.id = policy;
  execute format('drop sequence if exists ownership_private.%I', 'gate_' || policy);
end
$$;
comment on function ownership_private.end_policy is 'Ends a policy with its claims; the history has a line of each.';

create function ownership_private.follow_columns(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  ended record;
  renamed jsonb;
begin
  for ended in
    select p.id, p.col, (select count(*) from ownership_private.claims c where c.policy_id = p.id) as claims
    from ownership_private.policies p
    where p.table_id = t.id and p.attnum <> 0 and not exists (
      select from pg_attribute a where a.attrelid = t.tbl and a.attnum = p.attnum and not a.attisdropped
    )
    order by p.id
  loop
    perform ownership_private.end_policy(ended.id);
    raise warning 'column %.% was dropped: its policy ended with % claims', t.name, quote_ident(ended.col), ended.claims
      using hint = 'ownership.history has their values. Where the column comes back, ownership.protect it again.';
  end loop;
  select jsonb_object_agg(p.id, a.attname) into renamed
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attnum = p.attnum and a.attname <> p.col
  where p.table_id = t.id;
  if renamed is null then
    return;
  end if;
  -- Columns that exchange their names are first given names that no column has.
  perform ownership_private.note_names(t, t.name, (
    select jsonb_object_agg(r.key, '#' || r.key) from jsonb_each(renamed) r
  ))
  where (select count(*) from jsonb_each(renamed)) > 1;
  perform ownership_private.note_names(t, t.name, renamed);
end
$$;
comment on function ownership_private.follow_columns is
  'Ends the policies of dropped columns, and gives the others the names that their columns have today.';

create function ownership_private.check_merged(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  col name;
begin
  select p.col into col
  from ownership_private.policies p
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  where p.table_id = t.id and ownership_private.merges(p.mode) and not f.is_array
  order by p.id
  limit 1;
  if found then
    perform ownership_private.fail('OW004', format('column %I of table %s is merged by element and has to be an array', col, t.name),
      'In its new type nothing would guard it.', 'Call ownership.unprotect for it first, and protect it in its new type.');
  end if;
end
$$;
comment on function ownership_private.check_merged is
  'Refuses a type that a merged column cannot have (OW004).';

create function ownership_private.count_rows(
  t ownership_private.protected_tables, out all_rows bigint, out owned_rows bigint
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('select count(*), count(*) filter (where exists (
      select from ownership_private.policies p join ownership_private.claims c on c.policy_id = p.id
      where p.table_id = %s and c.key = %s))
    from %s r',
    t.id, ownership_private.key_sql(t.tbl, t.identity_key, 'r'), t.tbl) into all_rows, owned_rows;
end
$$;
comment on function ownership_private.count_rows is 'The rows of a table, and those of them in which somebody owns something.';

create function ownership_private.check_moved_rows(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Rows may be deleted meanwhile. Where more of what is owned is gone than that, it has another key.
  is_lost boolean := (
    select a.owned_rows - n.owned_rows > greatest(a.all_rows - n.all_rows, 0)
    from ownership_private.asides a, ownership_private.count_rows(t) n
    where a.table_id = t.id
  );
  sound ownership_private.policies;
begin
  -- Where keys were exchanged, each is still there, and what is owned is not.
  for sound in
    select p.* from ownership_private.asides a
    join ownership_private.policies_on(t) p on p.id = any (a.sound)
    cross join lateral ownership_private.column_facts(t.tbl, p.col) f
    where a.table_id = t.id and f.type_sql = p.type_sql
      and t.key_types is distinct from ownership_private.types_of(t.tbl, t.identity_key)
  loop
    exit when is_lost;
    execute format('select exists (%s)', ownership_private.lost_sql(sound, t)) into is_lost;
  end loop;
  if is_lost then
    perform ownership_private.fail('OW018', format('keys of table %s changed while its guards stood aside', t.name),
      'Claims name their rows by them, and would be of no row or of another one.',
      'Change a type alone, and keys by an update before or after: claims go along.');
  end if;
end
$$;
comment on function ownership_private.check_moved_rows is
  'Refuses that keys changed while guards stood aside, so that claims are of no row, or of another one (OW018).';

create function ownership_private.follow_key(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  today name[] := array(
    select a.attname
    from unnest(t.key_attnums) with ordinality k (attnum, place)
    join pg_attribute a on a.attrelid = t.tbl and a.attnum = k.attnum and not a.attisdropped
    order by k.place
  );
  problem text;
  old_key text;
begin
  if cardinality(today) < cardinality(t.identity_key) then
    perform ownership_private.fail('OW017',
      format('table %s cannot lose a column of its identity key %s', t.name, array_to_string(t.identity_key, ', ')),
      'Claims name their rows by it.', 'Call ownership.unprotect for its columns first: that ends their claims.');
  end if;
  update ownership_private.protected_tables o set identity_key = today where o.id = t.id returning o.* into t;
  if t.key_types is distinct from ownership_private.types_of(t.tbl, today) then
    select p into problem
    from unnest(today) k, ownership_private.key_column_problem(t.tbl, k) p
    where p is not null
    limit 1;
    if problem is not null then
      perform ownership_private.fail('OW018', format('the identity key of table %s cannot have this type', t.name),
        problem || '.', 'Choose another type, or call ownership.unprotect for its columns first.');
    end if;
    for old_key in
      select c.key from ownership_private.policies p join ownership_private.claims c on c.policy_id = p.id
      where p.table_id = t.id
      union
      select b.key from ownership_private.policies p join ownership_private.bases b on b.policy_id = p.id
      where p.table_id = t.id
    loop
      begin
        perform ownership_private.move_key(t.id, old_key, ownership_private.note_key(t.tbl, today, old_key));
      exception when sqlstate 'OW011' then
        perform ownership_private.fail('OW018', format('the identity key of table %s cannot have this type', t.name),
          format('Claims name a row by %s, which is no value of it.', old_key),
          'Choose another type, or call ownership.unprotect for its columns first.');
      end;
    end loop;
  end if;
end
$$;
comment on function ownership_private.follow_key is
  'Gives the identity key the names that its columns have today, and claims the text that keys have in its types.
   Errors: OW017, OW018.';

create function ownership_private.note_again(the_table integer, tbl regclass)
returns ownership_private.protected_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  noted ownership_private.protected_tables;
begin
  -- The triggers of both tables note what they find. Columns that are not there get the number 0, and wait.
  update ownership_private.protected_tables t set tbl = note_again.tbl where t.id = the_table returning t.* into noted;
  update ownership_private.policies p set attnum = 0 where p.table_id = the_table;
  return noted;
end
$$;
comment on function ownership_private.note_again is 'Notes by name what a table and its columns are now.';

create function ownership_private.follow_table(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Following a name notes the column's type anew.
  noted_policies ownership_private.policies[] := array(
    select p from ownership_private.policies p where p.table_id = t.id order by p.id
  );
begin
  if not exists (select from pg_class c where c.oid = t.tbl) then
    -- It was dropped: policies, claims and history stay under its name.
    delete from ownership_private.asides a where a.table_id = t.id;
    return;
  end if;
  perform ownership_private.end_aside(t);
  if t.name <> t.tbl::text then
    perform ownership_private.note_names(t, t.tbl::text, '{}');
  end if;
  -- In a table of another OID the numbers of columns mean nothing: it was loaded from a dump. Names do.
  if t.noted_oid = t.tbl::oid then
    perform ownership_private.follow_columns(o) from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.check_merged(o) from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.follow_key(o) from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.check_moved_rows(o) from ownership_private.protected_tables o where o.id = t.id;
    select o.* into t from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.follow_type(noted, t)
    from unnest(noted_policies) noted
    where noted.id in (select p.id from ownership_private.policies_on(t) p);
  end if;
  delete from ownership_private.asides a where a.table_id = t.id;
  t := ownership_private.note_again(t.id, t.tbl);
  perform ownership_private.generate(t);
  delete from ownership_private.protected_tables o
  where o.id = t.id and not exists (select from ownership_private.policies p where p.table_id = o.id);
end
$$;
comment on function ownership_private.follow_table is
  'Notes what a table and its columns are now, lets policies, claims and history go along, and generates its guards.';

create function ownership_private.follow_names()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
  renamed integer[] := array(
    select o.id from ownership_private.protected_tables o
    join pg_class c on c.oid = o.tbl
    where o.name <> o.tbl::text
    order by 1
  );
begin
  -- Tables that exchange their names are first given names that no table has.
  if cardinality(renamed) > 1 then
    perform ownership_private.note_names(o, '#' || o.id, '{}')
    from ownership_private.protected_tables o where o.id = any (renamed);
  end if;
  for t in select o.* from ownership_private.protected_tables o where o.id = any (renamed) order by o.id loop
    perform ownership_private.note_names(t, t.tbl::text, '{}');
  end loop;
end
$$;
comment on function ownership_private.follow_names is 'Gives tables that were renamed the names that they have today.';

create function ownership_private.follow_partitions()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  statement text;
begin
  for statement in
    select case when place.tgrelid is null then ownership_private.returned_trigger_sql(t, place.relid)
      else format('drop trigger %I on %s', '~~ownership_returned', place.tgrelid::regclass) end
    from ownership_private.protected_tables t
    join pg_class c on c.oid = t.tbl and c.relkind = 'p'
    join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = 'returned_' || t.id
    -- Where the table has none itself, its guards stepped aside or were taken away.
    join pg_trigger ours on ours.tgfoid = p.oid and ours.tgrelid = t.tbl
    cross join lateral (
      select tree.relid, g.tgrelid
      from (select relid from pg_partition_tree(t.tbl)) tree
      full join (
        select o.tgrelid from pg_trigger o where o.tgfoid = p.oid and o.tgname = '~~ownership_returned'
      ) g on g.tgrelid = tree.relid
    ) place
    where place.relid is null or place.tgrelid is null
  loop
    execute statement;
  end loop;
end
$$;
comment on function ownership_private.follow_partitions is
  'Gives the statement trigger of a partitioned table to partitions that came, and takes it off those that left. Row
   triggers come and go by themselves.';

create function ownership_private.follow(in_command boolean default false)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
begin
  perform ownership_private.follow_names();
  for t in
    select o.*
    from ownership_private.protected_tables o
    left join ownership_private.asides a on a.table_id = o.id
    where case when a.table_id is null then o.id in (select c.id from ownership_private.changed_tables() c)
      else not in_command end
    order by o.id
  loop
    begin
      perform ownership_private.follow_table(t);
    exception when others then
      if in_command and sqlstate in ('OW004', 'OW017', 'OW018') then
        raise;
      end if;
      raise warning 'ownership could not follow a change of table %: %', t.name, sqlerrm using hint = 'See ownership.health.';
    end;
  end loop;
  perform ownership_private.follow_partitions();
end
$$;
comment on function ownership_private.follow is
  'Lets policies, claims and history go along with changes of protected tables. in_command: called by an event trigger,
   which leaves alone tables whose guards stepped aside, and refuses what cannot be followed (OW017, OW018).';

create function ownership_private.generate_all()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
begin
  perform ownership_private.follow();
  for t in select o.* from ownership_private.tables_here() o loop
    begin
      perform ownership_private.generate(t);
    exception when others then
      raise warning 'the guards of table % could not be generated: %', t.name, sqlerrm
        using hint = 'Its guards stay as they were. See ownership.health.';
    end;
  end loop;
end
$$;
comment on function ownership_private.generate_all is
  'Generates the guards of all tables anew. A table of which that fails gets a warning and stops none of the others.';
