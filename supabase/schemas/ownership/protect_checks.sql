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
    when ownership_private.labels_of(f.base) is not null
      then format('the values of %I, of type %s, can be renamed', col, f.type_sql)
    when f.base in ('numeric', 'real', 'double precision', 'interval') or ownership_private.is_citext(f.base)
      or ownership_private.is_exact(f.type_id, f.collation_id)
      or f.base = 'bpchar'::regtype and l.collisdeterministic then null
    when not l.collisdeterministic then format('%I has the nondeterministic collation %s, and equal values are not written alike', col, f.collation_sql)
    else format('equal values of %I, of type %s, are not always written alike', col, f.type_sql)
  end
  from ownership_private.column_facts(target, col) f
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

create function ownership_private.has_matrix(target regclass, col name)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_one boolean;
begin
  if exists (select from pg_attribute a where a.attrelid = target and a.attname = col and a.attndims > 1) then
    return true;
  end if;
  -- How many dimensions were declared Postgres enforces nowhere.
  execute format('select exists (select from %s r where array_ndims(r.%I) > 1)', target, col) into found_one;
  return found_one;
end
$$;
comment on function ownership_private.has_matrix is 'Whether a column of arrays is meant for matrices, or holds one.';

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
  if ownership_private.merges(mode) and not exists (
    select from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    where t.tbl = target and p.col = check_options.col
  ) and ownership_private.has_matrix(target, col) then
    perform ownership_private.fail('OW004', format('mode %s would flatten column %I of table %s', mode, col, target),
      'It is declared as an array of several dimensions, or a row holds one; a set is a list of its elements.',
      format('Use %s, which keeps arrays whole.', ownership_private.default_mode('scalars')));
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

create function ownership_private.constraints_on_kept(target regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format('%I %s', c.conname, pg_get_constraintdef(c.oid)), '; ' order by c.conname)
  from pg_attribute a
  join pg_constraint c on c.conrelid = a.attrelid and a.attnum = any (c.conkey)
  where a.attrelid = target and a.attname = col
    and (c.contype = 'f' or c.contype in ('c', 'u', 'x') and (cardinality(c.conkey) > 1 or c.condeferrable)
      -- What two sets make may fit where neither did, and the other way round.
      or c.contype = 'c' and exists (
        select from ownership_private.policies p
        join ownership_private.protected_tables t on t.id = p.table_id
        where t.tbl = target and p.col = constraints_on_kept.col and ownership_private.merges(p.mode)
      ))
$$;
comment on function ownership_private.constraints_on_kept is
  'Constraints that a value which is kept can violate together with others that are written beside it, or a set that is
   merged; NULL without any.';

create function ownership_private.is_numbered(target regclass, identity_key name[])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(bool_or(a.attidentity <> '' or pg_get_serial_sequence(target::text, a.attname) is not null), false)
  from pg_attribute a
  where a.attrelid = target and a.attname = any (identity_key)
$$;
comment on function ownership_private.is_numbered is
  'Whether a sequence of the table itself hands out the keys. Started anew, it gives another row the key of a deleted one.';

create function ownership_private.assigning_triggers(target regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(distinct quote_ident(g.tgname), ', ')
  from pg_trigger g
  join pg_proc p on p.oid = g.tgfoid
  join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
  cross join regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', ' ', 'g'), '/\*.*?\*/', ' ', 'g') code
  cross join regexp_replace(col, '(\W)', '\\\1', 'g') spelt
  -- The bits of pg_trigger.tgtype: row 1, before 2, insert 4, update 16.
  where g.tgrelid = target and g.tgtype & 3 = 3 and g.tgtype & 20 <> 0 and g.tgenabled <> 'D' and not g.tgisinternal
    and p.pronamespace <> 'ownership_private'::regnamespace
    and (
      code ~* format('\mnew\s*\.\s*("%1$s"|%1$s\M)\s*:=', spelt)
      -- After an IF it would be a comparison.
      or code ~* format('(;|\mbegin|\mthen|\melse|\mloop)\s*new\s*\.\s*("%1$s"|%1$s\M)\s*=', spelt)
      or code ~* format('\minto\s+[^;]*\mnew\s*\.\s*("%1$s"|%1$s\M)', spelt)
    )
$$;
comment on function ownership_private.assigning_triggers is
  'Triggers of others that set a column of the row that is written, as far as their source shows it; NULL without any.';

create function ownership_private.instead_rules(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(quote_ident(r.rulename), ', ' order by r.rulename)
  from pg_rewrite r
  -- The events: update 2, insert 3, delete 4.
  where r.ev_class = target and r.is_instead and r.ev_type in ('2', '3', '4') and r.ev_enabled <> 'D'
$$;
comment on function ownership_private.instead_rules is
  'Rules that do something else in place of a write to a table; NULL without any.';

create function ownership_private.warn_of_risks(
  t ownership_private.protected_tables, protected_col name, is_new boolean
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  listed text := ownership_private.unknown_writers(t);
begin
  if listed is not null then
    raise warning '% may be written by roles that are no writers: %', t.tbl, listed
      using hint = 'Register them with ownership.register_writer: what a person writes through one is not kept.';
  end if;
  listed := ownership_private.constraints_on_kept(t.tbl, protected_col);
  if is_new and listed is not null then
    raise warning 'a value of %.% that is kept can violate, with what is written beside it: %', t.tbl, quote_ident(protected_col), listed
      using hint = 'Such a write fails as a whole. on_conflict => ''observe'' keeps nothing, and records what would have been kept.';
  end if;
  listed := ownership_private.assigning_triggers(t.tbl, protected_col);
  if is_new and listed is not null then
    raise warning 'triggers of % set the column %: %', t.tbl, quote_ident(protected_col), listed
      using hint = 'What comes back goes through them, too: where they make another value of an owned one, ownership.verify finds it.';
  end if;
  listed := ownership_private.instead_rules(t.tbl);
  if listed is not null then
    raise warning 'rules of % do something else in place of a write: %', t.tbl, listed
      using hint = 'An edit that never reaches the table claims nothing, and no owned value comes back. Drop them.';
  end if;
  if is_new and ownership_private.is_numbered(t.tbl, t.identity_key) then
    raise warning 'rows of % are known by %, which a sequence of the table hands out', t.tbl, array_to_string(t.identity_key, ', ')
      using hint = 'After TRUNCATE with RESTART IDENTITY another row gets the key of an old one, and with it what people wrote there. Name a key of the source as identity_key, where there is one.';
  end if;
end
$$;
comment on function ownership_private.warn_of_risks is
  'Tells what protect does not refuse, and what can go wrong later: writers that nobody registered, rules and, of a new
   policy, constraints, triggers and keys.';
