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
  stage_rows integer not null default 2000 check (stage_rows > 0),
  plan_rows integer not null default 5000 check (plan_rows > 0),
  apply_rows integer not null default 10000 check (apply_rows > 0),
  keep_changes interval not null default '30 days',
  failures_alarm integer not null default 3 check (failures_alarm > 0),
  late_after interval not null default '1 day',
  keep_calls interval not null default '14 days',
  keep_runs interval not null default '1 year',
  -- What can be taken back is kept.
  constraint settings_runs_outlive_changes check (keep_runs >= keep_changes)
);
insert into sync.settings default values;
comment on table sync.settings is 'How the sync works, for all streams. Changed by update, as postgres.';
comment on column sync.settings.slice_milliseconds is
  'How long one call works before it pauses its run. A page, or a chunk, is done in any case.';
comment on column sync.settings.slice_rows is
  'Records that one call reads at most, in whole pages: what an edge function''s 2 s of processor time allow.';
comment on column sync.settings.lease_seconds is
  'How long after its last sign of life a holder that was killed blocks its stream.';
comment on column sync.settings.run_link is 'Where a person sees a run, with {run} for its number; goes into alerts.';
comment on column sync.settings.stage_rows is
  'Records staged by one call, in whole pages of Gazelle''s. Two more such batches may be at hand: a crash has them read again.';
comment on column sync.settings.plan_rows is 'Records compared by one call, in whole pages: it must fit the API''s statement timeout.';
comment on column sync.settings.apply_rows is 'Records applied by one call, in whole pages: it must fit the API''s statement timeout.';
comment on column sync.settings.keep_changes is 'How long a run can be taken back after its end.';
comment on column sync.settings.failures_alarm is 'After how many failed calls in a row a job raises an alert.';
comment on column sync.settings.late_after is 'How long a stream on schedule may be without a complete run.';
comment on column sync.settings.keep_calls is 'How long the calls of the schedule stay on record.';
comment on column sync.settings.keep_runs is 'How long runs stay on record, with their alerts.';

create table sync.sources (
  source text primary key check (source ~ '^[a-z_]+$'),
  role name not null unique,
  label text not null,
  unauthorized_codes text[] not null default '{}',
  access_check text
);
comment on table sync.sources is 'Where records come from. What is Gazelle''s, or another''s, is data of a source.';
comment on column sync.sources.role is 'As whom its runs write: claims, ranks and the columns of its streams are this role''s.';
comment on column sync.sources.label is 'Its name, as people read it.';
comment on column sync.sources.unauthorized_codes is
  'Error codes of a run which mean that the source refuses our credentials, or that there are none.';
comment on column sync.sources.access_check is
  'A call of the function that looks at the credentials after each run, and raises or closes alerts about them.';

create table sync.streams (
  stream text primary key check (stream ~ '^[a-z_]+$'),
  target regclass not null unique,
  source text not null references sync.sources,
  known_columns name[] not null default '{}',
  is_enabled boolean not null default true,
  max_blanked real not null default 0.1 check (max_blanked between 0 and 1),
  max_replaced real not null default 0.5 check (max_replaced between 0 and 1),
  max_missing real not null default 0.05 check (max_missing between 0 and 1),
  least_loss integer not null default 5 check (least_loss > 0)
);
comment on table sync.streams is 'A kind of record that is synced, the table it lands in, and what trips its runs.';
comment on column sync.streams.known_columns is 'The columns of the stream when its known records were begun.';
comment on column sync.streams.is_enabled is 'Whether a run of the stream may be started, or gone on with.';
comment on column sync.streams.max_blanked is 'The share of a column''s values that a run may blank.';
comment on column sync.streams.max_replaced is 'The share of a column''s values that a run may replace.';
comment on column sync.streams.max_missing is 'The share of the rows that a run may find missing.';
comment on column sync.streams.least_loss is 'Fewer values or rows than this never trip a run.';

