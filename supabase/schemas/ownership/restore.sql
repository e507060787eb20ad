-- restore: puts manual values back to what they were at a mark. A dry run by default; recorded, and undone by restoring
-- to the mark that it takes before it writes.

create function ownership_private.claims_written_sql(policy integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    changed as materialized (
      select n.*, c.policy_id is not null as existed
      from plan n
      left join ownership_private.claims c on c.policy_id = %1$s and c.key = n.key and c.element = n.element
      where n.action = 'restore' and n.verdict <> 'newer'
        and case when n.owner is null then c.policy_id is not null
          else c.writer is distinct from n.owner or c.removed is distinct from n.removed
            or (n.element = '' and c.value is distinct from n.claimed) end
    ),
    unclaimed as (
      delete from ownership_private.claims c using changed n
      where n.owner is null and c.policy_id = %1$s and c.key = n.key and c.element = n.element
    ),
    claimed as (
      insert into ownership_private.claims (policy_id, key, element, removed, writer, rank, value, since)
      select %1$s, n.key, n.element, n.removed, n.owner, n.owner_rank,
        ownership_private.spelling(n.claimed, n.element), (select clock_timestamp())
      from changed n
      where n.owner is not null
      on conflict on constraint claims_pkey do update
      set removed = excluded.removed, writer = excluded.writer, rank = excluded.rank, value = excluded.value,
        since = excluded.since
    ),
    -- Without a base the restored set would count as sent by the policy's own source, elements of people included.
    based as (
      insert into ownership_private.bases (policy_id, key, source, base)
      select distinct on (n.key) p.id, n.key, p.source,
        array(select jsonb_array_elements_text(coalesce(n.whole, '[]')))
      from plan n
      join ownership_private.policies p on p.id = %1$s and ownership_private.merges(p.mode)
      where n.action = 'restore'
        and not exists (select from ownership_private.bases b where b.policy_id = p.id and b.key = n.key)
    ),
    touched as (%2$s)$sql$, policy, ownership_private.touched_bases_sql(policy, 'changed'))
$$;
comment on function ownership_private.claims_written_sql is
  'The common table expressions of a restore that make the claims what they were at the mark.';

create function ownership_private.noted_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    noted as (
      insert into ownership_private.history
        (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value, restore_mark)
      select %1$L, %2$L, e.key, e.element, e.event, e.writer,
        coalesce(nullif(current_setting('role'), 'none'), session_user),
        (select ownership_private.signed_in_user()),
        nullif(current_setting('ownership.run', true), ''),
        e.old_value, e.new_value, $2
      from (
        select n.key, n.element, 1 as place, n.live as old_value,
          ownership_private.spelling(n.claimed, n.element) as new_value,
          coalesce(n.owner, $3) as writer,
          case when n.owner is null then 'released' when n.removed then 'removed' else 'claimed' end as event
        from changed n
        union all
        -- The entry with the value comes after that of the claim, because the last entry says what stands in the cell.
        select n.key, n.element, 2, n.live, n.target, $3, 'restored'
        from plan n
        where n.action = 'restore'
      ) e
      order by e.key, e.element, e.place
    )$sql$, t.name, p.col)
$$;
comment on function ownership_private.noted_sql is
  'The common table expression of a restore that records it in the history.';

create function ownership_private.restore_sql(
  p ownership_private.policies, t ownership_private.protected_tables, dry_run boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  with plan as materialized (select a.* from (%1$s) a where a.key = any ($4) or $4 is null),
    cell as materialized (%2$s)%3$s
  select array_agg(row(
    %4$L::regclass, %5$L::name, c.key, case when c.action = 'restore' then %6$L else c.action end,
    c.current_value, case when c.action = 'restore' then c.restored_value else c.current_value end,
    c.detail || case when c.action = 'restore' and $2 is not null then format('; undone by restoring to mark %%s', $2) else '' end
  )::ownership_private.written_cell order by c.key)
  from cell c$sql$,
    ownership_private.plan_sql(p, t),
    ownership_private.cells_sql(p),
    case when dry_run then '' else format($sql$,
    written as (
      update %1$s r
      set %2$I = %3$s
      from cell c
      where c.action = 'restore' and r.ctid = c.tid and r.tableoid = c.part and %6$s
    ),%4$s,%5$s$sql$,
      t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.restored_value'),
      ownership_private.claims_written_sql(p.id), ownership_private.noted_sql(p, t),
      ownership_private.in_owners_path_sql(t.id)) end,
    t.tbl, p.col, case when dry_run then 'would restore' else 'restored' end)
