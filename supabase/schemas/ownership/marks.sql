-- A time as a mark: what to restore to when nobody remembers the mark, only the hour.

create function ownership.mark_at(at timestamptz)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_mark bigint := (select m.id from ownership_private.marks m where m.at <= mark_at.at order by m.id desc limit 1);
begin
  if found_mark is null then
    perform ownership_private.fail('OW012', format('no mark was taken up to %s', coalesce(mark_at.at::text, 'NULL')),
      coalesce('The oldest is of ' || (select min(m.at) from ownership_private.marks m) || '.', 'No mark was ever taken.'),
      'See ownership.marks.');
  end if;
  return found_mark;
end
$$;
comment on function ownership.mark_at is
  'The newest mark at or before a time, for ownership.restore and ownership.diff. Error: OW012.';

revoke all on function ownership.mark_at from public;

select ownership_private.record_fingerprints();

-- diff: what changed between two marks.

create function ownership.diff(from_mark bigint, to_mark bigint default null)
returns table (
  tbl regclass, col name, key text, element text, from_value jsonb, to_value jsonb, writer name, changed_at timestamptz
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
as $$
begin
  perform ownership_private.check_mark(from_mark);
  perform ownership_private.check_mark(to_mark) where to_mark is not null;
  if to_mark < from_mark then
    perform ownership_private.fail('OW012', format('mark %s is older than mark %s', to_mark, from_mark),
      'The first mark is the older one.', format('Call ownership.diff(%s, %s).', to_mark, from_mark));
  end if;
  return query
  select t.tbl, p.col, f.key, f.element, ownership_private.spelling(f.value, f.element),
    ownership_private.spelling(u.value, u.element), u.last_writer, u.last_at
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  cross join lateral ownership_private.past(p.id, from_mark) f
  join lateral ownership_private.past(p.id, to_mark) u on u.key = f.key and u.element = f.element
  where ownership_private.caller_may_read(t.tbl, p.col)
    and case when f.element = '' then f.value is distinct from u.value else (f.value is null) <> (u.value is null) end
  order by t.id, p.id, f.key, f.element;
end
$$;
comment on function ownership.diff is
  'Owned cells, and elements of sets, that changed between two marks (default: until now), with the writer of
   the last change. An element''s value is NULL where it was not in the set. Error: OW012.';

revoke all on function ownership.diff from public;

do $$
begin
  if to_regrole('service_role') is not null then
    grant execute on function ownership.diff to service_role;
  end if;
end
$$;

select ownership_private.record_fingerprints();
