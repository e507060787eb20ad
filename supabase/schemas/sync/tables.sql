-- The tables of the sync: its settings, sources and streams, what each run did, what it read.

create schema sync;
comment on schema sync is 'The sync''s own tables and helpers. Its contract for callers is public.sync_*.';

-- Roles belong to the whole cluster, so it may exist already.
do $$
begin
  if to_regrole('sync_worker') is null then
    create role sync_worker nologin noinherit;
  end if;
  -- A migrator that is no superuser must be a member to name the role in a function's settings.
  grant sync_worker to current_user;
end $$;
comment on role sync_worker is
  'Keeps the sync''s own tables. It is no writer: a run writes to its table as the role of its source.';

-- The API logs in as authenticator; the functions public.sync_* switch from there to sync_worker.
grant sync_worker to authenticator;

create table sync.settings (
  -- There is one row.
  only_row boolean primary key default true check (only_row),
  slice_milliseconds integer not null default 25000 check (slice_milliseconds between 0 and 140000),
  slice_rows integer not null default 50000 check (slice_rows > 0),
  lease_seconds integer not null default 90 check (lease_seconds between 1 and 900),
  run_link text check (run_link like '%{run}%'),
  alert_shape text check (alert_shape in ('slack', 'discord', 'ntfy', 'json')),
  stage_rows integer not null default 2000 check (stage_rows > 0),
  plan_rows integer not null default 5000 check (plan_rows > 0),
  apply_rows integer not null default 10000 check (apply_rows > 0),
  keep_changes interval not null default '30 days',
  failures_alarm integer not null default 3 check (failures_alarm > 0),
  late_after interval not null default '1 day',
  keep_calls interval not null default '14 days',
  keep_runs interval not null default '1 year',
  -- A run that can be reverted must still be on record.
  constraint settings_runs_outlive_changes check (keep_runs >= keep_changes)
);
insert into sync.settings default values;
comment on table sync.settings is
  'How the sync works, for all streams. To change a setting, update the row as postgres.';
comment on column sync.settings.slice_milliseconds is
  'How long one call works before it pauses its run. A page or chunk that it has begun is finished first.';
comment on column sync.settings.slice_rows is
  'Records that one call reads at most, in whole pages: what an edge function''s 2 s of processor time allow.';
comment on column sync.settings.lease_seconds is
  'How long a caller that died blocks its stream: each of its calls renews the lease for so long.';
comment on column sync.settings.run_link is
  'The address at which a person sees a run, with {run} for its number. Alerts link to it.';
comment on column sync.settings.alert_shape is
  'In which shape alerts are posted: slack, discord, ntfy or json; NULL: as the webhook''s host takes it.';
comment on column sync.settings.stage_rows is
  'Records staged by one call, in whole pages of the source. Two more such batches may wait in the function''s memory: a
   crash has them read again.';
comment on column sync.settings.plan_rows is
  'Records compared by one call, in whole pages: it must fit the API''s statement timeout.';
comment on column sync.settings.apply_rows is
  'Records applied by one call, in whole pages: it must fit the API''s statement timeout.';
comment on column sync.settings.keep_changes is 'How long after its end a run can be reverted.';
comment on column sync.settings.failures_alarm is 'After how many failed calls in a row a job raises an alert.';
comment on column sync.settings.late_after is 'How long a stream on schedule may be without a complete run.';
comment on column sync.settings.keep_calls is 'How long the calls of the schedule stay on record.';
comment on column sync.settings.keep_runs is 'How long runs stay on record, with their alerts.';

create table sync.sources (
  source text primary key check (source ~ '^[a-z_]+$'),
  role name not null unique,
  label text not null,
  unauthorized_codes text[] not null default '{}',
  access_check text,
  account jsonb check (account ? 'id')
);
comment on table sync.sources is
  'The systems that records come from. What the sync must know of one of them stands in its row.';
comment on column sync.sources.role is
  'The role as which its runs write. Its rank decides what ownership lets through, its grants which columns a stream
   has.';
comment on column sync.sources.label is 'Its name, as people read it.';
comment on column sync.sources.unauthorized_codes is
  'Error codes of a failed run which mean that the source refuses our credentials, or that there are none: the alert is
   then token_refused.';
comment on column sync.sources.access_check is
  'A call of the function that checks the credentials after each run, and raises or closes alerts about them.';

comment on column sync.sources.account is
  'Whose records this database was filled with: an object with id and name. A run that reads another account''s is
   refused. NULL before the first run that went through; set it to NULL where the account itself got another id.';

