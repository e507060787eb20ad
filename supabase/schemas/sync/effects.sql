-- What a write does to a value, by which losses are counted: it fills, replaces or blanks it, or leaves it as it is.
-- Where
-- a policy may keep the value out, ownership.foresee tells what will stand there.

grant execute on function
  ownership.is_blank(text), ownership.is_blank(text[]), ownership.is_blank(jsonb), ownership.foresee,
  ownership.ruled_columns, ownership.known_answers, ownership.refusal, ownership.count_owned
to sync_worker;

create function sync.is_nothing(value jsonb)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'number' then false
    when 'boolean' then value = 'false'
    else ownership.is_blank(value)
  end;
end;
$$;
comment on function sync.is_nothing(jsonb) is
  'Whether a value counts as none when losses are counted: blanks, and false, which is what a field that a query forgot
   makes of a badge.';

create function sync.effect(stands jsonb, outcome jsonb)
returns text
language plpgsql
immutable
parallel safe
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
    -- A set that only grows loses nothing, and the order of its elements means nothing.
    return case when stands @> outcome then 'kept' else 'filled' end;
  end if;
  return 'replaced';
end;
$$;
comment on function sync.effect(jsonb, jsonb) is
  'What happens to a value that stands there: kept, filled, blanked or replaced.';

-- The same as SQL for a whole chunk. Most columns have no policy that could keep something out, and are compared in
-- their
-- own types, without the detour over JSON. Only the others need ownership.foresee.

create function sync.nothing_sql(category "char", value_sql text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    -- Most texts begin with a printable ASCII character, and those are not blank: this test is cheap.
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
  'The SQL of sync.is_nothing for the types of a category (pg_type.typcategory); NULL for categories that need JSON.';

create function sync.effects_on(target regclass)
returns table (name name, is_ruled boolean, differs text, effect text)
language plpgsql
stable
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
        -- A set that only grows loses nothing.
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
  'For each column of a stream: whether a policy may keep something out of it (is_ruled), the SQL of whether the value
   sent differs from the live one (differs) and, where no policy may, the SQL of its effect: as sync.effect, or NULL
   where nothing differs.';

create function sync.cell_json_sql(target regclass, col_sql text, record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('case %s %s end', col_sql,
    string_agg(format('when %1$L then to_jsonb(%2$s.%1$I)', c.name, record_sql), ' '))
  from sync.columns_of(target) c
$$;
comment on function sync.cell_json_sql(regclass, text, text) is
  'The SQL of a value of a record as JSON. col_sql is the SQL of the name of its column.';
