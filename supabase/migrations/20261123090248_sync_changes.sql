-- What each run replaced, kept so that the run can be taken back. Nothing is kept of rows that did not change.

create table sync.changes (
  run_id bigint not null references sync.runs on delete cascade,
  external_id text not null,
  was jsonb not null,
  became jsonb not null,
  -- That both sides hold the same columns is not checked: it would cost up to a quarter of writing a row.
  primary key (run_id, external_id)
);
comment on table sync.changes is 'The columns that a run changed in a row, with what stood there and what it wrote.';

create table sync.insertions (
  id bigint generated always as identity primary key,
  run_id bigint not null references sync.runs on delete cascade,
  version xid not null,
  external_ids text[] not null,
  places tid[] not null,
  -- Each row has its place.
  constraint insertions_have_places check (cardinality(external_ids) = cardinality(places))
);
-- Not compressed: it costs more than what it saves of a month's insertions.
alter table sync.insertions alter external_ids set storage external, alter places set storage external;
create index insertions_run_id_idx on sync.insertions (run_id);
comment on table sync.insertions is 'The rows that a run inserted, by chunks.';
comment on column sync.insertions.version is
  'The xmin of the rows as they were inserted, and places their ctid: every newer version of a row has others.';

grant select, insert, update, delete on sync.changes to gazelle_sync;
grant select, insert, delete on sync.insertions to gazelle_sync;

create function sync.changed_cells(target regclass, record_sql text)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  -- As text, and read as JSON once, which is cheaper than an aggregate over the columns.
  select format('(''{'' || concat_ws('','', %s) || ''}'')::jsonb', string_agg(format(
    'case when before.%1$I is distinct from live.%1$I then %2$L || coalesce(to_json(%3$s.%1$I)::text, ''null'') end',
    c.name, to_json(c.name) || ':', changed_cells.record_sql), ', '))
  from (
    select s.name from sync.columns_of(changed_cells.target) s
    union all
    select 'missing_since'
  ) c
$$;
comment on function sync.changed_cells(regclass, text) is
  'The SQL of an object with what one of them holds, before or live, where those two rows differ.';

create function sync.forget_changes(stream text)
returns void
language sql
volatile
security invoker
set search_path = ''
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
comment on function sync.forget_changes(text) is 'Drops what is kept of runs that are too old to be taken back.';
