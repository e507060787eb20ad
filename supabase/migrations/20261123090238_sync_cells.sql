-- The columns of a stream, as SQL over the rows sent and live: what differs, and what of it has to be written.

create function sync.differs(left_side text, right_side text, is_set boolean)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return case
    -- An element that is NULL is in no set: equal arrays come first.
    when is_set then format('(%1$s is distinct from %2$s and not coalesce(%1$s @> %2$s and %1$s <@ %2$s, false))',
      left_side, right_side)
    else format('%s is distinct from %s', left_side, right_side)
  end;
end;
$$;
comment on function sync.differs(text, text, boolean) is
  'The SQL that compares two values: arrays as sets, everything else as it is.';

create function sync.refusal(col name, offered jsonb, kept jsonb)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select concat_ws(' ', col, coalesce(offered, 'null'), coalesce(kept, 'null'))
$$;
comment on function sync.refusal(name, jsonb, jsonb) is
  'One text for "ownership was offered this over that and kept that".';

create function sync.ruled_columns(target regclass)
returns setof name
language sql
stable
security definer
set search_path = ''
as $$
  select p.col
  from ownership_private.protected_tables t
  join ownership_private.policies p on p.table_id = t.id
  where t.tbl = ruled_columns.target
    and p.mode <> 'source'
    and p.on_conflict <> 'observe'
    -- Nobody ever claimed a cell of it: the guards ask the same gate.
    and (p.mode <> 'claim' or pg_sequence_last_value(ownership_private.gate(p.id)) is not null)
$$;
comment on function sync.ruled_columns(regclass) is
  'The columns in which a policy may keep something out. The others take what is sent.';

create function sync.cells_of(target regclass)
returns table (name name, category "char", is_ruled boolean, differs text, changes text)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query
  select
    c.name,
    c.category,
    ruled.col is not null,
    cell.differs,
    case
      when ruled.col is null then cell.differs
      -- A set that ownership merges is settled once the last set sent is this one.
      when c.category = 'A' then format(
        '%3$s and case when held.bases ? %1$L then chunk.payload ? %1$L and %2$s else %4$s end', c.name,
        sync.differs(format('to_jsonb(%s)', cell.sent), format('(held.bases -> %L)', c.name), true),
        cell.differs, cell.is_news)
      -- A value that ownership keeps out is settled once it is the one on offer.
      else format(
        '%1$s and case when held.offers ? %2$L
          then held.offers -> %2$L is distinct from coalesce(to_jsonb(%3$s), ''null'') else %4$s end',
        cell.differs, c.name, cell.sent, cell.is_news)
    end
  from sync.columns_of(cells_of.target) c
  left join sync.ruled_columns(cells_of.target) ruled (col) on ruled.col = c.name
  cross join lateral (select format('sent.%I', c.name) as sent, format('live.%I', c.name) as live) side
  cross join lateral (
    select
      side.sent,
      sync.differs(side.sent, side.live, c.category = 'A') as differs,
      format(
        '(held.refusals is null or sync.refusal(%L, to_jsonb(%s), to_jsonb(%s)) <> all(held.refusals))',
        c.name, side.sent, side.live) as is_news
  ) cell;
end;
$$;
comment on function sync.cells_of(regclass) is
  'For each column of a stream whether a policy may rule there, and the SQL of: does what was sent differ from what
   stands, must it be written.';
