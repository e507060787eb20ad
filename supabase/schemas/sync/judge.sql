-- What a write does to a value: the effects by which losses are counted. Where a policy may rule, ownership.foresee
-- tells what becomes of the value.

grant execute on function
  ownership.is_blank(text), ownership.is_blank(text[]), ownership.is_blank(jsonb), ownership.foresee,
  ownership.ruled_columns, ownership.known_answers, ownership.refusal, ownership.count_owned
to sync_worker;

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
    else ownership.is_blank(value)
  end;
end;
$$;
comment on function sync.is_nothing(jsonb) is
  'What counts as no value when losses are counted: blanks, and false, into which a forgotten field turns a badge.';

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
