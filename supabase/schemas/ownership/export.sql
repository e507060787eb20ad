-- export: all manual values as one JSON document, to be kept outside the database.

create function ownership.export()
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership.require_person('export');
  return jsonb_build_object('format', 'ownership-export', 'version', 1, 'exported_at', now(), 'columns', (
    select coalesce(jsonb_agg(o.exported order by o.tbl, o.col), '[]')
    from (
      select t.tbl::text as tbl, p.col, jsonb_build_object(
        'table', t.tbl::text, 'column', p.col, 'mode', p.mode,
        'claims', jsonb_agg(
          jsonb_build_object('key', c.key, 'value', case when c.element = '' then c.value else
            coalesce(c.value, to_jsonb(c.element)) end, 'writer', c.writer, 'since', c.since)
          || case when c.removed then '{"removed": true}' else '{}'::jsonb end
          order by c.key, c.element)
        ) as exported
      from ownership_private.claims c
      join ownership_private.policies p on p.id = c.policy_id
      join ownership_private.protected_tables t on t.id = p.table_id
      group by t.tbl, p.id, p.col, p.mode
    ) o
  ));
end
$$;
comment on function ownership.export is
  'All claimed values, with writer and date, as one document for ownership.import. Error: OW001.';

-- How a document is read: every claim of it is checked first, and one mistake refuses it as a whole and names its
-- place.

create type ownership_private.exported_claim as (
  place text, policy integer, key text, element text, removed boolean, writer name, writer_rank integer,
  value jsonb, since timestamptz
);
comment on type ownership_private.exported_claim is 'A claim of a document, checked; place is where it stands in it.';

