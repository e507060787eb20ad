-- Claiming: the generated AFTER functions, which record what people wrote and bring it back with a row that returns.

create function ownership_private.claim_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
create or replace function ownership_private.claim_%1$s()
returns trigger
language plpgsql
security definer
set search_path = ''
as $claim$
declare
  me record;
  row_key text := %2$s;
begin
  if current_setting('ownership.engine', true) = 'on' and ownership_private.engine_at_work() then
    return null;
  end if;
  select w.writer, w.rank into me from ownership_private.current_writer() w;%3$s
  return null;
end
$claim$
$sql$,
    t.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'new'),
    string_agg(case p.mode
      when 'merge_set' then format($sql$
  if me.rank >= 100 and %1$s then
    perform ownership_private.claim_elements(%2$s, row_key, me.writer, me.rank, old.%3$I::text[], new.%3$I::text[], %4$L);
  end if;$sql$, ownership_private.changed_sql(t.tbl, p.col), p.id, p.col, p.base_source)
      else format($sql$
  if ownership_private.leaves_claims(me.rank) and %1$s then
    perform ownership_private.claim(%2$s, row_key, me.writer, me.rank, to_jsonb(old.%3$I), to_jsonb(new.%3$I));
  end if;$sql$, ownership_private.changed_sql(t.tbl, p.col), p.id, p.col) end, '' order by p.id))
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')
$$;
comment on function ownership_private.claim_sql is 'The AFTER UPDATE function of one table: what its writer changed is his. NULL when no mode claims.';

create function ownership_private.leaves_claims(rank integer)
returns boolean
language sql
stable
set search_path = ''
as $$
  select rank > (select min(w.rank) from ownership_private.writers w)
$$;
comment on function ownership_private.leaves_claims is
  'Whether any registered writer ranks lower. The lowest leaves no claims, so that a plain sync writes nothing but its rows.';

create function ownership_private.returned_scalar_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
  perform ownership_private.begin_engine_write();
  execute format($back$
    update %%s r
    set %1$I = %2$s
    from inserted i
    join ownership_private.claims c on c.policy_id = %3$s and c.key = %4$s and c.element = ''
    where %5$s and (c.rank > $1 or %6$s) and to_jsonb(r.%1$I) is distinct from c.value
  $back$, tg_relid::regclass) using me.rank;
  perform ownership_private.end_engine_write();
  if ownership_private.leaves_claims(me.rank) then
    perform ownership_private.claim(%3$s, %4$s, me.writer, me.rank, null, to_jsonb(i.%1$I))
    from inserted i
    left join ownership_private.claims c on c.policy_id = %3$s and c.key = %4$s and c.element = ''
    where not %6$s and (c.rank is null or c.rank <= me.rank) and to_jsonb(i.%1$I) is distinct from c.value;
  end if;$sql$,
    p.col,
    ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value'),
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    ownership_private.match_sql(t.identity_key, 'r', 'i'),
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)))
$$;
comment on function ownership_private.returned_scalar_sql is
  'AFTER INSERT, one scalar: a claimed value comes back with its row unless its owner''s equal wrote another; new values are claimed.';

create function ownership_private.returned_set_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
  perform ownership_private.begin_engine_write();
  execute format($back$
    update %%s r
    set %1$I = ownership_private.return_elements(%2$s, %3$s, i.%1$I::text[], $1 >= 100)::%4$s
    from inserted i
    where %5$s and exists (select from ownership_private.claims c where c.policy_id = %2$s and c.key = %3$s)
  $back$, tg_relid::regclass) using me.rank;
  perform ownership_private.end_engine_write();
  if me.rank >= 100 then
    perform ownership_private.claim_elements(%2$s, %3$s, me.writer, me.rank, '{}', i.%1$I::text[], %6$L)
    from inserted i
    where not ownership.is_blank(i.%1$I::text[]);
  else
    insert into ownership_private.bases as b (policy_id, key, source, base)
    select %2$s, %3$s, me.writer, i.%1$I::text[]
    from inserted i
    where i.%1$I is not null and (
      me.writer <> %6$L
      or exists (select from ownership_private.bases o where o.policy_id = %2$s and o.key = %3$s)
    )
    on conflict (policy_id, key, source) do update set base = excluded.base;
  end if;$sql$,
    p.col, p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    f.type_sql,
    ownership_private.match_sql(t.identity_key, 'r', 'i'),
    p.base_source)
  from ownership_private.column_facts(t.tbl, p.col) f
$$;
comment on function ownership_private.returned_set_sql is
  'AFTER INSERT, one set: claimed elements come back with the row; the source that inserted it has this base.';

create function ownership_private.returned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
create or replace function ownership_private.returned_%1$s()
returns trigger
language plpgsql
security definer
set search_path = ''
as $returned$
declare
  me record;
begin
  select w.writer, w.rank into me from ownership_private.current_writer() w;%2$s
  return null;
end
$returned$
$sql$,
    t.id,
    string_agg(case p.mode
      when 'merge_set' then ownership_private.returned_set_sql(p, t)
      else ownership_private.returned_scalar_sql(p, t) end, '' order by p.id))
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')
$$;
comment on function ownership_private.returned_sql is 'The AFTER INSERT function of one table. NULL when no mode claims.';

create function ownership_private.move_key(the_table integer, old_key text, new_key text)
returns void
language sql
set search_path = ''
as $$
  update ownership_private.claims c set key = new_key
  from ownership_private.policies p
  where p.table_id = the_table and c.policy_id = p.id and c.key = old_key
    and not exists (select from ownership_private.claims o where o.policy_id = p.id and o.key = new_key and o.element = c.element);
  update ownership_private.bases b set key = new_key
  from ownership_private.policies p
  where p.table_id = the_table and b.policy_id = p.id and b.key = old_key
    and not exists (select from ownership_private.bases o where o.policy_id = p.id and o.key = new_key and o.source = b.source);
  select ownership_private.remember(p.id, new_key, '', 'moved', w.writer, to_jsonb(old_key), to_jsonb(new_key))
  from ownership_private.policies p, ownership_private.current_writer() w
  where p.table_id = the_table;
$$;
comment on function ownership_private.move_key is 'A row got another identity key: what is owned in it goes along.';

create function ownership_private.move_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
create or replace function ownership_private.move_%1$s()
returns trigger
language plpgsql
security definer
set search_path = ''
as $move$
begin
  perform ownership_private.move_key(%1$s, %2$s, %3$s);
  return null;
end
$move$
$sql$, t.id, ownership_private.key_sql(t.tbl, t.identity_key, 'old'), ownership_private.key_sql(t.tbl, t.identity_key, 'new'))
$$;
comment on function ownership_private.move_sql is 'The AFTER UPDATE function for a changed identity key.';
