-- Refusals: a table may have constraints, triggers and limits that no record schema knows, those of an application. A
-- record that they refuse when the plan is applied goes to quarantine, and all others are written.

create function sync.is_refusal(state text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select left(state, 2) in ('22', '23', '44', '54')
    -- What a trigger raises, also under a code of its own: the other classes are those of Postgres.
    or state = 'P0001'
    or state ~ '^[5-9I-Z]' and left(state, 2) not in ('53', '55', '57', '58', '72', 'P0', 'XX')
$$;
comment on function sync.is_refusal(text) is
  'Whether an error is about the record that is written, so that others can be: its data, a constraint, a limit, or what
   a trigger raised. Every other error is about the database.';

create function sync.write_one_sql(target regclass, is_new boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when is_new then format('insert into %1$s (external_id, %2$s)
      select sent.external_id, %3$s from jsonb_populate_record(%4$s, $1) sent', target, cols.names, cols.sent,
      sync.empty_row_sql(target))
    else format('update %1$s live
      set missing_since = null, (%2$s) = (select %3$s from jsonb_populate_record(live, $1) sent)
      where live.external_id = $1 ->> ''external_id''', target, cols.names, cols.sent)
  end
  from (
    select string_agg(format('%I', c.name), ', ') as names, string_agg(format('sent.%I', c.name), ', ') as sent
    from sync.columns_of(target) c
  ) cols
$$;
comment on function sync.write_one_sql(regclass, boolean) is
  'The SQL that writes one record ($1) as apply does.';

create function sync.told_refusal(record jsonb, message text, detail text, place text, context text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('external_id', record ->> 'external_id', 'path', coalesce(place, ''),
    'reason', left(concat_ws('. ', message,
      -- A whole row says nothing that the payload does not.
      case when detail like 'Key (%' then rtrim(detail, '.') end,
      -- Whatever has no name of its own was raised by somebody's function.
      case when place is null then split_part(context, E'\n', 1) end), 1000),
    'payload', record::text, 'is_mapped', true)
$$;
comment on function sync.told_refusal(jsonb, text, text, text, text) is
  'A refused record as sync.quarantine takes it. place is the column or constraint that refused it.';

create function sync.find_refused(run sync.runs)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  inserting text := sync.write_one_sql(target, true);
  updating text := sync.write_one_sql(target, false);
  refused jsonb := '[]';
  sent jsonb;
  is_new boolean;
  state text;
  message text;
  details text;
  place text;
  context text;
begin
  for sent, is_new in
    execute sync.comparison_sql(run.stream, 'p.to_write > 0')
      || ' select c.payload, c.is_new from compared c where c.is_new or c.changes order by not c.is_new'
    using run.stream, coalesce(run.reached, 0), 1
  loop
    begin
      execute case when is_new then inserting else updating end using sent;
    exception when others then
      get stacked diagnostics state = returned_sqlstate, message = message_text, details = pg_exception_detail,
        place = constraint_name, context = pg_exception_context;
      if not sync.is_refusal(state) then
        raise;
      end if;
      refused := refused || sync.told_refusal(sent, message, details, nullif(place, ''), context);
    end;
  end loop;
  -- Nothing of it stays: what was not refused is written as any page is, with its place in the records of the run.
  raise exception using errcode = 'SY003';
exception when sqlstate 'SY003' then
  return refused;
end;
$$;
comment on function sync.find_refused(sync.runs) is
  'Tries to write the records of the next page one by one, each beside those before it, and returns those that the table
   refuses, as sync.quarantine takes them. Nothing is written.';

create function sync.set_aside_refused(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  refused jsonb := sync.find_refused(run);
  found integer := jsonb_array_length(refused);
begin
  if found = 0 then
    return run;
  end if;
  perform sync.quarantine(run.id, refused);
  update sync.staged_pages p
  set superseded = p.superseded || array(select r ->> 'external_id' from jsonb_array_elements(refused) r),
      to_write = p.to_write - found
  where p.stream = run.stream and p.page = (
    select min(n.page) from sync.staged_pages n
    where n.stream = run.stream and n.to_write > 0 and n.page > coalesce(run.reached, 0));
  update sync.runs r set refused = r.refused + found where r.id = run.id returning * into run;
  return run;
end;
$$;
comment on function sync.set_aside_refused(sync.runs) is
  'Puts the records of the next page that the table refuses into quarantine. The run is as it was where there are none.';