create function ownership_private.check_document(document jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  readable constant integer := 1;
begin
  if document ->> 'format' is distinct from 'ownership-export' then
    perform ownership_private.fail('OW020', 'the document is no export of manual values: format is wrong',
      format('format is %s, and should be "ownership-export".', coalesce((document -> 'format')::text, 'missing')),
      'Give what ownership.export() returned.');
  elsif jsonb_typeof(document -> 'version') is distinct from 'number' or (document ->> 'version')::numeric <> readable then
    perform ownership_private.fail('OW020', format('the document cannot be imported: version is %s',
      coalesce((document -> 'version')::text, 'missing')), format('This database reads version %s.', readable),
      'Install the version that wrote it, or a newer one, and import it there.');
  elsif jsonb_typeof(document -> 'columns') is distinct from 'array' then
    perform ownership_private.fail('OW020', 'the document cannot be imported: columns is wrong', 'It is no array.',
      'Give the document as ownership.export() returned it.');
  end if;
end
$$;
comment on function ownership_private.check_document is
  'Refuses a document that is no export, or of another version (OW020).';

create function ownership_private.policy_of_export(exported jsonb)
returns ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
begin
  select o.* into p
  from ownership_private.policies o
  join ownership_private.protected_tables t on t.id = o.table_id
  where t.tbl::text = exported ->> 'table' and o.col = exported ->> 'column';
  if p.id is null then
    raise exception 'column % of table % is not protected here', coalesce(exported ->> 'column', 'NULL'), coalesce(exported ->> 'table', 'NULL');
  elsif ownership_private.merges(p.mode) is distinct from ownership_private.merges(exported ->> 'mode') then
    raise exception 'it was protected in mode %, and is in mode % here', coalesce(exported ->> 'mode', 'NULL'), p.mode;
  elsif jsonb_typeof(exported -> 'claims') is distinct from 'array' then
    raise exception 'claims is no array';
  end if;
  return p;
end
$$;
comment on function ownership_private.policy_of_export is 'The policy of a column of a document, or why there is none.';

create function ownership_private.read_claim(
  claim jsonb, p ownership_private.policies, t ownership_private.protected_tables, place text
)
returns ownership_private.exported_claim
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  read ownership_private.exported_claim;
begin
  select place, p.id, ownership_private.canonical_key(t.tbl, t.identity_key, claim ->> 'key'), '',
    coalesce((claim ->> 'removed')::boolean, false), w.role, w.rank, claim -> 'value', (claim ->> 'since')::timestamptz
  into read
  from (select) one
  left join ownership_private.writers w on w.role = claim ->> 'writer';
  if read.key is null then
    raise exception 'key is missing';
  elsif read.writer is null then
    raise exception 'writer % is not registered here', coalesce(claim ->> 'writer', 'NULL');
  elsif read.since is null then
    raise exception 'since is missing';
  elsif not claim ? 'value' then
    raise exception 'value is missing';
  elsif ownership_private.merges(p.mode) then
    if jsonb_typeof(read.value) in ('null', 'array', 'object') or ownership.is_blank(read.value) then
      raise exception 'value is no element of a set: %', read.value;
    end if;
    read.element := ownership_private.element(read.value #>> '{}');
  else
    if read.removed then
      raise exception 'removed is for elements of sets';
    end if;
    -- Through the column's type and back: the value as it would be stored, or the error of a value that cannot be.
    execute format('select to_jsonb(%s)', ownership_private.from_jsonb_sql(t.tbl, p.col, '$1'))
      into read.value using nullif(read.value, 'null');
  end if;
  return read;
end
$$;
comment on function ownership_private.read_claim is 'One claim of a document, checked, or what is wrong with it.';

create function ownership_private.read_document(document jsonb)
returns ownership_private.exported_claim[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  claims ownership_private.exported_claim[] := '{}';
  column_claims ownership_private.exported_claim[];
  p ownership_private.policies;
  t ownership_private.protected_tables;
  exported record;
  claim record;
  place text := 'columns';
begin
  perform ownership_private.check_document(document);
  for exported in
    select e.value, e.n - 1 as n from jsonb_array_elements(document -> 'columns') with ordinality e (value, n)
  loop
    place := format('columns[%s]', exported.n);
    p := ownership_private.policy_of_export(exported.value);
    select * into t from ownership_private.protected_tables o where o.id = p.table_id;
    column_claims := '{}';
    for claim in
      select c.value, c.n - 1 as n from jsonb_array_elements(exported.value -> 'claims') with ordinality c (value, n)
    loop
      place := format('columns[%s].claims[%s]', exported.n, claim.n);
      column_claims := column_claims || ownership_private.read_claim(claim.value, p, t, place);
    end loop;
    claims := claims || column_claims;
  end loop;
  return claims;
exception
  when sqlstate 'OW020' then
    raise;
  when others then
    perform ownership_private.fail('OW020', format('the document cannot be imported: %s is wrong', place),
      upper(left(sqlerrm, 1)) || substr(sqlerrm, 2) || '.', 'Nothing was imported. Correct this place, or export again.');
end
$$;
comment on function ownership_private.read_document is
  'Every claim of a document, checked; or the first place that is wrong (OW020).';

create function ownership_private.check_same_shop(claims ownership_private.exported_claim[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
  known_here bigint;
  unknown_here bigint;
  place text;
  key text;
  known bigint := 0;
  unknown bigint := 0;
  first_place text;
  first_key text;
begin
  for t in select o.* from ownership_private.protected_tables o order by o.id loop
    execute format($sql$
      -- An empty table has not had its first sync, and tells nothing.
      select count(*) filter (where is_here), count(*) filter (where not is_here and exists (select from %1$s)),
        min(place) filter (where not is_here), min(key) filter (where not is_here)
      from (
        select c.key, min(c.place) as place, exists (select from %1$s r where %2$s) as is_here
        from unnest($1) c
        where c.policy in (select p.id from ownership_private.policies p where p.table_id = %3$s)
        group by c.key
      ) named$sql$, t.tbl, ownership_private.same_key_sql(t, 'r', 'c.key'), t.id)
    into known_here, unknown_here, place, key using claims;
    known := known + known_here;
    unknown := unknown + unknown_here;
    if unknown_here > 0 and first_key is null then
      first_place := place;
      first_key := key;
    end if;
  end loop;
  if unknown > known then
    perform ownership_private.fail('OW021',
      format('the document is of another shop: %s of its %s records are not here', unknown, known + unknown),
      format('%s names %L.', first_place, first_key),
      'Import it where it was exported; or let the first sync end before.');
  end if;
end
$$;
comment on function ownership_private.check_same_shop is
  'Refuses a document most of whose rows are missing in tables that have rows (OW021): it was exported from another
   database, whose keys mean other things.';

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
        r.ctid as tid, r.tableoid as part, to_jsonb(r.%1$I) as whole, side.live,
        case
          when side.stands and side.is_claimed then null
          when c.policy_id is not null and not side.is_claimed and (c.rank > w.writer_rank or c.since > w.since)
            then 'newer'
          else 'exported'
        end as verdict
      from unnest($1) w
      left join %2$s r on %3$s
      left join ownership_private.claims c on c.policy_id = w.policy and c.key = w.key and c.element = w.element
      cross join lateral (
        select
          c.policy_id is not null and c.removed = w.removed
            and (w.element <> '' or c.value is not distinct from w.value) as is_claimed,
          %4$s
        offset 0
      ) side
      where w.policy = %5$s
    ) j
    where j.verdict is not null$sql$,
    p.col, t.tbl,
    ownership_private.same_key_sql(t, 'r', 'w.key'),
    case when ownership_private.merges(p.mode) then format(
      'r.ctid is null or %1$s <> w.removed as stands, case when %1$s then to_jsonb(w.element) end as live',
      format('(w.element collate "C" = any (ownership_private.elements(r.%I::text[])))', p.col))
    else format('r.ctid is null or not %s as stands, to_jsonb(r.%I) as live',
      ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'w.value'), p.col) end,
    p.id)
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
  select %4$L::regclass, %5$L::name, c.key,
    case when c.action = 'conflict' then 'conflict' when c.tid is null then 'waits' else %6$L end,
    c.current_value, c.restored_value,
    c.detail || case when c.action = 'restore' and $2 is not null then format('; undone by restoring to mark %%s', $2) else '' end
  from cell c
  order by c.key$sql$,
    ownership_private.import_plan_sql(p, t),
    ownership_private.import_cells_sql(p),
    case when dry_run then '' else format($sql$,
    written as (
      update %1$s r
      set %2$I = %3$s
      from cell c
      where c.action = 'restore' and r.ctid = c.tid and r.tableoid = c.part
        and c.restored_value is distinct from c.current_value
    ),%4$s,%5$s$sql$,
      t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.restored_value'),
      ownership_private.claims_written_sql(p.id), ownership_private.noted_sql(p, t)) end,
    t.tbl, p.col, case when dry_run then 'would import' else 'imported' end)
$$;
comment on function ownership_private.import_sql is
  'The statement that imports one column. $1 the claims, $2 the mark taken before the import, $3 the writer who
   imports.';

create function ownership.import(document jsonb, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, imported_value jsonb, detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  me name := (select w.writer from ownership_private.current_writer() w);
  claims ownership_private.exported_claim[];
  undo_mark bigint;
  wanted record;
begin
  perform ownership.require_person('import');
  claims := ownership_private.read_document(document);
  perform ownership_private.check_same_shop(claims);
  dry_run := coalesce(dry_run, true);
  if not dry_run then
    for wanted in select t.tbl as target from ownership_private.protected_tables t order by t.id loop
      execute format('lock table %s in share row exclusive mode', wanted.target);
    end loop;
    undo_mark := ownership.mark('before import');
  end if;
  for wanted in
    select t.tbl as target, ownership_private.import_sql(p, t, dry_run) as statement
    from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    where p.id in (select c.policy from unnest(claims) c)
    order by t.id, p.id
  loop
    if not dry_run then
      perform ownership_private.begin_engine_write(wanted.target);
    end if;
    return query execute wanted.statement using claims, undo_mark, me;
    if not dry_run then
      perform ownership_private.end_engine_write(wanted.target);
    end if;
  end loop;
end
$$;
comment on function ownership.import is
  'Puts the values of an export back, a dry run unless told otherwise. Values changed here after the export stay and
   are conflicts; those whose row is not here wait for it. Undo: restore to the mark that it took before. Errors: OW001,
   OW020, OW021.';