create table sync.runs (
  id bigint generated always as identity primary key,
  stream text not null references sync.streams,
  status text not null default 'running'
    check (status in ('running', 'paused', 'partial', 'tripped', 'complete', 'failed')),
  step text not null default 'stage' check (step in ('stage', 'plan', 'apply', 'finish')),
  started_by text not null,
  dry_run boolean not null default false,
  is_replay boolean not null default false,
  allow text[] not null default '{}',
  mark bigint not null,
  cursor text,
  reached integer,
  lease uuid,
  lease_seconds integer not null check (lease_seconds between 1 and 900),
  lease_until timestamptz not null,
  not_before timestamptz,
  slices integer not null default 1,
  waits integer not null default 0,
  total_count integer check (total_count >= 0),
  into_empty boolean not null default false,
  fetched integer not null default 0,
  staged integer not null default 0,
  rejected integer not null default 0,
  duplicates integer not null default 0,
  unknown_fields integer not null default 0,
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
  -- A run is over exactly when it says when it ended.
  constraint runs_over_has_end check ((status in ('running', 'paused')) = (finished_at is null)),
  -- Whoever works on a run holds its lease, and nobody else.
  constraint runs_running_has_lease check ((status = 'running') = (lease is not null)),
  -- A failed run says why.
  constraint runs_failed_has_error check (status <> 'failed' or error is not null),
  -- Nothing is complete that has not gone through every step.
  constraint runs_complete_went_through check (status <> 'complete' or step = 'finish'),
  -- A dry run writes nothing.
  constraint runs_dry_wrote_nothing check (not dry_run or inserted + updated + missing = 0),
  -- A tripped run has written nothing, and says what tripped it.
  constraint runs_tripped_wrote_nothing check (status <> 'tripped' or inserted + updated + missing = 0 and error is not null)
);
comment on table sync.runs is 'One execution of a stream: where it stands, what it did, why it failed.';
comment on column sync.runs.mark is 'The point in the ownership history just before this run.';
comment on column sync.runs.dry_run is 'Whether the run ends with its plan.';
comment on column sync.runs.is_replay is 'Whether it reads rejected records, and not Gazelle.';
comment on column sync.runs.allow is 'What may go beyond the breaker''s shares this once: blank:<column>, replace:<column>, lose.';
comment on column sync.runs.not_before is 'Gazelle asked to wait until then; the run is paused.';
comment on column sync.runs.slices is 'How many calls have worked on the run.';
comment on column sync.runs.waits is 'How often it waited for Gazelle since the last page.';
comment on column sync.runs.to_update is 'Rows in which something would change.';
comment on column sync.runs.to_offer is 'Rows written only to put on record what ownership keeps out.';
comment on column sync.runs.lacking is 'Rows that a complete read lacks, and that are not called missing yet.';
comment on column sync.runs.to_miss is 'Those that would be called missing: the last complete read lacked them too.';
comment on column sync.runs.cursor is 'Where reading goes on: the end cursor of the last page staged.';
comment on column sync.runs.reached is 'Where plan or apply goes on: the last page dealt with.';
comment on column sync.runs.into_empty is
  'Whether the table held nothing when the run was planned: then every record is new, and none is compared.';
comment on column sync.runs.duplicates is
  'Records that came again under an id already read; the last one counts.';
comment on column sync.runs.unknown_fields is
  'Fields Gazelle answered with an error; their values were left alone.';
comment on column sync.runs.kept is 'Values sent that ownership kept out.';
comment on column sync.runs.missing is 'Rows that this run called missing.';

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
comment on table sync.planned_columns is 'What a run would do to a column, after the ownership policies, in rows that exist.';
comment on column sync.planned_columns.kept is 'Values sent that ownership keeps out.';
comment on column sync.planned_columns.standing is
  'Values that stood there, counted where the loss could trip the breaker. false is no value.';

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
comment on table sync.planned_samples is 'A few examples of each effect of a plan; without a column, of whole rows.';

-- Staged records are unlogged: they can be read again, and an unchanged sync writes next to no WAL.
-- A page is one row: storing it costs little more than reading it, and plan and apply take it apart where it lies.
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
  'What the current or last run of each stream read, as it was handed over; nothing live yet.';
comment on column sync.staged_pages.records is
  'Only the columns that were present. A missing key is no opinion. What the database knows is left out.';
comment on column sync.staged_pages.fingerprints is 'Of each of the records, in their order; or none at all.';
comment on column sync.staged_pages.ids is 'The external_ids of all that was read, each once; also of what is known.';
comment on column sync.staged_pages.superseded is 'The ids that came again in a later page: there they count.';
comment on column sync.staged_pages.to_write is 'Rows that the plan found to need a write.';

-- Functions that switch to this role are checked as it when they are created: the grants stand first.
grant usage on schema sync to sync_worker;
grant select on sync.sources, sync.streams, sync.settings to sync_worker;
-- A run takes a mark in the ownership history.
grant usage on schema ownership to sync_worker;
grant execute on function ownership.mark(text) to sync_worker;
grant select, insert, update, delete on sync.planned_columns, sync.planned_samples to sync_worker;
grant update (known_columns) on sync.streams to sync_worker;
grant select, insert, update on sync.runs, sync.staged_pages to sync_worker;
