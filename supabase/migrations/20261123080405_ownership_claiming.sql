-- Claiming: the part of a guard that records what a writer changed; and claims follow a changed key.

create function ownership_private.claim_elements_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
    if writer_rank >= 100 and %1$s then
      perform ownership_private.claim_elements(
        %2$s, row_key, writer, writer_rank, old.%3$I::text[], new.%3$I::text[], %4$L);
    end if;$sql$, ownership_private.changed_sql(tbl, p.col), p.id, p.col, p.base_source)
$$;
comment on function ownership_private.claim_elements_sql is 'The part of a guard that claims what a person did to a set.';

create function ownership_private.claim_scalars_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select format($sql$
    declare
      changed integer[] := '{}';
      old_values jsonb[] := '{}';
      new_values jsonb[] := '{}';
    begin%s
      if changed <> '{}' then
        perform ownership_private.claim_cells(changed, row_key, writer, writer_rank, old_values, new_values);
      end if;
    end;$sql$, string_agg(format($sql$
      if %1$s and (writer_rank >= 100 or not %2$s) then
        changed := changed || %3$s;
        old_values := array_append(old_values, to_jsonb(old.%4$I));
        new_values := array_append(new_values, to_jsonb(new.%4$I));
      end if;$sql$,
      ownership_private.changed_sql(t.tbl, p.col),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col)),
      p.id, p.col), '' order by p.id))
  from ownership_private.policies p
  where p.table_id = t.id and p.mode in ('claim', 'fill_blank', 'manual')
  having count(*) > 0
$$;
comment on function ownership_private.claim_scalars_sql is
  'The part of a guard that claims the scalar cells which a writer changed, all in one call. NULL without such columns.';

create function ownership_private.claim_cells_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = ''
as $$
  select nullif(concat(
    (
      select string_agg(ownership_private.claim_elements_sql(p, t.tbl), '' order by p.id)
      from ownership_private.policies p
      where p.table_id = t.id and p.mode = 'merge_set'
    ),
    ownership_private.claim_scalars_sql(t)), '')
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
  -- A citext that changes its case alone names the row as before.
  if old_key = new_key then
    return;
  end if;
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
