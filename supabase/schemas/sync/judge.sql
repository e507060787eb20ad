-- What would become of each cell that differs: the policies of the ownership engine, applied before anything is
-- written. The guards judge row by row while they write; this judges a chunk at once and writes nothing.

grant execute on function ownership.is_blank(text), ownership.is_blank(text[]) to sync_worker;

create function sync.is_blank(value jsonb)
returns boolean
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL, as all that is called for each cell: it keeps its plans, a function in SQL plans each time.
  if value is null then
    return true;
  end if;
  return case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'array' then value = '[]'
      or not jsonb_path_exists(value, '$[*] ? (@ like_regex "[^[:space:]\u00a0\u200b\u202f\ufeff]"
        || @.type() == "number" || @.type() == "boolean" || @.type() == "object")')
    when 'object' then value = '{}'
    when 'null' then true
    else false
  end;
end;
$$;
comment on function sync.is_blank(jsonb) is 'What the ownership engine holds for blank in a column of text or a set of texts.';

create function sync.is_nothing(value jsonb)
returns boolean
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'number' then false
    when 'boolean' then value = 'false'
    else sync.is_blank(value)
  end;
end;
$$;
comment on function sync.is_nothing(jsonb) is
  'What counts as no value when losses are counted: blanks, and false, into which a forgotten field turns a badge.';

create function sync.claims_on(target regclass, keys text[])
returns table (key text, col name, rank integer, held text[], removed text[])
language sql
stable
rows 100
security definer
set search_path = pg_catalog, pg_temp
as $$
  with wanted as materialized (
    select distinct k.key from unnest(claims_on.keys) k (key)
  )
  select
    found.key, found.col, max(found.rank),
    coalesce(array_agg(found.element) filter (where found.kind = 'held'), '{}'),
    coalesce(array_agg(found.element) filter (where found.kind = 'removed'), '{}')
  from (
    select c.key, c.col, case when c.element = '' then c.rank end as rank, c.element,
      case when c.element = '' then 'scalar' when c.removed then 'removed' else 'held' end as kind
    from wanted
    join ownership.claims c using (key)
    where c.tbl = claims_on.target
    union all
    -- What another source sent last is held for it.
    select b.key, b.col, null, ownership_private.element(e), 'held'
    from wanted
    join ownership.bases b using (key), unnest(b.base) e
    where b.tbl = claims_on.target and b.source <> (select w.writer from ownership.whoami() w)
  ) found
  group by found.key, found.col
$$;
comment on function sync.claims_on(regclass, text[]) is
  'Per cell: the rank that owns it; of a set, the elements held by others and those that people took out.';

create function sync.settled_set(stands jsonb, sent jsonb, base jsonb, held text[], removed text[])
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select to_jsonb(ownership_private.merge_sets(
    array(select jsonb_array_elements_text(coalesce(stands, '[]'))),
    array(select jsonb_array_elements_text(sent)),
    array(select jsonb_array_elements_text(coalesce(base, '[]'))) || coalesce(removed, '{}'),
    coalesce(held, '{}')
  ))
$$;
comment on function sync.settled_set(jsonb, jsonb, jsonb, text[], text[]) is
  'What the three-way merge of the ownership engine makes of a set.';

create function sync.outcomes(target regclass, keys text[], cols name[], stands jsonb[], sent jsonb[])
returns table (key text, col name, stands jsonb, sent jsonb, outcome jsonb)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with cell as (
    select *
    from unnest(outcomes.keys, outcomes.cols, outcomes.stands, outcomes.sent) c (key, col, stands, sent)
  ), writer as materialized (
    select w.rank from ownership.whoami() w
  ), base as materialized (
    select b.key, b.col, to_jsonb(b.base) as base
    from (select distinct cell.key from cell) wanted
    join ownership.bases b using (key)
    where b.tbl = outcomes.target and b.source = (select w.writer from ownership.whoami() w)
  )
  select
    cell.key, cell.col, cell.stands, cell.sent,
    case
      when p.mode is null or p.mode = 'source' or p.on_conflict = 'observe' then cell.sent
      when p.mode = 'manual'
        or p.mode = 'fill_blank' and (blank.sent or not blank.stands or claim.rank is not null)
        or p.mode = 'source_unless_blank' and blank.sent
        or p.mode = 'claim' and claim.rank is not null and (claim.rank > writer.rank or blank.sent)
        or p.mode = 'merge_set' and blank.sent and not (p.empty_is_opinion and cell.sent is not null)
        then cell.stands
      when p.mode = 'merge_set' and (base.base is not null or claim.key is not null)
        then sync.settled_set(cell.stands, cell.sent, base.base, claim.held, claim.removed)
      else cell.sent
    end
  from cell
  cross join writer
  left join ownership.policies p on p.tbl = outcomes.target and p.col = cell.col
  left join sync.claims_on(outcomes.target, outcomes.keys) claim on claim.key = cell.key and claim.col = cell.col
  left join base on base.key = cell.key and base.col = cell.col
  cross join lateral (
    select
      sync.is_blank(cell.stands) or cell.stands #>> '{}' = any(p.blank_values) as stands,
      sync.is_blank(cell.sent) or cell.sent #>> '{}' = any(p.blank_values) as sent
  ) blank
