-- Replaced tables: tools that load a table anew drop it, or rename another one to its name. The policies wait under the
-- name that they have here, and go over to the table that bears it once protect is called for that one.

create function ownership_private.succeeds(target regclass)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select t.id
  from ownership_private.protected_tables t
  left join pg_class c on c.oid = t.tbl
  where target::text in (t.name, t.protected_name)
    and t.tbl <> target
    and not exists (select from ownership_private.protected_tables o where o.tbl = target)
  order by c.oid is not null, t.name <> target::text, t.id desc
  limit 1
$$;
comment on function ownership_private.succeeds is
  'Whose place a table takes that is not protected: a protected table that had its name and was dropped, or renamed.';

create function ownership_private.successor(t ownership_private.protected_tables)
returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select to_regclass(n)
  from unnest(array[t.name, t.protected_name]) with ordinality n (n, place)
  where ownership_private.succeeds(to_regclass(n)) = t.id
  order by n.place
  limit 1
$$;
comment on function ownership_private.successor is
  'The table that took the place of a protected one and is not protected itself; NULL when there is none.';

create function ownership_private.succeed(target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  gone ownership_private.protected_tables;
begin
  select t.* into gone from ownership_private.protected_tables t where t.id = ownership_private.succeeds(target);
  if not found then
    return;
  end if;
  if not exists (
    select from ownership_private.keys(target) k
    where k.cols @> gone.identity_key and k.cols <@ gone.identity_key and k.problem is null
  ) then
    perform ownership_private.fail('OW007',
      format('table %s has no unique index on %s', target, gone.identity_key),
      'It takes the place of a protected table, whose claims name rows by this key.',
      ownership_private.add_key_sql(target, gone));
  end if;
  if exists (select from pg_class c where c.oid = gone.tbl) then
    perform ownership_private.drop_triggers(gone);
    perform ownership_private.end_aside(gone);
  end if;
  if gone.name <> target::text then
    perform ownership_private.note_names(gone, target::text, '{}');
  end if;
  delete from ownership_private.asides a where a.table_id = gone.id;
  update ownership_private.protected_tables t set protected_name = target::text where t.id = gone.id;
  perform ownership_private.note_again(gone.id, target);
  raise notice 'policies, claims and history of % go over to the table that bears this name now', target;
end
$$;
comment on function ownership_private.succeed is
  'Lets the policies, claims and history of the table whose place a table takes go over to it (OW007 where it has not
   the same key).';

create function ownership_private.add_key_sql(target regclass, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('alter table %s add unique (%s)%s;', target,
    (select string_agg(quote_ident(k), ', ') from unnest(t.identity_key) k),
    (
      select string_agg(format(', alter column %I set not null', k), '')
      from unnest(t.identity_key) k
      cross join lateral ownership_private.column_facts(target, k) f
      where not f.not_null
    ))
$$;
comment on function ownership_private.add_key_sql is 'The statement that gives a table the identity key of another.';
