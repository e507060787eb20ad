-- Marks: named points in the history.

create function ownership.mark(label text)
returns bigint
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into ownership_private.marks (label, history_id, writer)
  select mark.label, coalesce((select max(h.id) from ownership_private.history h), 0), w.writer
  from ownership_private.current_writer() w
  returning id
$$;
comment on function ownership.mark is
  'Names this point in the history and returns its number. Every run of a sync takes one.';

create function ownership.mark_at(at timestamptz)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
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

create function ownership_private.check_mark(mark_id bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  kept record;
begin
  if exists (select from ownership_private.marks m where m.id = mark_id) then
    return;
  end if;
  select min(m.id) as oldest, max(m.id) as newest into kept from ownership_private.marks m;
  perform ownership_private.fail('OW012',
    case
      when mark_id > kept.newest then format('mark %s lies in the future', mark_id)
      when mark_id > 0 and mark_id < kept.oldest then format('mark %s is not kept any more', mark_id)
      else format('there is no mark %s', coalesce(mark_id::text, 'NULL'))
    end,
    case
      when mark_id > 0 and mark_id < kept.oldest
        then format('The oldest is %s; ownership.retention says how long they are kept.', kept.oldest)
      else coalesce('The newest mark is ' || kept.newest || '.', 'No mark was ever taken.')
    end,
    'See ownership.marks; ownership.mark(''before the import'') takes one.');
end
$$;
comment on function ownership_private.check_mark is 'Refuses a mark that was not taken (OW012).';
