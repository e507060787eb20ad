-- From supabase/schemas/sync/tables.sql

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

-- From supabase/schemas/sync/version.sql

-- The version of the database, so that edge functions and a command line that are older than it can refuse to work.

create function sync.schema_version()
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select 1
$$;
comment on function sync.schema_version() is
  'Goes up by one with each change that needs newer edge functions or a newer command line than the one before.';

create function public.etiquette_version()
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.schema_version()
$$;
comment on function public.etiquette_version() is
  'The version of the database. Whoever was made for a lower one must not work with it.';

revoke execute on function public.etiquette_version from public, anon, authenticated;
grant execute on function public.etiquette_version to service_role;

-- From supabase/schemas/sync/secrets.sql

-- Secrets are in Vault alone: for functions of the owner, and no role of the sync.

create function sync.keep_secret(secret_name text, value text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known uuid := (select s.id from vault.secrets s where s.name = keep_secret.secret_name);
begin
  if known is null then
    perform vault.create_secret(value, secret_name, 'Kept by the sync');
  else
    perform vault.update_secret(known, value);
  end if;
end;
$$;
comment on function sync.keep_secret(text, text) is
  'Puts a secret into Vault, in the place of the last one of its name.';

create function sync.secret(secret_name text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select nullif(d.decrypted_secret, '') from vault.decrypted_secrets d where d.name = secret.secret_name
$$;
comment on function sync.secret(text) is 'A secret out of Vault, or null.';

-- From supabase/schemas/sync/sources.sql

-- What a source and its streams are made of, so that one SQL file declares all of it.

create function sync.register_source(
  source text,
  role name,
  label text,
  rank integer default 10,
  unauthorized_codes text[] default '{}',
  access_check regprocedure default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regrole(quote_ident(role)) is null then
    execute format('create role %I nologin', role);
  end if;
  execute format('grant %I to authenticator', role);
  if not exists (select from ownership.writers w where w.role = register_source.role) then
    perform ownership.register_writer(role, rank, label);
  end if;
  -- A run reads and writes the sync's own tables beside those of its source, in one statement. What a role inherits is
  -- decided by the role up to Postgres 15, and from 16 on by the role as it is when the other is granted to it.
  execute format('alter role %I inherit', role);
  execute format('grant sync_worker to %I', role);

  insert into sync.sources as s (source, role, label, unauthorized_codes, access_check)
  values (source, role, label, unauthorized_codes, access_check::text)
  on conflict on constraint sources_pkey do update
  set role = excluded.role, label = excluded.label, unauthorized_codes = excluded.unauthorized_codes,
      access_check = excluded.access_check;
end;
$$;
comment on function sync.register_source(text, name, text, integer, text[], regprocedure) is
  'Makes a source known, with the role as which its runs write: the role is made if it is missing, and becomes a writer
   of this rank if it is none yet. The other arguments are the columns of sync.sources.';

create function sync.source_of(stream text)
returns sync.sources
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select o from sync.streams s join sync.sources o on o.source = s.source where s.stream = source_of.stream
$$;
comment on function sync.source_of(text) is 'Where the records of a stream come from.';

create function sync.act_as_source(stream text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('role', (sync.source_of(stream)).role, true);
end;
$$;
comment on function sync.act_as_source(text) is
  'From here on the caller works as the role of a stream''s source. Only for functions with a setting for the role of
   their own, which gives their caller''s role back at their end.';

create function sync.check_access(source text default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  access_check text;
begin
  for access_check in
    select o.access_check
    from sync.sources o
    where o.access_check is not null and o.source = coalesce(check_access.source, o.source)
    order by o.source
  loop
    execute 'select ' || access_check;
  end loop;
end;
$$;
comment on function sync.check_access(text) is
  'Has a source, or each of them, look at its credentials and tell what is wrong.';

-- The columns of a stream are those that its table grants to the role of its source.

create function sync.columns_of(target regclass)
returns table (name name, category "char", default_value text, has_value text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL keeps its plan: a run asks many times.
  return query
  select
    a.attname,
    t.typcategory,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    -- Whether a live row has a value there, cheap enough to count a whole table.
    format(case t.typcategory
      when 'A' then 'cardinality(live.%I) > 0'
      when 'S' then 'btrim(live.%I) <> '''''
      when 'B' then 'live.%I'
      else 'live.%I is not null'
    end, a.attname)
  from sync.streams s
  join sync.sources o on o.source = s.source
  join pg_catalog.pg_attribute a on a.attrelid = s.target
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where s.target = columns_of.target
    and a.attnum > 0
    and not a.attisdropped
    and a.attname <> 'missing_since'
    and pg_catalog.has_column_privilege(o.role, a.attrelid, a.attnum, 'update')
  order by a.attnum;
end;
$$;
comment on function sync.columns_of(regclass) is
  'The columns a stream may write: those its table grants to the role of its source. category is that of pg_type: A is
   an array, and a set.';

create function sync.register_stream(
  stream text,
  target regclass,
  source text,
  bookkeeping name[] default '{}',
  max_blanked real default null,
  max_replaced real default null,
  max_missing real default null,
  least_loss integer default null,
  max_unstored real default null,
  max_inserted real default null,
  least_inserted integer default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  staged text := format('sync.%I', 'staged_' || register_stream.stream);
begin
  insert into sync.streams (stream, target, source, bookkeeping)
  values (register_stream.stream, register_stream.target, register_stream.source, register_stream.bookkeeping)
  on conflict on constraint streams_pkey do update
  set target = excluded.target, source = excluded.source, bookkeeping = excluded.bookkeeping;
  update sync.streams s
  set max_blanked = coalesce(register_stream.max_blanked, s.max_blanked),
      max_replaced = coalesce(register_stream.max_replaced, s.max_replaced),
      max_missing = coalesce(register_stream.max_missing, s.max_missing),
      least_loss = coalesce(register_stream.least_loss, s.least_loss),
      max_unstored = coalesce(register_stream.max_unstored, s.max_unstored),
      max_inserted = coalesce(register_stream.max_inserted, s.max_inserted),
      least_inserted = coalesce(register_stream.least_inserted, s.least_inserted)
  where s.stream = register_stream.stream;

  if to_regclass(staged) is null then
    execute format('create unlogged table %s partition of sync.staged_pages for values in (%L)',
      staged, register_stream.stream);
    execute format('grant select, insert, update, delete, truncate on %s to sync_worker', staged);
  end if;
  perform sync.make_known(register_stream.stream, register_stream.target);
end;
$$;
comment on function sync.register_stream(
  text, regclass, text, name[], real, real, real, integer, real, real, integer
) is
  'Makes a table a stream of a source. The table has a unique external_id, a missing_since, and grants its columns to
   the role of the source. bookkeeping: the columns whose losses never trip a run. The limits of the breaker stay as
   they are where none are given.';

-- From supabase/schemas/sync/accounts.sql

-- Whose records a database has: those of one account of each source. Records of two would be told apart by nobody, so a
-- run that reads another account is refused before it stages anything.

create function sync.account_label(account jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', nullif(btrim(account ->> 'name'), ''), format('(%s)', account ->> 'id'))
$$;
comment on function sync.account_label(jsonb) is 'An account as people read it: its name and id.';

create function sync.check_account(run sync.runs, account jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  source sync.sources := sync.source_of(run.stream);
  -- A run that is continued may have begun with other credentials.
  known jsonb := coalesce(source.account, run.account);
begin
  if account ->> 'id' <> known ->> 'id' then
    raise exception 'this database was filled from %, and % now answers as %', sync.account_label(known), source.label,
      sync.account_label(account) using
      errcode = 'SY004',
      detail = 'Records of two accounts in one database could not be told apart. Nothing was written.',
      hint = format('Set the credentials of %s again; or fill another database: locally npm start -- --fresh. If it is '
        'the same account under another id: update sync.sources set account = null where source = %L;',
        sync.account_label(known), source.source);
  end if;
end;
$$;
comment on function sync.check_account(sync.runs, jsonb) is
  'Raises SY004 where a run reads another account of its source than the one this database was filled from. NULL, where
   the source does not tell, passes.';

create function sync.keep_account(run sync.runs)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  update sync.sources s
  set account = run.account
  from sync.streams t
  where t.stream = run.stream and s.source = t.source
    and run.account is not null and s.account is distinct from run.account
$$;
comment on function sync.keep_account(sync.runs) is
  'Notes whose records this database is filled with, and by which name. For runs that check_account let through.';

-- From supabase/schemas/sync/known.sql

-- A record is known when it has not changed since it was last compared with its row, and neither has the row. Known
-- records
-- need not be sent, staged or compared again.

create function sync.fingerprinted(fingerprints text)
returns table (external_id text, fingerprint uuid)
language sql
immutable
rows 1000
set search_path = pg_catalog, pg_temp
as $$
  select substr(line, 34), left(line, 32)::uuid
  from string_to_table(fingerprints, E'\n') line
  where line <> ''
$$;
comment on function sync.fingerprinted(text) is
  'Reads fingerprints, a record a line: 32 hexadecimal digits, a space, its id. Text, because parsing JSON costs more.';

create function sync.make_known(stream text, target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known text := format('sync.%I', 'known_' || stream);
begin
  -- Unlogged, as the staging: after a crash everything is compared once.
  execute format(
    $sql$
      create unlogged table if not exists %s (
        external_id text collate "C" primary key, fingerprint uuid not null, version xid not null, place tid not null
      )
    $sql$, known);
  execute format('comment on table %s is %L', known,
    'The fingerprint of each record that equalled its row, and the version (xmin) and place (ctid) of that row.');
  execute format('grant select, insert, update, truncate on %s to sync_worker', known);
  execute format(
    $sql$
      create or replace function sync.%I(fingerprints text)
      returns text[]
      language plpgsql
      stable
      set search_path = pg_catalog, pg_temp
      -- PL/pgSQL keeps the plan, which may be made while the tables are small: it must use the index all the same.
      set enable_seqscan = off
      set enable_hashjoin = off
      set enable_mergejoin = off
      set jit = off
      as $wanted$
      begin
        return array(
          select f.external_id
          from sync.fingerprinted(fingerprints) f
          left join %s k on k.external_id = f.external_id and k.fingerprint = f.fingerprint
          left join %s live on live.ctid = k.place and live.xmin = k.version and live.external_id = k.external_id
          where live.external_id is null
        );
      end
      $wanted$
    $sql$, 'wanted_' || stream, known, target);
  execute format('comment on function sync.%I(text) is %L', 'wanted_' || stream,
    'The ids of the records that are not known.');
  execute format('revoke execute on function sync.%I(text) from public, anon, authenticated', 'wanted_' || stream);
  execute format('grant execute on function sync.%I(text) to sync_worker', 'wanted_' || stream);
end;
$$;
comment on function sync.make_known(text, regclass) is
  'Makes the table in which a stream keeps its known records, and the function that looks them up.';

create function sync.forget_known(stream text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Of a column that was added since, no value has been compared.
  update sync.streams s
  set known_columns = now.columns
  from (
    select array(select c.name from sync.columns_of(t.target) c) as columns
    from sync.streams t
    where t.stream = forget_known.stream
  ) now
  where s.stream = forget_known.stream and s.known_columns <> now.columns;
  if found then
    execute format('truncate sync.%I', 'known_' || forget_known.stream);
  end if;
end;
$$;
comment on function sync.forget_known(text) is 'Forgets the known records of a stream whose columns have changed.';

create function sync.wanted(stream text, fingerprints text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  ids text[] := '{}';
begin
  if fingerprints <> '' then
    execute format('select sync.%I($1)', 'wanted_' || stream) into ids using fingerprints;
  end if;
  return to_jsonb(ids);
end;
$$;
comment on function sync.wanted(text, text) is
  'The ids of the records that have to be sent, because they are not known.';

create function public.sync_wanted_records(run_id bigint, lease uuid, fingerprints text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
begin
  perform sync.act_as_source(run.stream);
  return jsonb_build_object('wanted', sync.wanted(run.stream, fingerprints));
end;
$$;
comment on function public.sync_wanted_records(bigint, uuid, text) is
  'Which records of a page have to be sent: {wanted}, an array of ids. The others are known. fingerprints has a line for
   each record: 128 bits of its digest as 32 hexadecimal digits, a space, its id.';

-- From supabase/schemas/sync/leases.sql

-- Who works on a run: its holder has a lease, which each call renews. Every public function of the sync begins as
-- sync_worker, by a setting of its own, and works as the role of the run's source from where it touches the stream's
-- table:
-- the role is what ownership goes by.

create function sync.has_lost_records(run sync.runs)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return run.staged > 0 and not exists (select from sync.staged_pages s where s.stream = run.stream);
end;
$$;
comment on function sync.has_lost_records(sync.runs) is
  'Whether a crash of the server emptied the staging, whose tables are unlogged, while the run was under way.';

create function sync.empty_staging(stream text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  staged text := format('sync.%I', 'staged_' || stream);
begin
  -- Up to 1 MB, delete is faster than truncate, which makes new files. Dead rows of many deletes go with the next
  -- truncate.
  if pg_table_size(staged::regclass) < 1048576 then
    execute format('delete from %s', staged);
  else
    execute format('truncate %s', staged);
  end if;
end;
$$;
comment on function sync.empty_staging(text) is 'Empties the staging of a stream.';

create function sync.read_anew(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from sync.rejected_records j where j.run_id = run.id;
  delete from sync.planned_columns p where p.run_id = run.id;
  delete from sync.planned_samples p where p.run_id = run.id;
  perform sync.empty_staging(run.stream);
  update sync.runs r
  set step = 'stage', cursor = null, reached = null,
      total_count = case when r.is_replay then r.total_count end,
      fetched = 0, staged = 0, rejected = 0, refused = 0, duplicates = 0, unknown_fields = 0,
      unclear = 0,
      to_insert = 0, to_update = 0, to_offer = 0, lacking = 0, to_miss = 0, kept = 0
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.read_anew(sync.runs) is
  'Sends a run that has written nothing yet back to its beginning, because what it read is of no use any more.';

create function sync.raise_not_held(run_id bigint)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'run % is not yours', raise_not_held.run_id using
    errcode = 'PT409',
    detail = 'It is over, or its lease ran out and another caller took it over.',
    hint = 'Stop here. Start the stream again if nobody else works on it.';
end;
$$;
comment on function sync.raise_not_held(bigint) is 'Raises PT409: the caller does not hold the run.';

create function sync.hold(run_id bigint, lease uuid, step text)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds)
  where r.id = hold.run_id and r.lease = hold.lease and r.status = 'running'
  returning * into run;

  if run.id is null then
    perform sync.raise_not_held(hold.run_id);
  end if;
  if run.step <> hold.step then
    raise exception 'run % is at step %, not %', run.id, run.step, hold.step using
      errcode = 'PT409',
      hint = 'The steps are stage, plan, apply, finish, in this order.';
  end if;
  if sync.has_lost_records(run) then
    raise exception 'run % lost its staged records', run.id using
      errcode = 'PT409',
      detail = 'The database server was restarted after a crash, which empties the staging.',
      hint = 'Nothing live was lost. Start the stream again: it reads everything anew.';
  end if;
  return run;
end;
$$;
comment on function sync.hold(bigint, uuid, text) is
  'Renews the lease of a run for its holder and returns the run, or raises PT409.';

create function sync.is_held(run sync.runs)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- A lease that ends later than any lease can means that the clock was put back since: it does not count.
  select run.status = 'running'
    and run.lease_until between clock_timestamp() and clock_timestamp() + make_interval(secs => run.lease_seconds)
$$;
comment on function sync.is_held(sync.runs) is 'Whether a caller holds the run: its lease has not run out.';

create function sync.must_wait(run sync.runs)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select run.status = 'paused'
    and coalesce(run.not_before between clock_timestamp() and clock_timestamp() + interval '1 day', false)
$$;
comment on function sync.must_wait(sync.runs) is
  'Whether a paused run still has to wait, because its source asked for it.';

create function sync.progress_of(run sync.runs)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', run.step, run.fetched, run.reached, run.refused)
$$;
comment on function sync.progress_of(sync.runs) is 'A text that changes with each batch that is read, planned or written.';

create function sync.take_over(run_id bigint)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = 'running',
      lease = gen_random_uuid(),
      lease_until = clock_timestamp() + make_interval(secs => r.lease_seconds),
      not_before = null,
      slices = r.slices + 1,
      progress = sync.progress_of(r),
      idle_slices = case when r.progress = sync.progress_of(r) then r.idle_slices + 1 else 0 end
  where r.id = take_over.run_id
  returning * into run;

  if sync.has_lost_records(run) then
    run := sync.read_anew(run);
  end if;
  return run;
end;
$$;
comment on function sync.take_over(bigint) is
  'Gives a run that nobody holds to a new holder, at the place where it stopped.';

-- From supabase/schemas/sync/start.sql

-- How a run begins: a new one, or one that is continued where another caller left it.

create function sync.has_rows(stream text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found boolean;
begin
  execute format('select exists (select external_id from %s)',
    (select s.target from sync.streams s where s.stream = has_rows.stream)) into found;
  return found;
end;
$$;
comment on function sync.has_rows(text) is 'Whether the table of a stream has rows.';

create function sync.check_stream(stream text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if stream is not null and not exists (select from sync.streams s where s.stream = check_stream.stream) then
    raise exception 'there is no stream %', stream using
      errcode = 'PT404',
      hint = 'Streams: ' || (select string_agg(s.stream, ', ' order by s.stream) from sync.streams s);
  end if;
end;
$$;
comment on function sync.check_stream(text) is
  'Raises PT404 where there is no such stream. NULL, which stands for all streams, passes.';

create function sync.check_start(stream text, allow text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = check_start.stream);
  unknown text := (
    select string_agg(quote_literal(a), ', ')
    from unnest(allow) a
    where a not in ('lose', 'insert') and not exists (
      select from sync.columns_of(target) c where a in ('blank:' || c.name, 'replace:' || c.name))
  );
begin
  perform sync.check_stream(coalesce(stream, ''));
  if not (select s.is_enabled from sync.streams s where s.stream = check_start.stream) then
    raise exception 'stream % is switched off', check_start.stream using
      errcode = 'PT423',
      hint = format('update sync.streams set is_enabled = true where stream = %L;', check_start.stream);
  end if;
  if unknown is not null then
    raise exception 'the breaker of % has no %', check_start.stream, unknown using
      errcode = 'PT400',
      hint = 'What a run may be allowed: lose, insert, blank:<column>, replace:<column>, with a column of the stream.';
  end if;
end;
$$;
comment on function sync.check_start(text, text[]) is
  'Raises PT404 where there is no such stream, PT423 where it is switched off, PT400 for an allowance that no run can
   have.';

create function sync.begin_run(stream text, started_by text, lease_seconds integer, dry_run boolean, allow text[])
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  insert into sync.runs (stream, started_by, mark, dry_run, allow, is_first, lease, lease_seconds, lease_until)
  select
    begin_run.stream,
    begin_run.started_by,
    ownership.mark('run ' || begin_run.stream),
    begin_run.dry_run,
    begin_run.allow,
    not exists (
      select from sync.runs b
      where b.stream = begin_run.stream and not b.dry_run and not b.is_replay
        and b.status in ('complete', 'partial', 'degraded')),
    gen_random_uuid(),
    leased.seconds,
    clock_timestamp() + make_interval(secs => leased.seconds)
  from sync.settings s, lateral (select coalesce(begin_run.lease_seconds, s.lease_seconds) as seconds) leased
  returning * into run;
  perform sync.empty_staging(run.stream);
  perform sync.forget_known(run.stream);
  perform sync.forget_changes(run.stream);
  return run;
end;
$$;
comment on function sync.begin_run(text, text, integer, boolean, text[]) is
  'Inserts a new run, and empties the staging of its stream.';

create function sync.active_run(stream text)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  active sync.runs;
begin
  select * into active from sync.runs r where r.stream = active_run.stream and r.status in ('running', 'paused');
  if active.idle_slices < 20 or sync.is_held(active) then
    return active;
  end if;
  perform sync.fail(active.id, jsonb_build_object(
    'code', 'run_stalled',
    'message', format('run %s of %s has made no progress in %s calls', active.id, active.stream, active.idle_slices),
    'details', format('It stopped at step %s, with %s of %s records read.', active.step, active.fetched,
      coalesce(active.total_count::text, '?')),
    'hint', 'The log of the function says what its calls ended by. The next run begins anew.'));
  return null;
end;
$$;
comment on function sync.active_run(text) is
  'The run of a stream that is under way. One that goes no further, whoever takes it up, is failed instead.';

create function public.sync_start_run(
  stream text,
  started_by text,
  lease_seconds integer default null,
  dry_run boolean default false,
  allow text[] default '{}'
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  active sync.runs;
begin
  perform sync.check_start(stream, allow);
  perform sync.act_as_source(stream);
  -- One start at a time for each stream: the second waits here, then finds the first one's run.
  perform pg_advisory_xact_lock(hashtext('sync.start'), hashtext(sync_start_run.stream));

  active := sync.active_run(stream);
  if active.id is null then
    active := sync.begin_run(stream, started_by, lease_seconds, dry_run, allow);
  elsif sync.is_held(active) or sync_start_run.dry_run and not active.dry_run then
    raise exception 'stream % is being synced by run %', active.stream, active.id using
      errcode = 'PT409',
      detail = format('Started by %s at %s, %s.', active.started_by, active.started_at,
        case active.status when 'running' then 'held until ' || active.lease_until else 'paused' end),
      hint = 'Wait for it to end, then start again.';
  elsif not sync.must_wait(active) then
    active := sync.take_over(active.id);
    update sync.runs r set allow = r.allow || sync_start_run.allow where r.id = active.id;
  end if;
  return sync.report(active) || jsonb_build_object('lease', active.lease, 'cursor', active.cursor,
    'is_replay', active.is_replay, 'schema_version', sync.schema_version(), 'has_rows', sync.has_rows(active.stream),
    'slice_milliseconds', (select s.slice_milliseconds from sync.settings s),
    'slice_rows', (select s.slice_rows from sync.settings s),
    'stage_rows', (select s.stage_rows from sync.settings s));
end;
$$;
comment on function public.sync_start_run(text, text, integer, boolean, text[]) is
  'Starts a run of a stream, or continues one that is paused or whose lease ran out. Without a lease in the answer the
   run has to wait. PT409 while another caller holds the run, PT404 for an unknown stream, PT400 for an unknown
   allowance, PT423 where the stream is switched off.';

-- A round is one run of each stream. A call that has no time for all of them leaves the others to the next call.

create function public.sync_due_streams(streams text[])
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  with last_runs as (
    select
      s.stream,
      s.place,
      run.id as run,
      coalesce(run.status in ('running', 'paused'), false) as is_active,
      -- A round begins with the run of its first stream.
      first_value(run.id) over (order by s.place) as round
    from unnest(sync_due_streams.streams) with ordinality s (stream, place)
    -- A stream that is switched off cannot have its run, and would be due for ever.
    join sync.streams t on t.stream = s.stream and t.is_enabled
    left join lateral (
      select r.id, r.status from sync.runs r where r.stream = s.stream order by r.id desc limit 1
    ) run on true
  ), due as (
    select l.stream, l.place
    from last_runs l
    where l.is_active
      or l.round is null
      or coalesce(l.run < l.round, true)
  )
  select coalesce(jsonb_agg(d.stream order by d.place), '[]')
  from (
    select * from due
    union all
    -- Where none is due the round is over, and the next one begins.
    select l.stream, l.place from last_runs l where not exists (select from due)
  ) d
$$;
comment on function public.sync_due_streams(text[]) is
  'Which of these streams, in this order, still need a run in the current round; all of them when the round is over.
   Those that are switched off never do.';

-- From supabase/schemas/sync/stop.sql

-- How a run stops before its end: paused, to be continued later, or failed; and how the time of its steps is kept.

create function sync.add_timings(spent jsonb, more jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(sum.key, sum.value)
  from (
    select t.key, sum(t.value::numeric) as value
    from (select * from jsonb_each_text(spent) union all select * from jsonb_each_text(more)) t
    group by t.key
  ) sum
$$;
comment on function sync.add_timings(jsonb, jsonb) is 'Adds up two objects of milliseconds by step.';

create function sync.milliseconds_since(began timestamptz)
returns integer
language sql
set search_path = pg_catalog, pg_temp
as $$
  select greatest(round(extract(epoch from clock_timestamp() - began) * 1000), 0)::integer
$$;
comment on function sync.milliseconds_since(timestamptz) is
  'Milliseconds since a moment; 0 where the clock was put back.';

create function sync.add_time(run sync.runs, step text, began timestamptz)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update sync.runs r
  set timings = sync.add_timings(r.timings, jsonb_build_object(add_time.step, sync.milliseconds_since(began)))
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.add_time(sync.runs, text, timestamptz) is
  'Adds the time since a step began to the timings of its run.';

create function public.sync_pause_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = 'paused', lease = null, timings = sync.add_timings(r.timings, sync_pause_run.timings)
  where r.id = sync_pause_run.run_id and r.lease = sync_pause_run.lease and r.status = 'running'
  returning * into run;
  if run.id is null then
    perform sync.raise_not_held(run_id);
  end if;
  return sync.report(run);
end;
$$;
comment on function public.sync_pause_run(bigint, uuid, jsonb) is
  'Gives up the lease of a run at the end of a slice. The next start of the stream continues the run.';

create function public.sync_interrupt(stream text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  perform sync.check_stream(stream);
  update sync.runs r
  set status = 'paused', lease = null
  where r.stream = sync_interrupt.stream and r.status = 'running'
  returning * into run;
  return case when run.id is not null then sync.report(run) end;
end;
$$;
comment on function public.sync_interrupt(text) is
  'Pauses the running run of a stream: the caller that holds it stops with its next call, and the next start of the
   stream continues the run. Returns the run, or null where none is running. PT404 for an unknown stream.';

create function sync.fail(run_id bigint, error jsonb, is_told boolean default true)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
  source sync.sources;
  is_refusal boolean;
begin
  update sync.runs r
  set status = 'failed', lease = null, not_before = null, error = fail.error, finished_at = clock_timestamp()
  where r.id = fail.run_id
  returning * into run;
  source := sync.source_of(run.stream);
  is_refusal := coalesce(error ->> 'code' = any (source.unauthorized_codes), false);
  if is_told and not (is_refusal and sync.is_refusal_told(source.source, besides => run.stream)) then
    perform sync.raise_alert(run, case when is_refusal then 'token_refused' else 'run_failed' end, error);
  end if;
  return run;
end;
$$;
comment on function sync.fail(bigint, jsonb, boolean) is
  'Ends a run as failed, with the reason on record and, unless whoever asked for it knows, in an alert.';

create function public.sync_end_run(run_id bigint)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.find_run(run_id);
begin
  if run.status not in ('running', 'paused') then
    raise exception 'run % is over: %', run.id, run.status using
      errcode = 'PT409',
      hint = 'Only a run that is running or paused can be ended: etiquette runs.';
  end if;
  run := sync.fail(run.id, jsonb_build_object(
    'code', 'run_ended',
    'message', format('run %s of %s was ended by hand', run.id, run.stream),
    'details', 'What it had applied stays.',
    'hint', format('etiquette sync %s begins a new one.', run.stream)), is_told => false);
  return sync.report(run);
end;
$$;
comment on function public.sync_end_run(bigint) is
  'Ends a run that is running or paused as failed, whatever it waits for; its holder stops with the next call. PT404 for
   an unknown run, PT409 for one that is over.';

create function public.sync_fail_run(
  run_id bigint,
  lease uuid,
  error jsonb,
  timings jsonb,
  retry_seconds integer default null
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
begin
  update sync.runs r
  set status = case when waits.again then 'paused' else r.status end,
      waits = r.waits + 1,
      not_before = case when waits.again
        then clock_timestamp() + make_interval(secs => least(retry_seconds, 900)) end,
      lease = case when not waits.again then r.lease end,
      error = sync_fail_run.error,
      timings = sync.add_timings(r.timings, sync_fail_run.timings)
  from (
    -- After five waits in a row without a page in between, another one is not worth while.
    select retry_seconds is not null and w.waits < 5 as again
    from sync.runs w
    where w.id = sync_fail_run.run_id
  ) waits
  where r.id = sync_fail_run.run_id and r.lease = sync_fail_run.lease and r.status = 'running'
  returning r.* into run;
  if run.id is null then
    perform sync.raise_not_held(run_id);
  end if;
  if run.status = 'running' then
    run := sync.fail(run.id, error);
  end if;
  perform sync.check_access((sync.source_of(run.stream)).source);
  return sync.report(run);
end;
$$;
comment on function public.sync_fail_run(bigint, uuid, jsonb, jsonb, integer) is
  'Ends a run as failed, with the reason on record. What it has applied stays. With retry_seconds it is paused for so
   long, a quarter of an hour at most, and not failed, at most five times in a row without a page in between.';

-- From supabase/schemas/sync/quarantine.sql

-- Quarantine: records that did not validate, or that the types of the table cannot hold, are kept as they were sent.

create table sync.rejected_records (
  id bigint generated always as identity primary key,
  run_id bigint not null references sync.runs on delete cascade,
  external_id text,
  path text not null,
  reason text not null,
  payload json not null,
  is_mapped boolean not null,
  rejected_at timestamptz not null default clock_timestamp(),
  replayed_by bigint references sync.runs on delete set null
);

create index rejected_records_run_id_idx on sync.rejected_records (run_id);
comment on table sync.rejected_records is 'Quarantine: records that could not be stored as they were sent, and why.';
comment on column sync.rejected_records.payload is
  'The record as it was sent. The type is json, which also holds text that jsonb cannot (NUL, unpaired surrogates).';
comment on column sync.rejected_records.is_mapped is
  'Whether the payload has the columns of the table, whose types cannot hold it, or which refused it; else it has the
   fields of the source, which did not validate.';
comment on column sync.rejected_records.replayed_by is 'The run that read it again.';
grant select, insert, update, delete on sync.rejected_records to sync_worker;

create function sync.why_not_stored(target regclass, payload jsonb)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('select jsonb_populate_record(null::%s, $1)', target) using payload;
  return null;
exception
  -- A domain has constraints of its own.
  when data_exception or integrity_constraint_violation then
    return sqlerrm;
end;
$$;
comment on function sync.why_not_stored(regclass, jsonb) is
  'The error that the types of the table raise for a record, or null where they can hold it.';

create function sync.can_store_all(target regclass, records jsonb)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A column of type text can hold every string, so only the others are tried.
  choosy text := (
    select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
    from pg_attribute a
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.atttypid <> 'text'::regtype
  );
begin
  if choosy is not null then
    execute format('select count(*) from jsonb_to_recordset($1) r (%s)', choosy) using records;
  end if;
  return true;
exception
  when data_exception or integrity_constraint_violation then
    return false;
end;
$$;
comment on function sync.can_store_all(regclass, jsonb) is
  'Whether the types of the table can hold every record of a page. Nearly always they can, so this one pass is all it
   takes.';

create function sync.quarantine(run_id bigint, rejected jsonb)
returns integer
language sql
set search_path = pg_catalog, pg_temp
as $$
  with stored as (
    insert into sync.rejected_records (run_id, external_id, path, reason, payload, is_mapped)
    select quarantine.run_id, r ->> 'external_id', r ->> 'path', r ->> 'reason', (r ->> 'payload')::json,
      coalesce((r ->> 'is_mapped')::boolean, false)
    from jsonb_array_elements(quarantine.rejected) r
    returning 1
  )
  select count(*)::integer from stored
$$;
comment on function sync.quarantine(bigint, jsonb) is
  'Stores rejected records: an array of {external_id, path, reason, payload, is_mapped}, the payload as JSON text.';

create function public.sync_list_rejected(run_id bigint default null, row_limit integer default 50)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  if run_id is not null then
    perform sync.find_run(run_id);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', j.id, 'run_id', j.run_id, 'stream', j.stream,
      'external_id', j.external_id, 'path', j.path, 'reason', j.reason, 'rejected_at', j.rejected_at,
      -- As text, because jsonb could not hold every payload.
      'payload', j.payload::text, 'replayed_by', j.replayed_by,
      'is_replayable', j.id in (select p.id from sync.replayable(array[j.id]) p)) order by j.id desc), '[]')
    from (
      select q.*, r.stream
      from sync.rejected_records q
      join sync.runs r on r.id = q.run_id
      where q.run_id = sync_list_rejected.run_id
        or sync_list_rejected.run_id is null and q.replayed_by is null
      order by q.id desc
      limit row_limit
    ) j
  );
end;
$$;
comment on function public.sync_list_rejected(bigint, integer) is
  'Rejected records, newest first: those of a run, or all that were not replayed. PT404 for an unknown run.';

-- From supabase/schemas/sync/stage.sql

-- stage: a page of records and the cursor behind it are stored in one transaction. The stream's table is not touched.

create function sync.without_repeats(records jsonb)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(last.record order by last.place)
  from (
    select distinct on (r.record ->> 'external_id') r.record, r.place
    from jsonb_array_elements(records) with ordinality r (record, place)
    order by r.record ->> 'external_id', r.place desc
  ) last
$$;
comment on function sync.without_repeats(jsonb) is 'The records of a page, of each id only the last one.';

create function sync.fingerprints_of(ids text[], fingerprints text)
returns uuid[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(f.fingerprint order by i.place)
  from unnest(ids) with ordinality i (id, place)
  left join (
    -- Of two records with one id the last counts.
    select distinct on (l.external_id) l.external_id, l.fingerprint
    from (select f.*, row_number() over () as place from sync.fingerprinted(fingerprints) f) l
    order by l.external_id, l.place desc
  ) f on f.external_id = i.id
$$;
comment on function sync.fingerprints_of(text[], text) is 'The fingerprint of each id, or null.';

create function sync.stage(stream text, records jsonb, fingerprints text, known text[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept jsonb := records;
  kept_ids text[] := array(select r ->> 'external_id' from jsonb_array_elements(records) r);
  all_ids text[] := kept_ids || known;
  distinct_ids text[] := array(select distinct id collate "C" from unnest(all_ids) id);
begin
  if distinct_ids = '{}' then
    return 0;
  end if;
  if cardinality(distinct_ids) < cardinality(all_ids) then
    kept := coalesce(sync.without_repeats(records), '[]');
    kept_ids := array(select r ->> 'external_id' from jsonb_array_elements(kept) r);
  end if;
  insert into sync.staged_pages (stream, page, records, fingerprints, ids)
  select stage.stream, coalesce(max(p.page), 0) + 1, kept,
    case stage.fingerprints when '' then '{}' else sync.fingerprints_of(kept_ids, stage.fingerprints) end, distinct_ids
  from sync.staged_pages p
  where p.stream = stage.stream;
  return cardinality(distinct_ids);
end;
$$;
comment on function sync.stage(text, jsonb, text, text[]) is
  'Stages a page of records, of each id the last one, and returns how many ids the page has, those of known records
   included.';

create function sync.supersede(stream text)
returns integer
language sql
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
as $$
  with repeated as materialized (
    select id, max(p.page) as last
    from sync.staged_pages p, unnest(p.ids) id
    where p.stream = supersede.stream
    group by id
    having count(*) > 1
  ), found as (
    select p.page, array_agg(r.id) as ids
    from repeated r
    join sync.staged_pages p on p.stream = supersede.stream and p.page < r.last and r.id = any(p.ids)
    group by p.page
  ), marked as (
    update sync.staged_pages p
    set superseded = found.ids
    from found
    where p.stream = supersede.stream and p.page = found.page
    returning cardinality(found.ids) as ids
  )
  select coalesce(sum(ids), 0)::integer from marked
$$;
comment on function sync.supersede(text) is
  'Notes for each page which of its ids a later page has too. Returns how many records do not count for this reason.';

-- The one call that a page takes: it is staged, the cursor moves, and with the last page the run goes on to its next
-- steps.

create function sync.continue_run(run sync.runs, timings jsonb, began timestamptz)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  run := sync.plan_chunk(run);
  if run.status = 'running' and run.step = 'apply' then
    run := sync.apply_chunk(run);
  end if;
  if run.status = 'running' and run.step = 'finish' then
    run := sync.end_run(run, sync.add_timings(timings, jsonb_build_object('total', sync.milliseconds_since(began))));
  end if;
  return run;
end;
$$;
comment on function sync.continue_run(sync.runs, jsonb, timestamptz) is
  'Plans a chunk, applies a chunk and ends the run, as far as one chunk of each step will do: a run of few records needs
   no further call. began is when this call began.';

create function public.sync_stage_page(
  run_id bigint,
  lease uuid,
  records text,
  rejected jsonb,
  cursor text,
  is_last boolean,
  total_count integer,
  unknown_fields integer default 0,
  fingerprints text default '',
  known text default '',
  next text default '',
  timings jsonb default null,
  unclear integer default 0,
  account jsonb default null
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  began timestamptz := clock_timestamp();
  run sync.runs := sync.hold(run_id, lease, 'stage');
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  sent jsonb := records;
  sound jsonb := sent;
  all_rejected jsonb := rejected;
  known_ids text[] := string_to_array(known, E'\n');
  read integer := jsonb_array_length(sent) + cardinality(known_ids) + jsonb_array_length(rejected);
  new_rows integer;
  quarantined integer := 0;
  repeated integer := 0;
begin
  perform sync.act_as_source(run.stream);
  perform sync.check_account(run, account);
  if not sync.can_store_all(target, sent) then
    select
      coalesce(jsonb_agg(record) filter (where reason is null), '[]'),
      all_rejected || coalesce(jsonb_agg(jsonb_build_object('external_id', record ->> 'external_id',
        'path', '', 'reason', reason, 'payload', record::text, 'is_mapped', true))
        filter (where reason is not null), '[]')
    into sound, all_rejected
    from jsonb_array_elements(sent) record,
      lateral (select sync.why_not_stored(target, record) as reason) tried;
  end if;
  new_rows := sync.stage(run.stream, sound, fingerprints, known_ids);
  if all_rejected <> '[]' then
    quarantined := sync.quarantine(run.id, all_rejected);
  end if;
  if is_last then
    repeated := sync.supersede(run.stream);
  end if;

  update sync.runs r
  set cursor = sync_stage_page.cursor,
      account = coalesce(sync_stage_page.account, r.account),
      step = case when is_last then 'plan' else 'stage' end,
      -- A total that shrinks while pages are read means that pages shifted: the largest one counts.
      total_count = greatest(r.total_count, sync_stage_page.total_count),
      fetched = r.fetched + read,
      staged = r.staged + new_rows - repeated,
      rejected = r.rejected + quarantined,
      duplicates = r.duplicates + jsonb_array_length(sound) + cardinality(known_ids) - new_rows + repeated,
      unknown_fields = r.unknown_fields + sync_stage_page.unknown_fields,
      unclear = r.unclear + sync_stage_page.unclear,
      waits = 0,
      error = null,
      timings = sync.add_timings(r.timings, jsonb_build_object('stage', sync.milliseconds_since(began)))
  where r.id = run.id
  returning * into run;
  if is_last and timings is not null then
    run := sync.continue_run(run, timings, began);
    return sync.report(run) || '{"wanted": []}';
  end if;
  -- A crash empties the staging, so the page would be read again in any case: its commit need not reach the disk.
  perform set_config('synchronous_commit', 'off', true);
  return jsonb_build_object('step', run.step, 'staged', new_rows, 'rejected', quarantined,
    'wanted', sync.wanted(run.stream, next));
end;
$$;
comment on function public.sync_stage_page is
  'Stages one page of records and moves the cursor.
   records: a JSON array as text, so that what transports it need not parse it. Records that the table cannot hold go to
   quarantine. rejected: records that did not validate.
   unknown_fields, unclear: fields for which the source answered an error, and the records that have some.
   fingerprints: those of the records, as in sync_wanted_records. A record that needs no write is known from then on.
   known: the ids of known records, which were left out, a line each.
   next: the fingerprints of the next page. wanted in the answer says which of its records have to be sent.
   account: whose records they are, with id and name, where the source tells; SY004 if this database has another''s.
   timings: milliseconds spent so far, by activity. With them and the last page the run goes on at once, to its end
   where a chunk for each step will do, and the answer is its report.';

-- From supabase/schemas/sync/compare.sql

-- The columns of a stream, as SQL over two rows, sent and live: whether they differ, and whether that needs a write.

create function sync.differs_sql(left_side text, right_side text, is_set boolean)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    -- @> is never true of an array with a NULL in it, so equal arrays are told first.
    when is_set then format('(%1$s is distinct from %2$s and not coalesce(%1$s @> %2$s and %1$s <@ %2$s, false))',
      left_side, right_side)
    else format('%s is distinct from %s', left_side, right_side)
  end;
end;
$$;
comment on function sync.differs_sql(text, text, boolean) is
  'The SQL of whether two values differ. Arrays are compared as sets.';

create function sync.cells_of(target regclass)
returns table (name name, category "char", is_ruled boolean, differs text, changes text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
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
        '%3$s and case when answered.bases ? %1$L then chunk.payload ? %1$L and %2$s else %4$s end', c.name,
        sync.differs_sql(format('to_jsonb(%s)', cell.sent), format('(answered.bases -> %L)', c.name), true),
        cell.differs, cell.is_news)
      -- A value that ownership keeps out is settled once it is the one on offer.
      else format(
        '%1$s and case when answered.offers ? %2$L
          then answered.offers -> %2$L is distinct from coalesce(to_jsonb(%3$s), ''null'') else %4$s end',
        cell.differs, c.name, cell.sent, cell.is_news)
    end
  from sync.columns_of(cells_of.target) c
  left join ownership.ruled_columns(cells_of.target) ruled (col) on ruled.col = c.name
  cross join lateral (select format('sent.%I', c.name) as sent, format('live.%I', c.name) as live) side
  cross join lateral (
    select
      side.sent,
      sync.differs_sql(side.sent, side.live, c.category = 'A') as differs,
      format(
        '(answered.refusals is null or ownership.refusal(%L, to_jsonb(%s), to_jsonb(%s)) <> all(answered.refusals))',
        c.name, side.sent, side.live) as is_news
  ) cell;
end;
$$;
comment on function sync.cells_of(regclass) is
  'For each column of a stream: whether a policy may keep something out of it (is_ruled), the SQL of whether the value
   sent differs from the live one (differs), and the SQL of whether that needs a write (changes).';

-- The comparison of staged records with live rows, which plan and apply share, made from the columns of a stream.
-- jsonb_populate_record over the live row gives the three states: an absent key keeps the live value.

create function sync.chunk_sql(stream text, which text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      (
        select p.*
        from (
          select
            p.*,
            -- Whole pages, and the first one however large it is.
            sum(p.size) over (order by p.page) - p.size as before
          -- The partition itself: for that the planner goes by its size, without statistics.
          from sync.%1$I p
          where p.page > $2 and %2$s
        ) p
        where p.before < $3
      )
    $sql$, 'staged_' || stream, which)
$$;
comment on function sync.chunk_sql(text, text) is
  'The SQL of the next staged pages: $2 after this page, $3 rows. `which` is the SQL condition of a page p.';

create function sync.comparison_sql(stream text, which text, more text default '')
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      with chunk as materialized (
        select p.page, r.payload ->> 'external_id' as external_id, r.payload, r.fingerprint
        from %4$s p, rows from (jsonb_array_elements(p.records), unnest(p.fingerprints)) r (payload, fingerprint)
        where r.payload ->> 'external_id' <> all(p.superseded)
      ), compared as materialized (
        select
          chunk.page,
          chunk.external_id,
          chunk.payload,
          chunk.fingerprint,
          standing.place is null as is_new,
          coalesce(standing.must_write, true) as changes,
          standing.*
        from chunk
        left join ownership.known_answers(%1$L, array(select chunk.external_id from chunk where %6$L)) answered
          on answered.key = chunk.external_id
        left join lateral (
          select
            live.xmin as version,
            live.ctid as place,
            live.missing_since is not null or %2$s as must_write,
            %3$s as differing
            %5$s
          from %1$s live
          cross join lateral jsonb_populate_record(live, chunk.payload) sent
          where live.external_id = chunk.external_id
          -- offset 0 keeps it a subquery: joined, the planner would read the whole table for a chunk of it.
          offset 0
        ) standing on true
      )
    $sql$,
    s.target,
    string_agg('(' || c.changes || ')', E'\n or '),
    string_agg(format('(%s)::integer', c.differs), E'\n + '),
    sync.chunk_sql(comparison_sql.stream, comparison_sql.which),
    comparison_sql.more,
    bool_or(c.is_ruled)
  )
  from sync.streams s, lateral sync.cells_of(s.target) c
  where s.stream = comparison_sql.stream
  group by s.target
$$;
comment on function sync.comparison_sql(text, text, text) is
  'The SQL that compares a chunk of staged records with live rows. Its parameters are those of sync.chunk_sql. more is
   the SQL of further columns over the rows sent and live; they are NULL where there is no live row.';

-- What a complete read proves: that the source has no more the records that were not in it.

create function sync.is_complete(run sync.runs)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select run.step <> 'stage' and run.staged + run.rejected >= run.total_count
$$;
comment on function sync.is_complete(sync.runs) is
  'Whether a run read all pages, and at least as many ids as the source says it has.';

create function sync.proves_absence(run sync.runs)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- A rejected record without an id could be that of any row.
  select not run.is_replay and sync.is_complete(run) and not exists (
    select from sync.rejected_records j where j.run_id = run.id and j.external_id is null)
$$;
comment on function sync.proves_absence(sync.runs) is 'Whether the source does not have what a run did not read.';

-- One complete read proves too little: when records come and go meanwhile, pages shift, and a record can be missed.
create table sync.absent_records (
  stream text not null references sync.streams,
  external_id text not null,
  since timestamptz not null default now(),
  primary key (stream, external_id)
);
comment on table sync.absent_records is
  'Rows whose records the last complete read of their stream did not contain, for the first time. If the next one does
   not either, they are marked missing.';
grant select, insert, delete on sync.absent_records to sync_worker;

create function sync.lacking_sql(run sync.runs)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      (
        select
          live.external_id,
          -- With `lose` allowed a person has looked at the rows: one read will do.
          coalesce(a.since, case when %3$L then now() end) as missing_since
        from (
          select l.external_id from %1$s l where l.missing_since is null and %5$L
          -- A set operation reads each side once; of a join the planner decides by statistics, which these tables lack.
          except
          (
            select id from sync.staged_pages p, unnest(p.ids) id where p.stream = %2$L
            union all
            select j.external_id from sync.rejected_records j where j.run_id = %4$L
          )
        ) live
        left join sync.absent_records a on a.stream = %2$L and a.external_id = live.external_id
      )
    $sql$, s.target, run.stream, 'lose' = any(run.allow), run.id, sync.proves_absence(run))
  from sync.streams s
  where s.stream = run.stream
$$;
comment on function sync.lacking_sql(sync.runs) is
  'The SQL of the rows that a complete read did not contain and that are not marked missing yet. missing_since is what
   to mark them with; NULL where this is the first such read.';

-- From supabase/schemas/sync/effects.sql

-- What a write does to a value, by which losses are counted: it fills, replaces or blanks it, or leaves it as it is.
-- Where
-- a policy may keep the value out, ownership.foresee tells what will stand there.

grant execute on function
  ownership.is_blank(text), ownership.is_blank(text[]), ownership.is_blank(jsonb), ownership.foresee,
  ownership.ruled_columns, ownership.known_answers, ownership.refusal, ownership.count_owned
to sync_worker;

create function sync.is_nothing(value jsonb)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'number' then false
    when 'boolean' then value = 'false'
    else ownership.is_blank(value)
  end;
end;
$$;
comment on function sync.is_nothing(jsonb) is
  'Whether a value counts as none when losses are counted: blanks, and false, which is what a field that a query forgot
   makes of a badge.';

create function sync.effect(stands jsonb, outcome jsonb)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if stands is not distinct from outcome then
    return 'kept';
  elsif stands is null or sync.is_nothing(stands) then
    return 'filled';
  elsif outcome is null or sync.is_nothing(outcome) then
    return 'blanked';
  elsif jsonb_typeof(stands) = 'array' and outcome @> stands then
    -- A set that only grows loses nothing, and the order of its elements means nothing.
    return case when stands @> outcome then 'kept' else 'filled' end;
  end if;
  return 'replaced';
end;
$$;
comment on function sync.effect(jsonb, jsonb) is
  'What happens to a value that stands there: kept, filled, blanked or replaced.';

-- The same as SQL for a whole chunk. Most columns have no policy that could keep something out, and are compared in
-- their
-- own types, without the detour over JSON. Only the others need ownership.foresee.

create function sync.nothing_sql(category "char", value_sql text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    -- Most texts begin with a printable ASCII character, and those are not blank: this test is cheap.
    when category = 'S' then format(
      '(%1$s is null or %1$s::text collate "C" not between ''!'' and ''~'' and ownership.is_blank(%1$s::text))',
      value_sql)
    when category = 'A' then format('(%1$s is null or ownership.is_blank(%1$s::text[]))', value_sql)
    when category = 'B' then format('%s is not true', value_sql)
    when category in ('N', 'D', 'T') then format('%s is null', value_sql)
  end;
end;
$$;
comment on function sync.nothing_sql("char", text) is
  'The SQL of sync.is_nothing for the types of a category (pg_type.typcategory); NULL for categories that need JSON.';

create function sync.effects_on(target regclass)
returns table (name name, is_ruled boolean, differs text, effect text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    c.name,
    c.is_ruled,
    c.differs,
    case when not c.is_ruled then format('case when not (%s) then null %s end', c.differs, case
      when nothing.stands is null then format('else sync.effect(to_jsonb(live.%1$I), to_jsonb(sent.%1$I))', c.name)
      else format('when %s then ''filled'' when %s then ''blanked'' %s else ''replaced''',
        nothing.stands,
        nothing.sent,
        -- A set that only grows loses nothing.
        case when c.category = 'A' then format('when sent.%1$I @> live.%1$I then ''filled''', c.name) end)
    end) end
  from sync.cells_of(effects_on.target) c
  cross join lateral (
    select
      sync.nothing_sql(c.category, format('live.%I', c.name)) as stands,
      sync.nothing_sql(c.category, format('sent.%I', c.name)) as sent
  ) nothing;
end;
$$;
comment on function sync.effects_on(regclass) is
  'For each column of a stream: whether a policy may keep something out of it (is_ruled), the SQL of whether the value
   sent differs from the live one (differs) and, where no policy may, the SQL of its effect: as sync.effect, or NULL
   where nothing differs.';

create function sync.cell_json_sql(target regclass, col_sql text, record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('case %s %s end', col_sql,
    string_agg(format('when %1$L then to_jsonb(%2$s.%1$I)', c.name, record_sql), ' '))
  from sync.columns_of(target) c
$$;
comment on function sync.cell_json_sql(regclass, text, text) is
  'The SQL of a value of a record as JSON. col_sql is the SQL of the name of its column.';

-- From supabase/schemas/sync/breaker.sql

-- The breaker: a plan that would lose too many values, or add too many rows, is not applied. It counts losses after the
-- ownership policies, so what it guards is mostly the columns that nobody protects.

create function sync.count_lacking(run sync.runs)
returns table (all_rows integer, rows integer, lacking integer, to_miss integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
begin
  execute format('select count(*), count(*) filter (where live.missing_since is null) from %s live', target)
  into all_rows, rows;
  -- Every row has its record, and no row that was marked missing came back: so no row can lack its record.
  if rows = run.staged - run.to_insert and (rows = all_rows or run.to_update + run.to_offer = 0) then
    lacking := 0;
    to_miss := 0;
    return next;
    return;
  end if;
  execute format('select count(*), count(l.missing_since) from %s l', sync.lacking_sql(run)) into lacking, to_miss;
  if lacking > 0 then
    execute format(
      $sql$
        insert into sync.planned_samples (run_id, effect, external_id)
        select $1, 'missing', l.external_id
        from %s l
        order by l.external_id
        limit 3
      $sql$, sync.lacking_sql(run)) using run.id;
  end if;
  return next;
end;
$$;
comment on function sync.count_lacking(sync.runs) is
  'How many rows there are, how many of them are not marked missing, how many of those have no record in the run, and
   how many of these it would mark missing. Stores three samples.';

create function sync.count_standing(run sync.runs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  counts text;
  counted jsonb;
begin
  -- Only columns that lose something are counted, so that a run without losses does not read the table for this.
  select string_agg(format('%L, count(*) filter (where %s)', c.name, c.has_value), ', ') into counts
  from sync.columns_of(target) c
  join sync.planned_columns p on p.run_id = run.id and p.col = c.name and p.blanked + p.replaced > 0;
  if counts is null then
    return;
  end if;
  execute format('select jsonb_build_object(%s) from %s live', counts, target) into counted;
  update sync.planned_columns p
  set standing = (counted ->> p.col)::integer
  where p.run_id = run.id and counted ? p.col;
end;
$$;
comment on function sync.count_standing(sync.runs) is
  'Counts the values in each column that would lose some.';

create function sync.count_known(run sync.runs, all_rows integer)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select greatest(all_rows, (
    select r.staged + r.rejected
    from sync.runs r
    where r.stream = run.stream and r.id < run.id and not r.dry_run and not r.is_replay
      and r.status in ('complete', 'partial', 'degraded')
    order by r.id desc
    limit 1
  ))
$$;
comment on function sync.count_known(sync.runs, integer) is
  'How many records are not new: as many as there are rows, or as the last run read. What was deleted here since then
   comes back, and is no growth.';

create function sync.beyond_limits(run sync.runs, live_rows integer, all_rows integer)
returns table (name text, found integer, standing integer, share real)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select harm.name, harm.found, harm.standing, harm.share
  from sync.streams s
  cross join sync.count_known(run, all_rows) known
  cross join lateral (
    select 'blank:' || p.col, p.blanked, p.standing, s.max_blanked, s.least_loss
    from sync.planned_columns p
    where p.run_id = run.id and p.col <> all(s.bookkeeping)
    union all
    select 'replace:' || p.col, p.replaced, p.standing, s.max_replaced, s.least_loss
    from sync.planned_columns p
    where p.run_id = run.id and p.col <> all(s.bookkeeping) and not run.is_first
    union all
    select 'lose', run.lacking, live_rows, s.max_missing, s.least_loss
    union all
    select 'insert', run.to_insert - (known - all_rows), known, s.max_inserted, s.least_inserted
    where not run.is_first
  ) harm (name, found, standing, share, least)
  where s.stream = run.stream
    and harm.found >= harm.least
    and harm.found > harm.share * harm.standing
    and harm.name <> all(run.allow)
  order by harm.found desc, harm.name
$$;
comment on function sync.beyond_limits(sync.runs, integer, integer) is
  'What a plan would lose or add beyond the limits of its stream, and is not allowed to. Bookkeeping is no loss, and the
   first run of a stream may replace what another program wrote before, and add what that did not have.';

create function sync.why_tripped(run sync.runs, live_rows integer, all_rows integer)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', 'run_tripped',
    'message', format('the plan of run %s would %s too much, so nothing was written', run.id,
      concat_ws(' and ', case when bool_or(t.name <> 'insert') then 'lose' end,
        case when bool_or(t.name = 'insert') then 'add' end)),
    'details', string_agg(format('%s: %s %s %s, allowed are %s %%',
      t.name, t.found, case t.name when 'insert' then 'beside' else 'of' end, t.standing,
      round((t.share * 100)::numeric, 1)), E'\n'),
    'hint', format('Look at the samples. If it is right, start it again with {"allow": %s}.',
      jsonb_agg(t.name))
  )
  from sync.beyond_limits(run, live_rows, all_rows) t
  having count(*) > 0
$$;
comment on function sync.why_tripped(sync.runs, integer, integer) is
  'The error of a run that would lose or add too much, or NULL.';

create function sync.conclude_plan(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
-- Whole tables are counted here.
set enable_seqscan = on
as $$
declare
  counted record;
  tripped jsonb;
begin
  select * into counted from sync.count_lacking(run);
  -- Rows of known records, which were not sent, have been deleted meanwhile.
  if counted.all_rows < run.staged - run.to_insert then
    run := sync.read_anew(run);
    update sync.runs r set status = 'paused', lease = null where r.id = run.id returning * into run;
    return run;
  end if;
  run.lacking := counted.lacking;
  perform sync.count_standing(run);
  tripped := sync.why_tripped(run, counted.rows, counted.all_rows);

  update sync.runs r
  set lacking = counted.lacking,
      to_miss = counted.to_miss,
      step = case
        when not run.dry_run and run.to_insert + run.to_update + run.to_offer > 0 then 'apply'
        else 'finish'
      end,
      status = case when tripped is null then r.status else 'tripped' end,
      lease = case when tripped is null then r.lease end,
      finished_at = case when tripped is not null then clock_timestamp() end,
      error = tripped
  where r.id = run.id
  returning * into run;
  if run.status <> 'tripped' and not run.dry_run then
    perform sync.keep_account(run);
  end if;
  if run.status = 'tripped' then
    perform sync.raise_alert(run, 'run_tripped', tripped);
  -- A run that writes nothing needs no checks of what it lost.
  elsif run.step = 'apply' then
    perform sync.expect_checks(run);
  end if;
  return run;
end;
$$;
comment on function sync.conclude_plan(sync.runs) is
  'Ends the plan of a run: the next step is apply or finish, or the run is tripped, or it reads everything anew because
   rows of known records are gone.';

-- From supabase/schemas/sync/plan.sql

-- plan: what a run would do, counted before anything is written. A dry run ends here.

create function sync.effects_sql(stream text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sync.comparison_sql(effects_sql.stream, 'p.size > 0', format(
    $sql$
      , array[%1$s]::text[] as effects
      , array[%2$s]::name[] as ruled_cols
      , array[%3$s]::jsonb[] as ruled_stands
      , array[%4$s]::jsonb[] as ruled_sent
    $sql$,
    string_agg(c.effect, E',\n'),
    -- Only values that differ are turned into JSON, which is what costs time here.
    string_agg(format('case when %s then %L end', c.differs, c.name), ', ') filter (where c.is_ruled),
    string_agg(format('case when %s then to_jsonb(live.%I) end', c.differs, c.name), ', ') filter (where c.is_ruled),
    string_agg(format('case when %s then to_jsonb(sent.%I) end', c.differs, c.name), ', ') filter (where c.is_ruled)
  )) || format(
    $sql$
      , ruled as materialized (
        select o.key, o.col, sync.effect(o.stands, o.outcome) as effect
        from (
          select
            array_agg(compared.external_id) as keys, array_agg(cell.col) as cols,
            array_agg(cell.stands) as stands, array_agg(cell.sent) as sent
          from compared
          cross join lateral unnest(compared.ruled_cols, compared.ruled_stands, compared.ruled_sent)
            cell (col, stands, sent)
          where cell.col is not null
        ) cells
        cross join lateral ownership.foresee(%1$L, cells.keys, cells.cols, cells.stands, cells.sent) o
        where cells.keys is not null
      ),
      -- Most rows of a chunk have the same effects in the same columns, so rows are first counted by these.
      effects as materialized (
        select cell.col, cell.effect, alike.rows, alike.keys
        from (
          select c.effects, count(*)::integer as rows, (array_agg(c.external_id))[1:3] as keys
          from compared c
          where c.differing > 0
          group by c.effects
        ) alike
        cross join lateral unnest(array[%2$s]::name[], alike.effects) cell (col, effect)
        where cell.effect is not null
        union all
        select r.col, r.effect, count(*)::integer, (array_agg(r.key))[1:3]
        from ruled r
        group by r.col, r.effect
      )
    $sql$,
    s.target,
    string_agg(format('%L', c.name), ', ') filter (where not c.is_ruled)
  )
  from sync.streams s, lateral sync.effects_on(s.target) c
  where s.stream = effects_sql.stream
  group by s.target
$$;
comment on function sync.effects_sql(text) is
  'The SQL that compares a chunk and counts the effects by column, each with the keys of three rows. Its parameters are
   those of sync.comparison_sql.';

create function sync.samples_sql(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      insert into sync.planned_samples (run_id, effect, col, external_id, stands, sent)
      select $4, s.effect, s.col, s.key, s.stands, s.sent
      from (
        select e.effect, e.col, e.key, cell.stands, cell.sent
        from (
          select e.effect, e.col, key, row_number() over (partition by e.effect, e.col order by key) as place
          from effects e, unnest(e.keys) key
        ) e
        join compared on compared.external_id = e.key
        -- There are few samples, so each row is looked up by its place.
        cross join lateral (select live as cells from %1$s live where live.ctid = compared.place offset 0) stood
        cross join lateral jsonb_populate_record(stood.cells, compared.payload) sent
        cross join lateral (select %2$s as stands, %3$s as sent) cell
        where e.place <= 3
        union all
        (
          select 'inserted', null, c.external_id, null, c.payload - 'external_id'
          from compared c
          where c.is_new
          order by c.external_id
          limit 3
        )
      ) s
      where not exists (
        select from sync.planned_samples p
        where p.run_id = $4 and p.effect = s.effect and p.col is not distinct from s.col)
      order by s.effect, s.col, s.key
    $sql$,
    samples_sql.target,
    sync.cell_json_sql(samples_sql.target, 'e.col', '(stood.cells)'),
    sync.cell_json_sql(samples_sql.target, 'e.col', 'sent'))
$$;
comment on function sync.samples_sql(regclass) is
  'The SQL that stores three samples of each effect on a column, and of new rows, unless the run ($4) has some
   already.';

create function sync.plan_sql(stream text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select sync.effects_sql(plan_sql.stream) || format($sql$
    , settled as (
      -- A row that equals its record needs no write under any policy: the record is known from now on.
      insert into sync.%1$I as k (external_id, fingerprint, version, place)
      select c.external_id, c.fingerprint, c.version, c.place
      from compared c
      where c.fingerprint is not null and not c.changes and c.differing = 0
      on conflict (external_id) do update
      set fingerprint = excluded.fingerprint, version = excluded.version, place = excluded.place
    ), gaining as materialized (
      select distinct r.key from ruled r where r.effect <> 'kept'
    ), counted as (
      insert into sync.planned_columns as p (run_id, col, filled, replaced, blanked, kept)
      select $4, e.col,
        coalesce(sum(e.rows) filter (where e.effect = 'filled'), 0),
        coalesce(sum(e.rows) filter (where e.effect = 'replaced'), 0),
        coalesce(sum(e.rows) filter (where e.effect = 'blanked'), 0),
        coalesce(sum(e.rows) filter (where e.effect = 'kept'), 0)
      from effects e
      group by e.col
      on conflict (run_id, col) do update
      set filled = p.filled + excluded.filled, replaced = p.replaced + excluded.replaced,
          blanked = p.blanked + excluded.blanked, kept = p.kept + excluded.kept
    ), sampled as (%2$s), marked as (
      update sync.staged_pages p
      set to_write = w.rows
      from (select c.page, count(*)::integer as rows from compared c where c.changes or c.is_new group by c.page) w
      where p.stream = $1 and p.page = w.page
    )
    select
      count(*) filter (where is_new)::integer as to_insert,
      count(*) filter (where changes and not is_new)::integer as to_write,
      count(*) filter (where changes and not is_new
        and (differing = 0 or gaining.key is not null or effects && '{filled,replaced,blanked}'))::integer as to_update,
      -- Values that differ in a row that needs no write are kept out by ownership.
      coalesce(sum(differing) filter (where not changes), 0)::integer as kept,
      max(page) as reached
    from compared
    left join gaining on gaining.key = compared.external_id
  $sql$, 'known_' || plan_sql.stream, sync.samples_sql(s.target))
  from sync.streams s
  where s.stream = plan_sql.stream
$$;
comment on function sync.plan_sql(text) is
  'The SQL that plans a chunk: it stores counts by column, samples, and which records are known from now on. Its
   parameters are those of sync.comparison_sql, and the run ($4).';

create function sync.plan_into_empty(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update sync.staged_pages p
  set to_write = case p.superseded when '{}' then p.size
    else (select count(*) from jsonb_array_elements(p.records) r where r ->> 'external_id' <> all(p.superseded)) end
  where p.stream = run.stream;
  insert into sync.planned_samples (run_id, effect, external_id, sent)
  select run.id, 'inserted', s.record ->> 'external_id', s.record - 'external_id'
  from (
    select r.record
    from sync.staged_pages p, jsonb_array_elements(p.records) r (record)
    where p.stream = run.stream and p.to_write > 0 and r.record ->> 'external_id' <> all(p.superseded)
    limit 3
  ) s
  order by s.record ->> 'external_id';
  update sync.runs r
  set into_empty = true,
      to_insert = coalesce((select sum(p.to_write) from sync.staged_pages p where p.stream = run.stream), 0)
  where r.id = run.id
  returning * into run;
  return run;
end;
$$;
comment on function sync.plan_into_empty(sync.runs) is
  'The plan of a run into an empty table, where there is nothing to compare and nothing to lose.';

create function sync.plan_chunk(run sync.runs, row_limit integer default null)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
-- A chunk is small beside the table, whatever the planner estimates.
set enable_seqscan = off
-- The rows are in memory or on a solid-state disk.
set random_page_cost = 1.1
-- A sequential scan that is taken although it is off has so high a cost that its plan would be compiled, for half a
-- second.
set jit = off
as $$
declare
  began timestamptz := clock_timestamp();
  chunk integer := coalesce(row_limit, (select s.plan_rows from sync.settings s));
  inserts integer;
  writes integer;
  updates integer;
  keeps integer;
  last_page integer;
  is_last boolean := false;
begin
  if run.reached is null and not sync.has_rows(run.stream) then
    run := sync.plan_into_empty(run);
    is_last := true;
  elsif not exists (select from sync.staged_pages p where p.stream = run.stream and p.size > 0) then
    -- All records are known.
    is_last := true;
  else
    execute sync.plan_sql(run.stream) into inserts, writes, updates, keeps, last_page
    using run.stream, coalesce(run.reached, 0), chunk, run.id;
    is_last := not exists (
      select from sync.staged_pages p where p.stream = run.stream and p.size > 0 and p.page > last_page);
    update sync.runs r
    set to_insert = r.to_insert + inserts,
        to_update = r.to_update + updates,
        to_offer = r.to_offer + writes - updates,
        kept = r.kept + keeps,
        reached = case when not is_last then last_page end
    where r.id = run.id
    returning * into run;
  end if;
  if is_last then
    run := sync.conclude_plan(run);
  end if;
  return sync.add_time(run, 'plan', began);
end;
$$;
comment on function sync.plan_chunk(sync.runs, integer) is
  'Compares the next staged records with live rows, and concludes the plan when these were the last.';

create function public.sync_plan_run(run_id bigint, lease uuid, row_limit integer default null)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'plan');
begin
  perform sync.act_as_source(run.stream);
  run := sync.plan_chunk(run, row_limit);
  return sync.report(run);
end;
$$;
comment on function public.sync_plan_run(bigint, uuid, integer) is
  'Compares the next staged records with live rows, and counts what would change once the ownership policies have been
   applied. Call again while the step is plan. The last call may trip the run: then nothing is written.';

-- From supabase/schemas/sync/apply.sql

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

-- From supabase/schemas/sync/refusals.sql

-- Refusals: a table may have constraints, triggers and limits that no record schema knows, those of an application. A
-- record that they refuse when the plan is applied goes to quarantine, and all others are written.

create function sync.is_refusal(state text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select left(state, 2) in ('22', '23', '44', '54')
    -- What a trigger raises, also under a code of its own: the other classes are those of Postgres.
    or state = 'P0001'
    or state ~ '^[5-9I-Z]' and left(state, 2) not in ('53', '55', '57', '58', '72', 'P0', 'XX')
$$;
comment on function sync.is_refusal(text) is
  'Whether an error is about the record that is written, so that others can be: its data, a constraint, a limit, or what
   a trigger raised. Every other error is about the database.';

create function sync.write_one_sql(target regclass, is_new boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when is_new then format('insert into %1$s (external_id, %2$s)
      select sent.external_id, %3$s from jsonb_populate_record(%4$s, $1) sent', target, cols.names, cols.sent,
      sync.empty_row_sql(target))
    else format('update %1$s live
      set missing_since = null, (%2$s) = (select %3$s from jsonb_populate_record(live, $1) sent)
      where live.external_id = $1 ->> ''external_id''', target, cols.names, cols.sent)
  end
  from (
    select string_agg(format('%I', c.name), ', ') as names, string_agg(format('sent.%I', c.name), ', ') as sent
    from sync.columns_of(target) c
  ) cols
$$;
comment on function sync.write_one_sql(regclass, boolean) is
  'The SQL that writes one record ($1) as apply does.';

create function sync.told_refusal(record jsonb, message text, detail text, place text, context text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('external_id', record ->> 'external_id', 'path', coalesce(place, ''),
    'reason', left(concat_ws('. ', message,
      -- A whole row says nothing that the payload does not.
      case when detail like 'Key (%' then rtrim(detail, '.') end,
      -- Whatever has no name of its own was raised by somebody's function.
      case when place is null then split_part(context, E'\n', 1) end), 1000),
    'payload', record::text, 'is_mapped', true)
$$;
comment on function sync.told_refusal(jsonb, text, text, text, text) is
  'A refused record as sync.quarantine takes it. place is the column or constraint that refused it.';

create function sync.find_refused(run sync.runs)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  inserting text := sync.write_one_sql(target, true);
  updating text := sync.write_one_sql(target, false);
  refused jsonb := '[]';
  sent jsonb;
  is_new boolean;
  state text;
  message text;
  details text;
  place text;
  context text;
begin
  for sent, is_new in
    execute sync.comparison_sql(run.stream, 'p.to_write > 0')
      || ' select c.payload, c.is_new from compared c where c.is_new or c.changes order by not c.is_new'
    using run.stream, coalesce(run.reached, 0), 1
  loop
    begin
      execute case when is_new then inserting else updating end using sent;
    exception when others then
      get stacked diagnostics state = returned_sqlstate, message = message_text, details = pg_exception_detail,
        place = constraint_name, context = pg_exception_context;
      if not sync.is_refusal(state) then
        raise;
      end if;
      refused := refused || sync.told_refusal(sent, message, details, nullif(place, ''), context);
    end;
  end loop;
  -- Nothing of it stays: what was not refused is written as any page is, with its place in the records of the run.
  raise exception using errcode = 'SY003';
exception when sqlstate 'SY003' then
  return refused;
end;
$$;
comment on function sync.find_refused(sync.runs) is
  'Tries to write the records of the next page one by one, each beside those before it, and returns those that the table
   refuses, as sync.quarantine takes them. Nothing is written.';

create function sync.set_aside_refused(run sync.runs)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  refused jsonb := sync.find_refused(run);
  found integer := jsonb_array_length(refused);
begin
  if found = 0 then
    return run;
  end if;
  perform sync.quarantine(run.id, refused);
  update sync.staged_pages p
  set superseded = p.superseded || array(select r ->> 'external_id' from jsonb_array_elements(refused) r),
      to_write = p.to_write - found
  where p.stream = run.stream and p.page = (
    select min(n.page) from sync.staged_pages n
    where n.stream = run.stream and n.to_write > 0 and n.page > coalesce(run.reached, 0));
  update sync.runs r set refused = r.refused + found where r.id = run.id returning * into run;
  return run;
end;
$$;
comment on function sync.set_aside_refused(sync.runs) is
  'Puts the records of the next page that the table refuses into quarantine. The run is as it was where there are none.';

-- From supabase/schemas/sync/checks.sql

-- Checks: rows and values that are counted before a run is applied and after it, to prove what the run did not do.

create table sync.stream_checks (
  stream text not null,
  name text not null check (name ~ '^[a-z_]+$'),
  -- With a column the check counts rows that should not become fewer, without one rows that should not exist.
  col name,
  condition text not null,
  claimed text,
  primary key (stream, name),
  -- Claims are about a column.
  constraint stream_checks_claims_have_column check (claimed is null or col is not null)
);
comment on table sync.stream_checks is
  'What is counted for each stream. With a column: rows that must not become fewer than the plan of the column says.
   Without one: rows that should not exist; they are reported, and a run can be complete all the same.';
comment on column sync.stream_checks.claimed is
  'The SQL condition of the claims of the column which say that a row must be counted; in it c is a row of
   ownership.claims. So what was lost before the run is not taken for what should be there.';
comment on column sync.stream_checks.condition is
  'The SQL condition of the rows that are counted; in it live is a row of the stream''s table.';

create function sync.add_check(
  stream text,
  name text,
  condition text,
  col name default null,
  claimed text default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.stream_checks as c (stream, name, condition, col, claimed)
  values (stream, name, condition, col, claimed)
  on conflict on constraint stream_checks_pkey do update
  set condition = excluded.condition, col = excluded.col, claimed = excluded.claimed
$$;
comment on function sync.add_check(text, text, text, name, text) is
  'Adds a check to a stream, or changes it. The arguments are the columns of sync.stream_checks.';

create function sync.watch_reference(stream text, name text, col name, referred regclass)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select sync.add_check(stream, name,
    format('live.%1$I is not null and not exists (select from %2$s r where r.external_id = live.%1$I)', col, referred))
$$;
comment on function sync.watch_reference(text, text, name, regclass) is
  'Adds a check of a reference: it counts the rows whose column has an id that the referred table lacks.';

create table sync.checks (
  run_id bigint not null references sync.runs on delete cascade,
  name text not null,
  is_binding boolean not null,
  expected bigint not null,
  found bigint,
  passed boolean,
  primary key (run_id, name),
  -- A check that was counted again has passed or not.
  constraint checks_found_is_judged check ((found is null) = (passed is null))
);
grant select on sync.stream_checks to sync_worker;
grant select, insert, update, delete on sync.checks to sync_worker;
comment on table sync.checks is 'The checks of each run: what was expected, and what was found.';
comment on column sync.checks.is_binding is 'Whether the run is partial if it does not pass.';

create function sync.count_rows(target regclass, condition text)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  rows bigint;
begin
  execute format('select count(*) from %s live where %s', target, condition) into rows;
  return rows;
end;
$$;
comment on function sync.count_rows(regclass, text) is 'How many rows of a table a check counts.';

create function sync.claimed_rows(stream text, name text)
returns table (key text, is_there boolean, stands boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  counted sync.stream_checks;
  target regclass;
begin
  select * into counted from sync.stream_checks c where c.stream = claimed_rows.stream and c.name = claimed_rows.name;
  select s.target into target from sync.streams s where s.stream = claimed_rows.stream;
  if counted.claimed is null then
    return;
  end if;
  return query execute format(
    'select k.key, live.external_id is not null, live.external_id is not null and coalesce(%s, false)
     from (select distinct c.key from ownership.claims c where c.tbl = $1 and c.col = $2 and (%s)) k
     left join %s live on live.external_id = k.key',
    counted.condition, counted.claimed, target) using target, counted.col;
end;
$$;
comment on function sync.claimed_rows(text, text) is
  'The rows that claims say a check must count: whether each is there, and whether it is counted. None for a check
   without claims.';

create function sync.expect_checks(run sync.runs)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- Counted before the first chunk is applied. Where a crash has the plan end again, the first count stays.
  insert into sync.checks (run_id, name, is_binding, expected)
  select run.id, c.name, c.col is not null,
    case when c.col is null then 0
      else greatest(
        sync.count_rows(s.target, c.condition) - coalesce(p.blanked + p.replaced, 0),
        (select count(*) from sync.claimed_rows(c.stream, c.name) r where r.is_there)) end
  from sync.streams s
  join sync.stream_checks c on c.stream = s.stream
  left join sync.planned_columns p on p.run_id = run.id and p.col = c.col
  where s.stream = run.stream
  union all
  select run.id, 'protected_values', true, ownership.count_owned(s.target)
  from sync.streams s
  where s.stream = run.stream
  on conflict (run_id, name) do nothing
$$;
comment on function sync.expect_checks(sync.runs) is 'Counts what a run is checked for before it is applied.';

create function sync.check_run(run sync.runs)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
-- Compiling these queries takes longer than running them.
set jit = off
as $$
  insert into sync.checks (run_id, name, is_binding, expected)
  values (run.id, 'records_read', true, coalesce(run.total_count, 0))
  on conflict (run_id, name) do nothing;

  -- Materialized, or each use of the count would count again.
  with counted as materialized (
    select k.name,
      case
        when k.name = 'records_read' then run.staged + run.rejected
        when k.name = 'protected_values' then ownership.count_owned(s.target)
        else (
          select sync.count_rows(s.target, d.condition)
          from sync.stream_checks d
          where d.stream = s.stream and d.name = k.name
        )
      end as rows
    from sync.checks k
    join sync.streams s on s.stream = run.stream
    where k.run_id = run.id
  )
  update sync.checks c
  set found = counted.rows,
      passed = case when c.is_binding then counted.rows >= c.expected else counted.rows <= c.expected end
  from counted
  where c.run_id = run.id and c.name = counted.name;

  select coalesce(bool_and(c.passed), true) from sync.checks c where c.run_id = run.id and c.is_binding
$$;
comment on function sync.check_run(sync.runs) is
  'Counts again after the run was applied. Returns whether every binding check passed.';

-- From supabase/schemas/sync/alert_text.sql

-- The text of an alert as it is posted, in the format that Slack takes and others have copied. An alert quotes others:
-- a source, a record, an application's constraint. What they said stays text.

create function sync.harmless(said text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    replace(replace(replace(said, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
    -- What cannot be seen, or turns the direction of what follows.
    '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]',
    '?', 'g'),
    '(@|mailto:)(?=[[:alpha:]])', '\1 ', 'g'),
    '\](?=[([])', '] ', 'g'),
    ':(?=//)|\mwww(?=\.)', '\& ', 'gi')
$$;
comment on function sync.harmless(text) is
  'A text that calls nobody and links nowhere, with a space where a mention, a link of Markdown or an address would
   begin to be one. Only addresses without https:// or www. are left.';

create function sync.alert_text(about text, kind text, run_id bigint, message text, details text, hint text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(E'\n',
    format('*%s: %s*', about, kind) || case when run_id is not null then format(' (%s)', coalesce(
      '<' || replace((select s.run_link from sync.settings s), '{run}', run_id::text) || format('|run %s>', run_id),
      format('run %s', run_id))) else '' end,
    -- An address without https:// ends at its dots. A hint is ours, and may have a statement to copy.
    regexp_replace(sync.harmless(concat_ws(E'\n', message, details)), '(?<=\w)\.(?=[[:alpha:]]{2})', ' .', 'g'),
    sync.harmless(hint))
$$;
comment on function sync.alert_text(text, text, bigint, text, text, text) is
  'An alert as it is posted: what it is about with a link to the run, and what happened, without anything that would
   notify people or become a link.';

-- From supabase/schemas/sync/alerts.sql

-- Alerts: what a person should look at. An alert that is raised again while it is open is counted up.

create table sync.alerts (
  id bigint generated always as identity primary key,
  source text references sync.sources,
  stream text references sync.streams,
  job text,
  kind text not null check (kind ~ '^[a-z_]+$'),
  looks text[] not null default '{}',
  subjects text[] not null default '{}',
  run_id bigint references sync.runs on delete cascade,
  message text not null,
  details text,
  hint text,
  times integer not null default 1,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  posted_at timestamptz,
  acknowledged_at timestamptz,
  resolved_at timestamptz,
  over_request_id bigint,
  over_posted_at timestamptz,
  -- An alert about a stream is about a run of it.
  constraint alerts_of_a_stream_has_run check ((stream is null) = (run_id is null))
);
create unique index alerts_one_open on sync.alerts (source, stream, job, kind) nulls not distinct
  where resolved_at is null;
grant select, insert, update on sync.alerts to sync_worker;
comment on table sync.alerts is 'What went wrong. An alert about a stream is open until the stream has a complete run.';
comment on column sync.alerts.source is
  'The source, where the alert is about its credentials, which all its streams share.';
comment on column sync.alerts.stream is 'The stream, where the alert is about a run.';
comment on column sync.alerts.job is 'The job of the schedule, where the alert is about one.';
comment on column sync.alerts.kind is
  'What went wrong: of a finding its code. docs/operations.md says of each what it means and what to do.';
comment on column sync.alerts.looks is
  'The looks that raised it (sync.looks). It is open until one of them sees that its cause is gone.';
comment on column sync.alerts.subjects is 'What the looks found it of. When something is added, it is posted again.';
comment on column sync.alerts.run_id is 'The last run that raised it.';
comment on column sync.alerts.times is 'How often it was raised. For a job: how many of its calls failed.';
comment on column sync.alerts.request_id is 'The request in pg_net''s queue that posts it; only for alerts about jobs.';
comment on column sync.alerts.posted_at is 'When the webhook accepted it.';
comment on column sync.alerts.acknowledged_at is
  'When somebody said that he knows of it: it is not posted any more. What comes to it is told all the same.';
comment on column sync.alerts.over_request_id is 'The request in pg_net''s queue that says that it is over.';
comment on column sync.alerts.over_posted_at is 'When the webhook accepted that it is over.';

create function sync.raise_alert(run sync.runs, kind text, error jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.alerts as a (stream, kind, run_id, message, details, hint)
  select run.stream, kind, run.id, error ->> 'message', error ->> 'details', error ->> 'hint'
  -- Whoever starts a dry run reads its answer.
  where not run.dry_run
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set run_id = excluded.run_id, message = excluded.message, details = excluded.details, hint = excluded.hint,
      times = a.times + 1, last_at = excluded.last_at
$$;
comment on function sync.raise_alert(sync.runs, text, jsonb) is
  'Raises an alert about a run that is not a dry run, with the message, details and hint of an error; or counts it up
   where it is open.';

create function sync.is_refusal_told(source text, besides text default null)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from sync.alerts a
    left join sync.streams s on s.stream = a.stream
    where a.kind = 'token_refused' and a.resolved_at is null
      and is_refusal_told.source = coalesce(a.source, s.source) and a.stream is distinct from is_refusal_told.besides
  )
$$;
comment on function sync.is_refusal_told(text, text) is
  'Whether an alert is open that a source refuses the credentials, of the source or of a stream of it besides this one:
   all of them share the credentials, and one alert is enough.';

create function sync.set_access_alert(source text, kind text, error jsonb)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where set_access_alert.error is null
    and a.source = set_access_alert.source and a.kind = set_access_alert.kind and a.resolved_at is null;

  insert into sync.alerts as a (source, kind, message, details, hint)
  select source, kind, error ->> 'message', error ->> 'details', error ->> 'hint'
  where error is not null
    and not (kind = 'token_refused' and sync.is_refusal_told(source))
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint,
      times = a.times + 1, last_at = excluded.last_at
$$;
comment on function sync.set_access_alert(text, text, jsonb) is
  'Raises an alert about the credentials of a source, or closes it where error is NULL.';

create function sync.why_checks_failed(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with failed as (
    select c.name, c.expected, c.found
    from sync.checks c
    left join lateral (
      select l.found
      from sync.checks l
      where l.name = c.name and l.run_id < run.id and l.found is not null
      order by l.run_id desc
      limit 1
    ) last on true
    where c.run_id = run.id and not c.passed and c.name <> 'records_read'
      -- Rows that should not exist are reported when there are more of them than last time, and not each time.
      and (c.is_binding or c.found > coalesce(last.found, 0))
  )
  select jsonb_build_object(
    'code', 'check_failed',
    'message', format('run %s of %s did not pass %s', run.id, run.stream, string_agg(f.name, ', ' order by f.name)),
    'details', string_agg(format('%s: expected %s, found %s', f.name, f.expected, f.found), E'\n' order by f.name),
    'hint', 'docs/operations.md says for each check what it means and what to do.'
  )
  from failed f
  having count(*) > 0
$$;
comment on function sync.why_checks_failed(sync.runs) is 'The error of the checks that a run did not pass, or null.';

create function sync.update_alerts(run sync.runs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  failed jsonb := sync.why_checks_failed(run);
begin
  if failed is not null then
    perform sync.raise_alert(run, 'check_failed', failed);
  end if;
  if run.status = 'degraded' then
    perform sync.raise_alert(run, 'run_degraded', run.error);
  elsif not sync.is_complete(run) then
    perform sync.raise_alert(run, 'run_partial', jsonb_build_object(
      'message', format('run %s of %s saw %s of %s records', run.id, run.stream, run.staged + run.rejected,
        run.total_count),
      'details', 'What was seen is applied. Nothing was marked missing.',
      'hint', format('Pages shift while people work in %s: the next run is complete as a rule.',
        (sync.source_of(run.stream)).label)));
  end if;
  if run.status = 'complete' and not run.dry_run then
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.resolved_at is null
      and case a.kind
        -- Credentials that work for one stream work for all of its source.
        when 'token_refused' then (sync.source_of(a.stream)).source = (sync.source_of(run.stream)).source
        else a.stream = run.stream
      end
      and (a.kind <> 'check_failed' or not exists (
        select from sync.checks c where c.run_id = run.id and not c.passed));
  end if;
end;
$$;
comment on function sync.update_alerts(sync.runs) is
  'Raises the alerts of a run that reached its end, and closes those that it resolves.';

-- From supabase/schemas/sync/posts.sql

-- How an alert is posted: to the webhook that Vault has the address of, in the shape that its service takes.

create function sync.webhook_url()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return sync.secret('alert_webhook_url');
exception when others then
  -- A run must not end for it. The state says that Vault cannot be read.
  return null;
end;
$$;
comment on function sync.webhook_url() is
  'The address that alerts are posted to; NULL where none is set, or where Vault cannot be read.';

create function sync.post_shape(webhook text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(s.alert_shape, case
    when h.host ~ '(^|\.)discord(app)?\.com$' then 'discord'
    when h.host ~ '(^|\.)ntfy\.' then 'ntfy'
    -- Others have copied it.
    else 'slack'
  end)
  from sync.settings s
  cross join (select lower(substring(webhook from '^[a-z]+://([^/:?#]+)')) as host) h
$$;
comment on function sync.post_shape(text) is
  'The shape of what a webhook takes: the one in the settings, or by its host.';

create function sync.post_of(alert sync.alerts, is_over boolean default false)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('url', case when w.shape = 'ntfy' then regexp_replace(w.url, '/[^/]*$', '') else w.url end,
    'body', case w.shape
      when 'slack' then jsonb_build_object('text', case
        when is_over then format('*%s* is over%s', t.title, coalesce(t.run, '')) || E'\n' || sync.harmless(t.said)
        else sync.alert_text(t.about, alert.kind, alert.run_id, alert.message, alert.details, alert.hint) end)
      -- In a block of code nothing is a link, and nobody is notified.
      when 'discord' then jsonb_build_object('allowed_mentions', '{"parse": []}'::jsonb, 'content',
        format('**%s**%s%s', t.title, w.ends, coalesce(' ' || t.link, t.run, ''))
          || E'\n```\n' || left(replace(t.said, '`', ''''), 1700) || E'\n```')
      when 'ntfy' then jsonb_strip_nulls(jsonb_build_object('topic', substring(w.url from '[^/]*$'),
        'title', t.title || w.ends || coalesce(t.run, ''), 'message', t.said, 'click', t.link))
      else jsonb_build_object('about', t.about, 'kind', alert.kind, 'state', case when is_over then 'over' else 'open' end,
        'message', alert.message, 'details', alert.details, 'hint', alert.hint, 'run', alert.run_id, 'link', t.link)
    end)
  from (
    select u.url, sync.post_shape(u.url) as shape, case when is_over then ' is over' else '' end as ends
    from (select sync.webhook_url() as url) u
  ) w
  cross join lateral (
    select n.about, format('%s: %s', n.about, alert.kind) as title, ' (run ' || alert.run_id || ')' as run,
      replace((select s.run_link from sync.settings s), '{run}', alert.run_id::text) as link,
      case when is_over then 'It was: ' || alert.message
        else concat_ws(E'\n', alert.message, alert.details, alert.hint) end as said
    from (
      select coalesce(alert.job, alert.stream, o.label) as about
      from (select alert.source) s
      left join sync.sources o using (source)
    ) n
  ) t
$$;
comment on function sync.post_of(sync.alerts, boolean) is
  'What is posted about an alert, and where: that it is open, or that it is over.';

create function sync.count_unposted()
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select count(*)::integer
  from sync.alerts a
  where a.posted_at is null and a.acknowledged_at is null and a.resolved_at is null and a.job is null
    and sync.webhook_url() is not null
$$;
comment on function sync.count_unposted() is
  'How many open alerts a function still has to post; 0 where there is no webhook.';

create function public.sync_read_alerts()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select coalesce(jsonb_agg(sync.post_of(a) || jsonb_build_object('id', a.id) order by a.id), '[]')
  from sync.alerts a
  where a.posted_at is null and a.acknowledged_at is null and a.resolved_at is null and a.job is null
    and sync.webhook_url() is not null
$$;
comment on function public.sync_read_alerts() is
  'The open alerts that are not posted yet: of each the address to post to, and the body. None without a webhook. Alerts
   about jobs are not among them: the schedule posts those itself.';

create function public.sync_mark_posted(ids bigint[])
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  update sync.alerts a set posted_at = clock_timestamp() where a.id = any(ids)
$$;
comment on function public.sync_mark_posted(bigint[]) is 'Notes that the webhook accepted these alerts.';

-- From supabase/schemas/sync/runs.sql

-- What callers are told of runs.

create function sync.find_run(run_id bigint)
returns sync.runs
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  run sync.runs;
begin
  select * into run from sync.runs r where r.id = find_run.run_id;
  if run.id is null then
    raise exception 'there is no run %', coalesce(run_id::text, 'NULL') using
      errcode = 'PT404',
      detail = coalesce((select 'The newest is ' || max(r.id) || '.' from sync.runs r), 'There was none so far.'),
      hint = 'Give the number of a run that was: etiquette runs.';
  end if;
  return run;
end;
$$;
comment on function sync.find_run(bigint) is 'A run by its number. PT404 where there is none.';

create function sync.plan_of(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'insert', run.to_insert, 'update', run.to_update, 'missing', run.to_miss, 'lacking', run.lacking,
    'unchanged', run.staged - run.to_insert - run.to_update,
    'columns', (
      select coalesce(jsonb_object_agg(p.col, jsonb_strip_nulls(jsonb_build_object('filled', p.filled,
        'replaced', p.replaced, 'blanked', p.blanked, 'kept', p.kept, 'standing', p.standing))), '{}')
      from sync.planned_columns p
      where p.run_id = run.id
    ),
    'samples', (
      select coalesce(jsonb_agg(jsonb_build_object('effect', s.effect, 'column', s.col,
        'external_id', s.external_id, 'stands', s.stands, 'sent', s.sent) order by s.id), '[]')
      from sync.planned_samples s
      where s.run_id = run.id
    )
  )
$$;
comment on function sync.plan_of(sync.runs) is
  'What a run would do: counts of rows, counts of values by column, a few samples. Columns in which nothing differs are
   left out.';

create function sync.replaced_at_first(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(p.col, jsonb_build_array(p.replaced, p.standing) order by p.replaced desc, p.col)
  from sync.planned_columns p
  where p.run_id = run.id and run.is_first and p.replaced > 0
$$;
comment on function sync.replaced_at_first(sync.runs) is
  'For the first run of a stream, of each column how many values it replaces, and how many stood there; NULL where it
   replaces none.';

create function sync.report(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'run_id', run.id, 'stream', run.stream, 'status', run.status, 'step', run.step, 'mark', run.mark,
    'dry_run', run.dry_run, 'slices', run.slices, 'not_before', run.not_before,
    'started_by', run.started_by, 'started_at', run.started_at, 'finished_at', run.finished_at,
    'counters', jsonb_build_object(
      'total', run.total_count, 'fetched', run.fetched, 'staged', run.staged,
      'rejected', run.rejected + run.refused, 'duplicates', run.duplicates, 'unknown_fields', run.unknown_fields,
      'inserted', run.inserted, 'updated', run.updated,
      -- Nothing was left alone by a run that has not written, or never will.
      'unchanged', case when run.step = 'finish' and run.status <> 'tripped' and not run.dry_run
        then run.staged - run.refused - run.inserted - run.updated end,
      'kept', run.kept, 'missing', run.missing
    ),
    'milliseconds', run.timings, 'error', run.error, 'replaced_at_first', sync.replaced_at_first(run)
  ) || case
    when run.status = 'running' then '{}'
    else jsonb_build_object('unposted_alerts', sync.count_unposted(), 'checks', (
      select coalesce(jsonb_object_agg(c.name, jsonb_build_object('expected', c.expected, 'found', c.found,
        'passed', c.passed)), '{}')
      from sync.checks c
      where c.run_id = run.id
    ))
  end || case
    when run.dry_run or run.status = 'tripped' then jsonb_build_object('plan', sync.plan_of(run))
    else '{}'
  end
$$;
comment on function sync.report(sync.runs) is
  'What callers are told of a run; with its plan where it wrote nothing: of a dry or tripped run.';

create function public.sync_list_runs(stream text default null, row_limit integer default 20)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  perform sync.check_stream(stream);
  return (
    select coalesce(jsonb_agg(sync.report(r) - 'checks' - 'plan' - 'unposted_alerts' order by r.id desc), '[]')
    from (
      select o.*
      from sync.runs o
      where o.stream = sync_list_runs.stream or sync_list_runs.stream is null
      order by o.id desc
      limit row_limit
    ) newest
    join sync.runs r on r.id = newest.id
  );
end;
$$;
comment on function public.sync_list_runs(text, integer) is
  'The newest runs of a stream or of all streams, newest first. PT404 for an unknown stream.';

create function public.sync_show_run(run_id bigint)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.find_run(run_id);
begin
  return sync.report(run) || jsonb_build_object(
    'is_replay', run.is_replay, 'allow', run.allow, 'reverted_at', run.reverted_at, 'plan', sync.plan_of(run),
    'checks', (
      select coalesce(jsonb_object_agg(c.name, jsonb_build_object('is_binding', c.is_binding, 'expected', c.expected,
        'found', c.found, 'passed', c.passed)), '{}')
      from sync.checks c
      where c.run_id = run.id
    ));
end;
$$;
comment on function public.sync_show_run(bigint) is
  'A run with its checks, its plan, and samples of what it inserted, replaced, blanked and kept. PT404 for an unknown
   run.';

-- From supabase/schemas/sync/finish.sql

-- finish: rows that the source does not have any more are marked missing, never deleted, and only when two complete
-- reads in a row lack them. Then the checks are counted, and the run ends.

create function sync.unstored_reasons(run sync.runs)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(E'\n', (
    select string_agg(format('%s%s: %s', case when b.path <> '' then b.path || ', ' end, b.count, b.reason), E'\n'
      order by b.count desc, b.path)
    from (
      select j.path, count(*), min(j.reason) as reason
      from sync.rejected_records j
      where j.run_id = run.id
      group by j.path
      order by count(*) desc, j.path
      limit 3
    ) b
  ), case when run.unclear > 0 then format('%s with a field for which %s answered an error', run.unclear,
    (sync.source_of(run.stream)).label) end)
$$;
comment on function sync.unstored_reasons(sync.runs) is
  'Why records of a run were not stored: the three most frequent fields or constraints, each with one of its reasons.';

create function sync.why_degraded(run sync.runs)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', 'run_degraded',
    'message', format('run %s of %s could not store %s of %s records as they are', run.id, run.stream, found.bad,
      run.staged + run.rejected),
    'details', sync.unstored_reasons(run),
    'hint', format('All others are stored. etiquette rejected %s lists those that are not; in docs/operations.md: a '
      'degraded run.', run.id)
  )
  from sync.streams s
  cross join lateral (select run.rejected + run.refused + run.unclear as bad) found
  -- A replay reads nothing but records that were bad before.
  where s.stream = run.stream and not run.is_replay
    and found.bad > 1 and found.bad > s.max_unstored * (run.staged + run.rejected)
$$;
comment on function sync.why_degraded(sync.runs) is
  'The error of a run that left more records unstored than its stream allows, or NULL.';

create function sync.mark_missing(run sync.runs)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass := (select s.target from sync.streams s where s.stream = run.stream);
  marked integer;
begin
  if run.dry_run or not sync.proves_absence(run) then
    return 0;
  elsif run.lacking = 0 then
    delete from sync.absent_records a where a.stream = run.stream;
    return 0;
  end if;
  execute format(
    $sql$
      with lacking as materialized (select * from %2$s l),
      forgotten as (
        delete from sync.absent_records a where a.stream = $2
      ), remembered as (
        insert into sync.absent_records (stream, external_id)
        select $2, l.external_id from lacking l where l.missing_since is null
      ), marked as (
        update %1$s live
        set missing_since = lacking.missing_since
        from lacking
        where live.external_id = lacking.external_id and lacking.missing_since is not null
        returning live.external_id, live.missing_since
      ), noted as (
        insert into sync.changes (run_id, external_id, was, became)
        select $1, m.external_id, '{"missing_since": null}', jsonb_build_object('missing_since', m.missing_since)
        from marked m
      )
      select count(*) from marked
    $sql$, target, sync.lacking_sql(run)) into marked using run.id, run.stream;
  return marked;
end;
$$;
comment on function sync.mark_missing(sync.runs) is
  'Marks rows missing that two complete reads in a row did not contain, or one that was allowed to lose rows. The mark
   goes when apply writes the row again.';

create function sync.end_run(run sync.runs, timings jsonb)
returns sync.runs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  marked integer := sync.mark_missing(run);
  passed boolean := sync.check_run(run);
  unstored jsonb := sync.why_degraded(run);
begin
  update sync.runs r
  set status = case
        when unstored is not null then 'degraded'
        when sync.is_complete(r) and passed then 'complete'
        else 'partial'
      end,
      error = unstored,
      missing = marked,
      lease = null,
      timings = sync.add_timings(r.timings, end_run.timings),
      finished_at = clock_timestamp()
  where r.id = run.id
  returning * into run;
  perform sync.update_alerts(run);
  perform sync.check_access((sync.source_of(run.stream)).source);
  return run;
end;
$$;
comment on function sync.end_run(sync.runs, jsonb) is
  'Ends a run: degraded when it left too many records unstored, complete when it read as many ids as the source has and
   every binding check passed, else partial.';

create function public.sync_finish_run(run_id bigint, lease uuid, timings jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'finish');
begin
  perform sync.act_as_source(run.stream);
  run := sync.end_run(run, timings);
  return sync.report(run);
end;
$$;
comment on function public.sync_finish_run(bigint, uuid, jsonb) is
  'Ends a run: degraded when it left too many records unstored, complete when it read as many ids as the source has and
   every binding check passed, else partial. timings has the milliseconds that the caller spent, by activity.';

-- From supabase/schemas/sync/revert.sql

-- Undo: what a run changed is put back where nothing newer stands there. The role is that of the source, as in any
-- write of
-- a run, so that the ownership policies apply, and nobody owns what is put back.

create function sync.revert_sql(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    $sql$
      with cell as materialized (
        select c.external_id, w.key as col, w.value as was, live.tuple is not null as is_there,
          coalesce(live.tuple -> w.key, 'null') as stands,
          coalesce(live.tuple -> w.key, 'null') = c.became -> w.key as is_ours
        from sync.changes c
        cross join lateral jsonb_each(c.was) w
        left join lateral (
          select to_jsonb(l) as tuple from %1$s l where l.external_id = c.external_id
        ) live on true
        where c.run_id = $1
      ), back as (
        select c.external_id, jsonb_object_agg(c.col, c.was) as payload
        from cell c
        where c.is_ours and c.is_there
        group by c.external_id
      ), updated as (
        update %1$s live
        set (%2$s) = (select %3$s from jsonb_populate_record(live, back.payload) sent)
        from back
        where live.external_id = back.external_id
        returning live.external_id, to_jsonb(live) as tuple
      )
      select c.external_id, c.col::name, case
          when not c.is_there then 'gone'
          when not c.is_ours then 'newer'
          when coalesce(u.tuple -> c.col, 'null') = c.was then 'put back'
          else 'kept'
        end, c.stands, c.was
      from cell c
      left join updated u on u.external_id = c.external_id
      order by c.external_id, c.col
    $sql$,
    target, string_agg(format('%I', c.name), ', '), string_agg(format('sent.%I', c.name), ', '))
  from (
    select s.name from sync.columns_of(revert_sql.target) s
    union all
    select 'missing_since'
  ) c
$$;
comment on function sync.revert_sql(regclass) is
  'The SQL that puts back what a run ($1) changed, and says of each cell whether it could.';

create function sync.delete_insertions(run sync.runs)
returns table (external_id text, action text)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute format(
    $sql$
      with inserted as materialized (
        select i.version, k.external_id, k.place
        from sync.insertions i, unnest(i.external_ids, i.places) k (external_id, place)
        where i.run_id = $1
      ), deleted as (
        delete from %1$s live
        using inserted i
        where live.external_id = i.external_id and live.xmin = i.version and live.ctid = i.place
        returning live.external_id
      )
      select i.external_id,
        case when d.external_id is not null then 'deleted' when live.external_id is not null then 'newer' else 'gone' end
      from inserted i
      left join deleted d on d.external_id = i.external_id
      left join %1$s live on live.external_id = i.external_id
      order by i.external_id
    $sql$, (select s.target from sync.streams s where s.stream = run.stream)) using run.id;
end;
$$;
comment on function sync.delete_insertions(sync.runs) is
  'Deletes the rows that a run inserted and that nobody wrote since. Security definer, because the role of a source may
   not delete.';

create function sync.revert_cells(run sync.runs)
returns table (external_id text, col name, action text, stands jsonb, put_back jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute sync.revert_sql((select s.target from sync.streams s where s.stream = run.stream)) using run.id;
  return query select d.external_id, null::name, d.action, null::jsonb, null::jsonb from sync.delete_insertions(run) d;
end;
$$;
comment on function sync.revert_cells(sync.runs) is
  'Puts back the cells that a run changed, then deletes the rows that it inserted.';

create function sync.revert(run_id bigint, dry_run boolean default false)
returns table (external_id text, col name, action text, stands jsonb, put_back jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs;
  outcome jsonb;
begin
  select * into run from sync.runs r where r.id = revert.run_id for update;
  if run.id is null then
    raise exception 'there is no run %', revert.run_id using
      errcode = 'PT404',
      hint = 'See sync.runs.';
  end if;
  if run.finished_at is null then
    raise exception 'run % is not over', run.id using
      errcode = 'PT409',
      hint = 'Switch the stream off (sync.streams.is_enabled), and take the run back once it has ended.';
  end if;
  perform sync.act_as_source(run.stream);
  begin
    select jsonb_agg(to_jsonb(c)) into outcome from sync.revert_cells(run) c;
    update sync.runs r set reverted_at = clock_timestamp() where r.id = run.id;
    if revert.dry_run then
      raise exception using errcode = 'SY000';
    end if;
  exception
    -- A dry run does everything, and rolls it back.
    when sqlstate 'SY000' then
      null;
  end;
  return query
  select o.external_id, o.col, o.action, o.stands, o.put_back
  from jsonb_to_recordset(outcome) o (external_id text, col name, action text, stands jsonb, put_back jsonb);
end;
$$;
comment on function sync.revert(bigint, boolean) is
  'Reverts a run. Returns a row for each cell that it changed, and for each row that it inserted (without a column). The
   action is put back or deleted; newer, where something else stands there by now; kept, where ownership keeps what
   stands there; gone, where there is no such row any more. PT404 for an unknown run, PT409 for one that is not over.';

create function public.sync_revert_run(run_id bigint, dry_run boolean default true, row_limit integer default 20)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.find_run(run_id);
begin
  return (
    with cell as materialized (
      select * from sync.revert(run.id, coalesce(sync_revert_run.dry_run, true))
    )
    select jsonb_build_object('run_id', run.id, 'stream', run.stream, 'dry_run', coalesce(dry_run, true),
      'stream_enabled', (select s.is_enabled from sync.streams s where s.stream = run.stream),
      'actions', (
        select coalesce(jsonb_object_agg(a.action, a.times), '{}')
        from (select c.action, count(*) as times from cell c group by c.action) a
      ),
      'samples', (
        select coalesce(jsonb_agg(to_jsonb(s)), '[]')
        from (select * from cell c where c.col is distinct from 'updated_at' limit row_limit) s
      ))
  );
end;
$$;
comment on function public.sync_revert_run(bigint, boolean, integer) is
  'Reverts a run as sync.revert does, by default as a dry run. Returns counts by action, and a few cells. PT404 for an
   unknown run, PT409 for one that is not over.';

-- From supabase/schemas/sync/replay.sql

-- Replay: rejected records are read again by a run of their own, once their reason is fixed.

create function sync.replayable(ids bigint[])
returns table (id bigint, stream text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select distinct on (r.stream, coalesce(j.external_id, j.id::text)) j.id, r.stream
  from sync.rejected_records j
  join sync.runs r on r.id = j.run_id
  where j.id = any(replayable.ids)
    and j.replayed_by is null
    -- A later run that read everything has read the record again, and stored or rejected it.
    and not exists (
      select from sync.runs l
      where l.stream = r.stream and l.id > r.id and l.status in ('complete', 'degraded') and not l.dry_run and not l.is_replay
    )
  order by r.stream, coalesce(j.external_id, j.id::text), j.id desc
$$;
comment on function sync.replayable(bigint[]) is
  'Of these rejected records the newest of each id, unless a later complete run has read them again.';

create function sync.begin_replay(ids bigint[], started_by text)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  chosen bigint[];
  chosen_stream text;
  run sync.runs;
begin
  select array_agg(p.id), min(p.stream) into chosen, chosen_stream from sync.replayable(ids) p;
  if chosen is null then
    raise exception 'there is nothing to replay' using
      errcode = 'PT404',
      detail = 'There are no such records, or a later complete run has read them anew.',
      hint = 'See sync.rejected_records. What is still rejected is among those of the last run.';
  end if;
  perform pg_advisory_xact_lock(hashtext('sync.start'), hashtext(chosen_stream));
  if exists (select from sync.runs r where r.stream = chosen_stream and r.status in ('running', 'paused')) then
    raise exception 'stream % is being synced', chosen_stream using
      errcode = 'PT409',
      hint = 'Wait for the run to end, then replay.';
  end if;
  perform sync.act_as_source(chosen_stream);
  run := sync.begin_run(chosen_stream, started_by, null, false, '{}');
  update sync.runs r
  set is_replay = true, status = 'paused', lease = null, slices = 0, total_count = cardinality(chosen)
  where r.id = run.id;
  update sync.rejected_records j
  set replayed_by = run.id
  from sync.runs r
  where j.id = any(chosen) and r.id = j.run_id and r.stream = chosen_stream;
  return run.id;
end;
$$;
comment on function sync.begin_replay(bigint[], text) is
  'Inserts a run of rejected records, paused: the next call of the stream''s function carries it out.';

create function sync.replay_rejected(ids bigint[])
returns bigint
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.begin_replay(ids, 'replay of ' || cardinality(ids) || ' records')
$$;
comment on function sync.replay_rejected(bigint[]) is
  'Begins a run that reads rejected records of a stream again; the next call of the stream''s function carries it out.
   Returns the id of the run. PT404 where there is nothing to replay, PT409 while the stream is being synced.';

create function sync.replay_rejected(run_id bigint)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.begin_replay(
    array(select j.id from sync.rejected_records j where j.run_id = replay_rejected.run_id),
    'replay of run ' || replay_rejected.run_id)
$$;
comment on function sync.replay_rejected(bigint) is 'The same for all records that a run rejected.';

create function public.sync_begin_replay(run_id bigint default null)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  asked bigint[];
  chosen record;
  begun bigint[] := '{}';
begin
  if run_id is not null then
    perform sync.find_run(run_id);
  end if;
  asked := array(
    select j.id from sync.rejected_records j
    where j.run_id = sync_begin_replay.run_id or sync_begin_replay.run_id is null
  );
  for chosen in
    select p.stream, array_agg(p.id) as ids from sync.replayable(asked) p group by p.stream order by p.stream
  loop
    begun := begun || sync.begin_replay(chosen.ids, format('replay of %s records', cardinality(chosen.ids)));
  end loop;
  if begun = '{}' then
    perform sync.begin_replay('{}', 'replay of nothing');
  end if;
  return (select jsonb_agg(sync.report(r) order by r.id) from sync.runs r where r.id = any(begun));
end;
$$;
comment on function public.sync_begin_replay(bigint) is
  'For each stream begins a run that reads its rejected records again, those of one run or all; the next call of the
   stream''s function carries it out. PT404 where there is nothing to replay, PT409 while the stream is being synced.';

create function public.sync_read_rejected(run_id bigint, lease uuid, after bigint, row_limit integer default 200)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
declare
  run sync.runs := sync.hold(run_id, lease, 'stage');
begin
  return (
    select jsonb_build_object(
      -- As text, because jsonb could not hold every payload.
      'records', coalesce(jsonb_agg(jsonb_build_object('is_mapped', j.is_mapped, 'payload', j.payload::text)
        order by j.id), '[]'),
      'last', max(j.id), 'is_last', count(*) < row_limit, 'total_count', run.total_count)
    from (
      select q.*
      from sync.rejected_records q
      where q.replayed_by = run.id and q.id > sync_read_rejected.after
      order by q.id
      limit row_limit
    ) j
  );
end;
$$;
comment on function public.sync_read_rejected(bigint, uuid, bigint, integer) is
  'The next records of a replay, after the rejected record with this id.';

-- From supabase/schemas/sync/grants.sql

-- Who may run the sync: the service role calls public.sync_*, which begin as sync_worker. What its functions may call
-- is granted here; what comes after this file (the schedule) is for the owner alone.

revoke execute on all functions in schema sync from public, anon, authenticated, service_role;
grant execute on all functions in schema sync to sync_worker;
revoke execute on function
  sync.secret, sync.keep_secret, sync.register_source, sync.register_stream, sync.add_check, sync.watch_reference,
  sync.set_access_alert
from sync_worker;

do $$
declare
  entry regprocedure;
begin
  for entry in
    select p.oid::regprocedure
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname like 'sync\_%'
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', entry);
    execute format('grant execute on function %s to service_role', entry);
  end loop;
end $$;

-- From supabase/schemas/sync/jobs.sql

-- The jobs of the schedule, and the calls that they made. sync.schedule hands the jobs to pg_cron.

create function sync.is_schedule_field(field text, low integer, high integer)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- As pg_cron reads it, without names of days or months. A step needs a range: pg_cron would ignore another one
  -- silently.
  select bool_and(
    p.parts is not null
    and coalesce(p.parts[4], p.parts[1], low::text)::integer >= low
    and coalesce(p.parts[4], p.parts[2], high::text)::integer <= high
    and coalesce(p.parts[1], '0')::integer <= coalesce(p.parts[2], '99')::integer
    and coalesce(p.parts[3], '1')::integer between 1 and high)
  from regexp_split_to_table(field, ',') part
  left join lateral regexp_matches(part, '^(?:(?:\*|(\d{1,2})-(\d{1,2}))(?:/(\d{1,2}))?|(\d{1,2}))$') p (parts) on true
$$;
comment on function sync.is_schedule_field(text, integer, integer) is
  'Whether a field of a schedule is a list of *, numbers and ranges, with steps.';

create function sync.is_schedule(schedule text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select cardinality(f.fields) = 5 and (
    select bool_and(coalesce(sync.is_schedule_field(f.fields[b.place], b.low, b.high), false))
    from (values (1, 0, 59), (2, 0, 23), (3, 1, 31), (4, 1, 12), (5, 0, 7)) b (place, low, high)
  )
  from (select string_to_array(schedule, ' ') as fields) f
$$;
comment on function sync.is_schedule(text) is
  'Whether a text is a schedule: minute, hour, day of the month, month, day of the week, one space between.';

create table sync.jobs (
  job text primary key check (job ~ '^[a-z]+(-[a-z]+)*$'),
  purpose text not null,
  stream text unique references sync.streams,
  edge_function text unique check (edge_function ~ '^[a-z][a-z0-9-]*$'),
  work text,
  schedule text not null,
  is_on boolean not null default true,
  timeout_milliseconds integer not null default 60000 check (timeout_milliseconds between 1000 and 400000),
  on_since timestamptz not null default clock_timestamp(),
  -- A schedule that pg_cron would refuse or misread is refused here.
  constraint jobs_schedule_is_one check (sync.is_schedule(schedule)),
  -- A job is done either by an edge function or in the database.
  constraint jobs_have_one_way check (num_nonnulls(edge_function, work) = 1),
  -- A stream is synced by an edge function.
  constraint jobs_stream_has_function check (stream is null or edge_function is not null)
);
comment on table sync.jobs is
  'What is done on schedule, by an edge function or in the database. sync.schedule and sync.unschedule change it.';
comment on column sync.jobs.work is
  'A call of the function that does it in the database. The function returns what went wrong, or NULL.';
comment on column sync.jobs.schedule is 'Minute, hour, day of the month, month, day of the week; in UTC.';
comment on column sync.jobs.is_on is 'Whether the job is among those that sync.schedule() hands to pg_cron.';
comment on column sync.jobs.timeout_milliseconds is
  'How long pg_net waits for an answer: a slice takes 25 s, and then finishes its page.';
comment on column sync.jobs.on_since is 'Since when pg_cron has the job. A stream is late only some time after that.';

create function sync.register_job(
  job text,
  purpose text,
  schedule text,
  stream text default null,
  edge_function text default null,
  work regprocedure default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.jobs as j (job, purpose, schedule, stream, edge_function, work)
  values (job, purpose, schedule, stream, edge_function, work::text)
  on conflict on constraint jobs_pkey do update
  set purpose = excluded.purpose, stream = excluded.stream, edge_function = excluded.edge_function, work = excluded.work
$$;
comment on function sync.register_job(text, text, text, text, text, regprocedure) is
  'Adds a job, done by an edge function or in the database, or changes it; but the schedule of a job that exists stays.
   sync.schedule hands it to pg_cron.';

create table sync.calls (
  id bigint generated always as identity primary key,
  job text not null references sync.jobs on update cascade on delete cascade,
  called_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  answered_at timestamptz,
  status integer,
  outcome text not null default 'waiting' check (outcome in ('waiting', 'ok', 'failed')),
  error text,
  -- A call has an outcome exactly when it is over.
  constraint calls_judged_have_ended check ((outcome = 'waiting') = (answered_at is null)),
  -- A failed call says why.
  constraint calls_failed_has_error check ((outcome = 'failed') = (error is not null))
);
create index calls_job_idx on sync.calls (job, id);
create index calls_waiting_idx on sync.calls (request_id) where outcome = 'waiting';
comment on table sync.calls is
  'The calls of the jobs, and how they ended. A cron run that "succeeded" only put a request into pg_net''s queue.';
comment on column sync.calls.request_id is 'The request in pg_net''s queue; NULL for work in the database.';
comment on column sync.calls.status is 'The HTTP status of the answer; NULL where there was none.';

-- From supabase/schemas/sync/calls.sql

-- What pg_cron does for a job: it calls an edge function through pg_net, or a function in the database. Key and address
-- are
-- read from Vault each time, and are in no cron job, table or message.

create function sync.schedule_lacks()
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select array_remove(array[
    case when to_regprocedure('cron.schedule(text, text, text)') is null then 'the extension pg_cron' end,
    case when to_regclass('net._http_response') is null then 'the extension pg_net' end,
    case when sync.secret('project_url') is null then 'the secret project_url in Vault' end,
    case when sync.secret('cron_secret_key') is null then 'the secret cron_secret_key in Vault' end
  ], null)
$$;
comment on function sync.schedule_lacks() is 'What the schedule needs and this database lacks.';

create function sync.note_call(job text, problem text default null)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Jobs that succeed every minute leave one row, and not 1,440 a day.
  delete from sync.calls c
  where c.job = note_call.job and c.outcome = 'ok' and c.request_id is null and note_call.problem is null;

  insert into sync.calls (job, answered_at, outcome, error)
  values (note_call.job, clock_timestamp(), case when problem is null then 'ok' else 'failed' end, problem)
$$;
comment on function sync.note_call(text, text) is
  'Notes a call that is over at once: work in the database, or a call that could not be made.';

create function sync.call_function(job text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  called sync.jobs := (select j from sync.jobs j where j.job = call_function.job);
  lacks text[];
  request bigint;
begin
  lacks := sync.schedule_lacks();
  if cardinality(lacks) > 0 then
    perform sync.note_call(called.job, 'missing: ' || array_to_string(lacks, ', '));
    return;
  end if;
  request := net.http_post(
    url := rtrim(sync.secret('project_url'), '/') || '/functions/v1/' || called.edge_function,
    body := '{}',
    headers := jsonb_build_object('Content-Type', 'application/json', 'apikey', sync.secret('cron_secret_key')),
    timeout_milliseconds := called.timeout_milliseconds
  );
  insert into sync.calls (job, request_id) values (called.job, request);
exception when others then
  -- Also where Vault cannot be read. The message may name the address, and never the key.
  perform sync.note_call(called.job, sqlerrm);
end;
$$;
comment on function sync.call_function(text) is
  'Puts a call of a job''s edge function into pg_net''s queue, with the key from Vault, and notes it.';

create function sync.judge_answer(status integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- 409 (busy) and 423 (switched off) are answers of a function that works as it should.
  select case when status between 200 and 299 or status in (409, 423) then 'ok' else 'failed' end
$$;
comment on function sync.judge_answer(integer) is 'Whether an HTTP status means that a call succeeded: ok or failed.';

create function sync.message_in(content text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return left(coalesce(content::jsonb #>> '{error, message}', content::jsonb ->> 'message', content), 300);
exception when others then
  -- Not JSON: perhaps the error page of a gateway.
  return left(content, 300);
end;
$$;
comment on function sync.message_in(text) is 'The error message in an answer, at most 300 characters.';

create function sync.collect_answers()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('net._http_response') is null then
    return;
  end if;
  update sync.calls c
  set answered_at = r.created,
      status = r.status_code,
      outcome = coalesce(sync.judge_answer(r.status_code), 'failed'),
      error = case when sync.judge_answer(r.status_code) = 'ok' then null
        else coalesce(r.error_msg, 'answered ' || r.status_code || coalesce(': ' || sync.message_in(r.content), ''),
          'no answer in time') end
  from net._http_response r
  -- After a crash of the server pg_net counts its requests from 1 again: an older answer may have the same number.
  where r.id = c.request_id and r.created >= c.called_at and c.outcome = 'waiting';

  update sync.calls c
  set answered_at = clock_timestamp(), outcome = 'failed', error = 'no answer: pg_net never sent it, or lost it'
  from sync.jobs j
  where c.job = j.job and c.outcome = 'waiting'
    and c.called_at < clock_timestamp() - make_interval(secs => j.timeout_milliseconds / 1000.0) - interval '2 minutes';
end;
$$;
comment on function sync.collect_answers() is 'Notes the answers of the edge functions, before pg_net drops them.';

create function sync.resume_run()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  next text := (
    select j.job
    from sync.runs r
    join sync.jobs j on j.stream = r.stream
    join sync.streams s on s.stream = r.stream
    where r.status in ('running', 'paused') and j.is_on and s.is_enabled
      and not sync.is_held(r) and not sync.must_wait(r)
      -- One call at a time reads from a source.
      and not exists (
        select from sync.runs h
        join sync.streams o on o.stream = h.stream and o.source = s.source
        where h.status = 'running' and sync.is_held(h))
      and not exists (
        select from sync.calls c
        join sync.jobs b on b.job = c.job
        join sync.streams o on o.stream = b.stream and o.source = s.source
        where c.outcome = 'waiting')
    -- They take turns: the one comes first that was called longest ago.
    order by r.lease_until, r.id
    limit 1
  );
begin
  if next is not null then
    perform sync.call_function(next);
  end if;
end;
$$;
comment on function sync.resume_run() is
  'Calls the function of a run that nobody works on and whose source nobody is reading: the one that waits longest.';

create function sync.resume()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.collect_answers();
  perform sync.resume_run();
  return null;
end;
$$;
comment on function sync.resume() is 'The work of the job resume: continues a run that nobody works on.';

create function sync.work(job text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  execute 'select ' || (select j.work from sync.jobs j where j.job = work.job) into problem;
  perform sync.note_call(job, problem);
exception when others then
  -- What the job did is rolled back. That it failed is noted.
  perform sync.note_call(job, sqlerrm);
end;
$$;
comment on function sync.work(text) is 'Does the work of a job in the database, and notes how it went.';

create function sync.check_job(job text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from sync.jobs j where j.job = check_job.job) then
    raise exception 'there is no job %', check_job.job using
      errcode = 'PT404',
      hint = 'Jobs: ' || (select string_agg(j.job, ', ' order by j.job) from sync.jobs j);
  end if;
end;
$$;
comment on function sync.check_job(text) is 'Raises PT404 where there is no such job.';

create function sync.tick(job text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.check_job(job);
  if (select j.edge_function is not null from sync.jobs j where j.job = tick.job) then
    perform sync.call_function(job);
  else
    perform sync.work(job);
  end if;
end;
$$;
comment on function sync.tick(text) is
  'The command of a job''s cron job: calls its edge function, or does its work in the database. PT404 for an unknown
   job.';

select sync.register_job('resume', 'go on with a run that is paused, or whose holder is gone', '* * * * *',
  work => 'sync.resume()');

-- From supabase/schemas/sync/looks.sql

-- Looks: the state of the shop is put together from them. A look compares what should be with what is, and returns
-- findings. What should be comes from claims, from runs and from the schedule, never from the table that is looked at.

create type sync.finding as (
  code text,
  name text,
  state text,
  message text,
  details text[],
  hint text,
  expected bigint,
  found bigint,
  job text,
  times integer
);
comment on type sync.finding is
  'What a look found: a stable code, what was looked at, its state (sync.gravity), what is so, examples, what to do, and
   where something is counted what was expected and found. job: whose alert the watch raises about it; NULL: none.
   times: what the alert counts.';

create table sync.looks (
  look text primary key check (look ~ '^[a-z]+( [a-z]+)*$'),
  work text not null,
  quick text,
  is_deep boolean not null default false,
  place integer not null generated always as identity
);
comment on table sync.looks is
  'What the state is put together from. A deep look takes long: the job verify and etiquette verify take it, and the
   watch while an alert of it is open.';
comment on column sync.looks.work is 'A call of the function that looks; it returns a set of sync.finding.';
comment on column sync.looks.quick is
  'A look in its place that is quick while all is well, for who asks every minute. The watch and the doctor take the
   whole one.';

create function sync.register_look(
  look text,
  work regprocedure,
  is_deep boolean default false,
  quick regprocedure default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.looks as l (look, work, is_deep, quick)
  values (look, work::text, is_deep, quick::text)
  on conflict on constraint looks_pkey do update
  set work = excluded.work, is_deep = excluded.is_deep, quick = excluded.quick
$$;
comment on function sync.register_look(text, regprocedure, boolean, regprocedure) is
  'Adds a look to the state, or changes it. The arguments are the columns of sync.looks.';

create function sync.gravity(state text)
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- What nobody knows is no better than what cannot be told.
  select coalesce(array_position(array['well', 'notice', 'degraded', 'failed', 'cannot tell', 'lost'], state), 5)
$$;
comment on function sync.gravity(text) is
  'How grave a state is. well; notice: somebody should know, and all is well; degraded: it goes on with less; failed: a
   protection, a sync or an alarm is out of order; cannot tell: a look failed; lost: values or rows are gone.';

create function sync.take_look(look sync.looks, is_quick boolean)
returns setof sync.finding
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- A table that somebody holds locked must not stop the other looks.
set lock_timeout = '1s'
set jit = off
as $$
declare
  taken sync.finding[];
begin
  -- All of them or none: rows that were returned before an error would stay.
  execute format('select array_agg(f) from %s f', case when is_quick then coalesce(look.quick, look.work) else look.work end)
    into taken;
  return query select f.* from unnest(taken) f;
exception when others then
  return query select 'cannot_tell', look.look, 'cannot tell', format('the look at it failed: %s', sqlerrm),
    array['SQLSTATE ' || sqlstate], 'etiquette verify looks again; in docs/operations.md: cannot tell.',
    null::bigint, null::bigint, 'watch', null::integer;
end;
$$;
comment on function sync.take_look(sync.looks, boolean) is
  'The findings of a look. One that fails is a finding itself, and stops no other.';

create function sync.findings(depth text default 'quick', with_open boolean default false)
returns table (
  look text, place integer, code text, name text, state text, message text, details text[], hint text,
  expected bigint, found bigint, job text, times integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.look, l.place, f.*
  from sync.looks l
  cross join lateral sync.take_look(l, depth = 'quick') f
  where depth = 'deep' or not l.is_deep
    or with_open and exists (select from sync.alerts a where l.look = any (a.looks) and a.resolved_at is null)
  order by l.place
$$;
comment on function sync.findings(text, boolean) is
  'The findings of the looks, also of what is well. depth: quick, whole, or deep, which takes deep looks too; with_open:
   also the deep ones of which an alert is open.';

create function sync.state_of(states text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select (array['well', 'well', 'degraded', 'failed', 'cannot tell', 'lost'])[coalesce(max(sync.gravity(s)), 5)]
  from unnest(states) s
$$;
comment on function sync.state_of(text[]) is
  'One state for many: the gravest, where a notice is well. Without any it cannot be told.';

-- From supabase/schemas/sync/looks_at_values.sql

-- Looks at what should stand in the tables: values that are claimed, rows that the last read saw, and the protection.

create function sync.look_at_values()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with wrong as materialized (
    select format('%s.%s', v.tbl, v.col) as col, v.key, v.problem <> 'cannot be compared' as is_lost
    from ownership.verify(with_drill => false) v
  ), by_column as (
    select w.col, count(*) as values from wrong w group by w.col
  ), counted as (
    select (select count(*) from ownership.claims) as claimed, count(*) as wrong,
      coalesce(bool_or(w.is_lost), false) as is_lost
    from wrong w
  )
  select 'values_lost', 'protected values',
    case when c.wrong = 0 then 'well' when c.is_lost then 'lost' else 'cannot tell' end,
    case when c.wrong = 0 then 'every value that somebody owns stands in its place'
      else (select string_agg(format('%s of %s', b.values, b.col), ', ' order by b.values desc, b.col) from by_column b)
        || case when c.is_lost then ' are not what their owners wrote' else ' cannot be compared' end end,
    (select array_agg(e.cell order by e.cell) from (
      select format('%s of %s', w.col, w.key) as cell from wrong w order by 1 limit 5) e),
    case when c.wrong > 0 then 'etiquette restore --now --apply, and without --apply what it would do' end,
    c.claimed, c.claimed - c.wrong, 'watch', null::integer
  from counted c
$$;
comment on function sync.look_at_values() is 'Compares each claim with the cell that it is about, where the row is there.';

create function sync.look_at_claimed_rows()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.name, replace(c.name, '_', ' '),
    case when k.stands < k.claimed then 'lost' else 'well' end,
    format('%s of %s that people or notes claim', k.stands, k.claimed),
    k.examples, case when k.stands < k.claimed then 'etiquette restore --now --apply; etiquette sync --all' end,
    k.claimed, k.stands, 'watch', null::integer
  from sync.stream_checks c
  cross join lateral (
    select count(*) as claimed, count(*) filter (where r.stands) as stands,
      (array_agg(r.key order by r.key) filter (where not r.stands))[:5] as examples
    from sync.claimed_rows(c.stream, c.name) r
  ) k
  where c.claimed is not null
  order by c.name
$$;
comment on function sync.look_at_claimed_rows() is
  'For each check whose rows are claimed, such as institutions: rows that claims say are there, and those that are.';

create function sync.look_at_rows()
returns setof sync.finding
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  read record;
  there bigint;
begin
  for read in
    select s.stream, s.target, last.id, (last.staged - last.refused)::bigint as rows
    from sync.streams s
    cross join lateral (
      select r.id, r.staged, r.refused
      from sync.runs r
      where r.stream = s.stream and r.status in ('complete', 'degraded', 'partial') and sync.is_complete(r)
        and not r.dry_run and not r.is_replay and r.reverted_at is null
      order by r.id desc
      limit 1
    ) last
    order by s.stream
  loop
    -- A row that is marked missing was not in that read.
    execute format('select count(*) from %s live where live.missing_since is null', read.target) into there;
    return query
    select 'rows_lost', format('rows of %s', read.stream), case when there < read.rows then 'lost' else 'well' end,
      format('%s, and run %s left %s', there, read.id, read.rows), null::text[],
      case when there < read.rows
        then format('etiquette sync %s brings them back, with what people own.', read.stream) end,
      read.rows, least(there, read.rows), 'watch', null::integer;
  end loop;
end;
$$;
comment on function sync.look_at_rows() is
  'Compares the rows of each stream with those that its last read of everything left there.';

create function sync.look_at_protection()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with problems as materialized (
    select format('%s: %s', h.problem, h.object) as problem, h.hint from ownership.health() h
  )
  select 'protection_weakened', 'protection', case when count(*) = 0 then 'well' else 'failed' end,
    case when count(*) = 0 then 'every trigger, function and policy is in place'
      else min(p.problem) || case when count(*) > 1 then format(', and %s more', count(*) - 1) else '' end end,
    (array_agg(p.problem order by p.problem))[:5],
    case when count(*) > 0 then 'etiquette health' end, 0::bigint, count(*), 'watch', null::integer
  from problems p
$$;
comment on function sync.look_at_protection() is 'Whether ownership.health finds anything.';

create function sync.look_at_alarms()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with hint as materialized (
    select exists (select from ownership.alarms a where a.over_at is null)
      or exists (select from sync.alerts a where a.kind = 'protection_weakened' and a.resolved_at is null) as is_given
  )
  select f.* from sync.look_at_protection() f where (select h.is_given from hint h)
  union all
  select 'protection_weakened', 'protection', 'well', 'nothing was taken away, as far as the watch and the alarms know',
    null, null, 0, 0, 'watch', null
  where not (select h.is_given from hint h)
$$;
comment on function sync.look_at_alarms() is
  'As sync.look_at_protection, if an alarm of the engine is open or the watch has found something; without, all is well.';

select sync.register_look('protected values', 'sync.look_at_values()');
select sync.register_look('claimed rows', 'sync.look_at_claimed_rows()');
select sync.register_look('rows of streams', 'sync.look_at_rows()');
select sync.register_look('protection', 'sync.look_at_protection()', quick => 'sync.look_at_alarms()');

-- From supabase/schemas/sync/looks_at_runs.sql

-- Looks at the runs of the streams and at the alerts that were raised where something went wrong.

create function sync.look_at_runs()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    f.code, format('last run of %s', s.stream), coalesce(f.state, 'well'),
    case
      when not s.is_enabled then 'the stream is switched off'
      when r.id is null then 'there was none'
      else format('run %s, %s h ago, is %s', r.id, r.hours, r.status) || case
        when f.code = 'run_stuck' and r.idle_slices >= 5 then format(', without progress in %s calls', r.idle_slices)
        when r.status in ('failed', 'tripped', 'degraded') then coalesce(': ' || (r.error ->> 'message'), '')
        else '' end
    end,
    null::text[],
    case f.code
      when 'stream_off' then format('update sync.streams set is_enabled = true where stream = %L;', s.stream)
      when 'stream_never_ran' then format('etiquette sync %s', s.stream)
      when 'run_old' then format('etiquette sync %s', s.stream)
      when 'run_stuck' then case when r.idle_slices >= 5 then '' else format('etiquette sync %s, or ', s.stream) end
        || format('etiquette run end %s', r.id)
      else 'etiquette run ' || r.id
    end,
    null::bigint, null::bigint, null::text, null::integer
  from sync.streams s
  cross join sync.settings c
  left join lateral (
    select l.id, l.status, l.error, l.idle_slices,
      round(extract(epoch from clock_timestamp() - l.started_at) / 3600, 1) as hours,
      -- Some time to spare for what begins once a day.
      clock_timestamp() - l.started_at > c.late_after + interval '2 hours' as is_old
    from sync.runs l
    where l.stream = s.stream and not l.dry_run and not l.is_replay
    order by l.id desc
    limit 1
  ) r on true
  left join lateral (
    select * from (values
      (not s.is_enabled, 'stream_off', 'degraded'),
      (r.id is null, 'stream_never_ran', 'degraded'),
      (r.status in ('failed', 'tripped'), 'run_' || r.status, 'failed'),
      (r.status in ('partial', 'degraded'), 'run_' || r.status, 'degraded'),
      (r.status in ('running', 'paused') and (r.idle_slices >= 5 or r.is_old), 'run_stuck', 'failed'),
      (r.is_old, 'run_old', 'degraded')
    ) v (holds, code, state)
    where v.holds
    limit 1
  ) f on true
  order by s.stream
$$;
comment on function sync.look_at_runs() is
  'How the last run of each stream went. Runs raise their own alerts, so the watch raises none about them.';

create function sync.look_at_lateness()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'stream_late', format('schedule of %s', j.job), 'degraded',
    format('no complete run for longer than %s', s.late_after),
    array[coalesce(format('The last one ended at %s.', last.finished_at), 'There was none yet.')],
    'sync.schedules says what came of its calls; docs/operations.md has more.',
    null::bigint, null::bigint, j.job, null::integer
  from sync.jobs j
  cross join sync.settings s
  join sync.streams t on t.stream = j.stream
  -- A degraded run has an alert of its own.
  cross join lateral (
    select max(r.finished_at) as finished_at
    from sync.runs r
    where r.stream = j.stream and r.status in ('complete', 'degraded') and not r.dry_run and not r.is_replay
  ) last
  where j.is_on and t.is_enabled and greatest(last.finished_at, j.on_since) < clock_timestamp() - s.late_after
  order by j.job
$$;
comment on function sync.look_at_lateness() is
  'Streams on schedule that have had no complete run for too long (settings.late_after).';

create function sync.look_at_alerts()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with told as (
    select a.kind, format('%s: %s', a.kind, a.message) as message, a.details, a.hint, a.id,
      case when a.kind in ('token_refused', 'check_failed', 'drill_failed') then 'failed' else 'degraded' end as state
    from sync.alerts a
    where a.resolved_at is null
      -- A look that is taken anyway tells what it sees now.
      and not exists (select from sync.looks l where l.look = any (a.looks) and not l.is_deep)
      -- So does the look at the last runs.
      and not (a.kind ~ '^run_' and exists (
        select from sync.look_at_runs() f where f.name = format('last run of %s', a.stream) and f.code = a.kind))
  )
  select t.kind, 'alerts', t.state, t.message, string_to_array(t.details, E'\n'),
    coalesce(t.hint, 'docs/operations.md says what each alert means'),
    null::bigint, null::bigint, null::text, null::integer
  from told t
  union all
  select null, 'alerts', 'well', 'no other is open', null, null, null, null, null, null
  where not exists (select from told)
$$;
comment on function sync.look_at_alerts() is 'Open alerts about what no other look sees.';

select sync.register_look('last runs', 'sync.look_at_runs()');
select sync.register_look('lateness', 'sync.look_at_lateness()');
select sync.register_look('alerts', 'sync.look_at_alerts()');

-- From supabase/schemas/sync/job_alerts.sql

-- Alerts about jobs, and the watch, which raises one for what the looks find. A function that cannot be reached cannot
-- post its alert, so the database posts these itself.

create function sync.raise_job_alert(
  job text,
  kind text,
  message text,
  details text,
  hint text,
  times integer default 1
)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.alerts as a (job, kind, message, details, hint, times)
  values (job, kind, message, details, hint, times)
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint, times = excluded.times,
      last_at = excluded.last_at
$$;
comment on function sync.raise_job_alert(text, text, text, text, text, integer) is
  'Raises an alert about a job, or updates it where it is open.';

create function sync.resolve_job_alert(job text, kind text default null)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update sync.alerts a
  set resolved_at = clock_timestamp()
  where a.job = resolve_job_alert.job and a.kind = coalesce(resolve_job_alert.kind, a.kind) and a.resolved_at is null
$$;
comment on function sync.resolve_job_alert(text, text) is
  'Closes the open alerts about a job, of one kind or of all kinds.';

create function sync.tell_findings(depth text default 'whole')
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  with taken as materialized (
    select f.* from sync.findings(depth, with_open => true) f
  ), told as (
    select f.job, f.code, array_agg(distinct f.look) as looks, array_agg(distinct f.name) as subjects,
      string_agg(format('%s: %s', f.name, f.message), E'\n' order by f.place) as message,
      string_agg(array_to_string(f.details, E'\n'), E'\n' order by f.place) as details,
      (array_agg(f.hint order by f.place))[1] as hint, coalesce(max(f.times), 1) as times
    from taken f
    where f.job is not null and sync.gravity(f.state) > sync.gravity('notice')
    group by f.job, f.code
  ), over as (
    update sync.alerts a
    set resolved_at = clock_timestamp()
    where a.resolved_at is null and a.looks <> '{}'
      and not exists (select from told t where t.job = a.job and t.code = a.kind)
      -- Of a look that failed nobody knows whether it is over.
      and not exists (select from taken f where f.code = 'cannot_tell' and f.look = any (a.looks) and a.kind <> f.code)
  )
  insert into sync.alerts as a (job, kind, message, details, hint, times, looks, subjects)
  select t.job, t.code, t.message, t.details, t.hint, t.times, t.looks, t.subjects from told t
  on conflict (source, stream, job, kind) where resolved_at is null do update
  set message = excluded.message, details = excluded.details, hint = excluded.hint, times = excluded.times,
      looks = excluded.looks, last_at = excluded.last_at,
      -- What was not among it before is told again.
      posted_at = case when excluded.subjects <@ a.subjects then a.posted_at end,
      acknowledged_at = case when excluded.subjects <@ a.subjects then a.acknowledged_at end,
      subjects = array(select s from unnest(a.subjects) s union select s from unnest(excluded.subjects) s)
$$;
comment on function sync.tell_findings(text) is
  'Raises an alert for what the looks find, one for each job and code, and closes those whose cause is gone.';

create function sync.post(alert sync.alerts, is_over boolean default false)
returns bigint
-- PL/pgSQL looks for pg_net when it is called, and not where it is installed.
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  post constant jsonb := sync.post_of(alert, is_over);
begin
  return net.http_post(url := post ->> 'url', body := post -> 'body', timeout_milliseconds := 5000);
end;
$$;
comment on function sync.post(sync.alerts, boolean) is
  'Puts what is posted about an alert into pg_net''s queue, and returns the number of the request.';

create function sync.note_posts()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update sync.alerts a
  set posted_at = r.created
  from net._http_response r
  where r.id = a.request_id and r.created >= a.first_at and a.posted_at is null and r.status_code between 200 and 299;

  update sync.alerts a
  set over_posted_at = r.created
  from net._http_response r
  where r.id = a.over_request_id and r.created >= a.resolved_at and a.over_posted_at is null
    and r.status_code between 200 and 299;
end;
$$;
comment on function sync.note_posts() is 'Notes what the webhook has accepted.';

create function sync.post_alerts()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('net._http_response') is null or sync.secret('alert_webhook_url') is null then
    return null;
  end if;
  perform sync.note_posts();
  -- What the webhook did not accept is posted again. Alerts about runs and credentials are posted by functions.
  update sync.alerts a
  set request_id = sync.post(a)
  where a.job is not null and a.resolved_at is null and a.posted_at is null and a.acknowledged_at is null
    and not exists (select from net.http_request_queue q where q.id = a.request_id);
  -- Whoever was told of it is told that it is over; of what is long ago, nobody any more.
  update sync.alerts a
  set over_request_id = sync.post(a, is_over => true)
  where a.posted_at is not null and a.over_posted_at is null and a.resolved_at > clock_timestamp() - interval '1 day'
    and not exists (select from net.http_request_queue q where q.id = a.over_request_id);
  return null;
exception when others then
  -- The message of pg_net may contain the address, which is a secret.
  return 'alerts cannot be posted: alert_webhook_url in Vault is no address that pg_net takes';
end;
$$;
comment on function sync.post_alerts() is
  'Posts open alerts about jobs, and that an alert is over, until the webhook has accepted it. Returns why nothing can
   be posted, or NULL.';

create function sync.attempt(work text)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problem text;
begin
  execute 'select ' || work into problem;
  return nullif(problem, '');
exception when others then
  return format('%s: %s', work, sqlerrm);
end;
$$;
comment on function sync.attempt(text) is
  'Calls a function; what goes wrong in it is returned, and undoes nothing of what was done before.';

create function sync.watch()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  problems text[];
begin
  problems := array[sync.attempt('sync.collect_answers()')];
  -- A source that cannot look at its credentials is told by the look at them.
  perform sync.attempt('sync.check_access()');
  problems := problems || sync.attempt('sync.tell_findings()');
  problems := problems || sync.attempt('sync.post_alerts()');
  return nullif(array_to_string(problems, E'\n'), '');
end;
$$;
comment on function sync.watch() is
  'The work of the job watch: takes the looks, raises, closes and posts alerts. A step that fails stops no other.';

select sync.register_job('watch', 'look at the state of everything, raise, close and post alerts', '*/5 * * * *',
  work => 'sync.watch()');

-- From supabase/schemas/sync/alert_verbs.sql

-- What people do with alerts: list them, say that they know of one, and try the webhook.

create function public.sync_list_alerts(with_closed boolean default false)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', a.id, 'about', coalesce(a.job, a.stream, o.label), 'kind', a.kind, 'message', a.message,
    'details', a.details, 'hint', a.hint, 'times', a.times, 'first_at', a.first_at, 'last_at', a.last_at,
    'posted_at', a.posted_at, 'acknowledged_at', a.acknowledged_at, 'resolved_at', a.resolved_at) order by a.id), '[]')
  from sync.alerts a
  left join sync.sources o on o.source = a.source
  where with_closed or a.resolved_at is null
$$;
comment on function public.sync_list_alerts(boolean) is 'The open alerts, or all on record; oldest first.';

create function public.sync_acknowledge_alert(alert_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
begin
  update sync.alerts a
  set acknowledged_at = coalesce(a.acknowledged_at, clock_timestamp())
  where a.id = sync_acknowledge_alert.alert_id and a.resolved_at is null;
  if not found then
    raise exception 'there is no open alert %', coalesce(alert_id::text, 'NULL') using
      errcode = 'PT404',
      detail = 'It was never raised, or is over.',
      hint = 'Give the number of an open one: etiquette alerts.';
  end if;
end;
$$;
comment on function public.sync_acknowledge_alert(bigint) is
  'Says that somebody knows of an alert: it is not posted any more while it is open. It stays open, and the state is
   what it is. PT404 where it is not open.';

create function sync.test_webhook()
returns bigint
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select sync.post(jsonb_populate_record(null::sync.alerts,
    '{"job": "test", "kind": "message", "message": "Alerts of this database arrive here."}'))
  where sync.webhook_url() is not null
$$;
comment on function sync.test_webhook() is 'As sync_test_webhook, with the rights to post.';

create function public.sync_test_webhook()
returns bigint
language sql
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.test_webhook()
$$;
comment on function public.sync_test_webhook() is
  'Posts a test message to the webhook for alerts. Returns its request; NULL where no address is set.';

create function sync.webhook_answer(request bigint)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Of the request alone what the webhook answered: its address is a secret.
  return (
    select jsonb_build_object('status', r.status_code, 'timed_out', coalesce(r.timed_out, false))
    from net._http_response r
    where r.id = webhook_answer.request
  );
end;
$$;
comment on function sync.webhook_answer(bigint) is 'As sync_webhook_answer, with the rights to read pg_net''s answers.';

create function public.sync_webhook_answer(request bigint)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'sync_worker'
as $$
  select sync.webhook_answer(request)
$$;
comment on function public.sync_webhook_answer(bigint) is
  'The HTTP status with which the webhook answered a test message, or null while there is no answer.';

revoke execute on function
  public.sync_list_alerts, public.sync_acknowledge_alert, public.sync_test_webhook, public.sync_webhook_answer
from public, anon, authenticated, service_role;
grant execute on function
  public.sync_list_alerts, public.sync_acknowledge_alert, public.sync_test_webhook, public.sync_webhook_answer
to service_role;

revoke execute on function sync.test_webhook, sync.webhook_answer from public, anon, authenticated, service_role;
grant execute on function sync.test_webhook, sync.webhook_answer to sync_worker;

-- From supabase/schemas/sync/clean_up.sql

-- Old rows are deleted: in the tables of the sync, what pg_cron and pg_net keep of its jobs, and what the engine writes
-- down.

create function sync.clean_platform()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before timestamptz := clock_timestamp() - (select s.keep_calls from sync.settings s);
begin
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details d
    where d.end_time < before and d.command like 'select sync.tick(%' and d.username = current_user;
  end if;
  if to_regclass('net._http_response') is not null then
    delete from net._http_response r
    using sync.calls c
    where r.id = c.request_id and r.created between c.called_at and before;
  end if;
  -- The last call of each job stays, so that sync.schedules can tell when it was.
  delete from sync.calls c
  where c.called_at < before
    and exists (select from sync.calls l where l.job = c.job and l.id > c.id);
end;
$$;
comment on function sync.clean_platform() is
  'Deletes old calls, and what pg_cron and pg_net keep of them. The jobs of others are left alone.';

create function sync.clean_runs()
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Within keep_changes a run can be reverted, replayed and looked at, so everything stays. The last runs stay for
  -- ever.
  with old as materialized (
    select r.id, r.finished_at < clock_timestamp() - s.keep_runs as is_dropped
    from sync.runs r
    cross join sync.settings s
    where r.finished_at < clock_timestamp() - s.keep_changes
      and exists (select from sync.runs l where l.stream = r.stream and l.status = 'complete' and l.id > r.id)
  ), columns as (
    delete from sync.planned_columns p using old where p.run_id = old.id
  ), samples as (
    delete from sync.planned_samples p using old where p.run_id = old.id
  ), rejected as (
    delete from sync.rejected_records j using old where j.run_id = old.id
  ), checks as (
    delete from sync.checks c using old where c.run_id = old.id
  ), changed as (
    delete from sync.changes c using old where c.run_id = old.id
  ), inserted as (
    delete from sync.insertions i using old where i.run_id = old.id
  ), resolved as (
    delete from sync.alerts a
    using sync.settings s
    where a.resolved_at < clock_timestamp() - s.keep_runs
  )
  delete from sync.runs r
  using old
  where r.id = old.id and old.is_dropped
    and not exists (select from sync.alerts a where a.run_id = r.id and a.resolved_at is null)
$$;
comment on function sync.clean_runs() is
  'Deletes plans, checks and changes of runs that cannot be reverted any more, and after keep_runs the runs and
   alerts.';

create function sync.clean_staging()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  idle text;
begin
  for idle in select s.stream from sync.streams s loop
    -- The lock keeps a run of the stream from beginning meanwhile.
    if pg_try_advisory_xact_lock(hashtext('sync.start'), hashtext(idle))
      and not exists (select from sync.runs r where r.stream = idle and r.status in ('running', 'paused')) then
      execute format('truncate sync.%I', 'staged_' || idle);
    end if;
  end loop;
end;
$$;
comment on function sync.clean_staging() is 'Empties the staging of each stream that has no active run.';

create function sync.clean_up()
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform sync.clean_platform();
  perform sync.clean_runs();
  perform sync.clean_staging();
  perform ownership.prune();
  return null;
end;
$$;
comment on function sync.clean_up() is 'The work of the job clean-up.';

select sync.register_job('clean-up', 'drop what is too old, of ours, of pg_cron''s and of pg_net''s', '45 3 * * *',
  work => 'sync.clean_up()');

-- From supabase/schemas/sync/schedule.sql

-- What people call to see and change the schedule. The cron jobs are made from sync.jobs.

create function sync.cron_jobs()
returns table (cron_id bigint, job text, schedule text, active boolean)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('cron.job') is null then
    return;
  end if;
  return query
  select c.jobid, j.job, c.schedule, c.active
  from cron.job c
  join sync.jobs j on c.jobname = 'sync ' || j.job
  where c.username = current_user;
end;
$$;
comment on function sync.cron_jobs() is 'The cron jobs of our jobs; none where pg_cron is not installed.';

create view sync.schedules with (security_invoker = true) as
select
  j.job,
  coalesce(c.schedule, j.schedule) as schedule,
  coalesce(c.active, false) as active,
  (select l.called_at from sync.calls l where l.job = j.job order by l.id desc limit 1) as last_start,
  answered.status as last_answer,
  answered.error as last_error,
  run.status as last_run,
  j.purpose
from sync.jobs j
left join sync.cron_jobs() c on c.job = j.job
left join lateral (
  select l.status, l.error
  from sync.calls l
  where l.job = j.job and l.outcome <> 'waiting'
  order by l.id desc
  limit 1
) answered on true
left join lateral (
  select r.status from sync.runs r where r.stream = j.stream order by r.id desc limit 1
) run on true;
comment on view sync.schedules is
  'Each job with its schedule (in UTC), its last call and answer, and the state of its stream''s last run.';
comment on column sync.schedules.active is 'Whether pg_cron has the job, so that it runs.';
comment on column sync.schedules.last_answer is
  'The HTTP status of the last answer that was read, perhaps that of an earlier call; NULL for work in the database.';

create function sync.align_cron()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  planned record;
begin
  for planned in
    select j.job, j.schedule, j.is_on, c.cron_id, c.active
    from sync.jobs j
    left join sync.cron_jobs() c on c.job = j.job
    order by j.job
  loop
    -- Scheduling an inactive cron job again would leave it inactive, so it is removed first.
    if planned.cron_id is not null and not (planned.is_on and planned.active) then
      perform cron.unschedule(planned.cron_id);
    end if;
    if planned.is_on then
      perform cron.schedule('sync ' || planned.job, planned.schedule, format('select sync.tick(%L)', planned.job));
      update sync.jobs j
      set on_since = clock_timestamp()
      where j.job = planned.job and planned.active is not true;
    end if;
  end loop;
end;
$$;
comment on function sync.align_cron() is
  'Brings the cron jobs in line with sync.jobs: those that are on, with their schedules.';

create function sync.check_schedule(job text, schedule text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  lacks text[] := sync.schedule_lacks();
begin
  if job is not null then
    perform sync.check_job(job);
  end if;
  if schedule is not null and (job is null or not sync.is_schedule(schedule)) then
    raise exception '% is no schedule%', quote_literal(schedule), case when job is null then ' for all jobs' else '' end
    using
      errcode = 'SY001',
      detail = 'It is minute, hour, day of the month, month and day of the week (0 is Sunday), in UTC.',
      hint = 'Each is *, a number, a range 1-5, */15 or 0-30/10, or several with commas. Every 15 minutes: */15 * * * *';
  end if;
  if cardinality(lacks) > 0 then
    raise exception 'nothing can run on schedule without %', array_to_string(lacks, ', ') using
      errcode = 'SY002',
      detail = 'pg_cron calls the functions through pg_net, at project_url with cron_secret_key.',
      hint = 'select vault.create_secret(''https://<project>.supabase.co'', ''project_url''); and a secret key of the '
        'project as cron_secret_key. Extensions are switched on in the dashboard. Then: select sync.schedule();';
  end if;
end;
$$;
comment on function sync.check_schedule(text, text) is
  'Raises PT404 for an unknown job, SY001 for an invalid schedule, SY002 where the database lacks something.';

create function sync.schedule(job text default null, schedule text default null)
returns setof sync.schedules
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tidy text := btrim(regexp_replace(schedule, '\s+', ' ', 'g'));
begin
  perform sync.check_schedule(job, tidy);
  update sync.jobs j
  set schedule = coalesce(tidy, j.schedule), is_on = true
  where j.job = schedule.job;
  perform sync.align_cron();
  return query
  select s.* from sync.schedules s where s.job = coalesce(schedule.job, s.job) order by s.job;
end;
$$;
comment on function sync.schedule(text, text) is
  'Puts a job on schedule, this one or the one that it had; without a job all jobs except those that were taken off.
   PT404 for an unknown job, SY001 for an invalid schedule, SY002 where the database lacks something.';

create function sync.unschedule(job text default null)
returns setof sync.schedules
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found record;
begin
  if job is not null then
    perform sync.check_job(job);
    update sync.jobs j set is_on = false where j.job = unschedule.job;
  end if;
  for found in select c.cron_id, c.job from sync.cron_jobs() c where c.job = coalesce(unschedule.job, c.job) loop
    perform cron.unschedule(found.cron_id);
    perform sync.resolve_job_alert(found.job);
  end loop;
  return query
  select s.* from sync.schedules s where s.job = coalesce(unschedule.job, s.job) order by s.job;
end;
$$;
comment on function sync.unschedule(text) is
  'Takes a job off its schedule; without a job all of them, until sync.schedule() is called. PT404 for an unknown job.';

revoke all on sync.jobs, sync.calls, sync.schedules, sync.looks from public, anon, authenticated, service_role;

-- Functions that were made after grants.sql are for the owner alone.
do $$
declare
  entry regprocedure;
begin
  for entry in
    select p.oid::regprocedure
    from pg_catalog.pg_proc p
    where p.pronamespace = 'sync'::regnamespace
      and exists (select from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
        where a.grantee = 0)
  loop
    execute format('revoke execute on function %s from public, anon, authenticated, service_role', entry);
  end loop;
end $$;

-- From supabase/schemas/sync/looks_at_schedule.sql

-- Looks at the schedule and at the watch: what does not run, what fails, and whether anybody would be told.

create function sync.look_at_database()
returns setof sync.finding
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'database_read_only', 'database', case when d.is_read_only then 'failed' else 'well' end,
    case when d.is_read_only then 'it takes no writes: no sync, no edit and no alert is stored'
      else 'it takes writes' end,
    null::text[],
    case when d.is_read_only then case when pg_is_in_recovery() then 'Connect to the primary, or promote this one.'
      else 'A full disk is the usual reason: give it space, then set default_transaction_read_only = off.' end end,
    null::bigint, null::bigint, 'watch', null::integer
  -- Not transaction_read_only: the API asks within a transaction that reads only.
  from (select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as is_read_only) d
$$;
comment on function sync.look_at_database() is 'Whether the database takes writes.';

create function sync.look_at_secrets()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'secret_missing', 'secrets in Vault', case when m.names is null then 'well' else 'failed' end,
    case when m.names is null then 'project_url and cron_secret_key are there'
      else array_to_string(m.names, ' and ') || ' missing: nothing can run on schedule' end,
    null::text[], format('select vault.create_secret(''…'', %L);', m.names[1]),
    null::bigint, null::bigint, null::text, null::integer
  from (
    select array_agg(n.name order by n.name) as names
    from unnest(array['project_url', 'cron_secret_key']) n (name)
    where sync.secret(n.name) is null
  ) m
$$;
comment on function sync.look_at_secrets() is 'Whether Vault can be read, and has what the schedule needs.';

create function sync.look_at_webhook()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.code, 'webhook', coalesce(f.state, 'well'), coalesce(f.message, 'alerts are posted'), null::text[], f.hint,
    null::bigint, null::bigint, null::text, null::integer
  from (select sync.secret('alert_webhook_url') is not null as is_set) w
  left join lateral (
    select * from (values
      (not w.is_set, 'no_webhook', 'notice', 'nobody is told of an alert: no address is set that alerts are posted to',
        'select vault.create_secret(''https://…'', ''alert_webhook_url'');'),
      (exists (
        select from sync.alerts a
        where a.resolved_at is null and a.posted_at is null and a.acknowledged_at is null
          and a.first_at < clock_timestamp() - interval '15 minutes'
      ), 'alerts_not_posted', 'degraded', 'open alerts were not taken by the webhook for a quarter of an hour',
        'Correct the secret alert_webhook_url in Vault.')
    ) v (holds, code, state, message, hint)
    where v.holds
    limit 1
  ) f on true
$$;
comment on function sync.look_at_webhook() is 'Whether anybody would be told of an alert.';

create function sync.look_at_watch()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with jobs as (
    select j.job, j.is_on, coalesce(c.active, false) as is_active, j.on_since,
      (select max(l.called_at) from sync.calls l where l.job = j.job) as last_call
    from sync.jobs j
    left join sync.cron_jobs() c on c.job = j.job
  ), counted as (
    select count(*) filter (where j.is_active) as active,
      string_agg(j.job, ', ' order by j.job) filter (where not j.is_active) as off
    from jobs j
  )
  select case when c.active = 0 then 'schedule_off' end, 'schedule',
    case when c.active = 0 then 'degraded' else 'well' end,
    case when c.active = 0 then 'no job is active'
      -- A single job that is off was taken off on purpose.
      else format('%s jobs are active', c.active) || coalesce(', and off: ' || c.off, '') end,
    null::text[], case when c.active = 0 then 'etiquette schedule all on' end,
    null::bigint, null::bigint, null::text, null::integer
  from counted c
  union all
  select case when not j.is_active then 'watch_off' when f.is_silent then 'watch_silent' end, 'watch',
    case when not j.is_active or f.is_silent then 'degraded' else 'well' end,
    case
      when not j.is_active then 'it is off the schedule: nothing is noticed, and nobody is told'
      when f.is_silent
        then format('it has not run since %s: pg_cron does not run its jobs', coalesce(j.last_call, j.on_since))
      else 'looks every few minutes, and tells'
    end,
    null, case
      when not j.is_active then 'etiquette schedule watch on'
      when f.is_silent then 'select * from cron.job_run_details order by runid desc limit 5;'
    end,
    null, null, null, null
  from jobs j
  cross join lateral (
    select greatest(j.last_call, j.on_since) < clock_timestamp() - interval '20 minutes' as is_silent
  ) f
  where j.job = 'watch' and (select c.active from counted c) > 0
$$;
comment on function sync.look_at_watch() is 'Whether the jobs are on schedule, and the watch among them runs.';

create function sync.look_at_calls()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'job_failing', format('calls of %s', j.job), 'failed', format('failed %s times in a row', f.failures),
    array[last.error], 'Keys, secrets and deployed functions are the usual reasons: see docs/operations.md.',
    null::bigint, null::bigint, j.job, f.failures
  from sync.jobs j
  cross join sync.settings s
  cross join lateral (
    select c.outcome, c.error, c.called_at
    from sync.calls c
    where c.job = j.job and c.outcome <> 'waiting'
    order by c.id desc
    limit 1
  ) last
  cross join lateral (
    select count(*)::integer as failures
    from sync.calls c
    where c.job = j.job and c.outcome = 'failed'
      and c.id > coalesce((select max(o.id) from sync.calls o where o.job = j.job and o.outcome = 'ok'), 0)
  ) f
  where j.is_on and last.outcome = 'failed' and f.failures >= s.failures_alarm
    -- A failed run has an alert of its own: the job needs no second one.
    and not exists (select from sync.alerts a where a.stream = j.stream and a.last_at >= last.called_at
      and a.kind in ('run_failed', 'run_tripped', 'token_refused'))
  union all
  select 'call_without_run', format('calls of %s', j.job), 'failed',
    format('the last was answered %s, and there is no run of it', last.status), null,
    'The secret project_url in Vault may be the address of another project: compare it with this one''s.',
    null, null, j.job, null
  from sync.jobs j
  cross join lateral (
    select c.status, c.called_at
    from sync.calls c
    where c.job = j.job and c.status between 200 and 299
    order by c.id desc
    limit 1
  ) last
  -- A call that did something began or ended a run, or left one that goes on.
  where j.is_on and j.stream is not null and not exists (
    select from sync.runs r
    where r.stream = j.stream and (r.finished_at is null or r.finished_at >= last.called_at))
$$;
comment on function sync.look_at_calls() is
  'Jobs whose last calls failed (settings.failures_alarm), and streams whose last good answer left no run.';

select sync.register_look('database', 'sync.look_at_database()');
select sync.register_look('vault', 'sync.look_at_secrets()');
select sync.register_look('schedule', 'sync.look_at_watch()');
select sync.register_look('calls', 'sync.look_at_calls()');
select sync.register_look('webhook', 'sync.look_at_webhook()');

revoke execute on function
  sync.look_at_database, sync.look_at_secrets, sync.look_at_webhook, sync.look_at_watch, sync.look_at_calls
from public, anon, authenticated, service_role;

-- From supabase/schemas/gazelle/token.sql

-- Gazelle's OAuth token. It is kept in Vault, and renewed before it expires by one caller at a time.

-- Postgres checks functions with `set role = 'gazelle_sync'` as that role when they are created.
grant usage on schema gazelle to gazelle_sync;

create table gazelle.token (
  -- There is one row.
  only_row boolean primary key default true check (only_row),
  way text check (way in ('oauth', 'api_key')),
  source text check (source in ('settings', 'connect')),
  configured text,
  connected_at timestamptz,
  renewed_at timestamptz,
  expires_at timestamptz,
  renew_at timestamptz,
  error jsonb,
  failed_at timestamptz,
  lease uuid,
  lease_until timestamptz,
  -- A failed renewal has an error and a time.
  constraint token_failed_has_error check ((error is null) = (failed_at is null))
);
insert into gazelle.token default values;
revoke all on gazelle.token from public;
comment on table gazelle.token is
  'Facts about the token in Vault, not the token itself. One row; who changes the token locks it.';
comment on column gazelle.token.way is 'The kind of credentials that the last call used.';
comment on column gazelle.token.source is
  'Where the token in Vault comes from: the refresh token of the settings, or a person who connected.';
comment on column gazelle.token.configured is
  'SHA-256 of the refresh token of the settings when the token was stored. When the settings change, theirs replaces
   it.';
comment on column gazelle.token.renew_at is 'When to renew the token, while it is still valid.';
comment on column gazelle.token.error is 'Why the last renewal failed.';
comment on column gazelle.token.lease is 'Held by the caller who is renewing the token.';

create function gazelle.take_configured(configured_refresh text, configured_access text)
returns gazelle.token
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  digest text := encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  token gazelle.token;
begin
  select * into token from gazelle.token for update;
  if digest is not null and token.configured is distinct from digest then
    perform sync.keep_secret('gazelle_refresh_token', configured_refresh);
    perform sync.keep_secret('gazelle_access_token', coalesce(configured_access, ''));
    update gazelle.token
    set way = 'oauth', source = 'settings', configured = digest, connected_at = clock_timestamp(),
        renewed_at = null, expires_at = null, renew_at = null, error = null, failed_at = null,
        lease = null, lease_until = null
    returning * into token;
  elsif token.way is distinct from 'oauth' then
    update gazelle.token set way = 'oauth' returning * into token;
  end if;
  return token;
end;
$$;
comment on function gazelle.take_configured(text, text) is
  'Locks the token, and stores the token of the settings if the settings changed since the last one was stored.';

create function gazelle.claim_token(configured_refresh text, configured_access text, refused text)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token gazelle.token := gazelle.take_configured(configured_refresh, configured_access);
  access text := sync.secret('gazelle_access_token');
  refresh text := sync.secret('gazelle_refresh_token');
begin
  if access = refused or token.expires_at <= clock_timestamp() then
    access := null;
  end if;
  -- The token is used until its renewal is due, while another caller renews it, and where it cannot be renewed.
  if access is not null
    and (coalesce(token.renew_at > clock_timestamp(), true) or refresh is null or token.lease_until > clock_timestamp())
  then
    return jsonb_build_object('access_token', access);
  end if;
  if refresh is null then
    return jsonb_build_object('is_connected', false);
  end if;
  if token.lease_until > clock_timestamp() then
    return '{}';
  end if;
  update gazelle.token
  set lease = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute'
  returning * into token;
  return jsonb_strip_nulls(
    jsonb_build_object('refresh_token', refresh, 'lease', token.lease, 'access_token', access));
end;
$$;
comment on function gazelle.claim_token(text, text, text) is
  'A valid access token; or the task of renewing it: a refresh token, a lease, and the old token while it is valid; or
   {} while another caller renews it; or {"is_connected": false}.';

create function gazelle.put_token(
  lease uuid,
  access_token text,
  refresh_token text,
  expires_in integer,
  error jsonb
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from gazelle.token t where t.lease = put_token.lease for update;
  if not found then
    raise exception 'the task of getting a token is not yours any more' using
      errcode = 'PT409',
      detail = 'It took more than a minute, or Gazelle was connected anew meanwhile.';
  end if;
  if access_token is null then
    update gazelle.token
    set lease = null, lease_until = null, renew_at = clock_timestamp() + interval '1 hour',
        error = put_token.error, failed_at = case when put_token.error is not null then clock_timestamp() end;
    return;
  end if;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- Without a new refresh token in the answer the old one stays valid.
  if refresh_token is not null then
    perform sync.keep_secret('gazelle_refresh_token', refresh_token);
  end if;
  perform gazelle.note_token(expires_in);
end;
$$;
comment on function gazelle.put_token(uuid, text, text, integer, jsonb) is
  'Stores the answer of the token endpoint, or the error, and ends the lease.';

create function gazelle.note_token(expires_in integer)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.token
  set renewed_at = clock_timestamp(),
      expires_at = clock_timestamp() + make_interval(secs => expires_in),
      -- After half of its life, which leaves time to alert people if renewal fails.
      renew_at = clock_timestamp() + make_interval(secs => expires_in / 2.0),
      error = null, failed_at = null, lease = null, lease_until = null
$$;
comment on function gazelle.note_token(integer) is
  'Notes a new token and its life in seconds; NULL is a token that does not expire.';

-- The edge functions call these.

create function public.sync_claim_token(
  configured_refresh text default null,
  configured_access text default null,
  refused text default null
)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.claim_token(configured_refresh, configured_access, refused)
$$;
comment on function public.sync_claim_token(text, text, text) is
  'The access token from Vault; or, where it is due for renewal, expired or refused, the refresh token and a lease of
   one minute to renew it; or {} while another caller renews it; or {"is_connected": false}.';

create function public.sync_put_token(
  lease uuid,
  access_token text default null,
  refresh_token text default null,
  expires_in integer default null,
  error jsonb default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.put_token(lease, access_token, refresh_token, expires_in, error)
$$;
comment on function public.sync_put_token(uuid, text, text, integer, jsonb) is
  'Stores a new token in Vault, or the error of its renewal. PT409 when the lease has ended.';

create function gazelle.use_api_key()
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.token set way = 'api_key' where way is distinct from 'api_key'
$$;
comment on function gazelle.use_api_key() is
  'Notes that the settings hold an API key, which is used instead of a token.';

create function public.sync_use_api_key()
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.use_api_key()
$$;
comment on function public.sync_use_api_key() is
  'Notes that Gazelle is called with an API key, which has precedence over a token.';

create function gazelle.check_token()
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token gazelle.token;
  is_renewable boolean := sync.secret('gazelle_refresh_token') is not null;
  fact text;
begin
  select * into token from gazelle.token where way = 'oauth';
  if token.expires_at < clock_timestamp() + interval '14 days' and (not is_renewable or token.error is not null) then
    fact := format('the access to Gazelle %s on %s',
      case when token.expires_at > clock_timestamp() then 'ends' else 'ended' end,
      to_char(token.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'));
  end if;
  perform sync.set_access_alert('gazelle', 'token_expiring', case when fact is not null then jsonb_build_object(
    'message', fact || case when is_renewable then ', and could not be renewed' else ', and cannot be renewed' end,
    'details', token.error ->> 'message',
    'hint', 'Connect again before: etiquette connect. Or set GAZELLE_API_KEY, which does not end.') end);
  perform sync.set_access_alert('gazelle', 'token_refused',
    case when token.error ->> 'code' = 'gazelle_unauthorized' then token.error end);
  return (select count(*) from sync.alerts a where a.source = 'gazelle' and a.resolved_at is null);
end;
$$;
comment on function gazelle.check_token() is
  'Raises an alert when the token expires within two weeks and cannot be renewed, or when Gazelle refuses to renew it,
   and closes alerts that are over. Called at the end of each run and by the schedule. Returns the number of open
   ones.';

revoke execute on function
  gazelle.take_configured, gazelle.claim_token, gazelle.put_token, gazelle.note_token, gazelle.use_api_key,
  gazelle.check_token
from public, anon, authenticated, service_role;
grant execute on function gazelle.claim_token, gazelle.put_token, gazelle.use_api_key to gazelle_sync;
revoke execute on function public.sync_claim_token, public.sync_put_token, public.sync_use_api_key
from public, anon, authenticated, service_role;
grant execute on function public.sync_claim_token, public.sync_put_token, public.sync_use_api_key to service_role;

-- From supabase/schemas/gazelle/connection.sql

-- Connecting to Gazelle by OAuth: a person is sent to Gazelle with a random state, and must come back with it, once and
-- within ten minutes.

create table gazelle.authorizations (
  id bigint generated always as identity primary key,
  state_hash text not null unique check (state_hash ~ '^[0-9a-f]{64}$'),
  verifier text,
  redirect_url text not null,
  begun_by text not null,
  begun_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '10 minutes',
  taken_at timestamptz,
  ended_at timestamptz,
  error jsonb,
  -- The verifier is used once, together with its state.
  constraint authorizations_verifier_is_used_up check (taken_at is null or verifier is null),
  -- Only an authorization that came back can end.
  constraint authorizations_ended_was_taken check (ended_at is null or taken_at is not null),
  -- Only one that ended can have an error.
  constraint authorizations_failed_has_end check (error is null or ended_at is not null)
);
revoke all on gazelle.authorizations from public;
comment on table gazelle.authorizations is 'Connections to Gazelle begun in the last day, and their outcome.';
comment on column gazelle.authorizations.state_hash is
  'SHA-256 of the state, so that a reader of this table cannot use it.';
comment on column gazelle.authorizations.verifier is 'The PKCE verifier, removed when the state comes back.';
comment on column gazelle.authorizations.redirect_url is
  'Where Gazelle sends the person back to. The exchange of the code repeats it.';

create function gazelle.begin_authorization(state_hash text, verifier text, redirect_url text, begun_by text)
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  delete from gazelle.authorizations a where a.begun_at < clock_timestamp() - interval '1 day';
  insert into gazelle.authorizations as a (state_hash, verifier, redirect_url, begun_by)
  values (state_hash, verifier, redirect_url, begun_by)
  returning jsonb_build_object('id', a.id, 'expires_at', a.expires_at)
$$;
comment on function gazelle.begin_authorization(text, text, text, text) is
  'Stores an authorization that is valid for ten minutes.';

create function gazelle.take_authorization(state_hash text)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_one gazelle.authorizations;
begin
  select * into found_one from gazelle.authorizations a where a.state_hash = take_authorization.state_hash for update;
  if found_one.id is null then
    return '{"outcome": "unknown"}';
  elsif found_one.taken_at is not null then
    return '{"outcome": "used"}';
  elsif found_one.expires_at <= clock_timestamp() then
    return '{"outcome": "expired"}';
  end if;
  update gazelle.authorizations a set taken_at = clock_timestamp(), verifier = null where a.id = found_one.id;
  return jsonb_build_object('outcome', 'taken', 'id', found_one.id, 'verifier', found_one.verifier,
    'redirect_url', found_one.redirect_url);
end;
$$;
comment on function gazelle.take_authorization(text) is
  'Uses a state up and returns what was stored with it, or why it is not accepted.';

create function gazelle.end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  update gazelle.authorizations a
  set ended_at = clock_timestamp(), error = end_authorization.error
  where a.id = end_authorization.authorization_id and a.taken_at is not null and a.ended_at is null
$$;
comment on function gazelle.end_authorization(bigint, jsonb) is
  'Ends an authorization, with an error or, if null, with success.';

create function gazelle.connect(
  authorization_id bigint,
  access_token text,
  refresh_token text,
  expires_in integer,
  configured_refresh text
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from gazelle.token for update;
  perform sync.keep_secret('gazelle_access_token', access_token);
  -- A refresh token of an earlier connection may belong to another user, who sees other records.
  perform sync.keep_secret('gazelle_refresh_token', coalesce(refresh_token, ''));
  update gazelle.token
  set way = 'oauth', source = 'connect', connected_at = clock_timestamp(),
      configured = encode(sha256(convert_to(configured_refresh, 'UTF8')), 'hex');
  perform gazelle.note_token(expires_in);
  perform gazelle.end_authorization(authorization_id, null);
  perform gazelle.check_token();
end;
$$;
comment on function gazelle.connect(bigint, text, text, integer, text) is
  'Stores the tokens of a new connection in Vault. They replace those that came from the settings.';

-- The edge function connect-gazelle calls these.

create function public.sync_begin_authorization(
  state_hash text,
  redirect_url text,
  begun_by text,
  verifier text default null
)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.begin_authorization(state_hash, verifier, redirect_url, begun_by)
$$;
comment on function public.sync_begin_authorization(text, text, text, text) is
  'Stores the SHA-256 of a state, with its verifier and redirect URL, for ten minutes. Returns its id and expiry.';

create function public.sync_take_authorization(state_hash text)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.take_authorization(state_hash)
$$;
comment on function public.sync_take_authorization(text) is
  'Uses a state up. The outcome is taken, with id, verifier and redirect_url; or unknown, used or expired.';

create function public.sync_end_authorization(authorization_id bigint, error jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.end_authorization(authorization_id, error)
$$;
comment on function public.sync_end_authorization(bigint, jsonb) is
  'Ends an authorization with the error of its connection.';

create function public.sync_connect(
  authorization_id bigint,
  access_token text,
  refresh_token text default null,
  expires_in integer default null,
  configured_refresh text default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.connect(authorization_id, access_token, refresh_token, expires_in, configured_refresh)
$$;
comment on function public.sync_connect(bigint, text, text, integer, text) is
  'Stores the tokens of a new connection in Vault, in place of the earlier ones.';

-- The state of the connection, for people.

create function gazelle.token_status()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('way', t.way, 'is_connected', coalesce(t.way = 'api_key', false) or s.access
      or s.refresh and t.error ->> 'code' is distinct from 'gazelle_unauthorized')
    || case when t.way = 'oauth' and (s.access or s.refresh) then jsonb_build_object(
        'source', t.source, 'connected_at', t.connected_at, 'renewed_at', t.renewed_at, 'expires_at', t.expires_at,
        'is_renewable', s.refresh, 'error', t.error || jsonb_build_object('at', t.failed_at))
      else '{}' end
    || jsonb_build_object('attempt', (
      select jsonb_build_object('id', a.id, 'begun_at', a.begun_at, 'expires_at', a.expires_at, 'error', a.error,
        'outcome', case
          when a.error is not null then 'failed'
          when a.ended_at is not null then 'connected'
          when a.expires_at <= clock_timestamp() then 'expired'
          else 'waiting'
        end)
      from gazelle.authorizations a
      order by a.id desc
      limit 1
    ))
  from gazelle.token t, lateral (
    select
      sync.secret('gazelle_access_token') is not null and coalesce(t.expires_at > clock_timestamp(), true) as access,
      sync.secret('gazelle_refresh_token') is not null as refresh
  ) s
$$;
comment on function gazelle.token_status() is
  'How Gazelle is reached: credentials, expiry, the last attempt to connect. No secrets.';

create function public.sync_token_status()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set role = 'gazelle_sync'
as $$
  select gazelle.token_status()
$$;
comment on function public.sync_token_status() is
  'How Gazelle is reached: way (oauth, api_key, or null before the first call), since when, until when, whether the
   token can be renewed, the error of its renewal, and the outcome of the last attempt to connect. No secrets.';

create function gazelle.look_at_token()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(f.code, 'token_valid'), 'Gazelle', coalesce(f.state, 'well'),
    coalesce(f.message, format('connected (%s)', t.way) || case when t.expires_at is null then ''
      else format(', until %s%s', to_char(t.expires_at at time zone 'UTC', 'YYYY-MM-DD'),
        case when t.is_renewable then ', renewed by itself' else '' end) end),
    null::text[],
    case when f.state = 'notice' then 'etiquette sync'
      when f.state <> 'well' then 'etiquette connect, or other GAZELLE_* credentials: see docs/connect.md.' end,
    null::bigint, null::bigint, null::text, null::integer
  from gazelle.token_status() s
  cross join jsonb_to_record(s) t (
    way text, is_connected boolean, is_renewable boolean, expires_at timestamptz, error jsonb
  )
  left join lateral (
    select * from (values
      (t.error ->> 'code' = 'gazelle_unauthorized', 'token_refused', 'failed', t.error ->> 'message'),
      (t.error is not null, 'token_not_renewed', 'degraded', t.error ->> 'message'),
      (t.way is null and exists (select from sync.runs r where r.status in ('complete', 'degraded')), 'token_valid',
        'well', 'was read with an API key'),
      (t.way is null, 'gazelle_not_called', 'notice', 'was not called yet'),
      (not t.is_connected, 'not_connected', 'failed', 'no token, and none can be got'),
      (not t.is_renewable and t.expires_at < clock_timestamp(), 'token_expired', 'failed', 'the token has expired'),
      (not t.is_renewable and t.expires_at < clock_timestamp() + interval '14 days', 'token_expiring', 'degraded',
        format('the token expires in %s days', extract(day from t.expires_at - clock_timestamp())))
    ) v (holds, code, state, message)
    where v.holds
    limit 1
  ) f on true
$$;
comment on function gazelle.look_at_token() is
  'How Gazelle is reached. The alerts about it are raised by gazelle.check_token.';
select sync.register_look('gazelle', 'gazelle.look_at_token()');

revoke execute on function
  gazelle.begin_authorization, gazelle.take_authorization, gazelle.end_authorization, gazelle.connect,
  gazelle.token_status, gazelle.look_at_token
from public, anon, authenticated, service_role;
grant execute on function
  gazelle.begin_authorization, gazelle.take_authorization, gazelle.end_authorization, gazelle.connect,
  gazelle.token_status
to gazelle_sync;
revoke execute on function
  public.sync_begin_authorization, public.sync_take_authorization, public.sync_end_authorization, public.sync_connect,
  public.sync_token_status
from public, anon, authenticated, service_role;
grant execute on function
  public.sync_begin_authorization, public.sync_take_authorization, public.sync_end_authorization, public.sync_connect,
  public.sync_token_status
to service_role;

-- From supabase/schemas/gazelle/source.sql

-- The jobs of the streams begin in different minutes, so that Gazelle is mostly asked for one page at a time.
select sync.register_source('gazelle', 'gazelle_sync', 'Gazelle',
  unauthorized_codes => '{gazelle_unauthorized,gazelle_not_connected}', access_check => 'gazelle.check_token()');

-- From supabase/schemas/gazelle/users.sql

select sync.register_stream('users', 'public.gazelle_users', 'gazelle', '{updated_at}');
select sync.register_job('users', 'sync users', '2 */6 * * *', 'users', 'sync-users');
select sync.add_check('users', 'users_without_gazelle_id', 'live.external_id !~ ''^usr_''');

-- From supabase/schemas/gazelle/clients.sql

select sync.register_stream('clients', 'public.gazelle_clients', 'gazelle', '{created_at,updated_at}');
select sync.register_job('clients', 'sync clients', '5 * * * *', 'clients', 'sync-clients');
select sync.add_check('clients', 'institutions_tagged',
  'exists (select from unnest(live.tags) tag where lower(btrim(tag)) = ''institutional'')', 'tags',
  claimed => 'c.element = ''institutional'' and not c.removed');

-- From supabase/schemas/gazelle/contacts.sql

select sync.register_stream('contacts', 'public.gazelle_contacts', 'gazelle', '{created_at,updated_at}');
select sync.register_job('contacts', 'sync contacts', '10 */6 * * *', 'contacts', 'sync-contacts');
select sync.watch_reference('contacts', 'contacts_without_client', 'client_external_id', 'public.gazelle_clients');

-- From supabase/schemas/gazelle/pianos.sql

select sync.register_stream('pianos', 'public.gazelle_pianos', 'gazelle', '{updated_at}');
select sync.register_job('pianos', 'sync pianos', '15 * * * *', 'pianos', 'sync-pianos');
select sync.add_check('pianos', 'pianos_with_badge', 'live.dampp_chaser_installed', 'dampp_chaser_installed',
  claimed => 'c.value = ''true''');
select sync.watch_reference('pianos', 'pianos_without_client', 'client_external_id', 'public.gazelle_clients');

-- From supabase/schemas/gazelle/appointments.sql

select sync.register_stream('appointments', 'public.gazelle_appointments', 'gazelle', '{created_at,updated_at}');
select sync.register_job('appointments', 'sync appointments', '20,50 * * * *', 'appointments', 'sync-appointments');
select sync.watch_reference('appointments', 'appointments_without_client', 'client_external_id', 'public.gazelle_clients');
select sync.watch_reference('appointments', 'appointments_without_piano', 'piano_external_id', 'public.gazelle_pianos');
select sync.watch_reference('appointments', 'appointments_without_user', 'technicien', 'public.gazelle_users');

-- From supabase/schemas/gazelle/timeline.sql

select sync.register_stream('timeline', 'public.gazelle_timeline_entries', 'gazelle');
select sync.register_job('timeline', 'sync the timeline', '25 */6 * * *', 'timeline', 'sync-timeline');
select sync.watch_reference('timeline', 'entries_without_client', 'client_id', 'public.gazelle_clients');
select sync.watch_reference('timeline', 'entries_without_piano', 'piano_id', 'public.gazelle_pianos');
select sync.watch_reference('timeline', 'entries_without_user', 'user_id', 'public.gazelle_users');
