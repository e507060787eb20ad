-- A time as a mark: what to restore to when nobody remembers the mark, only the hour.

create function ownership.mark_at(at timestamptz)
returns bigint
language plpgsql
stable
security definer
set search_path = ''
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
