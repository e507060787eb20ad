-- export: all manual values as one JSON document, to be kept outside the database.

create function ownership.export()
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('export');
  return jsonb_build_object('format', 'ownership-export', 'version', 1, 'exported_at', now(), 'columns', (
    select coalesce(jsonb_agg(o.exported order by o.name, o.col), '[]')
    from (
      select ownership_private.name_today(t) as name, p.col, jsonb_build_object(
        'table', ownership_private.name_today(t), 'column', p.col, 'mode', p.mode,
        'claims', jsonb_agg(
          jsonb_build_object('key', ownership_private.whole_key(c.key), 'value', case when c.element = '' then c.value else
            coalesce(c.value, to_jsonb(c.element)) end, 'writer', c.writer, 'since', c.since)
          || case when c.removed then '{"removed": true}' else '{}'::jsonb end
          order by c.key, c.element)
        ) as exported
      from ownership_private.claims c
      join ownership_private.policies p on p.id = c.policy_id
      join ownership_private.protected_tables t on t.id = p.table_id
      group by t, p.id, p.col, p.mode
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

create function ownership_private.is_gone(exported jsonb)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from ownership_private.history h
    where h.event = 'unprotected' and h.tbl = exported ->> 'table' and h.col = exported ->> 'column'
  ) and not exists (
    select from pg_attribute a
    where a.attrelid = to_regclass(exported ->> 'table') and a.attname = exported ->> 'column' and not a.attisdropped
  )
$$;
comment on function ownership_private.is_gone is 'Whether a column of a document was protected here until it was dropped.';

create function ownership_private.policy_of_export(exported jsonb)
returns ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
begin
  -- A document that is older than a name names table and column as they were called then.
  select o.* into p
  from ownership_private.policies o
  join ownership_private.protected_tables t on t.id = o.table_id
  join ownership_private.names n on n.policy_id = o.id
  where exported ->> 'table' in (ownership_private.name_today(t), n.tbl) and n.col = exported ->> 'column'
  order by n.before desc
  limit 1;
  if p.id is null and ownership_private.is_gone(exported) then
    return null;
  elsif p.id is null then
    raise exception 'column % of table % is not protected here', coalesce(exported ->> 'column', 'NULL'), coalesce(exported ->> 'table', 'NULL');
  elsif ownership_private.merges(p.mode) is distinct from ownership_private.merges(exported ->> 'mode') then
    raise exception 'it was protected in mode %, and is in mode % here', coalesce(exported ->> 'mode', 'NULL'), p.mode;
  elsif jsonb_typeof(exported -> 'claims') is distinct from 'array' then
    raise exception 'claims is no array';
  end if;
  return p;
end
$$;
comment on function ownership_private.policy_of_export is
  'The policy of a column of a document, or why there is none. NULL where it ended with its column.';

create function ownership_private.read_claim(
  claim jsonb, p ownership_private.policies, t ownership_private.protected_tables, place text
)
returns ownership_private.exported_claim
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  read ownership_private.exported_claim;
begin
  select place, p.id, ownership_private.note_key(t.tbl, t.identity_key, claim ->> 'key'), '',
    coalesce((claim ->> 'removed')::boolean, false), w.role, w.rank, claim -> 'value', (claim ->> 'since')::timestamptz
  into read
  from (select) one
  left join ownership_private.writers w on w.role = claim ->> 'writer';
  if read.key is null then
    raise exception 'key is missing';
  elsif read.writer is null then
    raise exception 'writer % is not registered here', coalesce(claim ->> 'writer', 'NULL');
  elsif not ownership_private.leaves_claims(read.writer) then
    raise exception 'writer % owns nothing: it is a program that leaves no claims', read.writer;
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
    execute 'select '
      || ownership_private.recorded_sql(t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, '$1'))
      into read.value using nullif(read.value, 'null');
  end if;
  return read;
end
$$;
comment on function ownership_private.read_claim is 'One claim of a document, checked, or what is wrong with it.';

create function ownership_private.read_document(document jsonb)
returns ownership_private.exported_claim[]
language plpgsql
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
    -- What is not there now waits, and import tells it.
    continue when not exists (select from ownership_private.policies_on(t) o where o.id = p.id);
    column_claims := '{}';
    for claim in
      select c.value, c.n - 1 as n from jsonb_array_elements(exported.value -> 'claims') with ordinality c (value, n)
    loop
      place := format('columns[%s].claims[%s]', exported.n, claim.n);
      column_claims := column_claims || ownership_private.read_claim(claim.value, p, t, place);
    end loop;
    claims := claims || column_claims;
  end loop;
  place := null;
  select c.place, c.key, c.element, c.first_place into claim
  from (
    select u.*, row_number() over same as nth, first_value(u.place) over same as first_place
    from unnest(claims) with ordinality u
    window same as (partition by u.policy, u.key, u.element order by u.ordinality)
  ) c
  where c.nth > 1
  order by c.ordinality
  limit 1;
  if found then
    place := claim.place;
    raise exception 'the % of % stands at % already',
      case when claim.element = '' then 'value' else 'element ' || claim.element end, claim.key, claim.first_place;
  end if;
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
  for t in select o.* from ownership_private.tables_here() o loop
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
