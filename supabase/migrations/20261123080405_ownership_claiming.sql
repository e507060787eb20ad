-- Claiming: the part of a guard that records what a writer changed; and claims follow a changed key.

create function ownership_private.claim_cells_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select string_agg(case p.mode
      when 'merge_set' then format($sql$
    if writer_rank >= 100 and %1$s then
      perform ownership_private.claim_elements(
        %2$s, row_key, writer, writer_rank, old.%3$I::text[], new.%3$I::text[], %4$L);
    end if;$sql$, ownership_private.changed_sql(t.tbl, p.col), p.id, p.col, p.base_source)
      else format($sql$
    if %1$s and (writer_rank >= 100 or not %4$s) then
      perform ownership_private.claim(
        %2$s, row_key, writer, writer_rank, to_jsonb(old.%3$I), to_jsonb(new.%3$I));
    end if;$sql$, ownership_private.changed_sql(t.tbl, p.col), p.id, p.col,
        ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col))) end, '' order by p.id)
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')
$$;
comment on function ownership_private.claim_cells_sql is
  'What a writer changed is his, but only a person owns a blank. NULL when no mode claims.';

create function ownership_private.move_key(the_table integer, old_key text, new_key text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  p record;
begin
  for p in select o.id from ownership_private.policies o where o.table_id = the_table loop
    -- What is claimed under the new key belongs to a row that is gone: the key is unique.
    delete from ownership_private.claims c where c.policy_id = p.id and c.key = new_key;
    delete from ownership_private.bases b where b.policy_id = p.id and b.key = new_key;
    update ownership_private.bases b set key = new_key where b.policy_id = p.id and b.key = old_key;
    update ownership_private.claims c set key = new_key where c.policy_id = p.id and c.key = old_key;
    if found then
      perform ownership_private.remember(p.id, new_key, '', 'moved', w.writer, to_jsonb(old_key), to_jsonb(new_key))
      from ownership_private.current_writer() w;
    end if;
  end loop;
end
$$;
comment on function ownership_private.move_key is 'A row got another identity key: what is owned in it goes along.';
