-- What each run replaced, kept so that the run can be reverted. Rows that did not change leave nothing here.

create table sync.changes (
  run_id bigint not null references sync.runs on delete cascade,
  external_id text not null,
  was jsonb not null,
  became jsonb not null,
  -- was and became have the same keys. A constraint for that would cost up to a quarter of the time of a write.
  primary key (run_id, external_id)
);
comment on table sync.changes is 'The values that a run changed in a row, before and after.';

create table sync.insertions (
  id bigint generated always as identity primary key,
  run_id bigint not null references sync.runs on delete cascade,
  version xid not null,
  external_ids text[] not null,
  places tid[] not null,
  -- There is one place for each row.
  constraint insertions_have_places check (cardinality(external_ids) = cardinality(places))
);
-- Not compressed: these rows are kept for a month, and compressing them costs more time than the space is worth.
alter table sync.insertions alter external_ids set storage external, alter places set storage external;
create index insertions_run_id_idx on sync.insertions (run_id);
comment on table sync.insertions is 'The rows that a run inserted, a row here for each chunk.';
comment on column sync.insertions.version is
  'The xmin of the rows as they were inserted; places has their ctid. A row that was written since has others.';

grant select, insert, update, delete on sync.changes to sync_worker;
grant select, insert, delete on sync.insertions to sync_worker;