create table sync.streams (
  stream text primary key check (stream ~ '^[a-z_]+$'),
  target regclass not null unique,
  source text not null references sync.sources,
  known_columns name[] not null default '{}',
  bookkeeping name[] not null default '{}',
  is_enabled boolean not null default true,
  max_blanked real not null default 0.1 check (max_blanked between 0 and 1),
  max_replaced real not null default 0.5 check (max_replaced between 0 and 1),
  max_missing real not null default 0.05 check (max_missing between 0 and 1),
  max_inserted real not null default 0.5 check (max_inserted >= 0),
  max_unstored real not null default 0.05 check (max_unstored between 0 and 1),
  least_loss integer not null default 5 check (least_loss > 0),
  least_inserted integer not null default 100 check (least_inserted > 0)
);
comment on table sync.streams is
  'A kind of record that a source has, the table its records go to, and the limits of its breaker.';
comment on column sync.streams.known_columns is
  'The columns of the stream when sync.known_<stream> was last emptied: other columns now, and it is emptied again.';
comment on column sync.streams.bookkeeping is
  'Columns that only say when a record was written, and by which program. What they lose never trips a run.';
comment on column sync.streams.is_enabled is 'Whether a run of the stream may be started or continued.';
comment on column sync.streams.max_blanked is 'The share of a column''s values that a run may blank.';
comment on column sync.streams.max_replaced is 'The share of a column''s values that a run may replace.';
comment on column sync.streams.max_missing is 'The share of the rows that a run may find missing.';
comment on column sync.streams.max_inserted is
  'The share of the rows that a run may add as new ones. The first run of the stream may add any number.';
comment on column sync.streams.max_unstored is
  'The share of its records that a run may leave unstored, in whole or in a field, and still be complete. One
   record never counts.';
comment on column sync.streams.least_loss is 'Fewer values or rows lost than this never trip a run.';
comment on column sync.streams.least_inserted is 'Fewer new rows than this never trip a run.';

create table sync.runs (
  id bigint generated always as identity primary key,
  stream text not null references sync.streams,
  status text not null default 'running'
    check (status in ('running', 'paused', 'partial', 'degraded', 'tripped', 'complete', 'failed')),
  step text not null default 'stage' check (step in ('stage', 'plan', 'apply', 'finish')),
  started_by text not null,
  dry_run boolean not null default false,
  is_replay boolean not null default false,
  is_first boolean not null default false,
  allow text[] not null default '{}',
  account jsonb,
  mark bigint not null,
  cursor text,
  reached integer,
  lease uuid,
  lease_seconds integer not null check (lease_seconds between 1 and 900),
  lease_until timestamptz not null,
  not_before timestamptz,
  slices integer not null default 1,
  waits integer not null default 0,
  progress text,
  idle_slices integer not null default 0,
  total_count integer check (total_count >= 0),
  into_empty boolean not null default false,
  fetched integer not null default 0,
  staged integer not null default 0,
  rejected integer not null default 0,
  refused integer not null default 0,
  duplicates integer not null default 0,
  unknown_fields integer not null default 0,
  unclear integer not null default 0,
  to_insert integer not null default 0,
  to_update integer not null default 0,
  to_offer integer not null default 0,
  lacking integer not null default 0,
  to_miss integer not null default 0,
  inserted integer not null default 0,
  updated integer not null default 0,
  kept integer not null default 0,
  missing integer not null default 0,
  timings jsonb,
  error jsonb,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  reverted_at timestamptz,
  -- A run has an end exactly when it is over.
  constraint runs_over_has_end check ((status in ('running', 'paused')) = (finished_at is null)),
  -- A run that somebody works on has a lease, and no other run has one.
  constraint runs_running_has_lease check ((status = 'running') = (lease is not null)),
  -- A failed or degraded run says why.
  constraint runs_failed_has_error check (status not in ('failed', 'degraded') or error is not null),
  -- A complete run has gone through every step.
  constraint runs_complete_went_through check (status <> 'complete' or step = 'finish'),
  -- A dry run writes nothing.
  constraint runs_dry_wrote_nothing check (not dry_run or inserted + updated + missing = 0),
  -- A tripped run has written nothing, and says what tripped it.
  constraint runs_tripped_wrote_nothing check (status <> 'tripped' or inserted + updated + missing = 0 and error is not null)
);
comment on table sync.runs is 'One execution of a stream: where it stands, what it did, why it failed.';
comment on column sync.runs.mark is 'The point in the ownership history just before this run.';
comment on column sync.runs.dry_run is 'Whether the run ends with its plan.';
comment on column sync.runs.is_replay is 'Whether it reads rejected records again, and not the source.';
comment on column sync.runs.is_first is
  'Whether no run of the stream went through before. Where it finds rows, it is expected to replace what stands there.';
comment on column sync.runs.allow is
  'Which limits of the breaker do not apply to this run: blank:<column>, replace:<column>, lose, insert.';
comment on column sync.runs.account is 'Whose records it reads, where the source tells: an object with id and name.';
comment on column sync.runs.not_before is 'The run is paused until then, because the source asked for it.';
comment on column sync.runs.slices is 'How many calls have worked on the run.';
comment on column sync.runs.waits is 'How often in a row it waited for the source without reading a page in between.';
comment on column sync.runs.progress is 'What it had read, planned and written when its last slice began.';
comment on column sync.runs.idle_slices is
  'How many slices in a row brought it no further. Too many, and the run is failed.';