$$;
comment on function ownership_private.restore_sql is
  'The statement that restores one column. $1 the mark, $2 the mark taken before the restore, $3 the writer, $4 keys
   (NULL: all), $5 whose changes are undone ({}: nobody''s, NULL: everybody''s), $6 until when.';

create function ownership_private.check_people(people text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text := (
    select coalesce(u.name, 'NULL') from unnest(people) u (name)
    where not exists (select from ownership_private.writers w where w.role = u.name)
      and not exists (select from ownership_private.history h where h.writer = u.name or h.sub = u.name)
    limit 1
  );
begin
  if unknown is not null then
    perform ownership_private.fail('OW009', format('nobody is called %L here', unknown),
      'It is no registered writer, and the history names no writer and no signed-in user of that name.',
      'See ownership.writers, and the columns writer and sub of ownership.history.');
  end if;
end
$$;
comment on function ownership_private.check_people is
  'Refuses names that are neither a writer''s nor a signed-in user''s (OW009).';

create function ownership_private.check_scope(target regclass, cols name[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known name[] := array(
    select p.col from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    where t.tbl = target or target is null
    order by 1
  );
begin
  if (target is null or known <> '{}') and (cols is null or cols <@ known) then
    return;
  end if;
  perform ownership_private.fail('OW008',
    case when known = '{}' then format('table %s is not protected', target)
    else format('column %I %s is not protected', (
      select coalesce(c, 'NULL') from unnest(cols) c where (c = any (known)) is not true limit 1
    ),
      coalesce('of table ' || target, 'of any table')) end,
    format('Protected there: %s.', coalesce(nullif(array_to_string(known, ', '), ''), 'nothing')),
    'Check the spelling; see ownership.policies.');
end
$$;
comment on function ownership_private.check_scope is 'Refuses tables and columns without a policy (OW008).';

create function ownership.restore(
  to_mark bigint, tbl regclass default null, cols name[] default null, dry_run boolean default true,
  keys text[] default null, people_too boolean default false, written_by text[] default null,
  written_until timestamptz default null
)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
as $$
declare
  -- A name or a time says by itself that people's changes are meant.
  undone text[] := case when people_too or written_by is not null or written_until is not null then written_by
    else '{}' end;
  undo_mark bigint;
  wanted record;
begin
  perform ownership.require_person('restore');
  perform ownership_private.check_mark(to_mark);
  perform ownership_private.check_scope(tbl, cols);
  perform ownership_private.check_people(written_by);
  dry_run := coalesce(dry_run, true);
  if not dry_run then
    for wanted in
      select t.tbl as target from ownership_private.tables_here() t
      where t.tbl = restore.tbl or restore.tbl is null
    loop
      execute format('lock table %s in share row exclusive mode', wanted.target);
    end loop;
    undo_mark := ownership.mark(format('before restore to mark %s', to_mark));
  end if;
  for wanted in
    select p as policy, t as the_table
    from ownership_private.tables_here() t
    cross join lateral ownership_private.policies_on(t) p
    join ownership.modes() m on m.mode = p.mode
    where (t.tbl = restore.tbl or restore.tbl is null) and (p.col = any (cols) or cols is null) and m.leaves_claims
    order by t.id, p.id
  loop
    return query select * from unnest(ownership_private.write_cells(
      wanted.policy, wanted.the_table, ownership_private.restore_sql(wanted.policy, wanted.the_table, dry_run),
      case when keys is not null then keys || array(select ownership_private.digest_of_key(k) from unnest(keys) k) end,
      to_mark, undo_mark, undone, coalesce(written_until, 'infinity'), null));
  end loop;
end
$$;
comment on function ownership.restore is
  'Puts manual values back to what they were at a mark: a dry run unless told otherwise. Restored are cells whose last
   change is newer than the mark and no person''s; the rest are conflicts and stay. keys: only these rows. people_too:
   people''s changes as well, all of them, or only those of some writers or signed-in users (written_by) up to a time
   (written_until); a cell that somebody else has changed stays a conflict. Undo: restore to the mark that it took
   before. Errors: OW001, OW008, OW009, OW012.';
