-- The engine's own tables. Only alarms and fingerprints are defined elsewhere, beside the functions that fill them.

create table ownership_private.writers (
  role name primary key,
  rank integer not null,
  label text,
  claims boolean not null,
  registered_at timestamptz not null default now(),
  -- Rank 0 is what an unregistered role has; a registered one stands above it.
  constraint writers_rank_in_range check (rank between 1 and 1000),
  constraint people_claim check (claims or rank < 100)
);
comment on table ownership_private.writers is 'Roles the engine knows. People are the ranks from 100 up.';
comment on column ownership_private.writers.claims is
  'Whether a value is the writer''s once he has written it. What others write, the source may correct.';

create table ownership_private.ranks (
  role name not null,
  after bigint not null,
  rank integer not null,
  primary key (role, after)
);
comment on table ownership_private.ranks is
  'The rank that a writer had when: it holds for entries of the history whose id is higher than after, up to the next
   row of the writer. 0 from when the writer was taken out.';

create table ownership_private.protected_tables (
  id integer generated always as identity primary key,
  tbl regclass not null unique,
  protected_name text not null,
  name text not null,
  noted_oid oid not null,
  identity_key name[] not null,
  key_attnums smallint[] not null,
  key_types text[] not null,
  -- Without a key no row can be recognised when it comes back.
  constraint protected_tables_have_a_key check (cardinality(identity_key) > 0)
);
comment on table ownership_private.protected_tables is
  'Tables with at least one policy, and the columns that name a row for good.';
comment on column ownership_private.protected_tables.protected_name is
  'The name under which the table was protected. Another table that bears it today is its successor, once it is
   protected too.';
comment on column ownership_private.protected_tables.name is
  'The table''s name as it is known here, which stays when the table is dropped. Entries of the history bear it.';
comment on column ownership_private.protected_tables.noted_oid is
  'The table''s OID when its columns were noted. After a dump and restore it is another, and their numbers mean nothing.';
comment on column ownership_private.protected_tables.key_attnums is
  'pg_attribute.attnum of the key''s columns, by which they are known when they are renamed.';
comment on column ownership_private.protected_tables.key_types is 'The types of the key''s columns when they were noted.';

create table ownership_private.policies (
  id integer generated always as identity primary key,
  table_id integer not null references ownership_private.protected_tables on delete cascade,
  col name not null,
  attnum smallint,
  type_sql text,
  labels jsonb,
  mode text not null,
  blank_values text[] not null,
  on_conflict text not null,
  empty_is_opinion boolean not null,
  source name not null,
  enrolled_at timestamptz not null default clock_timestamp(),
  protected_at timestamptz not null default now(),
  unique (table_id, col),
  constraint policies_know_the_mode check (ownership_private.is_mode(mode)),
  constraint policies_know_the_conflict_rule check (on_conflict in ('keep', 'reject', 'observe'))
);
comment on table ownership_private.policies is 'The rule of one column of one table.';
comment on column ownership_private.policies.attnum is
  'pg_attribute.attnum when the column was protected. A column that was dropped and made again has another one.';
comment on column ownership_private.policies.type_sql is 'The column''s type when it was protected.';
comment on column ownership_private.policies.labels is
  'The labels and attributes in the text of its values (labels_of), as they were called when they were noted.';
comment on column ownership_private.policies.enrolled_at is
  'When this policy was made. Entries of the history that are older belong to an earlier policy of the same column.';
comment on column ownership_private.policies.source is
  'The writer that fills the column. Beside people it alone blanks what nobody owns. Of a set for whose key bases has no
   row, what stands there is taken for what this source sent last.';

create table ownership_private.asides (
  table_id integer primary key references ownership_private.protected_tables on delete cascade,
  sound integer[] not null,
  all_rows bigint not null,
  owned_rows bigint not null,
  written_by name[] not null default '{}'
);
comment on table ownership_private.asides is
  'Tables whose guards stepped aside in this transaction. sound: policies no cell of which was lost at that time.
   all_rows and owned_rows: how many rows it had then, and in how many of them somebody owned something. written_by:
   writers ranked below people that have written to the table since.';

create table ownership_private.renames (
  id bigint primary key,
  old_tbl text not null,
  old_col name not null,
  tbl text not null,
  col name not null
);
create index renames_to on ownership_private.renames (tbl, col, id);
create index renames_from on ownership_private.renames (old_tbl, old_col, id);
comment on table ownership_private.renames is
  'Protected columns that got another name, or whose table did. id is of the history''s sequence: entries with a lower
   one bear the old name, those with a higher one the new name.';

create table ownership_private.claims (
  policy_id integer not null references ownership_private.policies on delete cascade,
  key text collate "C" not null,
  element text collate "C" not null default '',
  removed boolean not null default false,
  writer name not null,
  rank integer not null,
  value jsonb,
  since timestamptz not null default clock_timestamp(),
  offered jsonb,
  offered_by name,
  offered_times bigint not null default 0,
  offered_first_at timestamptz,
  offered_at timestamptz,
  -- No check: Postgres parses one anew for each statement that writes a row, and guards write a claim a statement.
  primary key (policy_id, key, element)
)
-- Free space in each page lets the first update of a claim, which records a value on offer, be a HOT update.
with (fillfactor = 40);
comment on table ownership_private.claims is
  'Cells, and elements of sets, that a writer owns. A claim names its row by key and not by reference, for it outlives
   the row.';
