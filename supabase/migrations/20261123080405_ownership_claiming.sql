-- Claiming: the generated AFTER UPDATE functions, which record what a writer changed; and claims follow a key.

create function ownership_private.claim_cells_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select string_agg(case p.mode
      when 'merge_set' then format($sql$
  if me.rank >= 100 and %1$s then
    perform ownership_private.claim_elements(
      %2$s, row_key, me.writer, me.rank, old.%3$I::text[], new.%3$I::text[], %4$L);
  end if;$sql$, ownership_private.changed_sql(t.tbl, p.col), p.id, p.col, p.base_source)
      else format($sql$
  if %1$s and (me.rank >= 100 or ownership_private.leaves_claims(me.rank) and not %4$s) then
    perform ownership_private.claim(%2$s, row_key, me.writer, me.rank, to_jsonb(old.%3$I), to_jsonb(new.%3$I));
  end if;$sql$, ownership_private.changed_sql(t.tbl, p.col), p.id, p.col,
        ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col))) end, '' order by p.id)
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')
$$;
comment on function ownership_private.claim_cells_sql is
  'What a writer changed is his, but only a person owns a blank. NULL when no mode claims.';

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
%4$s
as $claim$
declare
  me record;
  row_key text := %2$s;
begin
  if row_key is null%5$s then
    return null;
  end if;
  if current_setting('ownership.engine', true) = 'on' and ownership_private.engine_at_work(%6$s) then
    return null;
  end if;
  select w.writer, w.rank into me from ownership_private.current_writer() w;%3$s
  return null;
end
$claim$
$sql$,
    t.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'new'),
    ownership_private.claim_cells_sql(t),
    ownership_private.settings_sql(t),
    -- The guard of a partitioned table has claimed already what moved.
    case when c.relkind = 'p' then format(' or row_key is distinct from %s',
      ownership_private.key_sql(t.tbl, t.identity_key, 'old')) end,
    t.tbl::oid)
  from pg_class c
  where c.oid = t.tbl
$$;
comment on function ownership_private.claim_sql is 'The AFTER UPDATE function of one table.';

create function ownership_private.move_key(the_table integer, old_key text, new_key text)
returns void
language sql
set search_path = ''
as $$
  -- What is claimed under the new key belongs to a row that is gone: the key is unique.
  delete from ownership_private.claims c using ownership_private.policies p
  where p.table_id = the_table and c.policy_id = p.id and c.key = new_key;
  delete from ownership_private.bases b using ownership_private.policies p
  where p.table_id = the_table and b.policy_id = p.id and b.key = new_key;
  update ownership_private.claims c set key = new_key
  from ownership_private.policies p
  where p.table_id = the_table and c.policy_id = p.id and c.key = old_key;
  update ownership_private.bases b set key = new_key
  from ownership_private.policies p
  where p.table_id = the_table and b.policy_id = p.id and b.key = old_key;
  select ownership_private.remember(p.id, new_key, '', 'moved', w.writer, to_jsonb(old_key), to_jsonb(new_key))
  from ownership_private.policies p, ownership_private.current_writer() w
  where p.table_id = the_table;
$$;
comment on function ownership_private.move_key is 'A row got another identity key: what is owned in it goes along.';
