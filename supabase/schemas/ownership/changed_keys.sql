-- Changed identity keys: a lower rank keeps the key of an owned row, and claims follow a key that changes.

create function ownership_private.keeps_key(
  the_table integer, old_key text, new_key text, writer name, writer_rank integer
)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
-- As in block.
set enable_seqscan = off
as $$
begin
  if old_key = new_key or not exists (
    select from ownership_private.policies p
    join ownership_private.claims c on c.policy_id = p.id
    where p.table_id = the_table and c.key in (old_key, new_key) and c.rank > writer_rank
  ) then
    return false;
  end if;
  if exists (
    select from ownership_private.protected_tables t
    join pg_constraint f on f.conrelid = t.tbl and f.contype = 'f'
    join pg_attribute a on a.attrelid = t.tbl and a.attnum = any (f.conkey)
    where t.id = the_table and a.attname = any (t.identity_key)
      and (f.confupdtype in ('n', 'd', 'c') or f.confdeltype in ('n', 'd'))
  ) then
    -- Kept, the key would refer to a row that is not there any more.
    perform ownership_private.fail('PT409',
      format('the key %s of table %s cannot become %s: a writer ranked above %s owns values under one of them', old_key,
        (select t.tbl from ownership_private.protected_tables t where t.id = the_table),
        coalesce(new_key, 'NULL'), writer),
      'Its foreign key has ON UPDATE or ON DELETE with SET NULL, SET DEFAULT or CASCADE, so that it cannot be kept.',
      'Have a person change the key, or release what is owned under it.');
  end if;
  insert into ownership_private.blocked_keys as b (table_id, key, offered, writer)
  select the_table, old_key, new_key, keeps_key.writer where old_key is not null
  on conflict (table_id, key, offered_hash) do update
  set times = b.times + 1, last_at = now(), writer = excluded.writer;
  return true;
end
$$;
comment on function ownership_private.keeps_key is
  'Whether a change of identity key is kept out: a higher rank owns something in the row, or owned it in the row that
   had the new key. It is recorded, and refused where a foreign key stands in the way of keeping the old key (PT409).';

create function ownership_private.keep_key_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format('new.%1$I := old.%1$I;', k.name), ' ' order by k.place)
  from unnest(t.identity_key) with ordinality k (name, place)
$$;
comment on function ownership_private.keep_key_sql is 'The part of a guard that keeps the key which the row has.';

create function ownership_private.move_key(the_table integer, old_key text, new_key text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p record;
  gone record;
  me name;
begin
  -- A citext whose case alone changes is still the same key.
  if old_key = new_key then
    return;
  end if;
  me := (select w.writer from ownership_private.current_writer() w);
  for p in select o.id from ownership_private.policies o where o.table_id = the_table loop
    -- The key is unique, so claims under the new key can only be left from a row that was deleted.
    for gone in
      delete from ownership_private.claims c where c.policy_id = p.id and c.key = new_key returning c.element, c.value
    loop
      perform ownership_private.remember(p.id, new_key, gone.element, 'released', me, gone.value, null);
    end loop;
    delete from ownership_private.bases b where b.policy_id = p.id and b.key = new_key;
    update ownership_private.bases b set key = new_key where b.policy_id = p.id and b.key = old_key;
    update ownership_private.claims c set key = new_key where c.policy_id = p.id and c.key = old_key;
    if found then
      perform ownership_private.remember(p.id, new_key, '', 'moved', me, to_jsonb(old_key), to_jsonb(new_key));
    end if;
  end loop;
end
$$;
comment on function ownership_private.move_key is
  'Moves claims and bases to the new identity key of a row. Claims that a deleted row left there end, and the history
   has a line of each.';