$$;
comment on function sync.outcomes(regclass, text[], name[], jsonb[], jsonb[]) is
  'For each cell, what will stand there once the ownership policies have judged what is sent.';

create function sync.effect(stands jsonb, outcome jsonb)
returns text
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if stands is not distinct from outcome then
    return 'kept';
  elsif stands is null or sync.is_nothing(stands) then
    return 'filled';
  elsif outcome is null or sync.is_nothing(outcome) then
    return 'blanked';
  elsif jsonb_typeof(stands) = 'array' and outcome @> stands then
    -- A set that only gains has lost nothing; in another order it is the same.
    return case when stands @> outcome then 'kept' else 'filled' end;
  end if;
  return 'replaced';
end;
$$;
comment on function sync.effect(jsonb, jsonb) is
  'What happens to a value that stands there: kept, filled, blanked or replaced.';

-- The effect of a write on each cell of a stream, as SQL for a whole chunk. Most columns have no policy that could keep
-- anything: those are judged as they stand, in their own types. Only where a policy may rule do the policies judge.

create function sync.nothing_sql(category "char", value_sql text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    -- What begins with a sign that prints is not blank, and most texts do.
    when category = 'S' then format(
      '(%1$s is null or %1$s::text collate "C" not between ''!'' and ''~'' and ownership.is_blank(%1$s::text))',
      value_sql)
    when category = 'A' then format('(%1$s is null or ownership.is_blank(%1$s::text[]))', value_sql)
    when category = 'B' then format('%s is not true', value_sql)
    when category in ('N', 'D', 'T') then format('%s is null', value_sql)
  end;
end;
$$;
comment on function sync.nothing_sql("char", text) is
  'The SQL of sync.is_nothing in the types of a category of pg_type; NULL for one whose values are judged as JSON.';

create function sync.effects_on(target regclass)
returns table (name name, is_ruled boolean, differs text, effect text)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    c.name,
    c.is_ruled,
    c.differs,
    case when not c.is_ruled then format('case when not (%s) then null %s end', c.differs, case
      when nothing.stands is null then format('else sync.effect(to_jsonb(live.%1$I), to_jsonb(sent.%1$I))', c.name)
      else format('when %s then ''filled'' when %s then ''blanked'' %s else ''replaced''',
        nothing.stands,
        nothing.sent,
        -- A set that only gains has lost nothing.
        case when c.category = 'A' then format('when sent.%1$I @> live.%1$I then ''filled''', c.name) end)
    end) end
  from sync.cells_of(effects_on.target) c
  cross join lateral (
    select
      sync.nothing_sql(c.category, format('live.%I', c.name)) as stands,
      sync.nothing_sql(c.category, format('sent.%I', c.name)) as sent
  ) nothing;
end;
$$;
comment on function sync.effects_on(regclass) is
  'For each column of a stream whether a policy may rule there, and the SQL of: does what was sent differ; where no
   policy rules, what does it do (sync.effect, or null where nothing differs).';

create function sync.cell_json(target regclass, col_sql text, record_sql text)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select format('case %s %s end', col_sql,
    string_agg(format('when %1$L then to_jsonb(%2$s.%1$I)', c.name, record_sql), ' '))
  from sync.columns_of(target) c
$$;
comment on function sync.cell_json(regclass, text, text) is 'The SQL of one column of a record as JSON, by its name.';
