-- The books of the sync: which streams there are, what each run did, what it read.

create schema sync;
comment on schema sync is 'The sync''s own tables and helpers. Its contract for callers is public.sync_*.';

create table sync.streams (
  stream text primary key check (stream ~ '^[a-z_]+$'),
  target regclass not null unique
);
comment on table sync.streams is 'A kind of record that is synced, and the table it lands in.';

create table sync.runs (
  id bigint generated always as identity primary key,
  stream text not null references sync.streams,
  status text not null default 'running'
    check (status in ('running', 'paused', 'partial', 'tripped', 'complete', 'failed')),
  step text not null default 'stage' check (step in ('stage', 'plan', 'apply', 'finish')),
  started_by text not null,
  mark bigint not null,
  cursor text,
  reached text,
  lease uuid,
  lease_seconds integer not null check (lease_seconds between 1 and 900),
  lease_until timestamptz not null,
  total_count integer check (total_count >= 0),
  fetched integer not null default 0,
  staged integer not null default 0,
  rejected integer not null default 0,
  duplicates integer not null default 0,
  unknown_fields integer not null default 0,
  to_insert integer not null default 0,
  to_update integer not null default 0,
  inserted integer not null default 0,
  updated integer not null default 0,
  kept integer not null default 0,
  missing integer not null default 0,
  timings jsonb,
  error jsonb,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  -- A run is over exactly when it says when it ended.
  constraint runs_over_has_end check ((status in ('running', 'paused')) = (finished_at is null)),
  -- Whoever works on a run holds its lease, and nobody else.
  constraint runs_running_has_lease check ((status = 'running') = (lease is not null)),
  -- A failed run says why.
  constraint runs_failed_has_error check (status <> 'failed' or error is not null),
  -- Nothing is complete that has not gone through every step.
  constraint runs_complete_went_through check (status <> 'complete' or step = 'finish')
);
comment on table sync.runs is 'One execution of a stream: where it stands, what it did, why it failed.';
comment on column sync.runs.mark is 'The point in the ownership history just before this run.';
comment on column sync.runs.cursor is 'Where reading goes on: the end cursor of the last page staged.';
comment on column sync.runs.reached is 'Where plan or apply goes on: the last external_id dealt with.';
comment on column sync.runs.duplicates is
  'Records that came again under an id already read; the last one counts.';
comment on column sync.runs.unknown_fields is
  'Fields Gazelle answered with an error; their values were left alone.';
comment on column sync.runs.kept is 'Values sent that ownership kept out.';
comment on column sync.runs.missing is
  'Rows that this run found missing from a complete read for the first time.';

-- One active run a stream.
create unique index runs_one_active on sync.runs (stream) where status in ('running', 'paused');

-- Staged records are unlogged: they can be read again, and an unchanged sync writes next to no WAL.
create table sync.staged_records (
  stream text not null references sync.streams,
  external_id text not null check (external_id <> ''),
  ordinal integer not null,
  payload jsonb not null check (jsonb_typeof(payload) = 'object'),
  primary key (stream, external_id)
) partition by list (stream);
comment on table sync.staged_records is 'What the current or last run of each stream read; nothing live yet.';
comment on column sync.staged_records.ordinal is 'The place in the run where this id was first read.';
comment on column sync.staged_records.payload is
  'Only the columns that were present. A missing key is no opinion.';

create table sync.rejected_records (
  id bigint generated always as identity primary key,
  run_id bigint not null references sync.runs on delete cascade,
  external_id text,
  path text not null,
  reason text not null,
  payload json not null,
  rejected_at timestamptz not null default clock_timestamp()
);
create index rejected_records_run_id_idx on sync.rejected_records (run_id);
comment on table sync.rejected_records is 'Quarantine: records that could not be stored as sent, whole.';
comment on column sync.rejected_records.payload is
  'The record as sent: json keeps also the text that jsonb refuses (NUL, unpaired surrogates).';

-- Functions that switch to this role are checked as it when they are created: the grants stand first.
grant usage on schema sync to gazelle_sync;
grant select on sync.streams to gazelle_sync;
grant select, insert, update on sync.runs, sync.staged_records to gazelle_sync;
grant select, insert, delete on sync.rejected_records to gazelle_sync;
