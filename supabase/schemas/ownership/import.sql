-- import: puts the values of an export back, before or after the first sync of an empty database. A dry run by default;
-- it is recorded and undone like a restore.

create function ownership_private.import_plan_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    select j.*, case when j.verdict = 'newer' then 'conflict' else 'restore' end as action,
      case
        when j.verdict = 'newer' then 'it was changed here after the export'
        when j.tid is null then 'waits for its row'
        else 'as exported'
      end as detail,
      case when not j.removed then j.claimed end as target
    from (
      select w.key, w.element, w.writer as owner, w.writer_rank as owner_rank, w.value as claimed, w.removed,
        r.ctid as tid, r.tableoid as part, %6$s as whole, side.live,
        case
          when side.stands and side.is_claimed then null
          when c.policy_id is not null and not side.is_claimed and (c.rank > w.writer_rank or c.since > w.since)
            then 'newer'
          else 'exported'
        end as verdict
      from unnest($7) w
      left join %2$s r on %3$s
      left join ownership_private.claims c on c.policy_id = w.policy and c.key = w.key and c.element = w.element
      cross join lateral (
        select
          c.policy_id is not null and c.removed = w.removed
            and (w.element <> '' or c.value is not distinct from w.value) as is_claimed,
          %4$s
        offset 0
      ) side
      where w.policy = %5$s and (w.key = any ($4) or $4 is null)
    ) j
    where j.verdict is not null$sql$,
    p.col, t.tbl,
    ownership_private.same_key_sql(t, 'r', 'w.key'),
    case when ownership_private.merges(p.mode) then format(
      'r.ctid is null or %1$s <> w.removed as stands, case when %1$s then to_jsonb(w.element) end as live',
      format('(w.element collate "C" = any (ownership_private.elements(r.%I::text[])))', p.col))
    else format('r.ctid is null or not %s as stands, %s as live',
      ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'w.value'),
      ownership_private.recorded_sql(p, 'r')) end,
    p.id,
    ownership_private.recorded_sql(p, 'r'))
$$;
comment on function ownership_private.import_plan_sql is
  'The query for what import does with each claim of a column: nothing where value and claim are there already, a
   conflict where the claim here is newer.';

create function ownership_private.import_cells_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode) then $sql$
    select tid, part, key, action, string_agg(format('%s: %s', element, detail), '; ' order by element) as detail,
      whole as current_value,
      case when action = 'restore' then
        ownership_private.set_without(
          coalesce(whole, '[]'), coalesce(array_agg(element) filter (where removed), '{}')
        ) || coalesce(jsonb_agg(target order by element) filter (where target is not null and live is null), '[]')
      else whole end as restored_value
    from plan
    group by tid, part, key, action, whole$sql$
  else $sql$
    select tid, part, key, action, detail, whole as current_value,
      case when action = 'restore' then target else whole end as restored_value
    from plan$sql$ end
$$;
comment on function ownership_private.import_cells_sql is
  'The query that turns the plan of an import by elements into one by cells: a set is written once.';

create function ownership_private.import_sql(
  p ownership_private.policies, t ownership_private.protected_tables, dry_run boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  with plan as materialized (%1$s),
    cell as materialized (%2$s)%3$s
  select array_agg(row(
    %4$L::regclass, %5$L::name, c.key,
    case when c.action = 'conflict' then 'conflict' when c.tid is null then 'waits' else %6$L end,
    c.current_value, c.restored_value,
    c.detail || case when c.action = 'restore' and $2 is not null then format('; undone by restoring to mark %%s', $2) else '' end
  )::ownership_private.written_cell order by c.key)
  from cell c$sql$,
    ownership_private.import_plan_sql(p, t),
    ownership_private.import_cells_sql(p),
    case when dry_run then '' else format($sql$,
    written as (
      update %1$s r
      set %2$I = %3$s
      from cell c
      where c.action = 'restore' and r.ctid = c.tid and r.tableoid = c.part
        and c.restored_value is distinct from c.current_value and %6$s
    ),%4$s,%5$s$sql$,
      t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.restored_value'),
      ownership_private.claims_written_sql(p.id), ownership_private.noted_sql(p, t),
      ownership_private.in_owners_path_sql(t.id)) end,
    t.tbl, p.col, case when dry_run then 'would import' else 'imported' end)
$$;
comment on function ownership_private.import_sql is
  'The statement that imports one column. $2 the mark taken before the import, $3 the writer who imports, $4 keys
   (NULL: all), $7 the claims.';

create function ownership_private.waiting(document jsonb)
returns table (table_name regclass, col name, detail text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (select c.oid::regclass from pg_class c where c.oid = t.tbl), coalesce(p.col, e.value ->> 'column'),
    format(case
      when p.id is null then 'column %2$I of %1$s was dropped, and its policy ended: protect it again, then import its %3$s claims'
      when ownership_private.is_here(t) then '%1$s has no such column: its %3$s claims wait'
      else '%1$s is gone: its %3$s claims wait until it is protected again'
    end, coalesce(t.name, e.value ->> 'table'), e.value ->> 'column', jsonb_array_length(e.value -> 'claims'))
  from jsonb_array_elements(document -> 'columns') with ordinality e (value, place)
  cross join lateral ownership_private.policy_of_export(e.value) p
  left join ownership_private.protected_tables t on t.id = p.table_id
  where not exists (select from ownership_private.policies_on(t) o where o.id = p.id)
  order by e.place
$$;
comment on function ownership_private.waiting is
  'The columns of a document that cannot be imported now, because table or column is gone, and what to do.';

create function ownership.import(document jsonb, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, imported_value jsonb, detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  claims ownership_private.exported_claim[];
  undo_mark bigint;
  wanted record;
begin
  perform ownership.require_person('import');
  claims := ownership_private.read_document(document);
  perform ownership_private.check_same_shop(claims);
  dry_run := coalesce(dry_run, true);
  if not dry_run then
    for wanted in select t.tbl as target from ownership_private.tables_here() t loop
      execute format('lock table %s in share row exclusive mode', wanted.target);
    end loop;
    undo_mark := ownership.mark('before import');
  end if;
  for wanted in
    select p as policy, t as the_table
    from ownership_private.tables_here() t
    cross join lateral ownership_private.policies_on(t) p
    where p.id in (select c.policy from unnest(claims) c)
    order by t.id, p.id
  loop
    return query select * from unnest(ownership_private.write_cells(
      wanted.policy, wanted.the_table, ownership_private.import_sql(wanted.policy, wanted.the_table, dry_run),
      null, null, undo_mark, null, null, claims));
  end loop;
  return query
  select w.table_name, w.col, null::text, 'waits'::text, null::jsonb, null::jsonb, w.detail
  from ownership_private.waiting(document) w;
end
$$;
comment on function ownership.import is
  'Puts the values of an export back, a dry run unless told otherwise. Values changed here after the export stay and
   are conflicts; those whose row, column or table is not here wait for it. Undo: restore to the mark that it took
   before. Errors: OW001, OW020, OW021.';