comment on column ownership_private.claims.element is
  'The element of a set as it is compared (trimmed, lower case); empty for a scalar.';
comment on column ownership_private.claims.key is
  'The identity key as text. Collation C, because a comparison with a value of type name has that collation, and an
   index of another one would not be used.';
comment on column ownership_private.claims.offered is
  'The last value that was kept out of the cell. It is kept in the claim, so that a guard can look for the owner and
   count the attempt in one statement.';
comment on column ownership_private.claims.removed is
  'The writer took this element out of the set. It stays out while a source goes on sending it.';

create table ownership_private.bases (
  policy_id integer not null references ownership_private.policies on delete cascade,
  key text collate "C" not null,
  source name not null,
  base text[] not null,
  primary key (policy_id, key, source)
);
comment on table ownership_private.bases is
  'Sets: the last set each source sent, the common ancestor of the three-way merge.';

create table ownership_private.long_keys (
  key text collate "C" primary key,
  whole_key text collate "C" not null
);
comment on table ownership_private.long_keys is
  'The text of identity keys that are too long for an index. All other tables have their digest as key.';

create table ownership_private.blocked_writes (
  policy_id integer not null references ownership_private.policies on delete cascade,
  key text collate "C" not null,
  offered_hash text generated always as (md5(coalesce(offered::text, 'NULL'))) stored,
  offered jsonb,
  kept jsonb,
  writer name not null,
  times bigint not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  -- One row a value, however often it is sent: a source that sends the same every five minutes adds no row.
  primary key (policy_id, key, offered_hash)
);
comment on table ownership_private.blocked_writes is
  'Writes that were kept out: one row a cell and offered value. What is still on offer for a claimed cell is in
   claims.';

create table ownership_private.blocked_keys (
  table_id integer not null references ownership_private.protected_tables on delete cascade,
  key text collate "C" not null,
  offered_hash text generated always as (md5(coalesce(offered, ''))) stored,
  offered text,
  writer name not null,
  times bigint not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (table_id, key, offered_hash)
);
comment on table ownership_private.blocked_keys is
  'Changes of an identity key that were kept out: one row a row and offered key. A policy is of one column, and the key
   is of all.';

-- A domain and no check constraint of the table: those are read from the catalog by every statement, which costs more
-- than the insert where a statement writes a single entry.
create domain ownership_private.event as text
  constraint event_is_known
    check (value in ('claimed', 'removed', 'released', 'adopted', 'restored', 'moved', 'unprotected'));
comment on domain ownership_private.event is 'What can happen to an owned cell.';

create table ownership_private.history (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  tbl text not null,
  col name not null,
  key text collate "C" not null,
  element text collate "C" not null default '',
  event ownership_private.event not null,
  writer name not null,
  role name not null,
  sub text,
  run text,
  old_value jsonb,
  new_value jsonb,
  -- No foreign key to marks: every insert into the history would pay for it.
  restore_mark bigint
);
-- By the key alone: with table and column beside it, a key that is just short enough for an index would be too long.
create index history_of_a_row on ownership_private.history (key, id);
create index history_moves on ownership_private.history (id) where event = 'moved';
comment on table ownership_private.history is
  'What happened to owned cells, in order of id. Nothing is ever changed in it but the label of a value that is
   called otherwise today; ownership.prune deletes what is too old.';
comment on column ownership_private.history.at is
  'The time of the write itself. That of its transaction''s start would put an edit at the end of a long transaction
   before what others wrote in the meantime.';
comment on column ownership_private.history.sub is 'The signed-in user, where the write came through the API.';
comment on column ownership_private.history.restore_mark is
  'Set on entries that a restore wrote: the mark it took before it began. Such an entry is no person''s edit; restoring
   to that mark undoes it.';

create table ownership_private.marks (
  id bigint generated always as identity primary key,
  label text not null,
  history_id bigint not null,
  writer name not null,
  at timestamptz not null default clock_timestamp()
);
comment on table ownership_private.marks is
  'Named points in the history: history_id is the last entry before the mark.';

create table ownership_private.engine_writes (
  xid xid8 not null default pg_current_xact_id(),
  policy integer not null,
  depth integer not null,
  primary key (xid, policy, depth)
);
comment on table ownership_private.engine_writes is
  'Holds a row while the engine itself writes to a protected column. The row is deleted before the transaction ends, so
   no other transaction ever sees it.';
comment on column ownership_private.engine_writes.depth is
  'pg_trigger_depth() of what writes. Guards of its own statement run one deeper, those of statements that the triggers
   of users add to it run deeper still, and are told apart by it.';
