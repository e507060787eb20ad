-- protect, unprotect, register_writer: how a policy comes and goes. Each is idempotent and needs rank 100.

create function ownership.protect(
  tbl regclass, col name, mode text default null, identity_key name[] default null,
  blank_values text[] default '{}', on_conflict text default 'keep', empty_is_opinion boolean default false
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  enrolled ownership_private.protected_tables;
  policy_mode text;
  known ownership_private.policies;
  new_policy integer;
begin
  perform ownership_private.require_person('protect');
  perform ownership_private.check_column(tbl, col, coalesce(identity_key, ownership_private.default_identity_key(tbl)));
  policy_mode := coalesce(mode, (
    select case when f.is_set then 'merge_set' else 'claim' end from ownership_private.column_facts(tbl, col) f
  ));
  perform ownership_private.check_options(tbl, col, policy_mode, on_conflict);
  execute format('lock table %s in share row exclusive mode', tbl);
  enrolled := ownership_private.enroll(tbl, identity_key);

  select * into known from ownership_private.policies p where p.table_id = enrolled.id and p.col = protect.col;
  if found and (known.mode = 'merge_set') <> (policy_mode = 'merge_set') then
    perform ownership_private.fail('OW004',
      format('column %I of table %s is protected in mode %s', col, tbl, known.mode),
      'Claims on elements and claims on whole values do not translate into each other.',
      'Call ownership.unprotect first, then protect and adopt.');
  end if;
  insert into ownership_private.policies as p
    (table_id, col, mode, blank_values, on_conflict, empty_is_opinion, base_source)
  values (
    enrolled.id, protect.col, policy_mode, coalesce(protect.blank_values, '{}'), protect.on_conflict,
    protect.empty_is_opinion,
    (select w.role from ownership_private.writers w order by w.rank, w.role limit 1)
  )
  on conflict on constraint policies_table_id_col_key do update
  set mode = excluded.mode, blank_values = excluded.blank_values, on_conflict = excluded.on_conflict,
    empty_is_opinion = excluded.empty_is_opinion, protected_at = now()
  returning p.id into new_policy;
  perform ownership_private.make_gate(new_policy);

  if policy_mode = 'merge_set' and known.id is null then
    execute format(
      'insert into ownership_private.bases (policy_id, key, source, base)
       select %1$s, %2$s, (select p.base_source from ownership_private.policies p where p.id = %1$s), ''{}''
       from %3$s r where not ownership.is_blank(r.%4$I::text[])',
      new_policy, ownership_private.key_sql(tbl, enrolled.identity_key, 'r'), tbl, col);
  end if;
  perform ownership_private.generate(enrolled);
end
$$;
comment on function ownership.protect is
  'Protects a column. Arguments: table, column, mode (default merge_set for arrays, claim else), identity key, values
   that count as blank, keep | reject | observe, whether an empty set is an opinion. Errors: OW001, OW003 to OW007.';

create function ownership_private.policy_of(target regclass, col name)
returns ownership_private.policies
language plpgsql
stable
set search_path = ''
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
set search_path = ''
as $$
declare
  enrolled ownership_private.protected_tables;
  table_exists boolean;
  gone integer;
begin
  perform ownership_private.require_person('unprotect');
  select * into enrolled from ownership_private.protected_tables t where t.tbl = unprotect.tbl;
  if not found then
    return;
  end if;
  -- A dropped table is still known by its number.
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

create function ownership.register_writer(role name, rank integer, label text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform ownership_private.require_person('register_writer');
  if rank is null or rank not between 1 and 1000 then
    perform ownership_private.fail('OW009',
      format('rank %s of writer %I is out of range', coalesce(rank::text, 'NULL'), role),
      'Ranks go from 1 to 1000; 100 and above are people.',
      'Usual ranks: 10 a sync, 20 a program with a secret key, 50 derived data, 100 people.');
  end if;
  if not exists (select from pg_catalog.pg_roles r where r.rolname = register_writer.role) then
    perform ownership_private.fail('OW009', format('there is no role %I', role),
      'A writer is a role of the database.', format('Create it first: create role %I nologin;', role));
  end if;
  insert into ownership_private.writers as w (role, rank, label)
  values (register_writer.role, register_writer.rank, register_writer.label)
  on conflict on constraint writers_pkey do update set rank = excluded.rank, label = coalesce(excluded.label, w.label);
  perform ownership_private.generate(t) from ownership_private.protected_tables t;
end
$$;
comment on function ownership.register_writer is
  'Makes a role known with its rank (1 to 1000; people from 100 up). Errors: OW001, OW009.';