create function sync.changed_cells_sql(target regclass, record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Put together as text and cast once, which is cheaper than jsonb_object_agg over the columns.
  select format('(''{'' || concat_ws('','', %s) || ''}'')::jsonb', string_agg(format(
    'case when before.%1$I is distinct from live.%1$I then %2$L || coalesce(to_json(%3$s.%1$I)::text, ''null'') end',
    c.name, to_json(c.name) || ':', changed_cells_sql.record_sql), ', '))
  from (
    select s.name from sync.columns_of(changed_cells_sql.target) s
    union all
    select 'missing_since'
  ) c
$$;
comment on function sync.changed_cells_sql(regclass, text) is
  'The SQL of an object with the values in which the rows before and live differ, taken from one of them: record_sql.';

create function sync.forget_changes(stream text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  with old as materialized (
    select r.id
    from sync.runs r
    cross join sync.settings s
    where r.stream = forget_changes.stream and r.finished_at < clock_timestamp() - s.keep_changes
  ), changed as (
    delete from sync.changes c using old where c.run_id = old.id
  )
  delete from sync.insertions i using old where i.run_id = old.id
$$;
comment on function sync.forget_changes(text) is 'Drops the changes of runs that are too old to be reverted.';

-- New rows: some of a chunk, or all of it where the table was empty.

create function sync.empty_row_sql(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('row(%s)::%s',
    string_agg(coalesce(c.default_value, 'null'), ', ' order by a.attnum), empty_row_sql.target)
  from pg_catalog.pg_attribute a
  left join sync.columns_of(empty_row_sql.target) c on c.name = a.attname
  where a.attrelid = empty_row_sql.target and a.attnum > 0 and not a.attisdropped
$$;
comment on function sync.empty_row_sql(regclass) is
  'The SQL of a row with the defaults of the columns of a stream: what a new row gets for keys that its record lacks.';

create function sync.insert_sql(stream text, source text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
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
    insert_sql.source
  )
  from sync.streams s, lateral sync.columns_of(s.target) c
  where s.stream = insert_sql.stream
  group by s.target
$$;
comment on function sync.insert_sql(text, text) is
  'The SQL that inserts records for a run ($4), and notes which. source is the SQL to select from; in it sent is a row
   of the table.';

create function sync.insert_into_empty_sql(stream text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
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
    sync.chunk_sql(insert_into_empty_sql.stream, 'p.to_write > 0'),
    sync.insert_sql(insert_into_empty_sql.stream, format(
      'chunk p cross join lateral jsonb_populate_recordset(%s, p.records) sent
        where sent.external_id <> all(p.superseded)',
      sync.empty_row_sql(s.target)))
  )
  from sync.streams s
  where s.stream = insert_into_empty_sql.stream
$$;
comment on function sync.insert_into_empty_sql(text) is
  'The SQL that writes a chunk into an empty table, where every record is new. Its parameters are those of
   sync.apply_sql.';

-- apply: only rows that differ are written, in chunks; a chunk and the place that the run has reached commit together.

create function sync.apply_sql(stream text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sync.comparison_sql(apply_sql.stream, 'p.to_write > 0', format(', %s as is_ruled', ruled.differs))
    || format(
    $sql$
      , %3$s, updated as (
        update %1$s live
        set missing_since = null, (%2$s) = (
          select %4$s from jsonb_populate_record(live, compared.payload) sent
        )
        from compared
        cross join lateral (select * from %1$s stood where stood.ctid = compared.place offset 0) before
        where compared.changes and not compared.is_new and live.external_id = compared.external_id
        returning
          live.external_id,
          compared.differing,
          %6$s as was,
          %7$s as became,
          -- Where no policy may keep something out, nothing was.
          case when compared.is_ruled
            then (select %5$s from jsonb_populate_record(live, compared.payload) sent) else 0 end as kept
      ), noted as (
        insert into sync.changes as c (run_id, external_id, was, became)
        select $4, updated.external_id, updated.was, updated.became
        from updated
        where updated.was <> '{}'
        on conflict (run_id, external_id) do update
        set was = excluded.was || c.was, became = c.became || excluded.became
      )
      select
        (select max(page) from compared) as reached,
        (select count(*)::integer from compared where is_new) as new,
        (select count(*)::integer from inserted) as inserted,
        -- A row in which everything was kept out is as it was before.
        (select count(*)::integer from updated where kept < differing or differing = 0) as updated,
        (select coalesce(sum(kept), 0)::integer from updated) as kept
    $sql$,
    s.target,
    (select string_agg(format('%I', c.name), ', ') from sync.columns_of(s.target) c),
    sync.insert_sql(apply_sql.stream, format(
      'compared, lateral jsonb_populate_record(%s, compared.payload) sent where compared.is_new',
      sync.empty_row_sql(s.target))),
    (select string_agg(format('sent.%I', c.name), ', ') from sync.columns_of(s.target) c),
    ruled.count,
    sync.changed_cells_sql(s.target, 'before'),
    sync.changed_cells_sql(s.target, 'live')
  )
  from sync.streams s
  cross join lateral (
    select
      coalesce(string_agg(c.differs, E'\n or '), 'false') as differs,
      coalesce(string_agg(format('(%s)::integer', c.differs), ' + '), '0') as count
    from sync.cells_of(s.target) c
    where c.is_ruled
  ) ruled
  where s.stream = apply_sql.stream
$$;
comment on function sync.apply_sql(text) is
  'The SQL that writes what differs in a chunk, notes what it replaces, and counts. Its parameters are those of
   sync.comparison_sql, and the run ($4).';

create function sync.write_chunk(run sync.runs, chunk integer)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  last_page integer;
  news integer;
  inserts integer;
  updates integer;
  keeps integer;
begin
  -- A row that another writer inserts in the same moment is left out once, and updated the second time.
  for attempt in 1 .. 2 loop
    execute case
      when run.into_empty and attempt = 1 then sync.insert_into_empty_sql(run.stream)
      else sync.apply_sql(run.stream)
    end
    into last_page, news, inserts, updates, keeps
    using run.stream, coalesce(run.reached, 0), chunk, run.id;
    run.inserted := run.inserted + inserts;
    run.updated := run.updated + updates;
    run.kept := run.kept + keeps;
    exit when inserts = news;
  end loop;
  run.reached := coalesce(last_page, run.reached);
  return run;
end;
$$;
comment on function sync.write_chunk(sync.runs, integer) is
  'Writes the next chunk in one statement. Returns the run with its counters and the place it reached, which are not
   stored yet.';

create function sync.apply_chunk(run sync.runs, row_limit integer default null)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
-- As in sync.plan_chunk.
set enable_seqscan = off
set random_page_cost = 1.1
set jit = off
as $$
declare
  began timestamptz := clock_timestamp();
  chunk integer := coalesce(row_limit, (select s.apply_rows from sync.settings s));
  refused_before integer;
  is_last boolean;
begin
  -- What an application has deferred to the commit is judged while a record can still be set aside.
  set constraints all immediate;
  loop
    begin
      run := sync.write_chunk(run, chunk);
      exit;
    exception when others then
      if not sync.is_refusal(sqlstate) then
        raise;
      elsif chunk > 1 then
        -- A single page is looked into.
        chunk := 1;
      else
        refused_before := run.refused;
        run := sync.set_aside_refused(run);
        if run.refused = refused_before then
          raise;
        end if;
        -- The rest of the page is left to the next call where this one has used its time.
        exit when clock_timestamp() > began + interval '3 seconds';
      end if;
    end;
  end loop;

  is_last := not exists (
    select from sync.staged_pages p
    where p.stream = run.stream and p.to_write > 0 and p.page > coalesce(run.reached, 0));
  update sync.runs r
  set inserted = run.inserted,
      updated = run.updated,
      kept = run.kept,
      step = case when is_last then 'finish' else 'apply' end,
      reached = case when not is_last then run.reached end
  where r.id = run.id
  returning * into run;
  return sync.add_time(run, 'apply', began);
end;
$$;
comment on function sync.apply_chunk(sync.runs, integer) is
  'Writes the next chunk of rows that differ, without those that the table refuses.';

create function public.sync_apply_run(run_id bigint, lease uuid, row_limit integer default null)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'apply');
begin
  perform sync.act_as_source(run.stream);
  run := sync.apply_chunk(run, row_limit);
  return sync.report(run);
end;
$$;
comment on function public.sync_apply_run(bigint, uuid, integer) is
  'Writes the next chunk of rows that differ. Call again while the step is apply.';
