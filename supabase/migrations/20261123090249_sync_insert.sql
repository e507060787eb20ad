-- New rows: all of a chunk where the table held nothing.

create function sync.empty_row(target regclass)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select format('row(%s)::%s', string_agg(coalesce(c.default_value, 'null'), ', ' order by a.attnum), empty_row.target)
  from pg_catalog.pg_attribute a
  left join sync.columns_of(empty_row.target) c on c.name = a.attname
  where a.attrelid = empty_row.target and a.attnum > 0 and not a.attisdropped
$$;
comment on function sync.empty_row(regclass) is
  'The SQL of a row that holds the defaults of the columns a stream may write: what a key that a record lacks leaves.';

create function sync.inserts(stream text, source text)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select format(
    $sql$
      inserted as (
        insert into %1$s as live (external_id, %2$s)
        select sent.external_id, %3$s
        from %4$s
        on conflict (external_id) do nothing
        returning live.external_id, live.xmin as version, live.ctid as place
      ), noted_insertions as (
        insert into sync.insertions (run_id, version, external_ids, places)
        select $4, inserted.version, array_agg(inserted.external_id), array_agg(inserted.place)
        from inserted
        group by inserted.version
      )
    $sql$,
    s.target,
    string_agg(format('%I', c.name), ', '),
    string_agg(format('sent.%I', c.name), ', '),
    inserts.source
  )
  from sync.streams s, lateral sync.columns_of(s.target) c
  where s.stream = inserts.stream
  group by s.target
$$;
comment on function sync.inserts(text, text) is
  'The SQL that inserts records for a run ($4), and notes what it inserted. source is the SQL of what to select from:
   sent is a row of the table.';

create function sync.filling(stream text)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select format(
    $sql$
      with chunk as (
        select * from %1$s p
      ), %2$s
      select
        (select max(page) from chunk) as reached,
        (select sum(to_write)::integer from chunk) as new,
        (select count(*)::integer from inserted) as inserted,
        0 as updated,
        0 as kept
    $sql$,
    sync.chunk(filling.stream, 'p.to_write > 0'),
    sync.inserts(filling.stream, format(
      'chunk p cross join lateral jsonb_populate_recordset(%s, p.records) sent where sent.external_id <> all(p.superseded)',
      sync.empty_row(s.target)))
  )
  from sync.streams s
  where s.stream = filling.stream
$$;
comment on function sync.filling(text) is
  'The SQL that writes a chunk into a table that held nothing, with the arguments of sync.applying: all of it is new.';