comment on column sync.runs.to_update is 'Rows in which something would change.';
comment on column sync.runs.to_offer is
  'Rows that are written although nothing in them will change: ownership then records the value that it keeps out.';
comment on column sync.runs.lacking is
  'Rows that are not marked missing, and whose records a complete read did not contain.';
comment on column sync.runs.to_miss is
  'Those of the lacking rows that the run would mark missing: the complete read before did not contain them either.';
comment on column sync.runs.cursor is 'Where reading continues: the end cursor of the last page that was staged.';
comment on column sync.runs.reached is 'Where plan or apply continues: the last page that was done.';
comment on column sync.runs.into_empty is
  'Whether the table was empty when the run was planned: then every record is new, and none is compared.';
comment on column sync.runs.refused is
  'Staged records that the table refused when they were applied. They are in quarantine with those that were rejected
   before.';
comment on column sync.runs.duplicates is
  'Records whose id the run had read before. Of each id the last record counts.';
comment on column sync.runs.unknown_fields is
  'Fields for which the source answered with an error: what stands in their columns was left alone.';
comment on column sync.runs.unclear is 'Staged records that have such a field.';
comment on column sync.runs.kept is 'Values sent that ownership kept out.';
comment on column sync.runs.missing is 'Rows that this run marked missing.';

-- One active run a stream.
create unique index runs_one_active on sync.runs (stream) where status in ('running', 'paused');
create index runs_complete_idx on sync.runs (stream, finished_at) where status = 'complete';

create table sync.planned_columns (
  run_id bigint not null references sync.runs on delete cascade,
  col name not null,
  filled integer not null,
  replaced integer not null,
  blanked integer not null,
  kept integer not null,
  standing integer,
  primary key (run_id, col)
);
comment on table sync.planned_columns is
  'In how many existing rows a run would change a column, and how, once the ownership policies have been applied.';
comment on column sync.planned_columns.kept is 'Values sent that ownership keeps out.';
comment on column sync.planned_columns.standing is
  'How many values stood in the column, counted only where the run would lose some. false does not count as a value.';

create table sync.planned_samples (
  id bigint generated always as identity primary key,
  run_id bigint not null references sync.runs on delete cascade,
  effect text not null check (effect in ('inserted', 'filled', 'replaced', 'blanked', 'kept', 'missing')),
  col name,
  external_id text not null,
  stands jsonb,
  sent jsonb
);
create index planned_samples_run_id_idx on sync.planned_samples (run_id);
comment on table sync.planned_samples is
  'A few examples of what a run would do to each column. Without a column: of rows that it would insert or mark
   missing.';

-- Staged records are unlogged: they can be read again, and an unchanged sync writes next to no WAL.
-- A page is one row, which is far cheaper than a row a record; plan and apply read the records out of the JSON.
create table sync.staged_pages (
  stream text not null references sync.streams,
  page integer not null check (page > 0),
  records jsonb not null check (jsonb_typeof(records) = 'array'),
  fingerprints uuid[] not null default '{}',
  ids text[] not null check (cardinality(ids) > 0 and '' <> all(ids)),
  size integer not null generated always as (jsonb_array_length(records)) stored,
  superseded text[] not null default '{}',
  to_write integer not null default 0,
  primary key (stream, page)
) partition by list (stream);
alter table sync.staged_pages alter records set storage external, alter ids set storage external;
comment on table sync.staged_pages is
  'What the current or last run of each stream read. Nothing of it has been written to the stream''s table yet.';
comment on column sync.staged_pages.records is
  'A record has a key for each column that the source sent. A missing key leaves the column alone. Known records, which
   need no write, are not in here.';
comment on column sync.staged_pages.fingerprints is
  'The fingerprints of the records, in the same order; empty where none were sent.';
comment on column sync.staged_pages.ids is
  'The external_id of each record that was read, known ones included, each once.';
comment on column sync.staged_pages.superseded is
  'Ids whose record here does not count: a later page has them too, or the table refused the record.';
comment on column sync.staged_pages.to_write is 'Rows that the plan found to need a write.';

-- Postgres checks the body of a SQL function under the role in its settings, so the grants come before such functions.
grant usage on schema sync to sync_worker;
grant select on sync.sources, sync.streams, sync.settings to sync_worker;
-- A run takes a mark in the ownership history.
grant usage on schema ownership to sync_worker;
grant execute on function ownership.mark(text) to sync_worker;
grant select, insert, update, delete on sync.planned_columns, sync.planned_samples to sync_worker;
grant update (known_columns) on sync.streams to sync_worker;
grant update (account) on sync.sources to sync_worker;
grant select, insert, update on sync.runs, sync.staged_pages to sync_worker;
