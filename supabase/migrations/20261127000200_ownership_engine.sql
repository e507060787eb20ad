-- From supabase/schemas/ownership/schemas.sql

-- The ownership engine: `ownership` is its contract (functions and views), `ownership_private` what it keeps to itself.

create schema ownership;
create schema ownership_private;

comment on schema ownership is
  'Column ownership: which writer owns a cell, and what the engine kept. Functions and views only.';
comment on schema ownership_private is
  'Tables and generated functions of the ownership engine. Nobody but its owner reads or writes them.';

-- Whatever people call runs without JIT (set jit = off). The planner, which cannot know how few rows the catalogue has,
-- would compile queries that take milliseconds for a second.

-- From supabase/schemas/ownership/modes.sql

-- Modes: what a policy does to a write. Everything that has to know it asks here: the generated triggers, foresee, the
-- checks of protect, health, verify and restore; and a test compares docs/ownership.md with it.

create function ownership.modes()
returns table (
  mode text, default_for text, keeps_out text, rests_on_claims boolean, leaves_claims boolean, merges boolean,
  lower_rank text, blank text
)
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  values
    ('source', null, null, false, false, false,
      'goes through', 'clears'),
    ('source_unless_blank', null, '{sent_is_blank}', false, false, false,
      'goes through when not blank', 'kept out'),
    ('fill_blank', null, '{sent_is_blank} or not {stands_is_blank} or {is_claimed}', false, true, false,
      'only into a blank cell', 'kept out'),
    ('manual', null, 'true', false, true, false,
      'only on the row''s first insert', 'kept out'),
    ('claim', 'scalars', '{is_owned} or {sent_is_blank} and not {stands_is_blank} and not {is_source}', true, true, false,
      'goes through until a higher rank has written the cell, then kept out until released',
      'kept out once claimed; before, only its source''s goes through'),
    ('merge_set', 'arrays of text', '{says_nothing}', false, true, true,
      'merged by element, see [Sets](#sets)', 'see there');
end
$$;
comment on function ownership.modes is
  'The modes that protect takes. default_for: columns that get the mode where none is named. keeps_out: the SQL
   condition under which a write by a lower rank is kept out as a whole (NULL: never); in braces stand conditions that
   are known of every write, see ownership_private.condition_sql. rests_on_claims: nothing that the column''s own
   source sends is kept out where nobody has claimed a cell of the column. leaves_claims: what a writer writes is his.
   merges: what is not kept out is merged by element. lower_rank, blank: the same in words, for a write by a lower
   rank, and for a blank by anybody but a person.';

create function ownership_private.is_mode(mode text)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ownership.modes() m where m.mode = is_mode.mode)
$$;
comment on function ownership_private.is_mode is 'Whether there is a mode of this name.';

create function ownership_private.merges(mode text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select m.merges from ownership.modes() m where m.mode = merges.mode
  );
end
$$;
comment on function ownership_private.merges is
  'Whether a mode has to do with the elements of a set: claims are on elements then, and else on whole values.';

create function ownership_private.default_mode(kind text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select m.mode from ownership.modes() m where m.default_for = kind
$$;
comment on function ownership_private.default_mode is 'The mode of arrays of text, or of scalars and other arrays, where none is named.';

create function ownership_private.condition_sql(
  keeps_out text, sent_is_blank text, stands_is_blank text, is_claimed text, is_owned text, says_nothing text,
  is_source text
)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select replace(replace(replace(replace(replace(replace(keeps_out, '{sent_is_blank}', sent_is_blank),
    '{stands_is_blank}', stands_is_blank), '{is_claimed}', is_claimed), '{is_owned}', is_owned),
    '{says_nothing}', says_nothing), '{is_source}', is_source)
$$;
comment on function ownership_private.condition_sql is
  'The condition of a mode, with the SQL for what it builds on: the value sent is blank; what stands there is blank;
   the cell is claimed; its owner keeps the value out (owner_keeps_sql); a set was sent that is no opinion; the writer
   is the source of the column.';

create function ownership_private.owner_keeps_sql(claim text, writer_rank text, sent_is_blank text, sent text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  -- As text, because jsonb calls 1.0 and 1.00 equal.
  select format('(%1$s.rank > %2$s or %3$s) and %1$s.value::text is distinct from (%4$s)::text',
    claim, writer_rank, sent_is_blank, sent)
$$;
comment on function ownership_private.owner_keeps_sql is
  'The condition under which the owner of a cell, whose claim is given, keeps a value out: he ranks higher, or the value
   is blank. His own value comes back by any hand.';

-- From supabase/schemas/ownership/tables.sql

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

-- From supabase/schemas/ownership/writers.sql

-- Writers: who writes is told by the role alone. Anybody can change a setting, so a setting may only lower a rank.

create function ownership_private.fail(code text, message text, detail text, hint text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = code, message = message, detail = detail, hint = hint;
end
$$;
comment on function ownership_private.fail is 'Raises an error in the one form all errors of the engine have.';

create function ownership_private.current_writer(
  out writer name, out rank integer, out role name, out reason text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  act_as name := nullif(current_setting('ownership.writer', true), '');
  act_as_rank integer;
begin
  role := coalesce(nullif(current_setting('role'), 'none'), session_user);
  select w.rank into rank from ownership_private.writers w where w.role = current_writer.role;
  writer := case when found then role else 'unknown' end;
  rank := coalesce(rank, 0);
  reason := case when rank > 0 then format('role %I is registered', role)
    else format('role %I is not registered', role) end;
  if act_as <> writer then
    select w.rank into act_as_rank from ownership_private.writers w where w.role = act_as;
    if coalesce(act_as_rank, 0) < rank then
      reason := format('role %I, lowered by the setting ownership.writer', role);
      -- A person may act for a sync. A program that could would empty what only that sync may.
      writer := case when act_as_rank is null then 'unknown' when rank >= 100 then act_as else writer end;
      rank := coalesce(act_as_rank, 0);
    else
      reason := reason || '; the setting ownership.writer is ignored, it can only lower a rank';
    end if;
  end if;
  -- Loads and replication come in as the superuser that set them up. What they bring is not his edit.
  if rank >= 100 and current_setting('session_replication_role') = 'replica' then
    writer := 'unknown';
    rank := 0;
    reason := reason || ', but in replica mode (session_replication_role) nobody is a person';
  end if;
end
$$;
comment on function ownership_private.current_writer is
  'The writer of this statement, told by current_setting(''role'') or session_user: security definer changes neither,
   and no request header can set them. In replica mode nobody is a person. A person who lowers himself acts as another
   writer, a program by its own name with the lower rank.';

create function ownership_private.lower_of(one name, other name)
returns name
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select w.writer
  from (values (1, one), (2, other)) w (place, writer)
  left join ownership_private.writers r on r.role = w.writer
  order by coalesce(r.rank, 0), w.place
  limit 1
$$;
comment on function ownership_private.lower_of is
  'Which of two writers stands lower. A value that both offered counts as the lower one''s: that a source does not send
   what stands must not be forgotten because a program above it repeats what the source sent.';

create function ownership_private.writer_or_caller(named name, out writer name, out rank integer)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when named is null then me.writer else named end,
    case when named is null then me.rank
      else coalesce((select w.rank from ownership_private.writers w where w.role = named), 0) end
  from ownership_private.current_writer() me
$$;
comment on function ownership_private.writer_or_caller is
  'A writer by name with its rank; without a name, the writer of this statement.';

create function ownership.whoami(out writer name, out rank integer, out role name, out reason text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select * from ownership_private.current_writer()
$$;
comment on function ownership.whoami is
  'As whom the engine sees you: writer and rank, the role it follows from, and the reason in words.';

create function ownership.require_person(action text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  me record;
begin
  select * into me from ownership_private.current_writer();
  if me.rank < 100 then
    perform ownership_private.fail('OW001',
      format('%s needs rank 100, and %I has rank %s', action, me.writer, me.rank), me.reason,
      'Call it as a person: postgres, or a role registered with rank 100 by ownership.register_writer.');
  end if;
end
$$;
comment on function ownership.require_person is
  'Refuses whoever is ranked below people, for functions that only people may call. action: what is refused, as the
   message names it. Error: OW001.';

create function ownership_private.rank_sql(role_expression text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('case %s %s else 0 end', role_expression,
    string_agg(format('when %L then %s', w.role, w.rank), ' ' order by w.rank desc, w.role))
  from ownership_private.writers w
$$;
comment on function ownership_private.rank_sql is
  'An SQL expression that gives the rank of a role as it is registered today, for generated functions.';

create function ownership_private.claims_by_default(rank integer)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select rank >= 50
$$;
comment on function ownership_private.claims_by_default is
  'Whether a writer of this rank leaves claims where nothing is said of it: people do, and derived data; programs with a
   secret key and syncs do not.';

create function ownership_private.leaves_claims(writer name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ownership_private.writers w where w.role = leaves_claims.writer and w.claims)
$$;
comment on function ownership_private.leaves_claims is
  'Whether what this writer writes is his from then on. An unknown writer leaves no claims.';

create function ownership_private.rank_over_claims(writer name, rank integer)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.leaves_claims(rank_over_claims.writer) then rank else 0 end
$$;
comment on function ownership_private.rank_over_claims is
  'The rank with which a writer meets the claims of others: one that leaves no claims takes nothing that is owned, or
   the claim would stay with a value that does not stand there.';

create function ownership_private.is_program(writer name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ownership_private.writers w where w.role = is_program.writer and w.rank < 100)
$$;
comment on function ownership_private.is_program is 'Whether a role is registered, and with a rank below people''s.';

create function ownership_private.claimants_sql(role_expression text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s in (%s)', role_expression, string_agg(quote_literal(w.role), ', ' order by w.role))
  from ownership_private.writers w
  where w.claims
$$;
comment on function ownership_private.claimants_sql is
  'The SQL test that a role leaves claims, as the writers are registered today. It stands in the WHEN of triggers, so
   that they are not called for roles that leave none.';

create function ownership.register_writer(
  role name, rank integer, label text default null, claims boolean default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('register_writer');
  if rank is null or rank not between 1 and 1000 then
    perform ownership_private.fail('OW009',
      format('rank %s of writer %I is out of range', coalesce(rank::text, 'NULL'), role),
      'Ranks go from 1 to 1000; 100 and above are people.',
      'Usual ranks: 10 a sync, 20 a program with a secret key, 50 derived data, 100 people.');
  end if;
  if not exists (select from pg_catalog.pg_roles r where r.rolname = register_writer.role) then
    perform ownership_private.fail('OW009', format('there is no role %I', role),
      'A writer is a role of the database.', format('Create it first: create role %I nologin;', role));
  end if;
  if rank >= 100 and not claims then
    perform ownership_private.fail('OW009', format('writer %I has rank %s, and people always claim', role, rank),
      'What a person writes is kept from every lower rank, and that rests on a claim.',
      'Leave claims out, or give it a rank below 100.');
  end if;
  insert into ownership_private.writers as w (role, rank, label, claims)
  values (register_writer.role, register_writer.rank, register_writer.label,
    coalesce(register_writer.claims, ownership_private.claims_by_default(register_writer.rank)))
  on conflict on constraint writers_pkey do update
  set rank = excluded.rank, label = coalesce(excluded.label, w.label),
    claims = case when register_writer.claims is null and w.rank = excluded.rank then w.claims else excluded.claims end;
  perform ownership_private.generate_all();
end
$$;
comment on function ownership.register_writer is
  'Makes a role known with its rank (1 to 1000; people from 100 up). claims: whether what it writes is its own from then
   on, so that lower ranks are kept out (default: from rank 50 up; at the same rank again, what was said before; people
   always). Errors: OW001, OW009.';

create function ownership_private.note_rank()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.ranks as r (role, after, rank)
  values (
    coalesce(new.role, old.role),
    coalesce(pg_sequence_last_value(pg_get_serial_sequence('ownership_private.history', 'id')::regclass), 0),
    coalesce(new.rank, 0)
  )
  on conflict (role, after) do update set rank = excluded.rank;
  return null;
end
$$;
comment on function ownership_private.note_rank is 'Keeps since when a writer has had which rank.';

create trigger note_rank
after insert or delete or update of rank on ownership_private.writers
for each row
execute function ownership_private.note_rank();

insert into ownership_private.writers (role, rank, label, claims)
values
  ('postgres', 100, 'people with SQL access', true),
  ('supabase_admin', 100, 'people in the dashboard', true),
  ('authenticated', 100, 'people signed in through the API', true),
  ('manual_editor', 100, 'people', true),
  ('service_role', 20, 'programs with a secret key', false);

-- Whoever installs the engine owns it. Were he no person, nobody could register anybody, nor take the engine out again.
insert into ownership_private.writers (role, rank, label, claims)
values (coalesce(nullif(current_setting('role'), 'none'), session_user), 100, 'who installed the engine', true)
on conflict do nothing;

-- From supabase/schemas/ownership/values.sql

-- Values: what counts as blank, and the form in which elements of sets are compared.

create function ownership.is_blank(value text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Most texts begin with a printable ASCII character and need no regular expression. Collation C compares bytes, which
  -- is right for that character in every server encoding.
  return value is null
    or value collate "C" not between '!' and '~'
      and value collate pg_catalog."default" !~ '[^[:space:]\u00a0\u200b\u202f\ufeff]';
end
$$;
comment on function ownership.is_blank(text) is
  'NULL, the empty string, or nothing but white space, including no-break spaces.';

create function ownership.is_blank(value jsonb)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL, like all functions that are called for each cell: it keeps its plans, while an SQL function that is not
  -- inlined is planned anew in each query. And an expression without a subquery needs no executor.
  if jsonb_typeof(value) = 'array' and value <> '[]' then
    return not exists (select from jsonb_array_elements(value) e where not ownership.is_blank(e));
  end if;
  return case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'array' then true
    when 'object' then value = '{}'
    when 'null' then true
    else value is null
  end;
end
$$;
comment on function ownership.is_blank(jsonb) is 'NULL, null, "", [], {} and arrays of blanks. 0 and false are values.';

create function ownership.is_blank(value text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return not exists (select from unnest(value) e where not ownership.is_blank(e));
end
$$;
comment on function ownership.is_blank(text[]) is
  'NULL, {}, {NULL}, {""}: an array without one element that is not blank.';

create function ownership_private.element(value text)
returns text
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- An accented letter has two forms in Unicode, composed and decomposed. ASCII text has only one, and normalize
  -- refuses server encodings other than UTF8.
  composed text := case when octet_length(value) > length(value) and getdatabaseencoding() = 'UTF8'
    then normalize(value, nfc) else value end;
  -- Lower case under the database's collation, whatever the caller's: under two collations one tag would become two.
  folded text := lower(case
    when composed collate "C" between '!' and '~' and right(composed, 1) collate "C" between '!' and '~' then composed
    else regexp_replace(
      composed collate pg_catalog."default", '^[[:space:]\u00a0]+|[[:space:]\u00a0]+$', '', 'g')
  end collate pg_catalog."default");
begin
  return case when octet_length(folded) > 500 then 'md5:' || md5(folded) else folded end;
end
$$;
comment on function ownership_private.element is
  'An element of a set in the form in which it is compared: trimmed, lower case, accented letters composed, so that VIP
   and " vip " are one tag. A long one is replaced by its digest, to fit into an index.';

create function ownership_private.elements(value text[])
returns text[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(value, '{}') = '{}' then
    return '{}';
  end if;
  return array(
    select distinct ownership_private.element(e) collate "C"
    from unnest(value) e
    where not ownership.is_blank(e)
    order by 1
  );
end
$$;
comment on function ownership_private.elements is
  'A set in the form in which sets are compared: sorted, each element once, no blanks.';

-- From supabase/schemas/ownership/columns.sql

-- Columns: what the engine must know of a column, and the SQL that tests, compares and converts its values.

create function ownership_private.base_type(type_of_value oid)
returns oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_type oid := type_of_value;
  beneath oid;
begin
  loop
    beneath := (select nullif(t.typbasetype, 0) from pg_type t where t.oid = found_type);
    exit when beneath is null;
    found_type := beneath;
  end loop;
  return found_type;
end
$$;
comment on function ownership_private.base_type is 'The type beneath a domain, and beneath a domain over a domain.';

create function ownership_private.types_within(type_of_value oid)
returns setof oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with recursive within (type_oid) as (
    select type_of_value
    union
    select part.type_oid
    from within w
    join pg_type y on y.oid = w.type_oid
    left join pg_range r on y.oid in (r.rngtypid, r.rngmultitypid)
    left join pg_attribute a on y.typtype = 'c' and a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
    cross join lateral (
      values (y.typbasetype), (case when y.typcategory = 'A' then y.typelem end), (r.rngsubtype), (a.atttypid)
    ) part (type_oid)
    where part.type_oid <> 0
  )
  select w.type_oid from within w;
end
$$;
comment on function ownership_private.types_within is
  'A type, and the types beneath it: of a domain, elements, bounds and attributes.';

create function ownership_private.checks_values(tbl regclass, col name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_attribute a
    cross join ownership_private.types_within(a.atttypid) w
    join pg_type y on y.oid = w and y.typtype = 'd'
    where a.attrelid = tbl and a.attname = col and not a.attisdropped
  )
$$;
comment on function ownership_private.checks_values is
  'Whether a column''s type is a domain or holds one, whose constraints can refuse a value, also one that stood there.';

create function ownership_private.unchecked_type_sql(tbl regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when y.typtype = 'd' then format_type(ownership_private.base_type(y.oid), y.typtypmod)
    else format_type(a.atttypid, a.atttypmod) end
  from pg_attribute a
  join pg_type y on y.oid = a.atttypid
  where a.attrelid = tbl and a.attname = col and not a.attisdropped
$$;
comment on function ownership_private.unchecked_type_sql is
  'The type of a column; of a domain the one beneath it, which refuses no value that stood there.';

create function ownership_private.is_citext(base regtype)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from pg_type t where t.oid = base and t.typname = 'citext' and t.typtype = 'b')
$$;
comment on function ownership_private.is_citext is 'Whether a type is that of the extension citext.';

create function ownership_private.is_exact(type_of_value oid, its_collation oid)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  base pg_type;
  subtype pg_range;
begin
  select t.* into base from pg_type t where t.oid = ownership_private.base_type(type_of_value);
  if base.typcategory = 'A' then
    return ownership_private.is_exact(base.typelem, its_collation);
  elsif base.typtype in ('r', 'm') then
    select r.* into subtype from pg_range r where base.oid in (r.rngtypid, r.rngmultitypid);
    return ownership_private.is_exact(subtype.rngsubtype, subtype.rngcollation);
  end if;
  -- The equality of enums takes no domain over one. Of others Postgres itself has to know, for deduplication in
  -- B-trees, whether equal values have the same image.
  return base.oid <> 'bpchar'::regtype and (base.typtype <> 'e' or base.oid = type_of_value) and exists (
    select from pg_opclass c
    join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
    join pg_amproc s on s.amprocfamily = c.opcfamily and s.amproclefttype = c.opcintype
      and s.amprocrighttype = c.opcintype and s.amprocnum = 4
    where c.opcdefault
      and c.opcintype = case
        when base.typtype = 'e' then 'anyenum'::regtype when base.oid = 'varchar'::regtype then 'text'::regtype else base.oid
      end
      and (
        s.amproc = 'btequalimage'::regproc
        or s.amproc = 'btvarstrequalimage'::regproc
          and exists (select from pg_collation l where l.oid = its_collation and l.collisdeterministic)
      )
  );
end
$$;
comment on function ownership_private.is_exact is
  'Whether values of a type that are equal are also written alike. Not so are numeric (1.0 and 1.00), interval (1 mon
   and 30 days), citext, text under a nondeterministic collation, and types without an equality.';

-- In PL/pgSQL, which plans a query once a session: whatever is generated or compared asks for these many times.
create function ownership_private.column_facts(tbl regclass, col name)
returns table (
  type_sql text, base regtype, is_array boolean, is_set boolean, is_set_of_text boolean, not_null boolean,
  default_sql text, type_id oid, collation_id oid, kind "char", collation_sql text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select
    format_type(a.atttypid, a.atttypmod),
    b.oid::regtype,
    t.typcategory = 'A',
    t.typcategory = 'A' and e.typcategory in ('S', 'N', 'U', 'D', 'E', 'B'),
    t.typcategory = 'A' and a.attndims <= 1
      and (e.typcategory in ('S', 'E') or ownership_private.is_citext(ownership_private.base_type(e.oid)::regtype)),
    a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid),
    a.atttypid,
    a.attcollation,
    t.typcategory,
    (select format('%I.%I', n.nspname, l.collname) from pg_collation l join pg_namespace n on n.oid = l.collnamespace
      where l.oid = a.attcollation)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_type b on b.oid = ownership_private.base_type(a.atttypid)
  left join pg_catalog.pg_type e on e.oid = b.typelem
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = tbl and a.attname = col and a.attnum > 0 and not a.attisdropped;
end
$$;
comment on function ownership_private.column_facts is
  'What the generator must know of a column; no row where the table has no such column. base: the type beneath a
   domain.';

create function ownership_private.changed_sql(tbl regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.is_exact(f.type_id, f.collation_id) then 'new.%1$I is distinct from old.%1$I'
    else 'record_image_ne(row(new.%1$I), row(old.%1$I))' end, col)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.changed_sql is
  'The test that an update changes a column in any way. Types without equality, or with one that ignores differences
   (citext, numeric), are compared by the bytes that are stored.';

create function ownership_private.recorded(value anyelement)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- json takes \u0000, and jsonb does not. A value that looks as if it were recorded so is, too.
  if strpos(value::text, '\u0000') > 0 or strpos(value::text, 'text of json') > 0 then
    return jsonb_build_object('text of json', value::text);
  end if;
  return to_jsonb(value);
end
$$;
comment on function ownership_private.recorded is
  'A value of a type that holds json, as it is recorded: what jsonb cannot hold as its text.';

create function ownership_private.recorded_sql(tbl regclass, col name, value_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  y pg_type;
begin
  select t.* into y
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  where a.attrelid = tbl and a.attname = col and not a.attisdropped;
  -- Asked for each cell that is released; most types hold no other.
  if y.oid = 'json'::regtype or (y.typtype in ('d', 'c') or y.typcategory = 'A')
    and 'json'::regtype in (select ownership_private.types_within(y.oid)) then
    return format('ownership_private.recorded(%s)', value_sql);
  end if;
  return format('to_jsonb(%s)', value_sql);
end
$$;
comment on function ownership_private.recorded_sql(regclass, name, text) is
  'An SQL expression for a value of a column as claims, history and offers have it. from_jsonb_sql turns it back.';

create function ownership_private.recorded_sql(p ownership_private.policies, record_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.recorded_sql(t.tbl, p.col, format('%s.%I', record_sql, p.col))
  from ownership_private.protected_tables t
  where t.id = p.table_id
$$;
comment on function ownership_private.recorded_sql(ownership_private.policies, text) is
  'The same for the column of a policy in a record.';

create function ownership_private.is_default_sql(tbl regclass, col name, record_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Asked for every column of a table; most have none.
  if not (select a.atthasdef from pg_attribute a where a.attrelid = tbl and a.attname = col) then
    return null;
  end if;
  return (
    -- In the type beneath a domain, whose constraints may refuse the default today.
    select format('%s::text is not distinct from %s::text',
      ownership_private.recorded_sql(tbl, col, format('%s.%I', record_name, col)),
      ownership_private.recorded_sql(tbl, col, format('(%s)::%s',
        case when f.type_sql <> unchecked and right(f.default_sql, length(f.type_sql) + 2) = '::' || f.type_sql
          then left(f.default_sql, -length(f.type_sql) - 2) else f.default_sql end, unchecked)))
    from ownership_private.column_facts(tbl, col) f
    cross join ownership_private.unchecked_type_sql(tbl, col) unchecked
    join pg_attribute a on a.attrelid = tbl and a.attname = col
    join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where f.default_sql <> 'NULL'
      -- Where no function of others is called, and none that is volatile, evaluating it once more in the same statement
      -- has no effect and gives the same value.
      and not exists (
        select from regexp_matches(d.adbin::text, 'funcid (\d+)', 'g') called (id)
        left join pg_proc p on p.oid = called.id[1]::oid
        where p.provolatile = 'v' or p.pronamespace is distinct from 'pg_catalog'::regnamespace
      )
  );
end
$$;
comment on function ownership_private.is_default_sql is
  'The test that an inserted value is the column''s default, which nobody has to have written; NULL where the column has
   none, or one that may give another value each time.';

create function ownership_private.blank_forms(tbl regclass, col name, blank_values text[])
returns jsonb[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  type_sql text := ownership_private.unchecked_type_sql(tbl, col);
  blank text;
  form jsonb;
  forms jsonb[] := '{}';
begin
  foreach blank in array blank_values loop
    execute 'select ' || ownership_private.recorded_sql(tbl, col, format('%L::%s', blank, type_sql)) into form;
    forms := forms || form;
  end loop;
  return forms;
exception when data_exception or integrity_constraint_violation then
  perform ownership_private.fail('OW016', format('blank value %L is no value of column %I of table %s', blank, col, tbl),
    sqlerrm || '.', format('Give blank_values as values of %s.', type_sql));
end
$$;
comment on function ownership_private.blank_forms is
  'A policy''s own blank values in the form in which to_jsonb gives values of the column, so that 0 is 0.00 and f is
   false (OW016 where one is no value of the column).';

create function ownership_private.blank_sql(tbl regclass, col name, blank_values text[], value_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('(%s%s)',
    format(case
      when f.is_array then 'ownership.is_blank(%s::text[])'
      when f.base = 'jsonb'::regtype then 'ownership.is_blank(%s::jsonb)'
      when f.base = 'json'::regtype then 'ownership.is_blank(ownership_private.recorded(%s))'
      when f.kind = 'S' then 'ownership.is_blank(%s::text)'
      else '%s is null' end, value_sql),
    case when cardinality(blank_values) > 0
      then format(' or %s = any (%L::jsonb[])', ownership_private.recorded_sql(tbl, col, value_sql),
        ownership_private.blank_forms(tbl, col, blank_values))
      else '' end)
  from ownership_private.column_facts(tbl, col) f
$$;
comment on function ownership_private.blank_sql is
  'The test for a blank value of a column, with the policy''s own blank values.';

create function ownership_private.from_jsonb_sql(
  tbl regclass, col name, value_sql text, type_sql text default null
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.recorded_sql(tbl, col, '') like 'to_jsonb%' then '%3$s'
      else '(case when %1$s ? ''text of json'' then (%1$s ->> ''text of json'')::%2$s else %3$s end)' end,
    value_sql, wanted, format(case
      -- In a JSON column null is a value, and jsonb_to_record would turn it into SQL's NULL.
      when f.base in ('json', 'jsonb') then '(%1$s)::%2$s'
      when f.base in ('text', 'boolean', 'smallint', 'integer', 'bigint', 'uuid', 'date', 'timestamptz')
        then '((%1$s) #>> ''{}'')::%2$s'
      else '(select cell.value from jsonb_to_record(jsonb_build_object(''value'', %1$s)) cell (value %2$s))'
    end, value_sql, wanted))
  from ownership_private.column_facts(tbl, col) f
  cross join lateral coalesce(from_jsonb_sql.type_sql, f.type_sql) wanted
$$;
comment on function ownership_private.from_jsonb_sql is
  'An SQL expression that turns a recorded value back into the column''s type, or into another. It names no other
   column of the table: one whose type forbids NULL would make it fail.';

create function ownership_private.differs_sql(tbl regclass, col name, live_sql text, recorded_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.is_exact(f.type_id, f.collation_id) then '%1$s is distinct from %2$s' else '%3$s::text is distinct from %4$s::text' end,
    live_sql, read_sql,
    ownership_private.recorded_sql(tbl, col, live_sql), ownership_private.recorded_sql(tbl, col, read_sql))
  from ownership_private.column_facts(tbl, col) f
  cross join ownership_private.from_jsonb_sql(
    tbl, col, recorded_sql, ownership_private.unchecked_type_sql(tbl, col)) read_sql
$$;
comment on function ownership_private.differs_sql is
  'The test that a live value is not the recorded one. The recorded one is first read in the column''s type, so that
   both are written in the same way.';

-- From supabase/schemas/ownership/changed_types.sql

-- Types that change: claims hold values as text. Where a column gets another type they are converted. The text of an
-- enum is its label, and that of a composite names its attributes; both can be renamed. Their numbers stay, and tell
-- what became of the names that were noted.

create function ownership_private.labels_of(type_of_value oid)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(l.number, l.label)
  from (
    select e.oid::text, e.enumlabel
    from ownership_private.types_within(type_of_value) w
    join pg_enum e on e.enumtypid = w
    union all
    select format('%s.%s', a.attrelid, a.attnum), a.attname
    from ownership_private.types_within(type_of_value) w
    join pg_type y on y.oid = w and y.typtype = 'c'
    join pg_attribute a on a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
  ) l (number, label)
$$;
comment on function ownership_private.labels_of is
  'The labels of enums and the names of attributes in the text of a type''s values, by their OID, or the OID of their
   relation and their number there; NULL for a type whose values have none.';

create function ownership_private.renamed_attributes(value jsonb, relation oid, noted jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_noted boolean := exists (select from jsonb_object_keys(noted) k where k like format('%s.%%', relation));
begin
  return coalesce((
    select jsonb_object_agg(a.attname, ownership_private.renamed_value(
      value -> case when is_noted then noted ->> format('%s.%s', relation, a.attnum) else a.attname end, a.atttypid, noted))
    from pg_attribute a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
  ), '{}');
end
$$;
comment on function ownership_private.renamed_attributes is
  'A recorded composite with the attributes of today: renamed ones keep their values, new ones are NULL.';

create function ownership_private.renamed_value(value jsonb, type_of_value oid, noted jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  y pg_type;
begin
  -- The text of a composite (recorded) does not name its attributes.
  if value is null or value = 'null' or value ? 'text of json' then
    return value;
  end if;
  select t.* into y from pg_type t where t.oid = ownership_private.base_type(type_of_value);
  if y.typcategory = 'A' and jsonb_typeof(value) = 'array' then
    -- Rows of a matrix are arrays of the same type.
    return coalesce((
      select jsonb_agg(ownership_private.renamed_value(e.value, case when jsonb_typeof(e.value) = 'array' then y.oid
        else y.typelem end, noted) order by e.place)
      from jsonb_array_elements(value) with ordinality e (value, place)
    ), '[]');
  elsif y.typcategory = 'A' then
    return ownership_private.renamed_value(value, y.typelem, noted);
  elsif y.typtype = 'c' and jsonb_typeof(value) = 'object' then
    return ownership_private.renamed_attributes(value, y.typrelid, noted);
  elsif y.typtype = 'e' then
    -- Elements of sets are recorded without case, too.
    return coalesce((
      select to_jsonb(e.enumlabel) from pg_enum e
      where e.enumtypid = y.oid
        and ownership_private.element(noted ->> e.oid::text) = ownership_private.element(value #>> '{}')
      order by noted ->> e.oid::text = value #>> '{}' desc
      limit 1
    ), value);
  end if;
  return value;
end
$$;
comment on function ownership_private.renamed_value is
  'A recorded value of a type, or an element of a set, with the labels and attributes of today in place of those noted.
   The text of ranges stays as it is.';

create function ownership_private.renamed_element(element text, value jsonb, type_of_set oid, noted jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when element = '' then element else ownership_private.element(ownership_private.renamed_value(
    case jsonb_typeof(value) when 'string' then value else to_jsonb(element) end, type_of_set, noted) #>> '{}') end
$$;
comment on function ownership_private.renamed_element is
  'An element of a set in the form in which it is compared, under the label that it has today. value: how it is spelt.';

create function ownership_private.rename_elements(policy integer, type_of_set oid, noted jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  update ownership_private.bases b
  set base = array(
    select ownership_private.renamed_value(to_jsonb(e.value), type_of_set, noted) #>> '{}'
    from unnest(b.base) with ordinality e (value, place)
    order by e.place
  )
  where b.policy_id = policy;

  -- Labels can have exchanged their names: each element is first called what none is. Two that differ by case alone now
  -- stay two.
  with renamed as materialized (
    select c.key, c.element, ownership_private.renamed_element(c.element, c.value, type_of_set, noted) as today
    from ownership_private.claims c
    where c.policy_id = policy
  )
  update ownership_private.claims c
  set element = E'\n' || r.today, value = ownership_private.renamed_value(c.value, type_of_set, noted)
  from renamed r
  where c.policy_id = policy and c.key = r.key and c.element = r.element and r.today <> r.element
    and not exists (select from renamed o where o.key = r.key and o.today = r.today and o.element <> r.element);
  update ownership_private.claims c
  set element = substr(c.element, 2)
  where c.policy_id = policy and c.element like E'\n%';
$$;
comment on function ownership_private.rename_elements is
  'Gives claimed elements of a set, and what sources sent, the labels of today.';

create function ownership_private.renamed_blanks(blank_values text[], type_of_value oid, noted jsonb)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select case when y.typcategory = 'A' then array(
      select jsonb_array_elements_text(ownership_private.renamed_value(to_jsonb(b.value::text[]), type_of_value, noted))
    )::text else ownership_private.renamed_value(to_jsonb(b.value), type_of_value, noted) #>> '{}' end
    from unnest(blank_values) with ordinality b (value, place)
    order by b.place
  )
  from pg_type y
  where y.oid = type_of_value
$$;
comment on function ownership_private.renamed_blanks is 'A policy''s own blank values under the labels of today.';

create function ownership_private.follow_labels(noted ownership_private.policies, tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  today oid;
begin
  -- A label is renamed beside open writes to the table, and what they claim bears the old one.
  execute format('lock table %s in share row exclusive mode', tbl);
  today := (
    select a.atttypid from ownership_private.policies p
    join pg_attribute a on a.attrelid = tbl and a.attname = p.col and not a.attisdropped
    where p.id = noted.id
  );
  if ownership_private.merges(noted.mode) then
    perform ownership_private.rename_elements(noted.id, today, noted.labels);
  else
    update ownership_private.claims c
    set value = ownership_private.renamed_value(c.value, today, noted.labels),
      offered = ownership_private.renamed_value(c.offered, today, noted.labels)
    where c.policy_id = noted.id;
  end if;
  -- A restore reads the values of the past in the type of today.
  update ownership_private.history h
  set old_value = ownership_private.renamed_value(h.old_value, today, noted.labels),
    new_value = ownership_private.renamed_value(h.new_value, today, noted.labels),
    element = ownership_private.renamed_element(h.element, coalesce(h.new_value, h.old_value), today, noted.labels)
  from ownership_private.names n
  where n.policy_id = noted.id and h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
    and h.event <> 'moved';
  update ownership_private.policies p
  set blank_values = ownership_private.renamed_blanks(p.blank_values, today, noted.labels)
  where p.id = noted.id and p.blank_values <> '{}';
end
$$;
comment on function ownership_private.follow_labels is
  'Gives what is recorded of a column the labels and attributes that its type has today, in place of those noted.';

create function ownership_private.convert_claims(p ownership_private.policies, t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  convert_sql text := format(
    'update ownership_private.claims c set value = %s where c.policy_id = $1 and c.element = '''' and (c.key = $2 or $2 is null)',
    ownership_private.recorded_sql(t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value')));
  one text;
begin
  if ownership_private.merges(p.mode) then
    return;
  end if;
  -- Where every claimed value stood in its row before, what stands there now is that value in the new type.
  if p.id in (select unnest(a.sound) from ownership_private.asides a where a.table_id = t.id) then
    execute format('update ownership_private.claims c set value = %s from %s r where c.policy_id = $1 and c.element = '''' and %s',
      ownership_private.recorded_sql(p, 'r'), t.tbl, ownership_private.same_key_sql(t, 'r', 'c.key')) using p.id;
  end if;
  execute convert_sql using p.id, null::text;
exception when others then
  for one in select c.key from ownership_private.claims c where c.policy_id = p.id and c.element = '' loop
    begin
      execute convert_sql using p.id, one;
    exception when others then
      raise warning 'the owned %.% of % is no %: %', t.name, quote_ident(p.col), one, p.type_sql, sqlerrm
        using hint = 'The claim stands as it was; ownership.verify shows it.';
    end;
  end loop;
end
$$;
comment on function ownership_private.convert_claims is
  'Gives the claimed values of a column whose type changed the form that they have in the new one.';

create function ownership_private.follow_type(noted ownership_private.policies, t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
  labels_now jsonb;
  is_same_type boolean;
begin
  select o.* into p from ownership_private.policies o where o.id = noted.id;
  select ownership_private.labels_of(a.atttypid), format_type(a.atttypid, a.atttypmod) = noted.type_sql
  into labels_now, is_same_type
  from pg_attribute a where a.attrelid = t.tbl and a.attname = p.col;
  if exists (select from jsonb_object_keys(noted.labels) l where labels_now ? l) then
    if labels_now <> noted.labels then
      perform ownership_private.follow_labels(noted, t.tbl);
    end if;
  elsif noted.labels is not null then
    -- None of its labels is left: another type bears the name.
    is_same_type := false;
  end if;
  if not is_same_type then
    perform ownership_private.convert_claims(p, t);
  end if;
end
$$;
comment on function ownership_private.follow_type is
  'Gives what is recorded of a column the form that it has in the column''s type of today. noted: its policy as it was.';

-- From supabase/schemas/ownership/present.sql

-- What is there of what was protected. Tables are dropped, columns are renamed, and policies, claims and history stay:
-- whatever goes over all tables or policies asks here, so that one that is gone stops nothing for the others.

create function ownership_private.is_here(t ownership_private.protected_tables)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select count(*) = cardinality(t.identity_key)
  from pg_attribute a
  where a.attrelid = t.tbl and a.attname = any (t.identity_key) and not a.attisdropped
$$;
comment on function ownership_private.is_here is 'Whether a protected table exists, with the columns of its identity key.';

create function ownership_private.tables_here()
returns setof ownership_private.protected_tables
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select t.* from ownership_private.protected_tables t where ownership_private.is_here(t) order by t.id
$$;
comment on function ownership_private.tables_here is 'The protected tables that exist, with the columns of their key.';

create function ownership_private.policies_on(t ownership_private.protected_tables)
returns setof ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select p.*
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  join pg_type y on y.oid = a.atttypid
  where p.table_id = t.id
    and ownership_private.is_here(t)
    and (y.typcategory = 'A' or not ownership_private.merges(p.mode));
end
$$;
comment on function ownership_private.policies_on is
  'The policies of a table that can be guarded: the column is there and, where its elements are merged, an array.';

create function ownership_private.name_today(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((select c.oid::regclass::text from pg_class c where c.oid = t.tbl), t.name)
$$;
comment on function ownership_private.name_today is 'The name of a table; of one that was dropped, the last that it had.';

-- Names: entries of the history bear the names that table and column had then.

create view ownership_private.names as
with recursive chain as (
  select p.id as policy_id, t.name as tbl, p.col, 9223372036854775807 as before, last.*
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  left join lateral (
    select r.id, r.old_tbl, r.old_col, r.tbl = t.name and r.col = p.col as arrives
    from ownership_private.renames r
    where (r.tbl, r.col) = (t.name, p.col) or (r.old_tbl, r.old_col) = (t.name, p.col)
    order by r.id desc
    limit 1
  ) last on true
  union all
  select c.policy_id, c.old_tbl, c.old_col, c.id, last.*
  from chain c
  left join lateral (
    select r.id, r.old_tbl, r.old_col, r.tbl = c.old_tbl and r.col = c.old_col as arrives
    from ownership_private.renames r
    where ((r.tbl, r.col) = (c.old_tbl, c.old_col) or (r.old_tbl, r.old_col) = (c.old_tbl, c.old_col)) and r.id < c.id
    order by r.id desc
    limit 1
  ) last on true
  where c.arrives
)
select c.policy_id, c.tbl, c.col, coalesce(c.id, 0) as after, c.before
from chain c;
comment on view ownership_private.names is
  'The names under which a policy stands in the history, each with the entries between which it had that name. A name
   that something else left before is its own only from then on.';

create function ownership_private.history_of(policy integer, keys text[])
returns setof ownership_private.history
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In PL/pgSQL each query has a plan of its own: that of a few keys reads the history by its index.
  if keys is null then
    return query
    select h.*
    from ownership_private.names n
    join ownership_private.history h on h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
    where n.policy_id = policy;
  else
    return query
    select h.*
    from ownership_private.names n
    join ownership_private.history h on h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
    where n.policy_id = policy and h.key = any (keys);
  end if;
end
$$;
comment on function ownership_private.history_of is
  'The entries of the history that belong to a policy, or to an earlier one of the same column. keys: only of these, as
   they were then (NULL: all).';

create function ownership_private.moves_of(policy integer)
returns setof ownership_private.history
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select h.*
  from ownership_private.names n
  join ownership_private.history h on h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
  where n.policy_id = policy and h.event = 'moved'
$$;
comment on function ownership_private.moves_of is 'The entries of a policy that tell of a changed identity key.';

-- From supabase/schemas/ownership/keys.sql

-- Identity keys: how a key is written as text, and how a row is found by it.

create function ownership_private.key_part_sql(tbl regclass, col name, record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select format(
      case
        when f.base in ('text', 'varchar', 'bpchar', 'name', 'uuid', 'smallint', 'integer', 'bigint') or f.is_array
          then '%s.%I::text'
        when f.base = 'numeric'::regtype then 'trim_scale(%s.%I)::text'
        -- 0 and -0
        when f.base in ('real', 'double precision') then '(to_jsonb(%s.%I + 0) #>> ''{}'')'
        when f.base = 'interval'::regtype then 'justify_interval(%s.%I)::text'
        when ownership_private.is_citext(f.base) then 'lower(%s.%I::text collate pg_catalog."default")'
        else '(to_jsonb(%s.%I) #>> ''{}'')'
      end, record_sql, col)
    from ownership_private.column_facts(tbl, col) f
  );
end
$$;
comment on function ownership_private.key_part_sql is
  'An SQL expression for one column of the identity key as text. Values that are equal have the same text; columns for
   which that cannot be said are refused by key_problem.';

create function ownership_private.whole_key_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In PL/pgSQL, as all that is asked for each key of a document: it keeps its plans.
  if cardinality(identity_key) = 1 then
    return ownership_private.key_part_sql(tbl, identity_key[1], record_sql);
  end if;
  return (
    select format('jsonb_build_array(%s)::text',
      string_agg(ownership_private.key_part_sql(tbl, k.name, record_sql), ', ' order by k.place))
    from unnest(identity_key) with ordinality k (name, place)
  );
end
$$;
comment on function ownership_private.whole_key_sql is
  'An SQL expression for the identity key as text of any length: the value of its column, or the jsonb array of several.';

-- An index takes no more than 2704 bytes, in which an element of a set and a writer must also fit. A longer key is
-- known by its digest; long_keys has its text.

create function ownership_private.is_long_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select case when cardinality(identity_key) = 1 then min(format(
      case when f.kind = 'S' or ownership_private.is_citext(f.base)
        -- A text that looks like a digest must not be taken for one.
        then '(octet_length(%1$s) > 1500 or starts_with((%1$s) collate "C", ''sha256:''))'
        else '(octet_length(%1$s) > 1500)' end, part))
    -- What JSON makes of a text is at most six times as long.
    else format('(%s > 200 and octet_length(%s) > 1500)',
      string_agg(format('coalesce(octet_length(%s), 0)', part), ' + '),
      ownership_private.whole_key_sql(tbl, identity_key, record_sql)) end
  from unnest(identity_key) k (name)
  cross join lateral ownership_private.column_facts(tbl, k.name) f
  cross join lateral ownership_private.key_part_sql(tbl, k.name, record_sql) part
  where f.base not in ('uuid', 'boolean', 'smallint', 'integer', 'bigint', 'oid', 'real', 'double precision', 'money', 'name',
    'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'inet', 'cidr', 'macaddr', 'macaddr8')
  having count(*) > 0);
end
$$;
comment on function ownership_private.is_long_sql is
  'The test that a key is too long for an index, or looks as if it were; NULL where the types of its columns are short.';

create function ownership_private.digest_of_key(whole_key text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select 'sha256:' || encode(sha256(convert_to(whole_key, getdatabaseencoding())), 'hex')
$$;
comment on function ownership_private.digest_of_key is 'The digest by which a long key is known.';

create function ownership_private.whole_key(row_key text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if starts_with(row_key collate "C", 'sha256:') then
    return coalesce((select l.whole_key from ownership_private.long_keys l where l.key = row_key), row_key);
  end if;
  return row_key;
end
$$;
comment on function ownership_private.whole_key is 'The text of a key, also of a long one, which is known by its digest.';

create function ownership_private.key_sql(tbl regclass, identity_key name[], record_sql text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  whole_key text := ownership_private.whole_key_sql(tbl, identity_key, record_sql);
  is_long text := ownership_private.is_long_sql(tbl, identity_key, record_sql);
begin
  -- The collation is that of claims.key: with the one of the column, a comparison would have two of equal rank.
  return format(case when is_long is null then '(%1$s collate "C")'
    else '(case when %2$s then ownership_private.digest_of_key(%1$s) else %1$s end collate "C")' end, whole_key, is_long);
end
$$;
comment on function ownership_private.key_sql is
  'An SQL expression for the identity key as it is recorded: its text or, of a long one, its digest.';

create function ownership_private.note_long_keys_sql(
  t ownership_private.protected_tables, from_sql text, record_sql text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'insert into ownership_private.long_keys (key, whole_key)
     select distinct %1$s, (%2$s) collate "C" from %3$s where %4$s on conflict do nothing',
    ownership_private.key_sql(t.tbl, t.identity_key, record_sql),
    ownership_private.whole_key_sql(t.tbl, t.identity_key, record_sql), from_sql, is_long)
  from ownership_private.is_long_sql(t.tbl, t.identity_key, record_sql) is_long
  where is_long is not null
$$;
comment on function ownership_private.note_long_keys_sql is
  'The statement that keeps the text of the long keys among some rows; NULL where no key can be long.';

create function ownership_private.equals_sql(tbl regclass, col name)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  type_of_col oid := (select a.atttypid from pg_attribute a where a.attrelid = tbl and a.attname = col);
  base oid;
begin
  loop
    base := (select nullif(t.typbasetype, 0) from pg_type t where t.oid = type_of_col);
    exit when base is null;
    type_of_col := base;
  end loop;
  -- Anybody can make an operator =. One of the type's default operator class only a superuser can make.
  return coalesce((
    select format('operator(%I.%s)', n.nspname, o.oprname)
    from pg_opclass c
    join pg_am m on m.oid = c.opcmethod
    join pg_amop s on s.amopfamily = c.opcfamily and s.amoplefttype = c.opcintype and s.amoprighttype = c.opcintype
      and s.amopstrategy = case m.amname when 'btree' then 3 when 'hash' then 1 end
    join pg_operator o on o.oid = s.amopopr
    join pg_namespace n on n.oid = o.oprnamespace
    where c.opcintype = type_of_col and c.opcdefault
    order by m.amname
    limit 1
  ), 'operator(pg_catalog.=)');
end
$$;
comment on function ownership_private.equals_sql is
  'The equality operator of a column, as SQL: that of the default btree or hash operator class of its type. Types
   without a class of their own (varchar, arrays, enums) use one of pg_catalog.';

create function ownership_private.match_sql(tbl regclass, identity_key name[], left_sql text, right_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(
    format('%s.%I %s %s.%I', left_sql, k, ownership_private.equals_sql(tbl, k), right_sql, k), ' and ')
  from unnest(identity_key) k
$$;
comment on function ownership_private.match_sql is 'The condition that two records have the same identity key.';

create function ownership_private.same_key_sql(t ownership_private.protected_tables, record_sql text, key_sql text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format(
    case when cardinality(t.identity_key) = 1 then '%1$s.%2$I %6$s %3$s::%4$s%7$s'
      else '%1$s.%2$I %6$s (%3$s::jsonb ->> %5$s)::%4$s%7$s' end,
    record_sql, k.name, whole_key, f.type_sql, k.place - 1,
    ownership_private.equals_sql(t.tbl, k.name), ' collate ' || f.collation_sql), ' and ')
  from (
    select format(case when ownership_private.is_long_sql(t.tbl, t.identity_key, record_sql) is null then '%s'
      else '(case when starts_with(%1$s collate "C", ''sha256:'') then ownership_private.whole_key(%1$s) else %1$s end)' end,
      key_sql) as whole_key
  ) recorded
  cross join unnest(t.identity_key) with ordinality k (name, place)
  cross join lateral ownership_private.column_facts(t.tbl, k.name) f
$$;
comment on function ownership_private.same_key_sql is
  'The condition that a row has a recorded key. It compares the columns in their own types, so that an index on them is
   used.';

create function ownership_private.key_changed_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(ownership_private.changed_sql(t.tbl, k), ' or ') from unnest(t.identity_key) k
$$;
comment on function ownership_private.key_changed_sql is 'The test that the identity key of a row changes.';

create function ownership_private.key_parts(identity_key name[], row_key text)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when cardinality(identity_key) = 1 then array[ownership_private.whole_key(row_key)]
    else array(select jsonb_array_elements_text(ownership_private.whole_key(row_key)::jsonb)) end
$$;
comment on function ownership_private.key_parts is 'The values of the key''s columns, as text.';

create function ownership_private.key_record_sql(target regclass, identity_key name[], row_key text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'select ' || string_agg(format('%L::%s as %I', part.value, f.type_sql, k.name), ', ' order by k.place)
  from unnest(identity_key) with ordinality k (name, place)
  cross join ownership_private.column_facts(target, k.name) f
  join unnest(ownership_private.key_parts(identity_key, row_key)) with ordinality part (value, place)
    on part.place = k.place
  having count(*) = cardinality(identity_key)
$$;
comment on function ownership_private.key_record_sql is
  'A query that returns one row: the key''s columns with their values, in their types. NULL where values are missing.';

create function ownership_private.canonical_key(target regclass, identity_key name[], row_key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  canonical text;
begin
  execute format('select %s from (%s) r', ownership_private.key_sql(target, identity_key, 'r'),
    ownership_private.key_record_sql(target, identity_key, row_key)) into strict canonical;
  return canonical;
exception when others then
  perform ownership_private.fail('OW011', format('%L is no key of table %s', row_key, target),
    format('Its identity key is %s.', array_to_string(identity_key, ', ')),
    case when cardinality(identity_key) = 1 then 'Give the value of that column.'
      else 'Give a JSON array of their values, such as ["a", 1].' end);
end
$$;
comment on function ownership_private.canonical_key is
  'The key as the engine writes it, from the key as a person writes it: 12.5 for 12.50 (OW011 where it is malformed).';

create function ownership_private.note_key(target regclass, identity_key name[], row_key text)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  canonical text := ownership_private.canonical_key(target, identity_key, row_key);
begin
  if starts_with(canonical collate "C", 'sha256:') then
    execute format('insert into ownership_private.long_keys (key, whole_key) select $1, %s from (%s) r on conflict do nothing',
      ownership_private.whole_key_sql(target, identity_key, 'r'),
      ownership_private.key_record_sql(target, identity_key, row_key)) using canonical;
  end if;
  return canonical;
end
$$;
comment on function ownership_private.note_key is 'As canonical_key, and keeps the text of a long key.';

-- From supabase/schemas/ownership/generated_functions.sql

-- What all generated functions have in common: their settings, and names and quotes that no column's name breaks.

create function ownership_private.fixed_settings()
returns table (setting text, value text, type_name regtype)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('timezone', 'UTC', 'timestamptz'::regtype),
    ('datestyle', 'ISO, YMD', null),
    ('intervalstyle', 'postgres', 'interval'),
    ('bytea_output', 'hex', 'bytea'),
    ('extra_float_digits', '1', 'double precision'),
    ('extra_float_digits', '1', 'real'),
    ('lc_monetary', 'C', 'money'),
    ('xmloption', 'content', 'xml')
$$;
comment on function ownership_private.fixed_settings is
  'The settings on which the text of a value depends, with the types they matter to (dates: within arrays and ranges).
   Functions that write keys or values set them, so that a row has one key in every session.';

create function ownership_private.plpgsql_names(body text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(body,
    '(?<!["''])\m(new|old|by_engine)\.(begin|by|declare|execute|foreach|if|loop|strict|while)\M', '\1."\2"', 'g')
$$;
comment on function ownership_private.plpgsql_names is
  'The body of a generated function, with quotes around columns whose names are reserved words of PL/pgSQL alone: SQL
   needs none there, so that format leaves them out.';

create function ownership_private.quotes(t ownership_private.protected_tables, around text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('$%s_%s$', around, md5(string_agg(p.col, ' ' order by p.id) || t.identity_key::text))
  from ownership_private.policies p where p.table_id = t.id
$$;
comment on function ownership_private.quotes is
  'Dollar quotes for a part of a table''s generated functions, such as no name in them can contain: it depends on them
   all.';

create function ownership_private.settings_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(string_agg(distinct format('set %s = %L', s.setting, s.value), E'\n'), '')
  from (
    select unnest(t.identity_key) as col
    union
    select p.col from ownership_private.policies p where p.table_id = t.id
  ) c
  cross join ownership_private.column_facts(t.tbl, c.col) f
  join pg_type b on b.oid = f.base
  -- The text of an array is that of its elements; only of some types is it known to be free of settings.
  join pg_type e on e.oid = case when f.is_array then ownership_private.base_type(b.typelem) else b.oid end
  join ownership_private.fixed_settings() s on s.type_name = f.base or not (
    e.typtype = 'e' or ownership_private.is_citext(e.oid) or e.oid::regtype in
      ('text', 'varchar', 'bpchar', 'name', 'boolean', 'smallint', 'integer', 'bigint', 'oid', 'numeric', 'uuid', 'json', 'jsonb')
    or not f.is_array and (e.oid::regtype in ('date', 'timestamp', 'time')
      or exists (select from ownership_private.fixed_settings() o where o.type_name = e.oid))
  )
$$;
comment on function ownership_private.settings_sql is
  'Settings for a generated function, under which each value of the table''s columns has the same text in every
   session. Most tables need none.';

-- From supabase/schemas/ownership/changed_keys.sql

-- Changed identity keys: a lower rank keeps the key of an owned row, and claims follow a key that changes.

create function ownership_private.keeps_key(
  the_table integer, old_key text, new_key text, writer name, writer_rank integer
)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
-- As in block.
set enable_seqscan = off
as $$
begin
  if old_key = new_key or not exists (
    select from ownership_private.policies p
    join ownership_private.claims c on c.policy_id = p.id
    where p.table_id = the_table and c.key in (old_key, new_key) and c.rank > writer_rank
  ) then
    return false;
  end if;
  if exists (
    select from ownership_private.protected_tables t
    join pg_constraint f on f.conrelid = t.tbl and f.contype = 'f'
    join pg_attribute a on a.attrelid = t.tbl and a.attnum = any (f.conkey)
    where t.id = the_table and a.attname = any (t.identity_key)
      and (f.confupdtype in ('n', 'd', 'c') or f.confdeltype in ('n', 'd'))
  ) then
    -- Kept, the key would refer to a row that is not there any more.
    perform ownership_private.fail('PT409',
      format('the key %s of table %s cannot become %s: a writer ranked above %s owns values under one of them', old_key,
        (select t.tbl from ownership_private.protected_tables t where t.id = the_table),
        coalesce(new_key, 'NULL'), writer),
      'Its foreign key has ON UPDATE or ON DELETE with SET NULL, SET DEFAULT or CASCADE, so that it cannot be kept.',
      'Have a person change the key, or release what is owned under it.');
  end if;
  insert into ownership_private.blocked_keys as b (table_id, key, offered, writer)
  select the_table, old_key, new_key, keeps_key.writer where old_key is not null
  on conflict (table_id, key, offered_hash) do update
  set times = b.times + 1, last_at = now(), writer = excluded.writer;
  return true;
end
$$;
comment on function ownership_private.keeps_key is
  'Whether a change of identity key is kept out: a higher rank owns something in the row, or owned it in the row that
   had the new key. It is recorded, and refused where a foreign key stands in the way of keeping the old key (PT409).';

create function ownership_private.keep_key_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format('new.%1$I := old.%1$I;', k.name), ' ' order by k.place)
  from unnest(t.identity_key) with ordinality k (name, place)
$$;
comment on function ownership_private.keep_key_sql is 'The part of a guard that keeps the key which the row has.';

create function ownership_private.move_key(the_table integer, old_key text, new_key text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p record;
  gone record;
  me name;
begin
  -- A citext whose case alone changes is still the same key.
  if old_key = new_key then
    return;
  end if;
  me := (select w.writer from ownership_private.current_writer() w);
  for p in select o.id from ownership_private.policies o where o.table_id = the_table loop
    -- The key is unique, so claims under the new key can only be left from a row that was deleted.
    for gone in
      delete from ownership_private.claims c where c.policy_id = p.id and c.key = new_key returning c.element, c.value
    loop
      perform ownership_private.remember(p.id, new_key, gone.element, 'released', me, gone.value, null);
    end loop;
    delete from ownership_private.bases b where b.policy_id = p.id and b.key = new_key;
    update ownership_private.bases b set key = new_key where b.policy_id = p.id and b.key = old_key;
    update ownership_private.claims c set key = new_key where c.policy_id = p.id and c.key = old_key;
    if found then
      perform ownership_private.remember(p.id, new_key, '', 'moved', me, to_jsonb(old_key), to_jsonb(new_key));
    end if;
  end loop;
end
$$;
comment on function ownership_private.move_key is
  'Moves claims and bases to the new identity key of a row. Claims that a deleted row left there end, and the history
   has a line of each.';

-- From supabase/schemas/ownership/records.sql

-- What the engine writes down: the history, and values that were kept out.

create function ownership_private.signed_in_user()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub';
exception when others then
  -- Claims that cannot be parsed must not make the write fail: the history then has no user.
  return null;
end
$$;
comment on function ownership_private.signed_in_user is 'The user of the API request, for the history; NULL elsewhere.';

create function ownership_private.remember(
  policy integer, row_key text, element text, event text, writer name, old_value jsonb, new_value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL, like all functions that a guard calls for each row: it keeps its plans, while an SQL function that is not
  -- inlined is planned anew in each query.
  insert into ownership_private.history
    (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value)
  select t.name, p.col, row_key, element, event, writer,
    coalesce(nullif(current_setting('role'), 'none'), session_user),
    case when current_setting('request.jwt.claims', true) <> '' then ownership_private.signed_in_user() end,
    nullif(current_setting('ownership.run', true), ''),
    old_value, new_value
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where p.id = policy;
end
$$;
comment on function ownership_private.remember is 'Appends one entry to the history.';

create function ownership_private.remember_sql(
  p ownership_private.policies, event text, writer_sql text, entries_sql text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Scalar subqueries without outer references are evaluated once and not for each entry.
  select format($sql$
      insert into ownership_private.history (tbl, col, key, element, event, writer, role, sub, run, new_value)
      select
        (select t.name from ownership_private.protected_tables t where t.id = %1$s), %2$L,
        e.key, e.element, %3$L, %4$s,
        (select coalesce(nullif(current_setting('role'), 'none'), session_user)),
        (select ownership_private.signed_in_user()),
        (select nullif(current_setting('ownership.run', true), '')),
        e.value
      from %5$s e$sql$,
    p.table_id, p.col, event, writer_sql, entries_sql)
$$;
comment on function ownership_private.remember_sql is
  'The statement that appends an entry for each row of entries_sql (key, element, value), for cells that had no
   owner.';

-- Values that were kept out. The last one is on offer: it stands in the claim of its cell. Earlier ones, and those for
-- cells that nobody claims, are in blocked_writes.

create function ownership_private.archive_offer(c ownership_private.claims)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.blocked_writes as b
    (policy_id, key, offered, kept, writer, times, first_at, last_at)
  select c.policy_id, c.key, c.offered, c.value, c.offered_by, c.offered_times, c.offered_first_at, c.offered_at
  from ownership_private.policies p
  where p.id = c.policy_id
  on conflict (policy_id, key, offered_hash) do update
  set times = b.times + excluded.times, last_at = excluded.last_at, kept = excluded.kept,
    writer = ownership_private.lower_of(b.writer, excluded.writer);
  return now();
end
$$;
comment on function ownership_private.archive_offer is
  'Copies the value on offer of a claim into blocked_writes, before another value replaces it or the claim ends.
   Returns now(), which is offered_first_at of the value that follows.';

create function ownership_private.kept_header(headers jsonb, cell text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when length(told.columns) + length(cell) > 1000 then headers else others.rest
      || jsonb_build_object('Ownership-Kept', concat_ws(', ', told.columns, cell)) end
  from (
    select max(h ->> 'Ownership-Kept') as columns from jsonb_array_elements(headers) h
  ) told
  cross join (
    select coalesce(jsonb_agg(h order by place) filter (where not h ? 'Ownership-Kept'), '[]') as rest
    from jsonb_array_elements(headers) with ordinality e (h, place)
  ) others
$$;
comment on function ownership_private.kept_header is
  'The headers of an answer, with one more column named in Ownership-Kept, up to a thousand characters.';

create function ownership_private.tell_kept(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  told text := coalesce(current_setting('ownership.told', true), '');
  cell text;
begin
  if coalesce(current_setting('request.method', true), '') = '' or strpos(told, format(',%s,', policy)) > 0 then
    return;
  end if;
  perform set_config('ownership.told', format('%s,%s,', told, policy), true);
  -- A header is one line of ASCII.
  select regexp_replace(format('%s.%s', c.relname, p.col) collate "C", '[^!-~]', '?', 'g') into cell
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  join pg_class c on c.oid = t.tbl
  where p.id = policy and p.on_conflict <> 'observe' and ownership_private.caller_may_read(t.tbl, p.col);
  if cell is null then
    return;
  end if;
  begin
    perform set_config('response.headers', ownership_private.kept_header(
      coalesce(nullif(current_setting('response.headers', true), ''), '[]')::jsonb, cell)::text, true);
  exception when data_exception then
    -- What somebody else set as headers is no JSON array. It is not ours to mend, and the write goes on.
    null;
  end;
end
$$;
comment on function ownership_private.tell_kept is
  'Where PostgREST runs the request (it sets request.method), names a column out of which a write was kept in the header
   Ownership-Kept of the answer, once and beside the headers of others. Not to a role that may not read the column.';

create function ownership_private.block(
  policy integer, row_key text, writer name, offered jsonb, kept jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- The session keeps the plan. Made while the table of claims is empty, it would be a sequential scan for good.
set enable_seqscan = off
as $$
begin
  -- An expression archives the value that is replaced, and not a trigger, which would also be called for each repeated
  -- offer.
  update ownership_private.claims c
  set offered = block.offered, offered_at = now(),
    offered_by = case
      when c.offered is distinct from block.offered or c.offered_times = 0 or c.offered_by = block.writer
        then block.writer
      else ownership_private.lower_of(c.offered_by, block.writer) end,
    offered_times = case when c.offered is distinct from block.offered then 1 else c.offered_times + 1 end,
    offered_first_at = case
      when c.offered_times = 0 then now()
      when c.offered is distinct from block.offered then ownership_private.archive_offer(c)
      else c.offered_first_at end
  where c.policy_id = policy and c.key = row_key and c.element = '';
  if not found then
    insert into ownership_private.blocked_writes as b (policy_id, key, offered, kept, writer)
    values (policy, row_key, block.offered, block.kept, block.writer)
    on conflict (policy_id, key, offered_hash) do update
    set times = b.times + 1, last_at = now(), kept = excluded.kept,
      writer = ownership_private.lower_of(b.writer, excluded.writer);
  end if;
  if coalesce(current_setting('request.method', true), '') <> '' then
    perform ownership_private.tell_kept(policy);
  end if;
end
$$;
comment on function ownership_private.block is
  'Records a write that was kept out: on offer in the cell''s claim if there is one, else in blocked_writes. A value
   that was offered before is counted and gets no row of its own.';

create function ownership_private.archive_last_offer()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership_private.archive_offer(old);
  return null;
end
$$;
comment on function ownership_private.archive_last_offer is 'Keeps the value on offer when its claim is deleted.';

create trigger archive_last_offer
after delete on ownership_private.claims
for each row when (old.offered_times > 0)
execute function ownership_private.archive_last_offer();

create function ownership_private.reject(policy integer, row_key text, writer name, offered jsonb, kept jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  cell record;
begin
  select t.tbl, p.col into cell
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where p.id = policy;
  perform ownership_private.fail('PT409',
    format(case when exists (select from ownership_private.claims c where c.policy_id = policy and c.key = row_key)
      then '%s.%s of %s is owned by a writer ranked above %s' else '%s.%s of %s takes no such value from %s' end,
      cell.tbl, cell.col, row_key, writer),
    format('It holds %s and was offered %s.',
      case when ownership_private.caller_may_read(cell.tbl, cell.col) then coalesce(kept::text, 'NULL')
        else 'what you may not read' end,
      coalesce(offered::text, 'NULL')),
    'Leave the column out, or have a person release the cell with ownership.release.');
end
$$;
comment on function ownership_private.reject is
  'Refuses a write to a column with on_conflict = reject. PostgREST turns the SQLSTATE PT409 into HTTP status 409.';

-- From supabase/schemas/ownership/claims.sql

-- Gates: a sequence for each policy, by which a guard knows without reading the claims that a column has none.
-- Sequences are not transactional: one without a value proves that no claim was ever made, not even in an open
-- transaction.

create function ownership_private.gate(policy integer)
returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select to_regclass('ownership_private.gate_' || policy)
$$;
comment on function ownership_private.gate is
  'The sequence of a policy, which has a value from the moment of its first claim or base on.';

create function ownership_private.make_gate(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if ownership_private.gate(policy) is null then
    execute format('create sequence ownership_private.%I', 'gate_' || policy);
    -- The WHEN of a trigger is evaluated with the writer's rights: everybody may read the sequence, and nobody advance
    -- it.
    execute format('grant select on sequence ownership_private.%I to public', 'gate_' || policy);
  end if;
end
$$;
comment on function ownership_private.make_gate is 'Makes the gate of a new policy.';

create function ownership_private.is_gate_closed(p ownership_private.policies)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ownership.modes() m where m.mode = p.mode and m.rests_on_claims)
    and pg_sequence_last_value(ownership_private.gate(p.id)) is null
$$;
comment on function ownership_private.is_gate_closed is
  'Whether a policy cannot keep out anything yet that its source sends, because its mode rests on claims and none was
   ever made.';

create function ownership_private.open_gate()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The name is built here as in gate(), to save a call for each claim.
  if pg_sequence_last_value(to_regclass('ownership_private.gate_' || new.policy_id)) is null then
    perform nextval(ownership_private.gate(new.policy_id));
  end if;
  return new;
end
$$;
comment on function ownership_private.open_gate is
  'Opens the gate of a policy with its first claim or base: from then on guards look for claims.';

-- BEFORE, because queueing an AFTER event for each claim costs more than asking the sequence. Without WHEN, because
-- that would be read from the catalog and prepared by each statement.
create trigger open_gate
before insert on ownership_private.claims
for each row
execute function ownership_private.open_gate();

create trigger open_gate
before insert on ownership_private.bases
for each row
execute function ownership_private.open_gate();

-- Claims also come by loads and logical replication, in sessions that fire no ordinary trigger.
alter table ownership_private.claims enable always trigger open_gate;
alter table ownership_private.bases enable always trigger open_gate;

-- Claims on whole values: on one cell, on several cells of a row, on many rows at once.

create function ownership_private.claim(
  policy integer, row_key text, writer name, writer_rank integer, old_value jsonb, new_value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
  values (policy, row_key, writer, writer_rank, new_value)
  on conflict (policy_id, key, element) do update
  set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = excluded.since
  where c.rank <= excluded.rank or excluded.rank >= 100;
  if found then
    perform ownership_private.remember(policy, row_key, '', 'claimed', writer, old_value, new_value);
  end if;
end
$$;
comment on function ownership_private.claim is
  'Makes the writer the owner of a cell, with the value he wrote, NULL included. Where a higher rank owns it, as may be
   under on_conflict = observe, the claim stays as it is.';

create function ownership_private.claim_cells(
  changed integer[], row_key text, writer name, writer_rank integer, old_values jsonb[], new_values jsonb[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  if cardinality(changed) = 1 then
    perform ownership_private.claim(changed[1], row_key, writer, writer_rank, old_values[1], new_values[1]);
    return;
  end if;
  with claimed as (
    insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
    select u.policy, row_key, writer, writer_rank, u.new_value
    from unnest(changed, new_values) u (policy, new_value)
    on conflict (policy_id, key, element) do update
    set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = excluded.since
    where c.rank <= excluded.rank or excluded.rank >= 100
    returning c.policy_id, c.value
  )
  insert into ownership_private.history
    (tbl, col, key, event, writer, role, sub, run, old_value, new_value)
  select
    t.name, p.col, row_key, 'claimed', writer,
    coalesce(nullif(current_setting('role'), 'none'), session_user),
    case when current_setting('request.jwt.claims', true) <> '' then ownership_private.signed_in_user() end,
    nullif(current_setting('ownership.run', true), ''),
    old_values[array_position(changed, c.policy_id)], c.value
  from claimed c
  join ownership_private.policies p on p.id = c.policy_id
  join ownership_private.protected_tables t on t.id = p.table_id
  order by p.id;
end
$$;
comment on function ownership_private.claim_cells is
  'As claim, for several cells of a row in one statement, which is far cheaper than a call for each. changed: their
   policies.';

create function ownership_private.claim_inserted_cells_sql(
  p ownership_private.policies, row_key_sql text, unsaid_sql text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    with claimed as (
      insert into ownership_private.claims as c (policy_id, key, writer, rank, value)
      select distinct on ((%3$s) collate "C") %1$s, %3$s, me.writer, me.rank, %2$s
      from inserted i
      where %3$s is not null and not (%4$s)
      on conflict (policy_id, key, element) do update
      set writer = excluded.writer, rank = excluded.rank, value = excluded.value, since = excluded.since
      where c.rank <= excluded.rank and c.value::text is distinct from excluded.value::text
      returning c.key, c.element, c.value
    )%5$s;$sql$,
    p.id, ownership_private.recorded_sql(p, 'i'), row_key_sql, unsaid_sql, ownership_private.remember_sql(p, 'claimed', 'me.writer', 'claimed'))
$$;
comment on function ownership_private.claim_inserted_cells_sql is
  'The statement that claims the values of a column for the writer (record me) of the inserted rows, where no higher
   rank owns them. unsaid_sql: the test, on row i, that a value says nothing: a blank, or the column''s default.';

create function ownership_private.is_claimed(policy integer, row_key text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from ownership_private.claims c where c.policy_id = policy and c.key = row_key and c.element = ''
  )
$$;
comment on function ownership_private.is_claimed is
  'Whether a cell with a whole value has an owner. A blank can be owned, too.';

create function ownership_private.is_owned(
  policy integer, row_key text, writer_rank integer, sent_is_blank boolean, sent jsonb
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  keeps boolean;
begin
  execute format('select exists (select from ownership_private.claims c
      where c.policy_id = $1 and c.key = $2 and c.element = '''' and %s)',
    ownership_private.owner_keeps_sql('c', '$3', '$4', '$5'))
  into keeps using policy, row_key, writer_rank, sent_is_blank, sent;
  return keeps;
end
$$;
comment on function ownership_private.is_owned is
  'Whether the owner of a cell keeps a value out: {is_owned} of modes that have other conditions beside it.';

-- The engine's own writes to a protected column, such as a value that comes back or a released cell. They pass the
-- guard, and nothing else does that their statements set off.

create function ownership_private.begin_engine_write(policy integer)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into ownership_private.engine_writes (policy, depth) values (begin_engine_write.policy, pg_trigger_depth())
  on conflict do nothing;
  select set_config('ownership.engine', 'on', true);
$$;
comment on function ownership_private.begin_engine_write is
  'Lets the statements that its caller executes write to this column past the guard, until end_engine_write.';

create function ownership_private.end_engine_write(policy integer)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from ownership_private.engine_writes e
  where e.xid = pg_current_xact_id_if_assigned() and e.policy = end_engine_write.policy
    and e.depth = pg_trigger_depth();
  -- The engine can be at work further out, too: a trigger that its write called may have inserted a row.
  select set_config('ownership.engine', case when exists (
    select from ownership_private.engine_writes e where e.xid = pg_current_xact_id_if_assigned()
  ) then 'on' else '' end, true);
$$;
comment on function ownership_private.end_engine_write is 'Ends what begin_engine_write began.';

-- Triggers of users, which the engine's writes call, run with the search path of the table's owner. Under the engine's
-- own, which is fixed, names without a schema would not be found; the writer's could name what is his.

create function ownership_private.path_of_owner(tbl oid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(', ',
    nullif(coalesce(
      (
        select substr(o.setting, length('search_path=') + 1)
        from pg_db_role_setting s, unnest(s.setconfig) o (setting)
        where s.setrole in (c.relowner, 0)
          and s.setdatabase in ((select d.oid from pg_database d where d.datname = current_database()), 0)
          and o.setting like 'search_path=%'
        order by s.setrole = 0, s.setdatabase = 0
        limit 1
      ),
      (select p.boot_val from pg_settings p where p.name = 'search_path')
    ), ''),
    quote_ident(n.nspname), 'pg_temp')
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = path_of_owner.tbl
$$;
comment on function ownership_private.path_of_owner is
  'The search path that the owner of a table has after connecting, and the table''s own schema. Temporary objects come
   last.';

create function ownership_private.in_owners_path_sql(the_table integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- The names in the statement itself have been resolved by the time this is evaluated.
  select format('(
    select set_config(''search_path'', ownership_private.path_of_owner(t.tbl), true)
    from ownership_private.protected_tables t where t.id = %s
  ) is not null', the_table)
$$;
comment on function ownership_private.in_owners_path_sql is
  'A condition, always true, by which a statement sets that path for the triggers that it calls. What executes the
   statement sets its own again at once, so that nothing of the engine''s is looked up by it.';

-- Snapshots: under repeatable read and serializable a writer does not see claims that were made after he began.

create function ownership_private.meet_unseen(the_table integer, keys text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A unique index knows them all: to insert beside one that is not visible is error 40001, and nothing of it stays.
  insert into ownership_private.claims (policy_id, key, writer, rank)
  select p.id, k.key, 'unknown', 0
  from ownership_private.policies p, unnest(keys) k (key)
  where p.table_id = the_table and pg_sequence_last_value(ownership_private.gate(p.id)) is not null
  on conflict do nothing;
  insert into ownership_private.bases (policy_id, key, source, base)
  select p.id, k.key, p.source, '{}'
  from ownership_private.policies p, unnest(keys) k (key)
  where p.table_id = the_table and pg_sequence_last_value(ownership_private.gate(p.id)) is not null
  on conflict do nothing;
  raise exception using errcode = 'OW000';
exception when sqlstate 'OW000' then
  null;
end
$$;
comment on function ownership_private.meet_unseen is
  'Fails with 40001, as an update of a row that somebody else has changed does, where claims on some keys were made that
   this transaction does not see.';

create function ownership_private.touched_bases_sql(policy integer, rows_sql text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format('update ownership_private.bases b set base = b.base from (select distinct key from %s) e
        where b.policy_id = %s and b.key = e.key', rows_sql, policy)
$$;
comment on function ownership_private.touched_bases_sql is
  'The update by which a transaction with an older snapshot meets claims on elements that were made without a write to
   their row (meet_unseen).';

-- From supabase/schemas/ownership/sets.sql

-- Sets: the three-way merge, claims on elements, and what becomes of the set of a row that comes back.

create function ownership_private.merge_sets(current_set text[], incoming text[], base text[], of_others text[])
returns text[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  known text[] := ownership_private.elements(base);
  sent text[] := ownership_private.elements(incoming);
begin
  return array(
    select merged.value
    from (
      select distinct on (candidates.element) candidates.value, candidates.side, candidates.place
      from (
        select e.value, 1 as side, e.place, ownership_private.element(e.value) as element
        from unnest(current_set) with ordinality e (value, place)
        where not ownership.is_blank(e.value)
        union all
        select e.value, 2, e.place, ownership_private.element(e.value)
        from unnest(incoming) with ordinality e (value, place)
        where not ownership.is_blank(e.value)
      ) candidates
      where candidates.element <> all (known)
        or candidates.side = 1 and (candidates.element = any (sent) or candidates.element = any (of_others))
      order by candidates.element, candidates.side, candidates.place
    ) merged
    order by merged.side, merged.place
  );
end
$$;
comment on function ownership_private.merge_sets is
  'Three-way merge: (current - ((base - incoming) - of_others)) + (incoming - base). An element in both sets keeps the
   spelling of the current one.';

create function ownership_private.claim_elements(
  policy integer, row_key text, writer name, writer_rank integer, old_set text[], new_set text[],
  policy_source name
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  of_people text[] := array(
    select c.element from ownership_private.claims c where c.policy_id = policy and c.key = row_key and not c.removed
  );
begin
  insert into ownership_private.bases (policy_id, key, source, base)
  select policy, row_key, policy_source, coalesce(old_set, '{}')
  where not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);

  with changed as materialized (
    select e.element, to_jsonb((array_agg(e.value order by e.is_new, e.place))[1]) as value,
      bool_or(e.is_old) as removed
    from (
      select ownership_private.element(o.value) as element, o.value, o.place, true as is_old, false as is_new
      from unnest(old_set) with ordinality o (value, place)
      union all
      select ownership_private.element(n.value), n.value, n.place, false, true
      from unnest(new_set) with ordinality n (value, place)
    ) e
    where not ownership.is_blank(e.value)
    group by e.element
    having bool_or(e.is_old) <> bool_or(e.is_new)
  ),
  claimed as (
    insert into ownership_private.claims (policy_id, key, element, removed, writer, rank, value, since)
    select policy, row_key, c.element, c.removed, claim_elements.writer, writer_rank, c.value,
      (select clock_timestamp())
    from changed c
    on conflict on constraint claims_pkey do update
    set removed = excluded.removed, writer = excluded.writer, rank = excluded.rank, value = excluded.value,
      since = excluded.since
  )
  -- An entry tells of its element alone: with both sets in each, an edit of many elements would be kept squared.
  insert into ownership_private.history (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value)
  select t.name, p.col, row_key, c.element, case when c.removed then 'removed' else 'claimed' end,
    claim_elements.writer, (select coalesce(nullif(current_setting('role'), 'none'), session_user)),
    (select ownership_private.signed_in_user()), (select nullif(current_setting('ownership.run', true), '')),
    case when c.removed then c.value end, case when not c.removed then c.value end
  from changed c
  join ownership_private.policies p on p.id = policy
  join ownership_private.protected_tables t on t.id = p.table_id
  order by c.element;

  -- Whatever stood there before the column was protected may be the source's, which would send it again. The base is
  -- written in any case: whoever does not see this edit in his snapshot meets it there (meet_unseen).
  update ownership_private.bases b
  set base = b.base || coalesce(unknown.spelt, '{}')
  from (
    select array_agg(c.value #>> '{}' order by c.element) as spelt
    from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.removed and c.element <> all (of_people)
      and c.element = any (ownership_private.elements(old_set))
      and c.element <> all (ownership_private.elements(new_set)) and not exists (
      select from ownership_private.bases o
      where o.policy_id = policy and o.key = row_key and c.element = any (ownership_private.elements(o.base))
    )
  ) unknown
  where b.policy_id = policy and b.key = row_key and b.source = policy_source;
end
$$;
comment on function ownership_private.claim_elements is
  'Claims what a person changed in a set: elements that were added, and, as removed, elements that were taken out. One
   that was taken out, and that neither a person nor a source is known to have put there, counts as sent by the
   policy''s own source.';

create function ownership_private.says_nothing(incoming text[], empty_is_opinion boolean)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return incoming is null or not empty_is_opinion and ownership.is_blank(incoming);
end
$$;
comment on function ownership_private.says_nothing is
  'Whether a source that sends this set has no opinion: NULL never is one, an empty set only of the policy''s own source
   where the policy says so.';

create function ownership_private.holds_elements(policy integer, source name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.leaves_claims(source)
    or exists (select from ownership_private.policies p where p.id = policy and p.source = holds_elements.source)
$$;
comment on function ownership_private.holds_elements is
  'Whether elements that a source sent stay when another drops them: those of the policy''s own source do, and those of
   writers that leave claims.';

create function ownership_private.merged_set(
  policy integer, row_key text, writer name, current_set text[], incoming text[], policy_source name
)
returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  untouched boolean := not exists (
    select from ownership_private.bases b where b.policy_id = policy and b.key = row_key
  );
  base text[];
  of_others text[];
  removed text[];
begin
  -- Without a base, what stands there counts as sent by the policy's own source (policies.source).
  if row_key is null or untouched and writer = policy_source then
    return incoming;
  end if;
  base := (
    select b.base from ownership_private.bases b
    where b.policy_id = policy and b.key = row_key and b.source = writer
  );
  of_others := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
    union
    select unnest(ownership_private.elements(b.base)) from ownership_private.bases b
    where b.policy_id = policy and b.key = row_key and b.source <> writer
      and ownership_private.holds_elements(policy, b.source)
    union
    select unnest(ownership_private.elements(current_set)) where untouched
  );
  -- A source that sends a removed element may go on sending it or send it anew; the two look alike. So the element
  -- stays out until the source has once sent a set without it.
  removed := array(
    select c.element from ownership_private.claims c
    where c.policy_id = policy and c.key = row_key and c.removed
  );
  -- An element that the source sent before, and that is gone although nobody took it out, was lost past the triggers.
  -- It is left out of the base, so that it is added again.
  base := array(
    select e from unnest(base) e
    where ownership_private.element(e) = any (ownership_private.elements(current_set))
  );
  return ownership_private.merge_sets(current_set, incoming, base || removed, of_others);
end
$$;
comment on function ownership_private.merged_set is
  'The set that results when a source writes one set over another. It writes nothing: foresee uses it as merge_write
   does.';

create function ownership_private.merge_write(
  policy integer, row_key text, writer name, current_set text[], incoming text[],
  policy_source name, empty_is_opinion boolean
)
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  merged text[];
  untouched boolean;
begin
  -- What is loaded or replicated stands for what the policy's own source holds.
  if writer = 'unknown' and current_setting('session_replication_role') = 'replica' then
    writer := policy_source;
  end if;
  -- Only people and the policy's own source empty a set.
  if ownership_private.says_nothing(incoming, empty_is_opinion and writer = policy_source) then
    return current_set;
  end if;
  -- A matrix is no set: merged, it would lose its shape.
  if array_ndims(current_set) > 1 or array_ndims(incoming) > 1 then
    return current_set;
  end if;
  merged := ownership_private.merged_set(policy, row_key, writer, current_set, incoming, policy_source);
  untouched := not exists (select from ownership_private.bases b where b.policy_id = policy and b.key = row_key);
  if row_key is null or untouched and writer = policy_source then
    return merged;
  end if;
  if untouched then
    insert into ownership_private.bases (policy_id, key, source, base)
    values (policy, row_key, policy_source, coalesce(current_set, '{}'));
  end if;
  insert into ownership_private.bases as b (policy_id, key, source, base)
  values (policy, row_key, writer, coalesce(incoming, '{}'))
  on conflict (policy_id, key, source) do update set base = excluded.base
  where b.base is distinct from excluded.base;
  perform ownership_private.forget_removed(policy, row_key, writer);
  return merged;
end
$$;
comment on function ownership_private.merge_write is
  'The set that results when a source writes one set over another. Records what the next merge needs: the set sent as
   the source''s base, and the end of removals that have done their work.';

create function ownership_private.forget_removed(policy integer, row_key text, writer name)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  done record;
begin
  for done in
    delete from ownership_private.claims c
    where c.policy_id = policy
      and c.key = row_key
      and c.removed
      and not exists (
        select from ownership_private.bases b
        where b.policy_id = policy and b.key = row_key and c.element = any (ownership_private.elements(b.base))
      )
    returning c.element
  loop
    perform ownership_private.remember(policy, row_key, done.element, 'released', writer, null, null);
  end loop;
end
$$;
comment on function ownership_private.forget_removed is
  'Ends removals of elements that are in no source''s base any more: a source that sends such an element again adds
   it.';

create function ownership_private.reinserted_set(
  policy integer, row_key text, writer name, incoming text[], by_person boolean
)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select ownership_private.merge_sets(
    array(
      select coalesce(c.value #>> '{}', e.value)
      from unnest(incoming) with ordinality e (value, place)
      left join ownership_private.claims c
        on c.policy_id = policy and c.key = row_key and c.element = ownership_private.element(e.value)
      where by_person or c.removed is not true
      order by e.place
    ),
    array(
      select c.value #>> '{}' from ownership_private.claims c
      where c.policy_id = policy and c.key = row_key and c.element <> '' and not c.removed
      order by c.since, c.element
    ) || array(
      select e.value
      from ownership_private.bases b, unnest(b.base) with ordinality e (value, place)
      where b.policy_id = policy and b.key = row_key and b.source <> writer
        and ownership_private.holds_elements(policy, b.source)
        -- A load may bring bases, then rows, and removals last: its rows are whole.
        and (writer <> 'unknown' or current_setting('session_replication_role') <> 'replica')
        and not exists (
          select from ownership_private.claims c
          where c.policy_id = policy and c.key = row_key and c.removed
            and c.element = ownership_private.element(e.value)
        )
      order by b.source, e.place
    ),
    '{}', '{}'
  )
$$;
comment on function ownership_private.reinserted_set is
  'The set of a row that was inserted again: what was inserted, with what others claim or sent, without what people
   took out.';

-- From supabase/schemas/ownership/judge.sql

-- Judging: when a guard has to be called, and its parts that keep a column's value out or merge it, by mode.

create function ownership_private.gate_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('pg_sequence_last_value(%L::regclass) is not null', ownership_private.gate(p.id))
  from ownership.modes() m
  where m.mode = p.mode and m.rests_on_claims
$$;
comment on function ownership_private.gate_sql is
  'The test that a cell of the column was ever claimed; NULL for modes that keep values out without a claim, too.';

create function ownership_private.concerned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(concat_ws(' and ', '(' || alike.changed || ')',
    '(' || alike.gates || format(' or coalesce(nullif(current_setting(''role''), ''none''), session_user) <> %L)', alike.source)),
    ' or ' order by alike.first_id)
  from (
    select
      min(p.id) as first_id,
      quiet.source,
      string_agg(ownership_private.changed_sql(t.tbl, p.col), ' or ' order by p.id) as changed,
      string_agg(ownership_private.gate_sql(p), ' or ' order by p.id) filter (where quiet.source is not null) as gates
    from ownership_private.policies_on(t) p
    -- A source that leaves claims is a writer like any other here.
    cross join lateral (
      select case when ownership_private.gate_sql(p) is not null and not ownership_private.leaves_claims(p.source)
        then p.source end
    ) quiet (source)
    group by quiet.source
  ) alike
$$;
comment on function ownership_private.concerned_sql is
  'The condition under which a guard has to be called for what changes: for modes that rest on claims, there are claims
   or the role is not the columns'' own source. Nothing that the source sends is kept out before the first claim, and a
   bulk load of it calls no guard. Kept short, because Postgres parses the condition of a trigger in each statement.';

create function ownership_private.is_source_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('(writer = %L or writer = ''unknown'' and current_setting(''session_replication_role'') = ''replica'')', p.source)
$$;
comment on function ownership_private.is_source_sql is
  'The test, in a guard, that the writer is the source of a column. What is loaded or replicated stands for it.';

create function ownership_private.judge_scalar_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(ownership_private.condition_sql(
    m.keeps_out, sent_is_blank, stands_is_blank,
    is_claimed => format('ownership_private.is_claimed(%s, row_key)', p.id),
    -- For a mode that rests on claims, offer_sql has run just before, and is_owned is its result.
    is_owned => case when m.rests_on_claims then 'is_owned' else format(
      'ownership_private.is_owned(%s, row_key, rank_over_claims, %s, %s)', p.id, sent_is_blank,
      ownership_private.recorded_sql(p, 'new')) end,
    says_nothing => 'false',
    is_source => ownership_private.is_source_sql(p)), 'false')
  from
    ownership.modes() m,
    ownership_private.blank_sql(tbl, p.col, p.blank_values, format('new.%I', p.col)) sent_is_blank,
    ownership_private.blank_sql(tbl, p.col, p.blank_values, format('old.%I', p.col)) stands_is_blank
  where m.mode = p.mode
$$;
comment on function ownership_private.judge_scalar_sql is
  'The condition under which a write to one scalar column is kept out, by its mode.';

create function ownership_private.offer_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Reads first, because most rows have no owner, and an update that finds none costs twice as much as a select.
  -- Whether a value is offered for the first time is asked here and not in the update: what an update computes is
  -- prepared anew for each row.
  select format($sql$
      is_owned := false;
      if %4$s then
        select c.* into owner from ownership_private.claims c
        where c.policy_id = %2$s and c.key = row_key and c.element = '';
        if found then
          offered := %1$s;
          is_owned := %3$s;
          if is_owned then
            if owner.offered_times > 0 and owner.offered is not distinct from offered then
              update ownership_private.claims c
              set offered_at = now(), offered_times = c.offered_times + 1,
                offered_by = case when c.offered_by = writer then writer
                  else ownership_private.lower_of(c.offered_by, writer) end
              where c.policy_id = %2$s and c.key = row_key and c.element = '';
            else
              if owner.offered_times > 0 then
                perform ownership_private.archive_offer(owner);
              end if;
              update ownership_private.claims c
              set offered = offered, offered_at = now(), offered_by = writer, offered_times = 1,
                offered_first_at = now()
              where c.policy_id = %2$s and c.key = row_key and c.element = '';
            end if;
            -- Not found where another transaction has just ended the claim.
            is_owned := found;
            if is_owned and current_setting('request.method', true) <> '' then
              perform ownership_private.tell_kept(%2$s);
            end if;
          end if;
        end if;
      end if;$sql$,
    ownership_private.recorded_sql(p, 'new'),
    p.id,
    ownership_private.owner_keeps_sql(
      'owner', 'rank_over_claims', ownership_private.blank_sql(tbl, p.col, p.blank_values, format('new.%I', p.col)),
      'offered'),
    ownership_private.gate_sql(p))
$$;
comment on function ownership_private.offer_sql is
  'The part of a guard that looks for an owner who keeps the value out and, where there is one, records the value on
   offer. is_owned is then true. For modes that rest on claims.';

create function ownership_private.guard_scalar_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if %1$s then%4$s
      if %2$s then%3$s
      end if;
    end if;$sql$,
    ownership_private.changed_sql(tbl, p.col),
    ownership_private.judge_scalar_sql(p, tbl),
    concat(
      -- What an owner keeps out offer_sql has recorded.
      case when m.rests_on_claims and p.on_conflict <> 'reject' then E'\n        if not is_owned then' end,
      format(
        E'\n        perform ownership_private.%s(%s, row_key, writer, %s, %s);',
        case p.on_conflict when 'reject' then 'reject' else 'block' end, p.id,
        ownership_private.recorded_sql(p, 'new'), ownership_private.recorded_sql(p, 'old')),
      case when m.rests_on_claims and p.on_conflict <> 'reject' then E'\n        end if;' end,
      case p.on_conflict
        when 'keep' then format(E'\n        new.%1$I := old.%1$I;', p.col)
        else E'\n        null;' end),
    case when m.rests_on_claims then ownership_private.offer_sql(p, tbl) end)
  from ownership.modes() m
  where m.mode = p.mode
$$;
comment on function ownership_private.guard_scalar_sql is 'The part of a guard that judges one scalar column.';

create function ownership_private.merge_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      settled := ownership_private.merge_write(
        %1$s, row_key, writer, old.%2$I::text[], new.%2$I::text[], %3$L, %4$L);
      if settled is distinct from new.%2$I::text[]
        and ownership_private.elements(settled) <> ownership_private.elements(new.%2$I::text[]) then
        perform ownership_private.%5$s(
          %1$s, row_key, writer, to_jsonb(ownership_private.elements(new.%2$I::text[])), to_jsonb(settled));
      end if;%6$s$sql$,
    p.id, p.col, p.source, p.empty_is_opinion,
    case p.on_conflict when 'reject' then 'reject' else 'block' end,
    case p.on_conflict when 'observe' then '' else format(E'\n      new.%I := settled;', p.col) end)
$$;
comment on function ownership_private.merge_sql is 'The part of a guard that merges what was sent into a set.';

create function ownership_private.guard_set_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.checks_values(tbl, p.col) and p.on_conflict <> 'observe' then $sql$
    if %1$s then
      -- A domain can refuse the merged set. Then the set stays as it was, and the rest of the row is written.
      begin%2$s
      exception
        when sqlstate 'PT409' then
          raise;
        when others then
          perform ownership_private.raise_again(sqlstate, sqlerrm);
          perform ownership_private.block(
            %3$s, row_key, writer, to_jsonb(ownership_private.elements(new.%4$I::text[])), to_jsonb(old.%4$I));
          new.%4$I := old.%4$I;
      end;
    end if;$sql$ else $sql$
    if %1$s then%2$s
    end if;$sql$ end,
    ownership_private.changed_sql(tbl, p.col), ownership_private.merge_sql(p), p.id, p.col)
$$;
comment on function ownership_private.guard_set_sql is 'The part of a guard that merges one set.';

-- From supabase/schemas/ownership/guard.sql

-- The guard: the generated BEFORE UPDATE function of a table, which judges each protected column of a row by its mode.

-- The part of a guard that claims what a writer changed.

create function ownership_private.claim_elements_sql(p ownership_private.policies, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if writer_rank >= 100 and %1$s then
      perform ownership_private.claim_elements(
        %2$s, row_key, writer, writer_rank, old.%3$I::text[], new.%3$I::text[], %4$L);
    end if;$sql$, ownership_private.changed_sql(tbl, p.col), p.id, p.col, p.source)
$$;
comment on function ownership_private.claim_elements_sql is
  'The part of a guard that claims what a person did to a set.';

create function ownership_private.claim_scalars_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    declare
      changed integer[] := '{}';
      old_values jsonb[] := '{}';
      new_values jsonb[] := '{}';
    begin%s
      if changed <> '{}' then
        perform ownership_private.claim_cells(changed, row_key, writer, writer_rank, old_values, new_values);
      end if;
    end;$sql$, string_agg(format($sql$
      if %1$s and (writer_rank >= 100 or not %2$s) then
        changed := changed || %3$s;
        old_values := array_append(old_values, %4$s);
        new_values := array_append(new_values, %5$s);
      end if;$sql$,
      ownership_private.changed_sql(t.tbl, p.col),
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col)),
      p.id, ownership_private.recorded_sql(p, 'old'), ownership_private.recorded_sql(p, 'new')), '' order by p.id))
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  where m.leaves_claims and not m.merges
  having count(*) > 0
$$;
comment on function ownership_private.claim_scalars_sql is
  'The part of a guard that claims the whole values which a writer changed, in one call. NULL without such columns.';

create function ownership_private.claim_cells_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select nullif(concat(
    (
      select string_agg(ownership_private.claim_elements_sql(p, t.tbl), '' order by p.id)
      from ownership_private.policies_on(t) p
      where ownership_private.merges(p.mode)
    ),
    ownership_private.claim_scalars_sql(t)), '')
$$;
comment on function ownership_private.claim_cells_sql is
  'The part of a guard that claims what a writer changed; a blank is claimed for people alone. NULL when no mode leaves
   claims.';

create function ownership_private.engine_cells_sql(t ownership_private.protected_tables, taken_from text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format($sql$
      if %1$s = any (engine_writes) then
        new.%2$I := %3$s.%2$I;
      end if;$sql$, p.id, p.col, taken_from), '' order by p.id)
  from ownership_private.policies_on(t) p
$$;
comment on function ownership_private.engine_cells_sql is
  'The part of a guard that gives the columns which the engine is writing the values of another record.';

create function ownership_private.put_aside_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    if current_setting('ownership.engine', true) = 'on' then
      -- Which columns the engine itself is writing by this statement. The setting can be forged, these rows cannot.
      engine_writes := array(
        select e.policy from ownership_private.engine_writes e
        where e.xid = pg_current_xact_id_if_assigned() and e.policy = any (%1$L) and e.depth = pg_trigger_depth() - 1
      );
      -- Their values are put aside, and all else is judged, such as what a trigger of users changed with them.
      if engine_writes <> '{}' then
        by_engine := new;%4$s
        if not (%2$s or %3$s) then
          return by_engine;
        end if;
      end if;
    end if;$sql$,
    array_agg(p.id order by p.id)::integer[],
    ownership_private.key_changed_sql(t),
    string_agg(ownership_private.changed_sql(t.tbl, p.col), ' or ' order by p.id),
    ownership_private.engine_cells_sql(t, 'old'))
  from ownership_private.policies_on(t) p
$$;
comment on function ownership_private.put_aside_sql is
  'The part of a guard that puts aside what the engine itself is writing by this statement.';

create function ownership_private.note_long_key_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  if %1$s then
    insert into ownership_private.long_keys (key, whole_key) values (row_key, %2$s) on conflict do nothing;
  end if;$sql$, is_long, ownership_private.whole_key_sql(t.tbl, t.identity_key, 'new'))
  from ownership_private.is_long_sql(t.tbl, t.identity_key, 'new') is_long
  where is_long is not null
$$;
comment on function ownership_private.note_long_key_sql is
  'The part of a guard that keeps the text of a key which is known by its digest.';

create function ownership_private.guard_body_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$#variable_conflict use_variable
declare
  writer name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  writer_rank integer := %2$s;
  rank_over_claims integer;
  row_key text := %3$s;
  settled text[];
  owner ownership_private.claims;
  offered jsonb;
  is_owned boolean;
  engine_writes integer[];
  by_engine record;
begin
  -- One test for all that is not so where a program writes under its own name: each costs, and is made for every row.
  if writer_rank not between 1 and 99
    or current_setting('ownership.engine', true) <> '' or current_setting('ownership.writer', true) <> '' then%10$s
    if writer_rank = 0 or nullif(current_setting('ownership.writer', true), '') is not null
      or (writer_rank >= 100 and current_setting('session_replication_role') = 'replica') then
      select w.writer, w.rank into writer, writer_rank from ownership_private.current_writer() w;
    end if;
  end if;
  rank_over_claims := case when %7$s then writer_rank else 0 end;
  if %5$s then
    if writer_rank < 100 and ownership_private.keeps_key(%1$s, %6$s, row_key, writer, rank_over_claims) then
      %9$s row_key := %6$s;
    else
      perform ownership_private.move_key(%1$s, %6$s, row_key);
    end if;
  end if;%12$s
  if writer_rank < 100 then
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
      perform ownership_private.meet_unseen(%1$s, array[row_key]);
    end if;%4$s
  end if;
  if row_key is not null and %7$s then%8$s
  end if;
  if engine_writes <> '{}' then%11$s
  end if;
  return new;
end$sql$,
    t.id,
    ownership_private.rank_sql('writer'),
    ownership_private.key_sql(t.tbl, t.identity_key, 'new'),
    string_agg(
      case when ownership_private.merges(p.mode) then ownership_private.guard_set_sql(p, t.tbl)
        else ownership_private.guard_scalar_sql(p, t.tbl) end,
      '' order by p.id),
    ownership_private.key_changed_sql(t),
    ownership_private.key_sql(t.tbl, t.identity_key, 'old'),
    ownership_private.claimants_sql('writer'),
    coalesce(ownership_private.claim_cells_sql(t), E'\n    null;'),
    ownership_private.keep_key_sql(t),
    ownership_private.put_aside_sql(t),
    ownership_private.engine_cells_sql(t, 'by_engine'),
    ownership_private.note_long_key_sql(t))
  from ownership_private.policies_on(t) p
$$;
comment on function ownership_private.guard_body_sql is
  'The body of the BEFORE UPDATE function of a table: it keeps an owned key, or moves claims to a changed one, keeps
   values out or merges them by mode, and claims what the writer changed.';

create function ownership_private.guard_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.guard_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- The session keeps the plans. Made while the table of claims is empty, they would be sequential scans for good.
set enable_seqscan = off
%2$s
as %3$s
%4$s
%3$s
$sql$,
    t.id, ownership_private.settings_sql(t), ownership_private.quotes(t, 'guard'),
    ownership_private.plpgsql_names(ownership_private.guard_body_sql(t)))
$$;
comment on function ownership_private.guard_sql is 'Creates the BEFORE UPDATE function of a table.';

-- From supabase/schemas/ownership/fill.sql

-- fill: the generated BEFORE INSERT function. INSERT with ON CONFLICT DO UPDATE with NULL for a NOT NULL column fails
-- before any UPDATE trigger is called, and the whole batch with it; so the NULL is replaced by what stands in the row
-- or, where the row was deleted, by what its owner wrote.

create function ownership_private.fill_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.fill_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
%3$s
as %4$s
begin%2$s
  return new;
end
%4$s
$sql$,
    t.id,
    ownership_private.plpgsql_names(string_agg(format($sql$
  if new.%1$I is null then
    -- The lock waits for an edit in another transaction, whose value would else be overwritten by the older one.
    execute format('select t.%1$I from %%s t where %2$s for no key update', tg_relid::regclass)
      into new.%1$I using new;
    if not %6$s then
      perform ownership_private.block(%3$s, %4$s, w.writer, null, %8$s)
      from ownership_private.current_writer() w;
    end if;
    -- What was owned there may not fit today, and must not fail the batch.
    if new.%1$I is null then
      begin
        new.%1$I := %5$s;
      exception when others then
        perform ownership_private.raise_again(sqlstate, sqlerrm);
      end;
    end if;
    new.%1$I := coalesce(new.%1$I, %7$s);
  end if;$sql$,
      p.col,
      ownership_private.match_sql(t.tbl, t.identity_key, 't', '$1'),
      p.id,
      row_key,
      known_sql,
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('new.%I', p.col)),
      coalesce(f.default_sql, 'null'),
      ownership_private.recorded_sql(p, 'new')), '' order by p.id)),
    ownership_private.settings_sql(t),
    ownership_private.quotes(t, 'fill'))
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  cross join lateral ownership_private.key_sql(t.tbl, t.identity_key, 'new') row_key
  -- In a row that was deleted: what its owner wrote there; a set without elements, which those of its owners join.
  cross join lateral (
    select case when m.merges then format(
        'coalesce(%s, (select ''{}''::%s where exists (select from ownership_private.bases b where b.policy_id = %s and b.key = %s)))',
        coalesce(f.default_sql, 'null'), f.type_sql, p.id, row_key)
      else format(
        '(select %s from ownership_private.claims c where c.policy_id = %s and c.key = %s and c.element = '''')',
        ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value'), p.id, row_key) end as known_sql
  ) known
  where f.not_null and m.keeps_out is not null
$$;
comment on function ownership_private.fill_sql is
  'Creates the BEFORE INSERT function of a table, which replaces NULL in protected NOT NULL columns by the value of the
   existing row, or else by the default. NULL when the table has no such column.';

-- From supabase/schemas/ownership/returning.sql

-- Rows that come back: the generated AFTER INSERT function, which recognises by its identity key a row that was deleted
-- before, and puts claimed values back into it.

create function ownership_private.reinsert_scalar_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      with brought_back as (
        update %9$s r
        set %1$I = %2$s
        from inserted i
        join ownership_private.claims c on c.policy_id = %3$s and c.key = %4$s and c.element = ''
        where %5$s
          and %7$s
          and ($3 is null or c.key = $3)
          and %8$s
        returning c.key, %10$s as offered, %6$s as sent_is_blank, c.value as kept
      )
      select count(ownership_private.block(%3$s, key, $2, offered, kept))
      from brought_back
      where $1 < 100 and not sent_is_blank$sql$,
    p.col,
    ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value'),
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'i'),
    sent_is_blank,
    ownership_private.owner_keeps_sql('c', '$1',
      concat_ws(' or ', sent_is_blank, ownership_private.is_default_sql(t.tbl, p.col, 'i')),
      ownership_private.recorded_sql(p, 'r')),
    ownership_private.in_owners_path_sql(t.id),
    ownership_private.quotes(t, 'table'),
    ownership_private.recorded_sql(p, 'i'))
  from ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)) sent_is_blank
$$;
comment on function ownership_private.reinsert_scalar_sql is
  'The statement that puts claimed values back into rows that came back, unless a writer of at least the owner''s rank
   inserted another value. $1 rank over claims, $2 writer, $3 one key or NULL.';

create function ownership_private.reinsert_set_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
      with brought_back as (
        update %7$s r
        set %1$I = ownership_private.reinserted_set(%2$s, %3$s, $2, i.%1$I::text[], $1 >= 100)::%4$s
        from inserted i
        where %5$s
          and exists (select from ownership_private.bases b where b.policy_id = %2$s and b.key = %3$s)
          and ($3 is null or %3$s = $3)
          and %6$s
        returning %3$s as key, ownership_private.elements(i.%1$I::text[]) as offered, r.%1$I::text[] as kept
      )
      select count(ownership_private.block(%2$s, key, $2, to_jsonb(offered), to_jsonb(kept)))
      from brought_back
      where $1 < 100 and offered <> '{}' and offered <> ownership_private.elements(kept)$sql$,
    p.col, p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    f.type_sql,
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'i'),
    ownership_private.in_owners_path_sql(t.id),
    ownership_private.quotes(t, 'table'))
  from ownership_private.column_facts(t.tbl, p.col) f
$$;
comment on function ownership_private.reinsert_set_sql is
  'The statement that puts claimed elements back into rows that came back, and takes removed ones out. $1 rank over
   claims, $2 writer, $3 one key or NULL.';

create function ownership_private.claim_inserted_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.merges(p.mode) then $sql$
  if me.rank >= 100 then
    perform ownership_private.claim_elements(%1$s, %2$s, me.writer, me.rank, '{}', i.%3$I::text[], %4$L)
    from inserted i
    where %2$s is not null and not ownership.is_blank(i.%3$I::text[]);
  elsif (me.writer <> %4$L or keys <> '{}')
    -- A load is no source: its rows come with the bases that belong to them, in any order.
    and not (me.rank = 0 and current_setting('session_replication_role') = 'replica') then
    -- The source's base of the deleted row no longer holds, also where it names no set for the new row.
    insert into ownership_private.bases as b (policy_id, key, source, base)
    select %1$s, %2$s, me.writer, coalesce(i.%3$I::text[], '{}')
    from inserted i
    where %2$s is not null and (
      (me.writer <> %4$L and not ownership.is_blank(i.%3$I::text[]))
      or exists (select from ownership_private.bases o where o.policy_id = %1$s and o.key = %2$s)
    )
    on conflict (policy_id, key, source) do update set base = excluded.base;
  end if;$sql$ else $sql$
  if ownership_private.leaves_claims(me.writer) then
%5$s
  end if;$sql$ end,
    p.id,
    inserted_key,
    p.col,
    p.source,
    ownership_private.claim_inserted_cells_sql(p, inserted_key, concat_ws(' or ',
      ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)),
      ownership_private.is_default_sql(t.tbl, p.col, 'i'))))
  from ownership_private.key_sql(t.tbl, t.identity_key, 'i') inserted_key
$$;
comment on function ownership_private.claim_inserted_sql is
  'The part of returned_sql that claims what a writer inserted. Of a set that a source inserted it records the base,
   where that is not implied by policies.source.';

create function ownership_private.observe_returned_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.merges(p.mode) then $sql$
      select count(ownership_private.block(%1$s, j.key, $2, to_jsonb(j.offered), to_jsonb(j.kept)))
      from (
        select %2$s as key, ownership_private.elements(i.%3$I::text[]) as offered,
          ownership_private.elements(ownership_private.reinserted_set(%1$s, %2$s, $2, i.%3$I::text[], false)) as kept
        from inserted i
        where exists (select from ownership_private.bases b where b.policy_id = %1$s and b.key = %2$s)
          and ($3 is null or %2$s = $3)
      ) j
      where $1 < 100 and j.offered <> '{}' and j.offered <> j.kept$sql$ else $sql$
      select count(ownership_private.block(%1$s, c.key, $2, %6$s, c.value))
      from inserted i
      join ownership_private.claims c on c.policy_id = %1$s and c.key = %2$s and c.element = ''
      where $1 < 100 and not %4$s and %5$s and ($3 is null or c.key = $3)$sql$ end,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    p.col,
    sent_is_blank,
    ownership_private.owner_keeps_sql('c', '$1',
      concat_ws(' or ', sent_is_blank, ownership_private.is_default_sql(t.tbl, p.col, 'i')),
      ownership_private.recorded_sql(p, 'i')),
    ownership_private.recorded_sql(p, 'i'))
  from ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('i.%I', p.col)) sent_is_blank
$$;
comment on function ownership_private.observe_returned_sql is
  'The statement that records what was inserted over claimed values and changes nothing, for on_conflict = observe.
   Arguments as of reinsert_scalar_sql.';

create function ownership_private.bring_back_sql(
  p ownership_private.policies, t ownership_private.protected_tables
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  keys := '{}';
  if pg_sequence_last_value(%6$L::regclass) is not null then
    keys := array(
      select distinct known.key from inserted i
      join ownership_private.%5$I known on known.policy_id = %1$s and known.key = %2$s
    );
  end if;
  if keys <> '{}' then
    statement := replace(%7$s%3$s
    %7$s, '%8$s', tg_relid::regclass::text);
    perform ownership_private.begin_engine_write(%1$s);
    begin
      execute statement using me.over_claims, me.writer, null::text;
      perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    exception when others then
      perform ownership_private.raise_again(sqlstate, sqlerrm);
      -- What a constraint or a trigger refuses today must neither fail the batch nor keep other values from coming
      -- back.
      foreach row_key in array keys loop
        begin
          execute statement using me.over_claims, me.writer, row_key;
          perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        exception when others then
          perform ownership_private.raise_again(sqlstate, sqlerrm);
          raise warning 'the owned %% of %% could not come back: %%', %4$L, row_key,
            case when ownership_private.caller_may_read(tg_relid, %4$L) then sqlerrm else sqlstate end
            using hint = 'The claim stands; ownership.verify shows it.';
        end;
      end loop;
    end;
    perform ownership_private.end_engine_write(%1$s);
  end if;$sql$,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    case
      when p.on_conflict = 'observe' then ownership_private.observe_returned_sql(p, t)
      when ownership_private.merges(p.mode) then ownership_private.reinsert_set_sql(p, t)
      else ownership_private.reinsert_scalar_sql(p, t)
    end,
    p.col,
    case when ownership_private.merges(p.mode) then 'bases' else 'claims' end,
    ownership_private.gate(p.id),
    ownership_private.quotes(t, 'back'),
    ownership_private.quotes(t, 'table'))
$$;
comment on function ownership_private.bring_back_sql is
  'The part of returned_sql that puts claimed values back: into all rows at once or, where that fails, row by row.';

create function ownership_private.returned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
create or replace function ownership_private.returned_%1$s()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- The session keeps the plans. Made for few claims or few rows, a join that scans would be ruinous for many.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
%2$s
as %4$s
declare
  me record;
  keys text[];
  row_key text;
  statement text;
begin
  -- An upsert fires this trigger, too, also where it updated every row.
  if not exists (select from inserted) then
    return null;
  end if;
  select w.writer, w.rank, ownership_private.rank_over_claims(w.writer, w.rank) as over_claims into me
  from ownership_private.current_writer() w;
  if me.rank < 100 and current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    perform ownership_private.meet_unseen(%1$s, array(select distinct %5$s from inserted i where %5$s is not null));
  end if;%6$s%3$s
  return null;
end
%4$s
$sql$,
    t.id,
    ownership_private.settings_sql(t),
    string_agg(
      ownership_private.bring_back_sql(p, t) || ownership_private.claim_inserted_sql(p, t), '' order by p.id),
    ownership_private.quotes(t, 'returned'),
    ownership_private.key_sql(t.tbl, t.identity_key, 'i'),
    -- What a set's own source inserts anew leaves nothing under its key.
    E'\n  if me.over_claims > 0' || coalesce(format(' or me.writer <> all (%L::name[])',
      array_agg(p.source) filter (where m.merges)), '') || E' then\n    '
      || ownership_private.note_long_keys_sql(t, 'inserted i', 'i') || E';\n  end if;')
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  where m.leaves_claims
$$;
comment on function ownership_private.returned_sql is
  'Creates the AFTER INSERT function of a table. NULL when no mode leaves claims.';

-- From supabase/schemas/ownership/generate.sql

-- generate: installs the generated functions and their triggers on a table.

create function ownership_private.trigger_sql(
  t ownership_private.protected_tables, timing text, condition text, suffix text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'create or replace trigger %1$I %2$s on %3$s for each row when (%4$s) execute function ownership_private.%5$I();
     alter table %3$s enable always trigger %1$I;
     revoke all on function ownership_private.%5$I() from public;',
    '~~ownership_' || suffix, timing, t.tbl, condition, suffix || '_' || t.id)
$$;
comment on function ownership_private.trigger_sql is
  'Creates a row trigger whose name sorts after every other, and which fires in replica mode, too. suffix: of the names
   of trigger and function.';

create function ownership_private.returned_trigger_sql(t ownership_private.protected_tables, place regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'create or replace trigger %1$I after insert on %2$s referencing new table as inserted for each statement
       execute function ownership_private.%3$I();
     alter table %2$s enable always trigger %1$I;',
    '~~ownership_returned', place, 'returned_' || t.id)
$$;
comment on function ownership_private.returned_trigger_sql is
  'Creates the statement trigger for rows that come back, on a table or on one of its partitions.';

create function ownership_private.install_returned(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
begin
  -- A statement trigger of a partitioned table does not fire for an INSERT into the partition itself.
  for place in
    select t.tbl union select p.relid from pg_partition_tree(t.tbl) p
  loop
    execute ownership_private.returned_trigger_sql(t, place);
  end loop;
  execute format('revoke all on function ownership_private.%I() from public', 'returned_' || t.id);
end
$$;
comment on function ownership_private.install_returned is
  'Creates the statement trigger for rows that come back, on the table and each of its partitions.';

create function ownership_private.drop_triggers(t ownership_private.protected_tables, kept text[] default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = 'warning'
as $$
declare
  suffixes constant text[] := array['guard', 'fill', 'returned'];
  suffix text;
  statement text;
begin
  -- A trigger of ours may have been renamed, or be left on a partition that was detached; another may bear its name.
  for statement in
    select format('drop trigger if exists %I on %s', g.tgname, g.tgrelid::regclass)
    from pg_trigger g
    join pg_proc p on p.oid = g.tgfoid
    where g.tgparentid = 0 and not g.tgisinternal
      and (
        (p.pronamespace = 'ownership_private'::regnamespace and p.proname in (select s || '_' || t.id from unnest(suffixes) s))
        or (
          g.tgname in (select '~~ownership_' || s from unnest(suffixes) s)
          and (g.tgrelid = t.tbl or g.tgrelid in (select tree.relid from pg_partition_tree(t.tbl) tree))
        )
      )
      and not exists (
        select from unnest(kept) k
        where g.tgname = '~~ownership_' || k and p.proname = k || '_' || t.id
          and (g.tgrelid = t.tbl or k = 'returned' and g.tgrelid in (select tree.relid from pg_partition_tree(t.tbl) tree))
      )
  loop
    execute statement;
  end loop;
  foreach suffix in array suffixes loop
    continue when suffix = any (kept);
    execute format('drop function if exists ownership_private.%I()', suffix || '_' || t.id);
  end loop;
end
$$;
comment on function ownership_private.drop_triggers is
  'Takes the triggers of the engine off a table, and drops their functions; but not those kept, by their suffixes.';

create function ownership_private.generate(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = 'warning'
as $$
declare
  concerned constant text := ownership_private.concerned_sql(t);
  null_in text;
  claims boolean;
begin
  select
    string_agg(format('new.%I is null', p.col), ' or ' order by p.id) filter (where f.not_null and m.keeps_out is not null),
    bool_or(m.leaves_claims)
  into null_in, claims
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f;

  -- What is wanted is replaced and not dropped: a drop locks out readers, too, and whoever has read the table in his
  -- transaction and goes on to write it would deadlock with this one.
  perform ownership_private.drop_triggers(t, array_remove(array[
    case when concerned is not null then 'guard' end,
    case when concerned is not null and null_in is not null then 'fill' end,
    case when concerned is not null and claims then 'returned' end
  ], null));
  if concerned is null then
    return;
  end if;
  execute ownership_private.guard_sql(t);
  execute ownership_private.trigger_sql(t, 'before update',
    format('%s or %s', concerned, ownership_private.key_changed_sql(t)), 'guard');
  if null_in is not null then
    execute ownership_private.fill_sql(t);
    execute ownership_private.trigger_sql(t, 'before insert', null_in, 'fill');
  end if;
  if claims then
    execute ownership_private.returned_sql(t);
    perform ownership_private.install_returned(t);
  end if;
  perform ownership_private.record_generated(t);
end
$$;
comment on function ownership_private.generate is
  'Generates the functions and triggers of one table anew from its policies and the writers.';

-- From supabase/schemas/ownership/strangers.sql

-- Roles that may write to a protected table and that nobody registered: what a person writes through one is not kept.

create function ownership_private.unknown_writers(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(distinct coalesce(quote_ident(r.rolname), 'public'), ', ')
  from pg_class c
  cross join lateral (
    select a.grantee, a.privilege_type from aclexplode(c.relacl) a
    union all
    select a.grantee, a.privilege_type
    from pg_attribute col
    join ownership_private.policies p on p.table_id = t.id and p.col = col.attname
    cross join lateral aclexplode(col.attacl) a
    where col.attrelid = c.oid and not col.attisdropped
  ) granted
  left join pg_roles r on r.oid = granted.grantee
  where c.oid = t.tbl
    and granted.privilege_type in ('INSERT', 'UPDATE')
    and granted.grantee <> c.relowner
    and r.rolsuper is not true
    -- A visitor of the API is nobody whose edits are to be kept. Older projects grant him everything by default.
    and r.rolname is distinct from 'anon'
    and not exists (select from ownership_private.writers w where w.role = r.rolname)
    -- Row security without a policy for the role lets it write nothing.
    and (not c.relrowsecurity or r.rolbypassrls is true or exists (
      select from pg_policy y
      where y.polrelid = c.oid and y.polcmd in ('*', 'a', 'w') and (0 = any (y.polroles) or r.oid = any (y.polroles))
    ))
$$;
comment on function ownership_private.unknown_writers is
  'The roles with a grant of their own to write to a table that are no registered writers, as a list; NULL without any.
   Owners and superusers need no grant, visitors of the API (anon) are nobody, and members of a role write with its
   grant.';

create function ownership_private.writer_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'writer not registered', format('%s by %s', t.tbl, roles),
    'What is written through such a role claims nothing, not even if a person writes it: the next sync replaces it.',
    'ownership.register_writer with the rank of who writes (100: people, 20: a program), or revoke the right to write.'
  from ownership_private.unknown_writers(t) roles
  where roles is not null
$$;
comment on function ownership_private.writer_problems is 'Tables to which roles may write that nobody registered.';

-- From supabase/schemas/ownership/protect_checks.sql

-- What protect refuses, and how it finds the key by which a row is recognised.

create function ownership_private.index_problem(i pg_index)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not i.indisvalid or not i.indisready then 'is not valid'
    when i.indpred is not null then 'covers only a part of the rows'
    when not i.indimmediate then 'is deferrable'
  end
$$;
comment on function ownership_private.index_problem is 'Why rows cannot be recognised by a unique index; NULL where they can.';

create function ownership_private.key_column_problem(target regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not f.not_null then format('%I may be NULL', col)
    when ownership_private.labels_of(f.base) is not null
      then format('the values of %I, of type %s, can be renamed', col, f.type_sql)
    when f.base in ('numeric', 'real', 'double precision', 'interval') or ownership_private.is_citext(f.base)
      or ownership_private.is_exact(f.type_id, f.collation_id)
      or f.base = 'bpchar'::regtype and l.collisdeterministic then null
    when not l.collisdeterministic then format('%I has the nondeterministic collation %s, and equal values are not written alike', col, f.collation_sql)
    else format('equal values of %I, of type %s, are not always written alike', col, f.type_sql)
  end
  from ownership_private.column_facts(target, col) f
  left join pg_attribute a on a.attrelid = target and a.attname = col
  left join pg_collation l on l.oid = a.attcollation
$$;
comment on function ownership_private.key_column_problem is
  'Why a column cannot be part of an identity key; NULL where it can. Claims name a row by the text of its key.';

create function ownership_private.keys(target regclass)
returns table (cols name[], index_oid oid, problem text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select k.cols, k.index_oid, coalesce(
    'its unique index ' || k.index_oid::regclass || ' ' || k.index_problem,
    (select p from unnest(k.cols) c, ownership_private.key_column_problem(target, c) p where p is not null limit 1))
  from (
    select array_agg(a.attname order by u.place) as cols, i.indexrelid as index_oid,
      ownership_private.index_problem(i) as index_problem
    from pg_catalog.pg_index i
    cross join unnest(i.indkey::int2[]) with ordinality u (attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum
    where i.indrelid = target and i.indisunique and i.indexprs is null and u.place <= i.indnkeyatts
    group by i.indexrelid, ownership_private.index_problem(i)
  ) k
$$;
comment on function ownership_private.keys is
  'The unique keys of a table, each with the reason why its rows cannot be recognised by it; NULL where they can.';

create function ownership_private.default_identity_key(target regclass)
returns name[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select k.cols
  from ownership_private.keys(target) k
  join pg_index i on i.indexrelid = k.index_oid
  cross join lateral (
    select bool_or(a.attidentity <> '' or a.atthasdef) as surrogate
    from pg_attribute a where a.attrelid = target and a.attname = any (k.cols)
  ) f
  order by k.problem is not null, f.surrogate, not ('external_id' = any (k.cols)), not i.indisprimary, k.index_oid
  limit 1
$$;
comment on function ownership_private.default_identity_key is
  'A unique key to recognise rows by: preferably one without default, because a key that a source hands out stays the
   same when a row is inserted again, and a serial does not. One with a problem only where there is no other.';

create function ownership_private.check_column(target regclass, col name, identity_key name[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  reason text;
begin
  if not exists (select from ownership_private.column_facts(target, col)) then
    perform ownership_private.fail('OW003', format('table %s has no column %I', target, col),
      format('Its columns are: %s.', (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        from pg_catalog.pg_attribute a
        where a.attrelid = target and a.attnum > 0 and not a.attisdropped
      )),
      'Check the spelling; names are case sensitive.');
  end if;
  select case
    when c.relkind not in ('r', 'p') then 'it is not an ordinary or partitioned table'
    when n.nspname in ('pg_catalog', 'information_schema', 'ownership', 'ownership_private') then 'its schema is not for user tables'
    when c.relpersistence = 't' then 'a temporary table is gone with its session'
    when exists (
      select from pg_catalog.pg_inherits i
      join pg_catalog.pg_class p on p.oid = i.inhparent and p.relkind = 'r'
      where i.inhparent = target
    ) then 'tables inherit from it, and writes to them do not fire its triggers'
    when a.attgenerated <> '' then 'it is a generated column'
    when a.attidentity <> '' then 'it is an identity column'
    when col = any (identity_key) then 'it belongs to the identity key'
    when exists (
      select from pg_catalog.pg_index i
      where i.indrelid = target and i.indisprimary and a.attnum = any (i.indkey::int2[])
    ) then 'it belongs to the primary key'
    when exists (
      select from pg_catalog.pg_constraint f
      where f.conrelid = target and f.contype = 'f' and a.attnum = any (f.conkey)
        and (f.confdeltype in ('n', 'd', 'c') or f.confupdtype in ('n', 'd', 'c'))
    ) then 'its foreign key has ON DELETE or ON UPDATE with SET NULL, SET DEFAULT or CASCADE, and keeping its value would leave it dangling'
  end
  into reason
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where a.attrelid = target and a.attname = col;
  if reason is not null then
    perform ownership_private.fail('OW005',
      format('column %I of table %s cannot be protected: %s', col, target, reason),
      'Protecting it would do harm, or would not hold.', 'Protect another column, or change the table first.');
  end if;
end
$$;
comment on function ownership_private.check_column is 'Refuses what cannot be protected without harm (OW003, OW005).';

create function ownership_private.has_matrix(target regclass, col name)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_one boolean;
begin
  if exists (select from pg_attribute a where a.attrelid = target and a.attname = col and a.attndims > 1) then
    return true;
  end if;
  -- How many dimensions were declared Postgres enforces nowhere.
  execute format('select exists (select from %s r where array_ndims(r.%I) > 1)', target, col) into found_one;
  return found_one;
end
$$;
comment on function ownership_private.has_matrix is 'Whether a column of arrays is meant for matrices, or holds one.';

create function ownership_private.check_options(target regclass, col name, mode text, on_conflict text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  rules constant text[] := array['keep', 'reject', 'observe'];
begin
  if not ownership_private.is_mode(mode) then
    perform ownership_private.fail('OW004', format('unknown mode %L for column %I of table %s', mode, col, target),
      format('Modes are: %s.', (select string_agg(m.mode, ', ') from ownership.modes() m)),
      format('Leave mode out for the default: %s for arrays of text, %s for the rest.',
        ownership_private.default_mode('arrays of text'), ownership_private.default_mode('scalars')));
  end if;
  if ownership_private.merges(mode) and not (select f.is_set from ownership_private.column_facts(target, col) f) then
    perform ownership_private.fail('OW004',
      format('mode %s needs an array, and column %I of table %s is %s', mode, col, target, (
        select f.type_sql from ownership_private.column_facts(target, col) f
      )),
      'Only arrays can be merged by element.', format('Use %s.', ownership_private.default_mode('scalars')));
  end if;
  if ownership_private.merges(mode) and not exists (
    select from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    where t.tbl = target and p.col = check_options.col
  ) and ownership_private.has_matrix(target, col) then
    perform ownership_private.fail('OW004', format('mode %s would flatten column %I of table %s', mode, col, target),
      'It is declared as an array of several dimensions, or a row holds one; a set is a list of its elements.',
      format('Use %s, which keeps arrays whole.', ownership_private.default_mode('scalars')));
  end if;
  if on_conflict <> all (rules) then
    perform ownership_private.fail('OW006',
      format('unknown on_conflict %L for column %I of table %s', on_conflict, col, target),
      format('Rules are: %s.', array_to_string(rules, ', ')), 'Leave on_conflict out for the default, keep.');
  end if;
end
$$;
comment on function ownership_private.check_options is 'Refuses unknown modes (OW004) and conflict rules (OW006).';

create function ownership_private.check_source(target regclass, col name, source name)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if source is not null and not ownership_private.is_program(source) then
    perform ownership_private.fail('OW019',
      format('%I cannot be the source of column %I of table %s', source, col, target),
      format('Writers below rank 100 are: %s.', (
        select string_agg(quote_ident(w.role), ', ' order by w.role) from ownership_private.writers w where w.rank < 100
      )),
      'Register it first with ownership.register_writer, with a rank below 100.');
  end if;
end
$$;
comment on function ownership_private.check_source is 'Refuses a source that is no registered program (OW019).';

create function ownership_private.constraints_on_kept(target regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(format('%I %s', c.conname, pg_get_constraintdef(c.oid)), '; ' order by c.conname)
  from pg_attribute a
  join pg_constraint c on c.conrelid = a.attrelid and a.attnum = any (c.conkey)
  where a.attrelid = target and a.attname = col
    and (c.contype = 'f' or c.contype in ('c', 'u', 'x') and (cardinality(c.conkey) > 1 or c.condeferrable)
      -- What two sets make may fit where neither did, and the other way round.
      or c.contype = 'c' and exists (
        select from ownership_private.policies p
        join ownership_private.protected_tables t on t.id = p.table_id
        where t.tbl = target and p.col = constraints_on_kept.col and ownership_private.merges(p.mode)
      ))
$$;
comment on function ownership_private.constraints_on_kept is
  'Constraints that a value which is kept can violate together with others that are written beside it, or a set that is
   merged; NULL without any.';

create function ownership_private.is_numbered(target regclass, identity_key name[])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(bool_or(a.attidentity <> '' or pg_get_serial_sequence(target::text, a.attname) is not null), false)
  from pg_attribute a
  where a.attrelid = target and a.attname = any (identity_key)
$$;
comment on function ownership_private.is_numbered is
  'Whether a sequence of the table itself hands out the keys. Started anew, it gives another row the key of a deleted one.';

create function ownership_private.assigning_triggers(target regclass, col name)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(distinct quote_ident(g.tgname), ', ')
  from pg_trigger g
  join pg_proc p on p.oid = g.tgfoid
  join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
  cross join regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', ' ', 'g'), '/\*.*?\*/', ' ', 'g') code
  cross join regexp_replace(col, '(\W)', '\\\1', 'g') spelt
  -- The bits of pg_trigger.tgtype: row 1, before 2, insert 4, update 16.
  where g.tgrelid = target and g.tgtype & 3 = 3 and g.tgtype & 20 <> 0 and g.tgenabled <> 'D' and not g.tgisinternal
    and p.pronamespace <> 'ownership_private'::regnamespace
    and (
      code ~* format('\mnew\s*\.\s*("%1$s"|%1$s\M)\s*:=', spelt)
      -- After an IF it would be a comparison.
      or code ~* format('(;|\mbegin|\mthen|\melse|\mloop)\s*new\s*\.\s*("%1$s"|%1$s\M)\s*=', spelt)
      or code ~* format('\minto\s+[^;]*\mnew\s*\.\s*("%1$s"|%1$s\M)', spelt)
    )
$$;
comment on function ownership_private.assigning_triggers is
  'Triggers of others that set a column of the row that is written, as far as their source shows it; NULL without any.';

create function ownership_private.instead_rules(target regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(quote_ident(r.rulename), ', ' order by r.rulename)
  from pg_rewrite r
  -- The events: update 2, insert 3, delete 4.
  where r.ev_class = target and r.is_instead and r.ev_type in ('2', '3', '4') and r.ev_enabled <> 'D'
$$;
comment on function ownership_private.instead_rules is
  'Rules that do something else in place of a write to a table; NULL without any.';

create function ownership_private.warn_of_risks(
  t ownership_private.protected_tables, protected_col name, is_new boolean
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  listed text := ownership_private.unknown_writers(t);
begin
  if listed is not null then
    raise warning '% may be written by roles that are no writers: %', t.tbl, listed
      using hint = 'Register them with ownership.register_writer: what a person writes through one is not kept.';
  end if;
  listed := ownership_private.constraints_on_kept(t.tbl, protected_col);
  if is_new and listed is not null then
    raise warning 'a value of %.% that is kept can violate, with what is written beside it: %', t.tbl, quote_ident(protected_col), listed
      using hint = 'Such a write fails as a whole. on_conflict => ''observe'' keeps nothing, and records what would have been kept.';
  end if;
  listed := ownership_private.assigning_triggers(t.tbl, protected_col);
  if is_new and listed is not null then
    raise warning 'triggers of % set the column %: %', t.tbl, quote_ident(protected_col), listed
      using hint = 'What comes back goes through them, too: where they make another value of an owned one, ownership.verify finds it.';
  end if;
  listed := ownership_private.instead_rules(t.tbl);
  if listed is not null then
    raise warning 'rules of % do something else in place of a write: %', t.tbl, listed
      using hint = 'An edit that never reaches the table claims nothing, and no owned value comes back. Drop them.';
  end if;
  if is_new and ownership_private.is_numbered(t.tbl, t.identity_key) then
    raise warning 'rows of % are known by %, which a sequence of the table hands out', t.tbl, array_to_string(t.identity_key, ', ')
      using hint = 'After TRUNCATE with RESTART IDENTITY another row gets the key of an old one, and with it what people wrote there. Name a key of the source as identity_key, where there is one.';
  end if;
end
$$;
comment on function ownership_private.warn_of_risks is
  'Tells what protect does not refuse, and what can go wrong later: writers that nobody registered, rules and, of a new
   policy, constraints, triggers and keys.';

-- From supabase/schemas/ownership/follow.sql

-- Following: policies, claims and history go along when a table or column gets another name, and policies end with
-- their column. Event triggers call it after each command (alarms.sql); where the platform has none, protect, repair
-- and register_writer do.

create function ownership_private.changed_tables()
returns setof ownership_private.protected_tables
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select t.*
  from ownership_private.protected_tables t
  join pg_class c on c.oid = t.tbl
  where t.noted_oid <> t.tbl::oid
    or exists (
      select from ownership_private.policies p
      left join pg_attribute a on a.attrelid = t.tbl and not a.attisdropped
        and case when p.attnum = 0 then a.attname = p.col else a.attnum = p.attnum end
      where p.table_id = t.id and (p.attnum <> 0 or a.attnum is not null)
        and ((a.attname, a.attnum, format_type(a.atttypid, a.atttypmod)) is distinct from (p.col, p.attnum, p.type_sql)
          or p.labels is not null and p.labels <> ownership_private.labels_of(a.atttypid))
    )
    or exists (
      select from unnest(t.identity_key, t.key_attnums, t.key_types) k (name, attnum, type_sql)
      left join pg_attribute a on a.attrelid = t.tbl and a.attnum = k.attnum and not a.attisdropped
      where (a.attname, format_type(a.atttypid, a.atttypmod)) is distinct from (k.name, k.type_sql)
    )
    -- Names and types are the same, and something else on which the guards rest is not, such as a default.
    or exists (
      select from ownership_private.generated made
      where made.table_id = t.id and made.inputs <> ownership_private.generator_inputs(t)
    )
  order by t.id;
end
$$;
comment on function ownership_private.changed_tables is
  'Protected tables whose columns are not any more those that were noted, or for which the generator would make
   something else.';

create function ownership_private.note_names(t ownership_private.protected_tables, new_tbl text, new_cols jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ownership_private.renames (id, old_tbl, old_col, tbl, col)
  select nextval(pg_get_serial_sequence('ownership_private.history', 'id')), t.name, p.col, new_tbl,
    coalesce(new_cols ->> p.id::text, p.col)
  from ownership_private.policies p
  where p.table_id = t.id and (t.name <> new_tbl or new_cols ? p.id::text);
  update ownership_private.policies p set col = new_cols ->> p.id::text
  where p.table_id = t.id and new_cols ? p.id::text;
  update ownership_private.protected_tables o set name = new_tbl where o.id = t.id;
end
$$;
comment on function ownership_private.note_names is
  'Gives a table and its policies new names. new_cols: by the policy''s id, the column''s new name.';

create function ownership_private.end_policy(policy integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ownership_private.remember(policy, c.key, c.element, 'unprotected', w.writer, c.value, c.value)
  from ownership_private.claims c
  cross join ownership_private.current_writer() w
  where c.policy_id = policy
  order by c.key, c.element;
  -- Conditions of triggers read the gate. Whoever ends a policy generates the table's guards anew.
  perform ownership_private.drop_triggers(t)
  from ownership_private.protected_tables t join ownership_private.policies p on p.table_id = t.id
  where p.id = policy;
  delete from ownership_private.policies p where p.id = policy;
  execute format('drop sequence if exists ownership_private.%I', 'gate_' || policy);
end
$$;
comment on function ownership_private.end_policy is 'Ends a policy with its claims; the history has a line of each.';

create function ownership_private.follow_columns(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  ended record;
  renamed jsonb;
begin
  for ended in
    select p.id, p.col, (select count(*) from ownership_private.claims c where c.policy_id = p.id) as claims
    from ownership_private.policies p
    where p.table_id = t.id and p.attnum <> 0 and not exists (
      select from pg_attribute a where a.attrelid = t.tbl and a.attnum = p.attnum and not a.attisdropped
    )
    order by p.id
  loop
    perform ownership_private.end_policy(ended.id);
    raise warning 'column %.% was dropped: its policy ended with % claims', t.name, quote_ident(ended.col), ended.claims
      using hint = 'ownership.history has their values. Where the column comes back, ownership.protect it again.';
  end loop;
  select jsonb_object_agg(p.id, a.attname) into renamed
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attnum = p.attnum and a.attname <> p.col
  where p.table_id = t.id;
  if renamed is null then
    return;
  end if;
  -- Columns that exchange their names are first given names that no column has.
  perform ownership_private.note_names(t, t.name, (
    select jsonb_object_agg(r.key, '#' || r.key) from jsonb_each(renamed) r
  ))
  where (select count(*) from jsonb_each(renamed)) > 1;
  perform ownership_private.note_names(t, t.name, renamed);
end
$$;
comment on function ownership_private.follow_columns is
  'Ends the policies of dropped columns, and gives the others the names that their columns have today.';

create function ownership_private.check_merged(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  col name;
begin
  select p.col into col
  from ownership_private.policies p
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  where p.table_id = t.id and ownership_private.merges(p.mode) and not f.is_array
  order by p.id
  limit 1;
  if found then
    perform ownership_private.fail('OW004', format('column %I of table %s is merged by element and has to be an array', col, t.name),
      'In its new type nothing would guard it.', 'Call ownership.unprotect for it first, and protect it in its new type.');
  end if;
end
$$;
comment on function ownership_private.check_merged is
  'Refuses a type that a merged column cannot have (OW004).';

create function ownership_private.count_rows(
  t ownership_private.protected_tables, out all_rows bigint, out owned_rows bigint
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('select count(*), count(*) filter (where exists (
      select from ownership_private.policies p join ownership_private.claims c on c.policy_id = p.id
      where p.table_id = %s and c.key = %s))
    from %s r',
    t.id, ownership_private.key_sql(t.tbl, t.identity_key, 'r'), t.tbl) into all_rows, owned_rows;
end
$$;
comment on function ownership_private.count_rows is 'The rows of a table, and those of them in which somebody owns something.';

create function ownership_private.check_moved_rows(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Rows may be deleted meanwhile. Where more of what is owned is gone than that, it has another key.
  is_lost boolean := (
    select a.owned_rows - n.owned_rows > greatest(a.all_rows - n.all_rows, 0)
    from ownership_private.asides a, ownership_private.count_rows(t) n
    where a.table_id = t.id
  );
  sound ownership_private.policies;
begin
  -- Where keys were exchanged, each is still there, and what is owned is not.
  for sound in
    select p.* from ownership_private.asides a
    join ownership_private.policies_on(t) p on p.id = any (a.sound)
    cross join lateral ownership_private.column_facts(t.tbl, p.col) f
    where a.table_id = t.id and f.type_sql = p.type_sql
      and t.key_types is distinct from ownership_private.types_of(t.tbl, t.identity_key)
  loop
    exit when is_lost;
    execute format('select exists (%s)', ownership_private.lost_sql(sound, t)) into is_lost;
  end loop;
  if is_lost then
    perform ownership_private.fail('OW018', format('keys of table %s changed while its guards stood aside', t.name),
      'Claims name their rows by them, and would be of no row or of another one.',
      'Change a type alone, and keys by an update before or after: claims go along.');
  end if;
end
$$;
comment on function ownership_private.check_moved_rows is
  'Refuses that keys changed while guards stood aside, so that claims are of no row, or of another one (OW018).';

create function ownership_private.follow_key(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  today name[] := array(
    select a.attname
    from unnest(t.key_attnums) with ordinality k (attnum, place)
    join pg_attribute a on a.attrelid = t.tbl and a.attnum = k.attnum and not a.attisdropped
    order by k.place
  );
  problem text;
  old_key text;
begin
  if cardinality(today) < cardinality(t.identity_key) then
    perform ownership_private.fail('OW017',
      format('table %s cannot lose a column of its identity key %s', t.name, array_to_string(t.identity_key, ', ')),
      'Claims name their rows by it.', 'Call ownership.unprotect for its columns first: that ends their claims.');
  end if;
  update ownership_private.protected_tables o set identity_key = today where o.id = t.id returning o.* into t;
  if t.key_types is distinct from ownership_private.types_of(t.tbl, today) then
    select p into problem
    from unnest(today) k, ownership_private.key_column_problem(t.tbl, k) p
    where p is not null
    limit 1;
    if problem is not null then
      perform ownership_private.fail('OW018', format('the identity key of table %s cannot have this type', t.name),
        problem || '.', 'Choose another type, or call ownership.unprotect for its columns first.');
    end if;
    for old_key in
      select c.key from ownership_private.policies p join ownership_private.claims c on c.policy_id = p.id
      where p.table_id = t.id
      union
      select b.key from ownership_private.policies p join ownership_private.bases b on b.policy_id = p.id
      where p.table_id = t.id
    loop
      begin
        perform ownership_private.move_key(t.id, old_key, ownership_private.note_key(t.tbl, today, old_key));
      exception when sqlstate 'OW011' then
        perform ownership_private.fail('OW018', format('the identity key of table %s cannot have this type', t.name),
          format('Claims name a row by %s, which is no value of it.', old_key),
          'Choose another type, or call ownership.unprotect for its columns first.');
      end;
    end loop;
  end if;
end
$$;
comment on function ownership_private.follow_key is
  'Gives the identity key the names that its columns have today, and claims the text that keys have in its types.
   Errors: OW017, OW018.';

create function ownership_private.note_again(the_table integer, tbl regclass)
returns ownership_private.protected_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  noted ownership_private.protected_tables;
begin
  -- The triggers of both tables note what they find. Columns that are not there get the number 0, and wait.
  update ownership_private.protected_tables t set tbl = note_again.tbl where t.id = the_table returning t.* into noted;
  update ownership_private.policies p set attnum = 0 where p.table_id = the_table;
  return noted;
end
$$;
comment on function ownership_private.note_again is 'Notes by name what a table and its columns are now.';

create function ownership_private.follow_table(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Following a name notes the column's type anew.
  noted_policies ownership_private.policies[] := array(
    select p from ownership_private.policies p where p.table_id = t.id order by p.id
  );
begin
  if not exists (select from pg_class c where c.oid = t.tbl) then
    -- It was dropped: policies, claims and history stay under its name.
    delete from ownership_private.asides a where a.table_id = t.id;
    return;
  end if;
  perform ownership_private.end_aside(t);
  if t.name <> t.tbl::text then
    perform ownership_private.note_names(t, t.tbl::text, '{}');
  end if;
  -- In a table of another OID the numbers of columns mean nothing: it was loaded from a dump. Names do.
  if t.noted_oid = t.tbl::oid then
    perform ownership_private.follow_columns(o) from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.check_merged(o) from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.follow_key(o) from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.check_moved_rows(o) from ownership_private.protected_tables o where o.id = t.id;
    select o.* into t from ownership_private.protected_tables o where o.id = t.id;
    perform ownership_private.follow_type(noted, t)
    from unnest(noted_policies) noted
    where noted.id in (select p.id from ownership_private.policies_on(t) p);
  end if;
  delete from ownership_private.asides a where a.table_id = t.id;
  t := ownership_private.note_again(t.id, t.tbl);
  perform ownership_private.generate(t);
  delete from ownership_private.protected_tables o
  where o.id = t.id and not exists (select from ownership_private.policies p where p.table_id = o.id);
end
$$;
comment on function ownership_private.follow_table is
  'Notes what a table and its columns are now, lets policies, claims and history go along, and generates its guards.';

create function ownership_private.follow_names()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
  renamed integer[] := array(
    select o.id from ownership_private.protected_tables o
    join pg_class c on c.oid = o.tbl
    where o.name <> o.tbl::text
    order by 1
  );
begin
  -- Tables that exchange their names are first given names that no table has.
  if cardinality(renamed) > 1 then
    perform ownership_private.note_names(o, '#' || o.id, '{}')
    from ownership_private.protected_tables o where o.id = any (renamed);
  end if;
  for t in select o.* from ownership_private.protected_tables o where o.id = any (renamed) order by o.id loop
    perform ownership_private.note_names(t, t.tbl::text, '{}');
  end loop;
end
$$;
comment on function ownership_private.follow_names is 'Gives tables that were renamed the names that they have today.';

create function ownership_private.follow_partitions()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  statement text;
begin
  for statement in
    select case when place.tgrelid is null then ownership_private.returned_trigger_sql(t, place.relid)
      else format('drop trigger %I on %s', '~~ownership_returned', place.tgrelid::regclass) end
    from ownership_private.protected_tables t
    join pg_class c on c.oid = t.tbl and c.relkind = 'p'
    join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = 'returned_' || t.id
    -- Where the table has none itself, its guards stepped aside or were taken away.
    join pg_trigger ours on ours.tgfoid = p.oid and ours.tgrelid = t.tbl
    cross join lateral (
      select tree.relid, g.tgrelid
      from (select relid from pg_partition_tree(t.tbl)) tree
      full join (
        select o.tgrelid from pg_trigger o where o.tgfoid = p.oid and o.tgname = '~~ownership_returned'
      ) g on g.tgrelid = tree.relid
    ) place
    where place.relid is null or place.tgrelid is null
  loop
    execute statement;
  end loop;
end
$$;
comment on function ownership_private.follow_partitions is
  'Gives the statement trigger of a partitioned table to partitions that came, and takes it off those that left. Row
   triggers come and go by themselves.';

create function ownership_private.follow(in_command boolean default false)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
begin
  perform ownership_private.follow_names();
  for t in
    select o.*
    from ownership_private.protected_tables o
    left join ownership_private.asides a on a.table_id = o.id
    where case when a.table_id is null then o.id in (select c.id from ownership_private.changed_tables() c)
      else not in_command end
    order by o.id
  loop
    begin
      perform ownership_private.follow_table(t);
    exception when others then
      if in_command and sqlstate in ('OW004', 'OW017', 'OW018') then
        raise;
      end if;
      raise warning 'ownership could not follow a change of table %: %', t.name, sqlerrm using hint = 'See ownership.health.';
    end;
  end loop;
  perform ownership_private.follow_partitions();
end
$$;
comment on function ownership_private.follow is
  'Lets policies, claims and history go along with changes of protected tables. in_command: called by an event trigger,
   which leaves alone tables whose guards stepped aside, and refuses what cannot be followed (OW017, OW018).';

create function ownership_private.generate_all()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
begin
  perform ownership_private.follow();
  for t in select o.* from ownership_private.tables_here() o loop
    begin
      perform ownership_private.generate(t);
    exception when others then
      raise warning 'the guards of table % could not be generated: %', t.name, sqlerrm
        using hint = 'Its guards stay as they were. See ownership.health.';
    end;
  end loop;
end
$$;
comment on function ownership_private.generate_all is
  'Generates the guards of all tables anew. A table of which that fails gets a warning and stops none of the others.';

-- From supabase/schemas/ownership/replaced.sql

-- Replaced tables: tools that load a table anew drop it, or rename another one to its name. The policies wait under the
-- name that they have here, and go over to the table that bears it once protect is called for that one.

create function ownership_private.succeeds(target regclass)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select t.id
  from ownership_private.protected_tables t
  left join pg_class c on c.oid = t.tbl
  where target::text in (t.name, t.protected_name)
    and t.tbl <> target
    and not exists (select from ownership_private.protected_tables o where o.tbl = target)
  order by c.oid is not null, t.name <> target::text, t.id desc
  limit 1
$$;
comment on function ownership_private.succeeds is
  'Whose place a table takes that is not protected: a protected table that had its name and was dropped, or renamed.';

create function ownership_private.successor(t ownership_private.protected_tables)
returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select to_regclass(n)
  from unnest(array[t.name, t.protected_name]) with ordinality n (n, place)
  where ownership_private.succeeds(to_regclass(n)) = t.id
  order by n.place
  limit 1
$$;
comment on function ownership_private.successor is
  'The table that took the place of a protected one and is not protected itself; NULL when there is none.';

create function ownership_private.succeed(target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  gone ownership_private.protected_tables;
begin
  select t.* into gone from ownership_private.protected_tables t where t.id = ownership_private.succeeds(target);
  if not found then
    return;
  end if;
  if not exists (
    select from ownership_private.keys(target) k
    where k.cols @> gone.identity_key and k.cols <@ gone.identity_key and k.problem is null
  ) then
    perform ownership_private.fail('OW007',
      format('table %s has no unique index on %s', target, gone.identity_key),
      'It takes the place of a protected table, whose claims name rows by this key.',
      ownership_private.add_key_sql(target, gone));
  end if;
  if exists (select from pg_class c where c.oid = gone.tbl) then
    perform ownership_private.drop_triggers(gone);
    perform ownership_private.end_aside(gone);
  end if;
  if gone.name <> target::text then
    perform ownership_private.note_names(gone, target::text, '{}');
  end if;
  delete from ownership_private.asides a where a.table_id = gone.id;
  update ownership_private.protected_tables t set protected_name = target::text where t.id = gone.id;
  perform ownership_private.note_again(gone.id, target);
  raise notice 'policies, claims and history of % go over to the table that bears this name now', target;
end
$$;
comment on function ownership_private.succeed is
  'Lets the policies, claims and history of the table whose place a table takes go over to it (OW007 where it has not
   the same key).';

create function ownership_private.add_key_sql(target regclass, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('alter table %s add unique (%s)%s;', target,
    (select string_agg(quote_ident(k), ', ') from unnest(t.identity_key) k),
    (
      select string_agg(format(', alter column %I set not null', k), '')
      from unnest(t.identity_key) k
      cross join lateral ownership_private.column_facts(target, k) f
      where not f.not_null
    ))
$$;
comment on function ownership_private.add_key_sql is 'The statement that gives a table the identity key of another.';

-- From supabase/schemas/ownership/protect.sql

-- protect: makes a policy of a table, and notes what table and column were.

create function ownership_private.enroll(target regclass, wanted_key name[])
returns ownership_private.protected_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  enrolled ownership_private.protected_tables;
  found_key name[] := coalesce(wanted_key, ownership_private.default_identity_key(target));
  key record;
begin
  perform ownership_private.succeed(target);
  select * into enrolled from ownership_private.protected_tables t where t.tbl = target;
  if found then
    if wanted_key is not null and wanted_key <> enrolled.identity_key then
      perform ownership_private.fail('OW007',
        format('table %s already has the identity key %s', target, enrolled.identity_key),
        format('%s was asked for; all policies of a table share one key.', wanted_key),
        'Leave identity_key out, or unprotect the table first.');
    end if;
    -- To protect it under another name says that it keeps its policies there.
    update ownership_private.protected_tables t set protected_name = t.name where t.id = enrolled.id;
    return enrolled;
  end if;
  select k.index_oid, k.problem into key
  from ownership_private.keys(target) k
  where k.cols @> found_key and k.cols <@ found_key
  order by k.problem is not null, k.index_oid
  limit 1;
  if not found then
    perform ownership_private.fail('OW007',
      format('table %s has no unique index on %s', target, coalesce(found_key::text, 'any not null column')),
      'A row must be recognised when it comes back after a delete; a deferrable constraint does not do.',
      'Add a unique constraint, or name its columns as identity_key.');
  elsif key.problem is not null then
    perform ownership_private.fail('OW007',
      format('rows of table %s cannot be recognised by the key %s: %s', target, found_key, key.problem),
      'Two rows would be taken for one, or a row that comes back for another.',
      'Change the table, or name other columns as identity_key.');
  end if;
  insert into ownership_private.protected_tables (tbl, identity_key)
  values (target, found_key)
  returning * into enrolled;
  return enrolled;
end
$$;
comment on function ownership_private.enroll is
  'The row of a table in protected_tables, inserted with the table''s first policy (OW007 where no key identifies
   rows).';

-- What table and column were when they were protected: health compares it with what they are today.

create function ownership_private.types_of(tbl regclass, cols name[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select f.type_sql from unnest(cols) with ordinality k (name, place)
    cross join lateral ownership_private.column_facts(tbl, k.name) f
    order by k.place
  )
$$;
comment on function ownership_private.types_of is 'The types of some columns.';

create function ownership_private.note_table()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.name := new.tbl::text;
  new.noted_oid := new.tbl::oid;
  if tg_op = 'INSERT' then
    new.protected_name := new.name;
  end if;
  new.key_attnums := array(
    select a.attnum from unnest(new.identity_key) with ordinality k (name, place)
    join pg_attribute a on a.attrelid = new.tbl and a.attname = k.name
    order by k.place
  );
  new.key_types := ownership_private.types_of(new.tbl, new.identity_key);
  return new;
end
$$;
comment on function ownership_private.note_table is
  'Records the names, numbers and types of a table that is being protected and of its key.';

create function ownership_private.note_column()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  found_col record;
begin
  select a.attnum, format_type(a.atttypid, a.atttypmod) as type_sql, ownership_private.labels_of(a.atttypid) as labels
  into found_col
  from ownership_private.protected_tables t
  join pg_attribute a on a.attrelid = t.tbl and a.attname = new.col and not a.attisdropped
  where t.id = new.table_id;
  -- A column that is not there keeps its number, by which it is known under another name.
  if found then
    new.attnum := found_col.attnum;
    new.type_sql := found_col.type_sql;
    new.labels := found_col.labels;
  end if;
  return new;
end
$$;
comment on function ownership_private.note_column is
  'Records number, type and labels of a column that is being protected, or protected anew.';

-- Not before an update of the name alone, by which follow gives a table a name that none has.
create trigger note_table before insert or update of tbl on ownership_private.protected_tables
for each row execute function ownership_private.note_table();

create trigger note_column before insert or update on ownership_private.policies
for each row execute function ownership_private.note_column();

-- protect and unprotect make and end a policy. Both are idempotent and need rank 100.

create function ownership.protect(
  tbl regclass, col name, mode text default null, identity_key name[] default null,
  blank_values text[] default '{}', on_conflict text default 'keep', empty_is_opinion boolean default false,
  source name default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  enrolled ownership_private.protected_tables;
  is_successor boolean := ownership_private.succeeds(tbl) is not null;
  policy_mode text;
  known ownership_private.policies;
  new_policy integer;
begin
  perform ownership.require_person('protect');
  perform ownership_private.follow();
  perform ownership_private.check_column(tbl, col, coalesce(identity_key, ownership_private.default_identity_key(tbl)));
  policy_mode := coalesce(mode, (
    select p.mode from ownership_private.policies p
    where p.table_id = ownership_private.succeeds(tbl) and p.col = protect.col
  ), (
    select ownership_private.default_mode(case when f.is_set_of_text then 'arrays of text' else 'scalars' end)
    from ownership_private.column_facts(tbl, col) f
  ));
  perform ownership_private.check_options(tbl, col, policy_mode, on_conflict);
  perform ownership_private.check_source(tbl, col, source);
  execute format('lock table %s in share row exclusive mode', tbl);
  enrolled := ownership_private.enroll(tbl, identity_key);

  select * into known from ownership_private.policies p where p.table_id = enrolled.id and p.col = protect.col;
  if found and ownership_private.merges(known.mode) <> ownership_private.merges(policy_mode) then
    perform ownership_private.fail('OW004',
      format('column %I of table %s is protected in mode %s', col, tbl, known.mode),
      'Claims on elements and claims on whole values do not translate into each other.',
      'Call ownership.unprotect first, then protect and adopt.');
  end if;
  insert into ownership_private.policies as p
    (table_id, col, mode, blank_values, on_conflict, empty_is_opinion, source)
  values (
    enrolled.id, protect.col, policy_mode, coalesce(protect.blank_values, '{}'), protect.on_conflict,
    protect.empty_is_opinion,
    coalesce(protect.source, (select w.role from ownership_private.writers w order by w.rank, w.role limit 1))
  )
  on conflict on constraint policies_table_id_col_key do update
  set mode = excluded.mode, blank_values = excluded.blank_values, on_conflict = excluded.on_conflict,
    empty_is_opinion = excluded.empty_is_opinion, source = coalesce(protect.source, p.source), protected_at = now()
  returning p.id into new_policy;
  perform ownership_private.make_gate(new_policy);

  if ownership_private.merges(policy_mode) and known.id is null then
    execute coalesce(ownership_private.note_long_keys_sql(enrolled, tbl || ' r', 'r'), 'select');
    execute format(
      'insert into ownership_private.bases (policy_id, key, source, base)
       select %1$s, %2$s, (select p.source from ownership_private.policies p where p.id = %1$s), ''{}''
       from %3$s r where not ownership.is_blank(r.%4$I::text[])',
      new_policy, ownership_private.key_sql(tbl, enrolled.identity_key, 'r'), tbl, col);
  end if;
  perform ownership_private.generate(enrolled);
  perform ownership_private.warn_of_risks(enrolled, col, known.id is null);
  if is_successor then
    perform ownership_private.bring_back(enrolled);
  end if;
end
$$;
comment on function ownership.protect is
  'Protects a column. Arguments: table, column, mode (default merge_set for arrays of text, claim else), identity key,
   values that count as blank, keep | reject | observe, whether an empty set is an opinion, and the writer that fills
   the column (default: as before, and at first the writer of the lowest rank). Errors: OW001, OW003 to OW007, OW016,
   OW019.';

create function ownership_private.policy_of(target regclass, col name)
returns ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known ownership_private.policies;
begin
  select p.* into known
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where t.tbl = target and p.col = policy_of.col;
  if not found then
    perform ownership_private.fail('OW008', format('column %I of table %s is not protected', col, target),
      format('Protected there: %s.', coalesce((
        select string_agg(quote_ident(p.col), ', ' order by p.col)
        from ownership_private.policies p
        join ownership_private.protected_tables t on t.id = p.table_id
        where t.tbl = target
      ), 'nothing')),
      'Check the spelling, or protect it with ownership.protect.');
  end if;
  return known;
end
$$;
comment on function ownership_private.policy_of is 'The policy of a column (OW008 where there is none).';

create function ownership.unprotect(tbl regclass, col name)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  enrolled ownership_private.protected_tables;
  table_exists boolean;
begin
  perform ownership.require_person('unprotect');
  select * into enrolled from ownership_private.protected_tables t where t.tbl = unprotect.tbl;
  if not found then
    return;
  end if;
  -- A dropped table still has its row in protected_tables, by its OID.
  table_exists := exists (select from pg_catalog.pg_class c where c.oid = unprotect.tbl);
  if table_exists then
    execute format('lock table %s in share row exclusive mode', tbl);
  end if;
  perform ownership_private.end_policy(p.id)
  from ownership_private.policies p
  where p.table_id = enrolled.id and p.col = unprotect.col;
  if table_exists then
    perform ownership_private.generate(enrolled);
  end if;
  delete from ownership_private.protected_tables t
  where t.id = enrolled.id and not exists (select from ownership_private.policies p where p.table_id = t.id);
end
$$;
comment on function ownership.unprotect is
  'Takes the policy of a column away, with its claims and blocked writes; the values and the history stay, and the
   history tells what was given up. Error: OW001.';

-- From supabase/schemas/ownership/step_aside.sql

-- Stepping aside: guards leave a table for the rest of a transaction, for a change that they stand in the way of.

create function ownership_private.sound_policies(t ownership_private.protected_tables)
returns integer[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
  lost boolean;
  sound integer[] := '{}';
begin
  for p in select o.* from ownership_private.policies_on(t) o order by o.id loop
    begin
      execute format('select exists (%s)', ownership_private.lost_sql(p, t)) into lost;
      if not lost then
        sound := sound || p.id;
      end if;
    exception when others then
      null;
    end;
  end loop;
  return sound;
end
$$;
comment on function ownership_private.sound_policies is
  'Policies every claimed value of which stands in its row, as ownership.verify would say.';

create function ownership_private.note_aside()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update ownership_private.asides a
  set written_by = a.written_by || me.writer
  from ownership_private.current_writer() me
  where a.table_id = tg_argv[0]::integer and me.rank < 100 and me.writer <> all (a.written_by);
  return null;
end
$$;
comment on function ownership_private.note_aside is
  'Notes which writer that is no person writes to a table whose guards stepped aside.';

create function ownership_private.watch_aside(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
begin
  -- It names no column, so that it stands in the way of no change.
  for place in select t.tbl union select p.relid from pg_partition_tree(t.tbl) p loop
    execute format('create or replace trigger %1$I after insert or update or delete or truncate on %2$s
      for each statement execute function ownership_private.note_aside(%3$s);
      alter table %2$s enable always trigger %1$I',
      '~~ownership_aside', place, t.id);
  end loop;
end
$$;
comment on function ownership_private.watch_aside is
  'Lets note_aside see who writes to a table whose guards stepped aside.';

create function ownership_private.end_aside(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
  writers text;
begin
  for place in
    select g.tgrelid from pg_trigger g
    where g.tgfoid = 'ownership_private.note_aside()'::regprocedure and g.tgargs = convert_to(t.id::text, 'UTF8') || '\x00'
  loop
    execute format('drop trigger %I on %s', '~~ownership_aside', place);
  end loop;
  update ownership_private.asides a
  set sound = '{}' where a.table_id = t.id and a.written_by <> '{}'
  returning array_to_string(a.written_by, ', ') into writers;
  if found then
    raise warning '% was written by % while its guards stood aside', t.name, writers
      using hint = 'ownership.verify names the owned values that are not there any more.';
    insert into ownership_private.alarms (problem, tbl, object, detail, command, over_at)
    values ('written unguarded', t.name, format('%s by %s', t.name, writers),
      'Its guards stood aside: ownership.verify names the owned values that are not there any more.',
      'ownership.step_aside', clock_timestamp());
  end if;
end
$$;
comment on function ownership_private.end_aside is
  'Ends that the guards of a table stood aside, and tells which programs wrote to it meanwhile. What stands there now
   then proves nothing of what was claimed.';

create function ownership.step_aside(tbl regclass)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('step_aside');
  if not exists (select from ownership_private.protected_tables t where t.tbl = step_aside.tbl) then
    perform ownership_private.fail('OW008', format('table %s is not protected', tbl), 'There is nothing to take off.',
      'See ownership.policies.');
  end if;
  insert into ownership_private.asides (table_id, sound, all_rows, owned_rows)
  select t.id, ownership_private.sound_policies(t), n.all_rows, n.owned_rows
  from ownership_private.protected_tables t
  cross join lateral ownership_private.count_rows(t) n
  where t.tbl = step_aside.tbl
  on conflict do nothing;
  perform ownership_private.drop_triggers(t), ownership_private.watch_aside(t)
  from ownership_private.protected_tables t
  where t.tbl = step_aside.tbl;
end
$$;
comment on function ownership.step_aside is
  'Takes the engine''s triggers off a table until the transaction ends, for a change that they stand in the way of, such
   as another type of a protected column. They are then made anew, and claims go along: their values take the column''s
   new type. Call it in the transaction of the change. Errors: OW001, OW008.';

create function ownership_private.step_back()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership_private.follow_table(t)
  from ownership_private.protected_tables t
  join ownership_private.asides a on a.table_id = t.id
  where t.id = new.table_id;
  return null;
end
$$;
comment on function ownership_private.step_back is
  'Makes the guards of a table anew that stepped aside, at the end of the transaction.';

create constraint trigger step_back after insert on ownership_private.asides deferrable initially deferred
for each row execute function ownership_private.step_back();

-- From supabase/schemas/ownership/foresee.sql

-- foresee: what a write would do, before anything is written. The guards judge row by row while they write; this judges
-- many cells at once, by the same facts (ownership.modes) and the same merge, and writes nothing.

create function ownership_private.foresee_sql()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    select o.key, o.col, o.stands, o.sent, o.outcome,
      case
        when o.outcome is not distinct from o.sent then 'lands'
        when o.on_conflict = 'reject' then 'rejected'
        when o.keeps_out then 'kept'
        else 'merged'
      end
    from (
      select w.*,
        case
          when w.keeps_out then w.stands
          when w.keeps_out is not null and w.merges then to_jsonb(ownership_private.merged_set(
            w.policy, w.key, $6, array(select jsonb_array_elements_text(coalesce(nullif(w.stands, 'null'), '[]'))),
            array(select jsonb_array_elements_text(w.sent)), w.source))
          else w.sent
        end as outcome
      from (
        select cell.*, p.id as policy, p.on_conflict, p.source, p.merges, case p.mode %1$s end as keeps_out
        from unnest($2, $3, $4, $5) with ordinality cell (key, col, stands, sent, place)
        left join (
          select o.*, m.merges, ownership_private.blank_forms(t.tbl, o.col, o.blank_values) as blank_forms
          from ownership_private.protected_tables t
          cross join lateral ownership_private.policies_on(t) o
          join ownership.modes() m on m.mode = o.mode
          -- People always pass; what is only observed passes too.
          where t.tbl = $1 and $7 < 100 and o.on_conflict <> 'observe'
          offset 0
        ) p on p.col = cell.col
        left join ownership_private.claims c on c.policy_id = p.id and c.key = cell.key and c.element = ''
        cross join lateral (
          select
            ownership.is_blank(cell.sent) or cell.sent = any (p.blank_forms) as sent_is_blank,
            ownership.is_blank(cell.stands) or cell.stands = any (p.blank_forms) as stands_is_blank
        ) blank
        -- What was found of a cell is kept, here and below: each mention of it above would find it again.
        offset 0
      ) w
      offset 0
    ) o
    order by o.place$sql$,
    string_agg(format('when %L then %s', m.mode, ownership_private.condition_sql(
      m.keeps_out, 'blank.sent_is_blank', 'blank.stands_is_blank', 'c.policy_id is not null',
      format('c.policy_id is not null and %s', ownership_private.owner_keeps_sql('c', '$7', 'blank.sent_is_blank', 'cell.sent')),
      'coalesce(cell.sent, ''null'') = ''null'' or blank.sent_is_blank and not (p.empty_is_opinion and $6 = p.source)',
      '$6 = p.source')), ' '))
  from ownership.modes() m
  where m.keeps_out is not null
$$;
comment on function ownership_private.foresee_sql is
  'The statement of foresee: $1 table, $2 keys, $3 columns, $4 what stands there, $5 what is sent, $6 writer, $7
   rank.';

create function ownership_private.foresee(
  tbl regclass, keys text[], cols name[], standing_values jsonb[], sent_values jsonb[], writer name, writer_rank integer
)
returns table (key text, col name, stands jsonb, sent jsonb, outcome jsonb, verdict text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute ownership_private.foresee_sql()
  using tbl, keys, cols, standing_values, sent_values, writer, writer_rank;
end
$$;
comment on function ownership_private.foresee is 'As ownership.foresee, for a writer and a rank.';

create function ownership.foresee(
  tbl regclass, keys text[], cols name[], stands jsonb[], sent jsonb[], writer name default null
)
returns table (key text, col name, stands jsonb, sent jsonb, outcome jsonb, verdict text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.*
  from ownership_private.writer_or_caller(foresee.writer) w
  cross join lateral ownership_private.foresee(
    foresee.tbl, foresee.keys, foresee.cols, foresee.stands, foresee.sent, w.writer,
    ownership_private.rank_over_claims(w.writer, w.rank)) f
$$;
comment on function ownership.foresee is
  'What would become of cells if they were updated, before anything is. The arrays have one element a cell: the key as
   in ownership.claims, the column, what stands there and what is sent, as to_jsonb gives it. writer: who writes
   (default: the caller). outcome is what will stand there; verdict: lands, merged (a set), kept, or rejected.';

create function ownership.ruled_columns(tbl regclass, writer name default null)
returns setof name
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select p.col
  from ownership_private.writer_or_caller(ruled_columns.writer) w
  cross join ownership_private.protected_tables t
  cross join lateral ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  where t.tbl = ruled_columns.tbl
    and m.keeps_out is not null
    and p.on_conflict <> 'observe'
    and not (ownership_private.is_gate_closed(p) and p.source = w.writer)
$$;
comment on function ownership.ruled_columns is
  'The columns of a table in which a policy may today keep something out of what a writer sends (default: the caller).
   The others take what is sent.';

create function ownership.refusal(col name, offered jsonb, kept jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', col, coalesce(offered, 'null'), coalesce(kept, 'null'))
$$;
comment on function ownership.refusal is
  'One text for "this was offered over that, and that was kept", as in known_answers.';

create function ownership.known_answers(tbl regclass, keys text[], writer name default null)
returns table (key text, offers jsonb, bases jsonb, refusals text[])
language sql
stable
rows 100
security definer
set search_path = pg_catalog, pg_temp
-- These tables fill up within one run, before anybody has counted their rows: they are read by their keys, whatever the
-- planner believes. The keys are conditions of the index itself, and not a table to join with.
set enable_seqscan = off
set jit = off
as $$
  with me as materialized (
    select w.* from ownership_private.writer_or_caller(known_answers.writer) w
  ), policy as materialized (
    select p.id, p.col, p.protected_at
    from ownership_private.protected_tables t
    join ownership_private.policies p on p.table_id = t.id
    where t.tbl = known_answers.tbl
  ), refused as (
    select distinct on (r.policy_id, r.key, r.offered) r.*
    from (
      select b.policy_id, b.key, b.offered, b.kept, b.writer, b.last_at
      from ownership_private.blocked_writes b
      where b.policy_id = any (array(select policy.id from policy)) and b.key = any (known_answers.keys)
      union all
      select c.policy_id, c.key, c.offered, c.value, c.offered_by, c.offered_at
      from ownership_private.claims c
      where c.policy_id = any (array(select policy.id from policy)) and c.key = any (known_answers.keys)
        and c.offered_times > 0
    ) r
    order by r.policy_id, r.key, r.offered, r.last_at desc
  ), found as (
    select c.key, 'offer' as kind, policy.col, coalesce(c.offered, 'null') as value, null as refusal
    from ownership_private.claims c join policy on policy.id = c.policy_id
    where c.policy_id = any (array(select policy.id from policy)) and c.key = any (known_answers.keys)
      and c.element = '' and c.offered_at is not null
      -- What only a program above it offered, a source still has to send: its own offer tells whose value it is.
      and ownership_private.lower_of(c.offered_by, (select me.writer from me)) = c.offered_by
      and c.rank > (select ownership_private.rank_over_claims(me.writer, me.rank) from me)
    union all
    select b.key, 'base', policy.col, to_jsonb(b.base), null
    from ownership_private.bases b join policy on policy.id = b.policy_id
    where b.policy_id = any (array(select policy.id from policy)) and b.key = any (known_answers.keys)
      and b.source = (select me.writer from me)
    union all
    select r.key, 'refusal', policy.col, null, ownership.refusal(policy.col, r.offered, r.kept)
    from refused r join policy on policy.id = r.policy_id
    where r.writer = (select me.writer from me) and r.last_at >= policy.protected_at
  )
  select
    f.key,
    jsonb_object_agg(f.col, f.value) filter (where f.kind = 'offer'),
    jsonb_object_agg(f.col, f.value) filter (where f.kind = 'base'),
    array_agg(f.refusal) filter (where f.kind = 'refusal')
  from found f
  group by f.key
$$;
comment on function ownership.known_answers is
  'What a writer (default: the caller) was told about rows before, so that it need not ask again. By column: the value
   on offer for a cell that a higher rank owns; the last set that the writer sent; and each write that was kept out
   since the policy was made, as ownership.refusal writes it.';

create function ownership_private.owned_sql(t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'select ' || coalesce(string_agg(format($sql$(
    select count(*)
    from ownership_private.claims c
    join %1$s r on %2$s
    where c.policy_id = %3$s and not c.removed
      and c.rank > (
        select ownership_private.rank_over_claims(w.writer, w.rank) from ownership_private.current_writer() w
      )
      and %4$s)$sql$,
    t.tbl,
    same_key.sql,
    p.id,
    format(
      case when ownership_private.merges(p.mode) then 'c.element collate "C" = any (ownership_private.elements(r.%1$I::text[]))'
        else 'coalesce(%2$s, ''null'') = coalesce(c.value, ''null'')' end,
      p.col, ownership_private.recorded_sql(p, 'r'))), ' + '), '0')
  from (select ownership_private.same_key_sql(t, 'r', 'c.key') as sql offset 0) same_key
  cross join ownership_private.policies_on(t) p
$$;
comment on function ownership_private.owned_sql is
  'The statement that counts the claimed values of a table, above the caller''s rank, that stand where they are
   claimed.';

create function ownership.count_owned(tbl regclass)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  counted bigint := 0;
  the_table ownership_private.protected_tables;
begin
  select * into the_table from ownership_private.protected_tables t where t.tbl = count_owned.tbl;
  if found then
    execute ownership_private.owned_sql(the_table) into counted;
  end if;
  return counted;
end
$$;
comment on function ownership.count_owned is
  'How many values that writers above the caller own stand in a table as they are owned: before and after a write, it
   tells whether the write took one away.';

-- From supabase/schemas/ownership/views.sql

-- Views: they show a reader only what is about columns of which he may read every value, and the key with it. As
-- security barriers they test that before any condition of the query, whose functions would else see the rest.

create function ownership_private.may_read(tbl regclass, cols name[])
returns boolean
-- PL/pgSQL keeps its plan. The views call this for each policy, and an SQL function would be planned each time.
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What stood in a table that is gone may read who may read the engine's own tables.
  if not exists (select from pg_class c where c.oid = tbl) then
    return has_table_privilege('ownership_private.claims', 'select');
  end if;
  return coalesce(not row_security_active(tbl), false) and not exists (
    select from unnest(cols) c (col)
    -- By number, because a name that is gone would be an error.
    left join pg_attribute a on a.attrelid = tbl and a.attname = c.col and not a.attisdropped
    -- Likewise a column that is gone.
    where not case when a.attnum is null then has_table_privilege('ownership_private.claims', 'select')
      else has_column_privilege(tbl, a.attnum, 'select') end
  );
end
$$;
comment on function ownership_private.may_read is
  'Whether the caller may read every value of some columns: has the privilege, and no row security hides rows.';

create function ownership_private.caller_may_read(tbl regclass, col name)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select coalesce(bool_and(has_column_privilege(r.rolname, a.attrelid, a.attnum, 'select')
    and (not c.relrowsecurity or r.rolsuper or r.rolbypassrls or (r.oid = c.relowner and not c.relforcerowsecurity))
  ), false)
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = caller_may_read.col and not a.attisdropped
  join pg_roles r on r.rolname = coalesce(nullif(current_setting('role'), 'none'), session_user)
  where c.oid = caller_may_read.tbl);
end
$$;
comment on function ownership_private.caller_may_read is
  'Whether the role that calls a security definer function may itself read every value of a column.';

create view ownership.policies as
select
  t.tbl, p.col, p.mode, t.identity_key, p.blank_values, p.on_conflict, p.empty_is_opinion, p.protected_at, p.source
from ownership_private.policies p
join ownership_private.protected_tables t on t.id = p.table_id;
comment on view ownership.policies is
  'Protected columns and their rules; protected_at is when protect was called last.';

create view ownership.writers as
select w.role, w.rank, w.label, w.claims
from ownership_private.writers w;
comment on view ownership.writers is 'Roles the engine knows, their ranks, and whether what they write is theirs from then on.';

create view ownership_private.readable_policies as
select p.id, t.tbl, p.col
from ownership_private.policies p
join ownership_private.protected_tables t on t.id = p.table_id
where ownership_private.may_read(t.tbl, t.identity_key || p.col)
-- Asked of each policy once: without OFFSET it might be asked of each row that is joined.
offset 0;
comment on view ownership_private.readable_policies is
  'Policies of columns of which the caller may read every value, and every key.';

create view ownership.claims with (security_barrier) as
select p.tbl, p.col, c.key, c.element, c.removed, c.writer, c.rank, c.value, c.offered, c.offered_at, c.since
from ownership_private.claims c
join ownership_private.readable_policies p on p.id = c.policy_id;
comment on view ownership.claims is
  'Who owns which cell or element of a set, since when, with what value, and what was offered last.';

create view ownership.bases with (security_barrier) as
select p.tbl, p.col, b.key, b.source, b.base
from ownership_private.bases b
join ownership_private.readable_policies p on p.id = b.policy_id;
comment on view ownership.bases is
  'Sets: what each source sent last, where that differs from the set that stands there.';

create view ownership.blocked_writes with (security_barrier) as
select
  p.tbl, p.col, b.key, b.offered,
  (array_agg(b.kept order by b.last_at desc))[1] as kept,
  (array_agg(b.writer order by b.last_at desc))[1] as writer,
  sum(b.times)::bigint as times, min(b.first_at) as first_at, max(b.last_at) as last_at
from (
  select b.policy_id, b.key, b.offered, b.kept, b.writer, b.times, b.first_at, b.last_at
  from ownership_private.blocked_writes b
  union all
  select c.policy_id, c.key, c.offered, c.value, c.offered_by, c.offered_times, c.offered_first_at, c.offered_at
  from ownership_private.claims c
  where c.offered_times > 0
) b
join ownership_private.readable_policies p on p.id = b.policy_id
group by p.tbl, p.col, b.policy_id, b.key, b.offered
union all
select
  t.tbl, array_to_string(t.identity_key, ', ')::name, b.key, to_jsonb(b.offered), to_jsonb(b.key), b.writer, b.times,
  b.first_at, b.last_at
from ownership_private.blocked_keys b
join ownership_private.protected_tables t on t.id = b.table_id
where ownership_private.may_read(t.tbl, t.identity_key);
comment on view ownership.blocked_writes is
  'Writes that were kept out: one row a cell and offered value, with how often, first and last. Of a change of the
   identity key, col names the key''s columns.';

create view ownership.history with (security_barrier) as
select
  h.id, h.at, coalesce(n.tbl, h.tbl) as tbl, coalesce(n.col, h.col) as col, h.key, h.element, h.event::text, h.writer,
  h.role, h.sub, h.run, h.old_value, h.new_value
from ownership_private.history h
left join (
  select n.tbl as tbl_then, n.col as col_then, n.after, n.before, p.col, p.enrolled_at,
    coalesce((
      select format('%I.%I', s.nspname, c.relname) from pg_class c
      join pg_namespace s on s.oid = c.relnamespace
      where c.oid = t.tbl
    ), t.name) as tbl,
    ownership_private.may_read(t.tbl, t.identity_key || p.col) as is_readable
  from ownership_private.names n
  join ownership_private.policies p on p.id = n.policy_id
  join ownership_private.protected_tables t on t.id = p.table_id
  -- Asked of each name once, and not of each entry.
  offset 0
) n on n.tbl_then = h.tbl and n.col_then = h.col and h.id > n.after and h.id < n.before
  -- An earlier policy of the name was of another column, or ended.
  and h.at >= n.enrolled_at
where case when n.tbl is not null then n.is_readable
  -- What belongs to no policy any more stands under names and keys that something else may bear today.
  else has_table_privilege('ownership_private.claims', 'select') end;
comment on view ownership.history is 'What happened to owned cells, in order of id. Table and column bear the names that they have today.';

create view ownership.marks as
select m.id, m.label, m.writer, m.at
from ownership_private.marks m;
comment on view ownership.marks is 'Named points in the history.';

-- From supabase/schemas/ownership/explain.sql

-- explain: what stands in a cell, and why.

create function ownership.canonical_key(tbl regclass, key text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership.policies;
begin
  select o.* into p from ownership.policies o where o.tbl = canonical_key.tbl limit 1;
  if p.tbl is null then
    perform ownership_private.fail('OW008', format('%s is not protected', tbl), 'Its rows have no key that is known.',
      'See ownership.policies, or protect it with ownership.protect.');
  end if;
  return ownership_private.canonical_key(p.tbl, p.identity_key, canonical_key.key);
end
$$;
comment on function ownership.canonical_key is
  'The key of a row as ownership.claims and ownership.history have it, from the key as a person writes it. Errors:
   OW008, OW011.';

create function ownership_private.live_value(
  target regclass, identity_key name[], row_key text, col name, out row_exists boolean, out value jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('select true, %s from %s r join (%s) k on %s',
    ownership_private.recorded_sql(target, col, format('r.%I', col)), target,
    ownership_private.key_record_sql(target, identity_key, row_key),
    ownership_private.match_sql(target, identity_key, 'r', 'k')) into row_exists, value;
  row_exists := coalesce(row_exists, false);
end
$$;
comment on function ownership_private.live_value is 'What stands in a cell now, read with the caller''s rights.';

create function ownership_private.explain_cell(
  p ownership.policies, row_key text,
  out owner name, out rank integer, out since timestamptz, out offered jsonb, out offered_at timestamptz,
  out elements jsonb, out base jsonb, out last_blocks jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select c.writer, c.rank, c.since, c.offered, c.offered_at into owner, rank, since, offered, offered_at
  from ownership.claims c
  where c.tbl = p.tbl and c.col = p.col and c.key = row_key
  order by c.rank desc, c.since desc
  limit 1;
  select jsonb_agg(jsonb_build_object('element', c.value, 'owner', c.writer, 'removed', c.removed, 'since', c.since)
    order by c.since, c.element) into elements
  from ownership.claims c
  where c.tbl = p.tbl and c.col = p.col and c.key = row_key and c.element <> '';
  select jsonb_object_agg(b.source, to_jsonb(b.base)) into base
  from ownership.bases b
  where b.tbl = p.tbl and b.col = p.col and b.key = row_key;
  select jsonb_agg(to_jsonb(recent) order by recent.last_at desc) into last_blocks
  from (
    select b.writer, b.offered, b.kept, b.times, b.first_at, b.last_at
    from ownership.blocked_writes b
    where b.tbl = p.tbl and b.col = p.col and b.key = row_key
    order by b.last_at desc
    limit 5
  ) recent;
end
$$;
comment on function ownership_private.explain_cell is 'What the engine knows of one cell.';

create function ownership.explain(tbl regclass, key text, col name default null)
returns table (
  column_name name, mode text, owner name, rank integer, since timestamptz, value jsonb,
  offered jsonb, offered_at timestamptz, elements jsonb, base jsonb, last_blocks jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  p ownership.policies;
  row_key text;
  row_exists boolean;
  known boolean := false;
begin
  for p in
    select o.* from ownership.policies o
    where o.tbl = explain.tbl and (o.col = explain.col or explain.col is null)
    order by o.col
  loop
    row_key := coalesce(row_key, ownership_private.canonical_key(p.tbl, p.identity_key, explain.key));
    column_name := p.col;
    mode := p.mode;
    select l.row_exists, l.value into row_exists, value
    from ownership_private.column_facts(p.tbl, p.col)
    cross join lateral ownership_private.live_value(p.tbl, p.identity_key, row_key, p.col) l;
    select e.* into owner, rank, since, offered, offered_at, elements, base, last_blocks
    from ownership_private.explain_cell(p, row_key) e;
    known := known or coalesce(row_exists, false) or owner is not null or last_blocks is not null;
    return next;
  end loop;
  if p.tbl is null then
    perform ownership_private.fail('OW008', format('%s%s is not protected', tbl, '.' || col),
      'There is no policy to explain.', 'See ownership.policies, or protect it with ownership.protect.');
  elsif not known then
    perform ownership_private.fail('OW010', format('table %s has no row with the key %L', tbl, key),
      'Neither a row nor a claim of a deleted one.',
      format('The key is the value of %s.', array_to_string(p.identity_key, ', ')));
  end if;
end
$$;
comment on function ownership.explain is
  'Why a cell holds what it holds: owner, since, value, last offered value, claimed elements, bases, last blocked
   writes. key: the value of the identity key, or the JSON array of several. Errors: OW008, OW010, OW011.';

-- From supabase/schemas/ownership/hand_over.sql

-- Cells change hands in bulk: adopt claims what stands in a column, unadopt gives back what its source sent itself.

create function ownership_private.adopt_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(case when ownership_private.merges(p.mode) then $sql$
    with based as (
      insert into ownership_private.bases (policy_id, key, source, base)
      select %1$s, %2$s, %6$L, r.%4$I::text[] from %3$s r
      where %2$s is not null and not %5$s and not exists (
        select from ownership_private.bases b where b.policy_id = %1$s and b.key = %2$s
      )
    ), adopted as (
      insert into ownership_private.claims (policy_id, key, element, writer, rank, value, since)
      select distinct on (2, 3)
        %1$s, (%2$s) collate "C", ownership_private.element(e.value) collate "C", $1, $2, to_jsonb(e.value), now()
      from %3$s r, unnest(r.%4$I::text[]) with ordinality e (value, place)
      where %2$s is not null and not ownership.is_blank(e.value)
      order by 2, 3, e.place
      on conflict do nothing
      returning key, element, value
    ), touched as (%9$s)$sql$ else $sql$
    with adopted as (
      insert into ownership_private.claims (policy_id, key, writer, rank, value, since)
      select %1$s, (%2$s) collate "C", $1, $2, %8$s, now()
      from %3$s r
      where %2$s is not null and not %5$s
      order by 2
      on conflict do nothing
      returning key, element, value
    )$sql$ end || $sql$, noted as (%7$s
    )
    select count(*) from adopted$sql$,
    p.id,
    ownership_private.key_sql(t.tbl, t.identity_key, 'r'),
    t.tbl,
    p.col,
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('r.%I', p.col)),
    p.source,
    ownership_private.remember_sql(p, 'adopted', '$1', 'adopted'),
    ownership_private.recorded_sql(p, 'r'),
    ownership_private.touched_bases_sql(p.id, 'adopted'))
$$;
comment on function ownership_private.adopt_sql is
  'The statement that claims what stands in a column ($1 writer, $2 rank) and counts it.';

create function ownership.adopt(
  tbl regclass, col name, writer name default 'postgres', sent_by_source boolean default false
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set timezone = 'UTC'
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  adopter ownership_private.writers;
  adopted bigint;
begin
  perform ownership.require_person('adopt');
  select * into adopter from ownership_private.writers w where w.role = adopt.writer;
  if not found then
    perform ownership_private.fail('OW009', format('writer %I is not registered', writer),
      'Only a writer with a rank can own a value.', 'Register it with ownership.register_writer.');
  elsif not adopter.claims then
    perform ownership_private.fail('OW014', format('writer %I cannot adopt: it leaves no claims', writer),
      'What it writes, the source of a column may correct.',
      'Adopt for a person or another writer that claims, see ownership.writers; or register this one with claims => true.');
  end if;
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  -- Whoever writes in the meantime would not see the claims.
  execute format('lock table %s in share row exclusive mode', tbl);
  if sent_by_source then
    delete from ownership_private.bases b where b.policy_id = p.id;
  end if;
  execute coalesce(ownership_private.note_long_keys_sql(t, t.tbl || ' r', 'r'), 'select');
  execute ownership_private.adopt_sql(p, t) into adopted using adopter.role, adopter.rank;
  return adopted;
end
$$;
comment on function ownership.adopt is
  'Claims what stands in a column today for a writer, where nobody owns it yet, and returns how many cells or elements.
   sent_by_source: sets count as what the policy''s source sent last, so that it may send them again. Errors: OW001,
   OW008, OW009, OW014.';

create function ownership_private.agrees_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode) then $sql$exists (
      select from ownership_private.bases b
      where b.policy_id = c.policy_id and b.key = c.key and b.source = $2
        and c.element = any (ownership_private.elements(b.base))
    )$sql$
  -- A value of the source's that was kept out is on record, as its own or a lower writer's (lower_of). If none is, it
  -- sent what stands there.
  else $sql$(c.offered_times = 0 or ownership_private.lower_of(c.offered_by, $2) <> c.offered_by) and not exists (
      select from ownership_private.blocked_writes b
      where b.policy_id = c.policy_id and b.key = c.key and ownership_private.lower_of(b.writer, $2) = b.writer
    )$sql$ end
$$;
comment on function ownership_private.agrees_sql is
  'The condition that a source ($2) sent the very value that is claimed (claim c), for a row that it has sent since.';

create function ownership.unadopt(tbl regclass, col name, adopted_at timestamptz, keys text[], source name)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  handed_back bigint;
begin
  perform ownership.require_person('unadopt');
  perform ownership_private.lock_cells(p, t, keys) from ownership_private.protected_tables t where t.id = p.table_id;
  execute format($sql$
    with handed_back as (
      delete from ownership_private.claims c
      where c.policy_id = $1 and c.since = $3 and c.rank >= 100 and not c.removed and c.key = any ($4) and %s
      returning c.key, c.element, c.value
    ), noted as materialized (
      select ownership_private.remember($1, h.key, h.element, 'released', w.writer, h.value, h.value)
      from handed_back h, ownership_private.current_writer() w
    )
    select count(*) from noted$sql$, ownership_private.agrees_sql(p))
  into handed_back using p.id, source, adopted_at, keys;
  return handed_back;
end
$$;
comment on function ownership.unadopt is
  'Ends claims that ownership.adopt made (since = adopted_at) where a source has sent the same value, and returns how
   many. keys: rows of which the source has sent every column since. Errors: OW001, OW008.';

-- From supabase/schemas/ownership/marks.sql

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

-- From supabase/schemas/ownership/past.sql

-- The past of a column, read from the history: what stood in its cells at a mark, and who owned them.

create function ownership_private.moved_keys(policy integer)
returns table (id bigint, from_key text, key text)
language sql
stable
set search_path = pg_catalog, pg_temp
-- The planner underestimates how many rows moved, and a nested loop would compare each with each.
set enable_nestloop = off
set jit = off
as $$
  with recursive moves as (
    select h.id, h.old_value #>> '{}' as from_key, h.key as to_key
    from ownership_private.moves_of(policy) h
  ),
  -- The next move of a row is the first one after it that leaves the key at which it arrived.
  ends as (
    select m.id, m.from_key, m.to_key, m.to_key as key, true as arrives from moves m
    union all
    select m.id, null, null, m.from_key, false from moves m
  ),
  linked as materialized (
    select e.*, min(e.id) filter (where not e.arrives)
      over (partition by e.key order by e.id desc rows between unbounded preceding and 1 preceding) as next_id
    from ends e
  ),
  steps as (
    select l.id, l.from_key, l.to_key as key, l.id as step, l.next_id
    from linked l
    where l.arrives
    union all
    select s.id, s.from_key, n.to_key, n.id, n.next_id
    from steps s
    join linked n on n.id = s.next_id and n.arrives
  )
  select distinct on (s.id) s.id, s.from_key, s.key from steps s order by s.id, s.step desc
$$;
comment on function ownership_private.moved_keys is
  'Changes of identity keys, each with the key that the row has today.';

create function ownership_private.keys_then(policy integer, keys text[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when keys is not null then keys || array(
    select m.from_key from ownership_private.moved_keys(policy) m where m.key = any (keys)
  ) end
$$;
comment on function ownership_private.keys_then is
  'Keys of today, and all that these rows had before; NULL for all rows.';

create function ownership_private.entries(policy integer, keys text[] default null)
returns table (
  id bigint, key text, element text, event text, writer name, sub text, old_value jsonb, new_value jsonb,
  restore_mark bigint, at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
-- As in moved_keys.
set enable_nestloop = off
set jit = off
as $$
  with placed as (
    select distinct on (h.id) h.*, case when m.id is null then h.key else m.key end as today
    from ownership_private.history_of(policy, ownership_private.keys_then(policy, keys)) h
    left join (
      select k.id, k.from_key, k.key from ownership_private.moved_keys(policy) k
      union all
      -- Where another row arrives at a key, the one that had it was deleted: nothing of it is that row's.
      select a.id, a.key, null from ownership_private.moves_of(policy) a
    ) m on m.from_key = h.key and m.id > h.id
    -- The end of a policy (unprotected) changes no value, so that a restore brings back what was lost without the
    -- policy, once the column is protected again.
    where h.event not in ('moved', 'unprotected')
    order by h.id, m.id
  )
  select h.id, h.today, h.element, h.event, h.writer, h.sub,
    case when h.event = 'adopted' then h.new_value else h.old_value end,
    case when h.event = 'removed' then null else h.new_value end,
    h.restore_mark, h.at
  from placed h
  where h.today is not null and (h.element <> '' or h.event <> 'released' or not exists (
    select from ownership_private.policies p where p.id = policy and ownership_private.merges(p.mode)
  ))
  union all
  -- A set is released as a whole. The one entry stands for each element that was ever owned in it.
  select h.id, h.today, e.element, h.event, h.writer, h.sub, to_jsonb(e.element),
    case when h.new_value ? e.element then to_jsonb(e.element) end, h.restore_mark, h.at
  from placed h
  join (select distinct o.today, o.element from placed o where o.element <> '') e on e.today = h.today
  where h.element = '' and h.event = 'released'
$$;
comment on function ownership_private.entries is
  'The history of a column, under the keys that rows have today; keys: of these rows alone. For an element of a set a
   value of NULL says that it was not in the set.';

create function ownership_private.past(
  policy integer, mark_id bigint, undone text[] default '{}', undone_until timestamptz default 'infinity',
  keys text[] default null
)
returns table (
  key text, element text, value jsonb, owner name, claimed jsonb, removed boolean,
  touched boolean, by_person boolean, by_undone boolean, was_seen boolean, last_writer name, last_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with mark as (
    select m.id, m.history_id, m.at from ownership_private.marks m where m.id = mark_id
    union all
    select 9223372036854775807, 9223372036854775807, 'infinity' where mark_id is null
  ),
  entry as materialized (
    select e.*, m.id as mark, e.id > m.history_id as later
    from ownership_private.entries(policy, keys) e
    cross join mark m
    join ownership_private.policies p on p.id = policy
    -- Claims of an earlier policy of the column do not count at a mark that is younger than this policy.
    where e.at >= p.enrolled_at or m.at < p.enrolled_at
  ),
  cell as (
    select
      e.key, e.element,
      max(e.id) filter (where not e.later) as before,
      max(e.id) filter (where not e.later and e.event <> 'restored') as claim,
      min(e.id) filter (where e.later) as after,
      coalesce(bool_or(e.by_person and not e.is_undone), false) as by_person,
      coalesce(bool_or(e.by_person and e.is_undone), false) as by_undone
    from (
      select o.*, o.later and o.restore_mark is null and coalesce(w.rank, 0) >= 100 as by_person,
        o.at <= undone_until
          and (undone is null or o.writer = any (undone) or o.sub is not null and o.sub = any (undone)) as is_undone
      from entry o
      -- As they were ranked when they wrote.
      left join (
        select r.role, r.rank, r.after,
          lead(r.after, 1, 9223372036854775807) over (partition by r.role order by r.after) as before
        from ownership_private.ranks r
      ) w on w.role = o.writer and o.id > w.after and o.id <= w.before
    ) e
    group by e.key, e.element
  )
  select
    c.key, c.element,
    case
      when a.restore_mark <= a.mark then a.old_value
      when k.event <> 'released' then b.new_value
      else coalesce(a.old_value, b.new_value)
    end,
    case when k.event <> 'released' then k.writer end,
    case when k.event = 'removed' then k.old_value when k.event <> 'released' then k.new_value end,
    coalesce(k.event = 'removed', false),
    a.id is not null,
    c.by_person,
    c.by_undone,
    coalesce(a.restore_mark <= a.mark, false),
    b.writer, b.at
  from cell c
  left join entry b on b.id = c.before and b.element = c.element
  left join entry k on k.id = c.claim and k.element = c.element
  left join entry a on a.id = c.after and a.element = c.element
$$;
comment on function ownership_private.past is
  'Each cell or element with a history: value, owner and claim at the mark (NULL: now), and whether it was touched
   since, by whom. undone: writers or signed-in users whose changes up to undone_until count as no person''s (NULL:
   everybody). keys: of these rows alone. was_seen: a restore read the value itself.';

create function ownership_private.spelling(recorded jsonb, element text)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when element = '' or jsonb_typeof(recorded) is distinct from 'array' then recorded
    else coalesce(
      (
        select to_jsonb(e) from jsonb_array_elements_text(recorded) e
        where ownership_private.element(e) = element
        limit 1
      ),
      to_jsonb(element)
    )
  end
$$;
comment on function ownership_private.spelling is
  'A recorded value; or, of a recorded set, one element as it was spelled.';

-- diff: what changed between two marks.

create function ownership_private.touched_keys(policy integer, from_mark bigint, to_mark bigint)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(distinct coalesce(m.key, h.key)), '{}')
  from ownership_private.marks f
  left join ownership_private.marks u on u.id = to_mark
  join ownership_private.history h on h.id > f.history_id and h.id <= coalesce(u.history_id, 9223372036854775807)
  join ownership_private.names n on n.policy_id = policy and h.tbl = n.tbl and h.col = n.col
    and h.id > n.after and h.id < n.before
  left join ownership_private.moved_keys(policy) m on m.from_key = h.key and m.id >= h.id
  where f.id = from_mark
$$;
comment on function ownership_private.touched_keys is
  'The rows, by their keys of today, of which the history has an entry between two marks (NULL: until now).';

create function ownership.diff(from_mark bigint, to_mark bigint default null)
returns table (
  tbl regclass, col name, key text, element text, from_value jsonb, to_value jsonb, writer name, changed_at timestamptz
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
as $$
begin
  perform ownership_private.check_mark(from_mark);
  perform ownership_private.check_mark(to_mark) where to_mark is not null;
  if to_mark < from_mark then
    perform ownership_private.fail('OW012', format('mark %s is older than mark %s', to_mark, from_mark),
      'The first mark is the older one.', format('Call ownership.diff(%s, %s).', to_mark, from_mark));
  end if;
  return query
  select t.tbl, p.col, f.key, f.element, ownership_private.spelling(f.value, f.element),
    ownership_private.spelling(u.value, u.element), u.last_writer, u.last_at
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  cross join lateral ownership_private.touched_keys(p.id, from_mark, to_mark) touched (keys)
  cross join lateral ownership_private.past(p.id, from_mark, keys => touched.keys) f
  join lateral ownership_private.past(p.id, to_mark, keys => touched.keys) u on u.key = f.key and u.element = f.element
  where ownership_private.caller_may_read(t.tbl, p.col)
    and case when f.element = '' then f.value is distinct from u.value else (f.value is null) <> (u.value is null) end
  order by t.id, p.id, f.key, f.element;
end
$$;
comment on function ownership.diff is
  'Owned cells, and elements of sets, that changed between two marks (default: until now), with the writer of the last
   change. An element''s value is NULL where it was not in the set. Error: OW012.';

-- From supabase/schemas/ownership/restore_plan.sql

-- The plan of a restore: what stood in each owned cell at the mark, what stands there now, and whose change that was.

create function ownership_private.recall(
  policy integer, mark_id bigint, undone text[], undone_until timestamptz, keys text[]
)
returns table (
  key text, element text, value jsonb, owner name, owner_rank integer, claimed jsonb, removed boolean,
  touched boolean, by_person boolean, by_undone boolean, was_seen boolean, is_claimed boolean, claimed_now jsonb,
  owner_now name
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(p.key, c.key), coalesce(p.element, c.element),
    case when p.key is not null then p.value when not c.removed then c.value end,
    w.role, w.rank,
    case when p.key is not null then p.claimed else c.value end,
    coalesce(p.removed, c.removed),
    coalesce(p.touched, false), coalesce(p.by_person, false), coalesce(p.by_undone, false), coalesce(p.was_seen, false),
    c.key is not null,
    case when not c.removed then c.value end,
    c.writer
  from ownership_private.past(policy, mark_id, undone, undone_until, keys) p
  full join (
    select o.* from ownership_private.claims o where o.policy_id = policy and (o.key = any (keys) or keys is null)
  ) c
    on c.key = p.key and c.element = p.element
  left join ownership_private.writers w on w.role = coalesce(p.owner, case when p.key is null then c.writer end)
    and w.claims
  where p.key is not null
    or c.since <= (select m.at from ownership_private.marks m where m.id = mark_id)
$$;
comment on function ownership_private.recall is
  'What restore must know of each cell or element: what the history says of the mark, and the claim of today. A claim
   without a history, as after an import of tables, counts by its own date and value.';

create function ownership_private.found_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.merges(p.mode) then $sql$
      select m.*, r.ctid as tid, r.tableoid as part, to_jsonb(r.%1$I) as whole,
        (m.value is null) = live.has_it as off_mark,
        m.is_claimed and (m.claimed_now is null) = live.has_it as off_claim,
        case when live.has_it then to_jsonb(m.element) end as live
      from ownership_private.recall(%2$s, $1, $5, $6, $4) m
      join %3$s r on %4$s
      -- OFFSET 0 keeps the planner from evaluating the expression once for each use of it.
      cross join lateral (
        select coalesce(m.element collate "C" = any (r.%1$I::text[]) or (
          cardinality(r.%1$I::text[]) > 0 and m.element collate "C" = any (ownership_private.elements(r.%1$I::text[]))
        ), false) as has_it
        offset 0
      ) live$sql$
    else $sql$
      select m.*, r.ctid as tid, r.tableoid as part, %7$s as whole,
        judged.off_mark, judged.off_claim, %7$s as live
      from ownership_private.recall(%2$s, $1, $5, $6, $4) m
      join %3$s r on %4$s
      cross join lateral (
        select %5$s as off_mark, m.is_claimed and m.by_person and %6$s as off_claim
        offset 0
      ) judged$sql$ end,
    p.col, p.id, t.tbl,
    ownership_private.same_key_sql(t, 'r', 'm.key'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'm.value'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'm.claimed_now'),
    ownership_private.recorded_sql(p, 'r'))
$$;
comment on function ownership_private.found_sql is
  'The query for what restore knows of each cell, beside what stands there now. Rows that are gone are left out.';

create function ownership_private.plan_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    select j.*, case
        when j.verdict = 'newer' then j.claimed_now
        when j.element = '' or j.value is null then j.value
        when j.value ? j.element then to_jsonb(j.element)
        else ownership_private.spelling(j.value, j.element)
      end as target,
      case when j.verdict in ('person', 'unknown') then 'conflict' else 'restore' end as action,
      case j.verdict
        when 'newer' then 'a person wrote this after the mark, and it was overwritten past the triggers'
        when 'person' then 'a person changed it after the mark'
        when 'unknown'
          then 'nobody owned it at the mark, and an empty cell cannot be told from a row that was not there yet'
        when 'undo' then 'undoes a restore'
        when 'undone' then 'changed after the mark by a person whose changes are undone'
        when 'bypass' then 'overwritten past the triggers'
        else 'changed after the mark, by no person'
      end as detail
    from (
      select f.*, case
        when f.by_person and f.off_claim then 'newer'
        -- What is undone comes back with its owner, also where the value is as it was.
        when not f.off_mark and (
          f.by_person or not (f.by_undone or f.was_seen) or f.owner is not distinct from f.owner_now
        ) then null
        when f.by_person then 'person'
        when f.was_seen then 'undo'
        when f.by_undone and (f.element <> '' or f.value is not null or not %s) then 'undone'
        when f.owner is null and not f.touched then null
        when f.owner is null and f.value is null then 'unknown'
        -- The removal has ended since (forget_removed), so that the element is the source's.
        when f.removed and not f.is_claimed then null
        when f.touched then 'changed'
        else 'bypass'
      end as verdict
      from (%s) f
    ) j
    where j.verdict is not null$sql$, f.not_null::text, ownership_private.found_sql(p, t))
  from ownership_private.column_facts(t.tbl, p.col) f
$$;
comment on function ownership_private.plan_sql is
  'The query for what restore does with each cell. It restores what was changed after the mark by no person, and by
   those persons whose changes are to be undone. A newer value of another person stays, and is put back where it was
   overwritten past the triggers.';

create function ownership_private.set_without(current_set jsonb, dropped text[])
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(e.value order by e.place), '[]')
  from jsonb_array_elements(current_set) with ordinality e (value, place)
  where ownership_private.element(e.value #>> '{}') <> all (dropped)
$$;
comment on function ownership_private.set_without is 'A set without some elements, in the same order.';

create function ownership_private.cells_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode) then $sql$
    select tid, part, key, action, string_agg(format('%s: %s', element, detail), '; ' order by element) as detail,
      whole as current_value,
      case
        when action <> 'restore' then null
        when bool_or(target is null)
          then ownership_private.set_without(whole, array_agg(element) filter (where target is null))
        else coalesce(whole, '[]')
      end || coalesce(jsonb_agg(target order by element) filter (where target is not null and live is null), '[]')
        as restored_value
    from plan
    group by tid, part, key, action, whole$sql$
  else $sql$
    select tid, part, key, action, detail, whole as current_value,
      case when action = 'restore' then target end as restored_value
    from plan$sql$ end
$$;
comment on function ownership_private.cells_sql is
  'The query that turns the plan by elements into one by cells: a set is written once.';

-- From supabase/schemas/ownership/restore.sql

-- restore: puts manual values back to what they were at a mark. A dry run by default; recorded, and undone by restoring
-- to the mark that it takes before it writes.

create function ownership_private.claims_written_sql(policy integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    changed as materialized (
      select n.*, c.policy_id is not null as existed
      from plan n
      left join ownership_private.claims c on c.policy_id = %1$s and c.key = n.key and c.element = n.element
      where n.action = 'restore' and n.verdict <> 'newer'
        and case when n.owner is null then c.policy_id is not null
          else c.writer is distinct from n.owner or c.removed is distinct from n.removed
            or (n.element = '' and c.value is distinct from n.claimed) end
    ),
    unclaimed as (
      delete from ownership_private.claims c using changed n
      where n.owner is null and c.policy_id = %1$s and c.key = n.key and c.element = n.element
    ),
    claimed as (
      insert into ownership_private.claims (policy_id, key, element, removed, writer, rank, value, since)
      select %1$s, n.key, n.element, n.removed, n.owner, n.owner_rank,
        ownership_private.spelling(n.claimed, n.element), (select clock_timestamp())
      from changed n
      where n.owner is not null
      on conflict on constraint claims_pkey do update
      set removed = excluded.removed, writer = excluded.writer, rank = excluded.rank, value = excluded.value,
        since = excluded.since
    ),
    -- Without a base the restored set would count as sent by the policy's own source, elements of people included.
    based as (
      insert into ownership_private.bases (policy_id, key, source, base)
      select distinct on (n.key) p.id, n.key, p.source,
        array(select jsonb_array_elements_text(coalesce(n.whole, '[]')))
      from plan n
      join ownership_private.policies p on p.id = %1$s and ownership_private.merges(p.mode)
      where n.action = 'restore'
        and not exists (select from ownership_private.bases b where b.policy_id = p.id and b.key = n.key)
    ),
    touched as (%2$s)$sql$, policy, ownership_private.touched_bases_sql(policy, 'changed'))
$$;
comment on function ownership_private.claims_written_sql is
  'The common table expressions of a restore that make the claims what they were at the mark.';

create function ownership_private.noted_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    noted as (
      insert into ownership_private.history
        (tbl, col, key, element, event, writer, role, sub, run, old_value, new_value, restore_mark)
      select %1$L, %2$L, e.key, e.element, e.event, e.writer,
        coalesce(nullif(current_setting('role'), 'none'), session_user),
        (select ownership_private.signed_in_user()),
        nullif(current_setting('ownership.run', true), ''),
        e.old_value, e.new_value, $2
      from (
        select n.key, n.element, 1 as place, n.live as old_value,
          ownership_private.spelling(n.claimed, n.element) as new_value,
          coalesce(n.owner, $3) as writer,
          case when n.owner is null then 'released' when n.removed then 'removed' else 'claimed' end as event
        from changed n
        union all
        -- The entry with the value comes after that of the claim, because the last entry says what stands in the cell.
        select n.key, n.element, 2, n.live, n.target, $3, 'restored'
        from plan n
        where n.action = 'restore'
      ) e
      order by e.key, e.element, e.place
    )$sql$, t.name, p.col)
$$;
comment on function ownership_private.noted_sql is
  'The common table expression of a restore that records it in the history.';

create function ownership_private.restore_sql(
  p ownership_private.policies, t ownership_private.protected_tables, dry_run boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  with plan as materialized (select a.* from (%1$s) a where a.key = any ($4) or $4 is null),
    cell as materialized (%2$s)%3$s
  select array_agg(row(
    %4$L::regclass, %5$L::name, c.key, case when c.action = 'restore' then %6$L else c.action end,
    c.current_value, case when c.action = 'restore' then c.restored_value else c.current_value end,
    c.detail || case when c.action = 'restore' and $2 is not null then format('; undone by restoring to mark %%s', $2) else '' end
  )::ownership_private.written_cell order by c.key)
  from cell c$sql$,
    ownership_private.plan_sql(p, t),
    ownership_private.cells_sql(p),
    case when dry_run then '' else format($sql$,
    written as (
      update %1$s r
      set %2$I = %3$s
      from cell c
      where c.action = 'restore' and r.ctid = c.tid and r.tableoid = c.part and %6$s
    ),%4$s,%5$s$sql$,
      t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.restored_value'),
      ownership_private.claims_written_sql(p.id), ownership_private.noted_sql(p, t),
      ownership_private.in_owners_path_sql(t.id)) end,
    t.tbl, p.col, case when dry_run then 'would restore' else 'restored' end)
$$;
comment on function ownership_private.restore_sql is
  'The statement that restores one column. $1 the mark, $2 the mark taken before the restore, $3 the writer, $4 keys
   (NULL: all), $5 whose changes are undone ({}: nobody''s, NULL: everybody''s), $6 until when.';

create function ownership_private.check_people(people text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text := (
    select coalesce(u.name, 'NULL') from unnest(people) u (name)
    where not exists (select from ownership_private.writers w where w.role = u.name)
      and not exists (select from ownership_private.history h where h.writer = u.name or h.sub = u.name)
    limit 1
  );
begin
  if unknown is not null then
    perform ownership_private.fail('OW009', format('nobody is called %L here', unknown),
      'It is no registered writer, and the history names no writer and no signed-in user of that name.',
      'See ownership.writers, and the columns writer and sub of ownership.history.');
  end if;
end
$$;
comment on function ownership_private.check_people is
  'Refuses names that are neither a writer''s nor a signed-in user''s (OW009).';

create function ownership_private.check_scope(target regclass, cols name[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known name[] := array(
    select p.col from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    where t.tbl = target or target is null
    order by 1
  );
begin
  if (target is null or known <> '{}') and (cols is null or cols <@ known) then
    return;
  end if;
  perform ownership_private.fail('OW008',
    case when known = '{}' then format('table %s is not protected', target)
    else format('column %I %s is not protected', (
      select coalesce(c, 'NULL') from unnest(cols) c where (c = any (known)) is not true limit 1
    ),
      coalesce('of table ' || target, 'of any table')) end,
    format('Protected there: %s.', coalesce(nullif(array_to_string(known, ', '), ''), 'nothing')),
    'Check the spelling; see ownership.policies.');
end
$$;
comment on function ownership_private.check_scope is 'Refuses tables and columns without a policy (OW008).';

create function ownership.restore(
  to_mark bigint, tbl regclass default null, cols name[] default null, dry_run boolean default true,
  keys text[] default null, people_too boolean default false, written_by text[] default null,
  written_until timestamptz default null
)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
as $$
declare
  -- A name or a time says by itself that people's changes are meant.
  undone text[] := case when people_too or written_by is not null or written_until is not null then written_by
    else '{}' end;
  undo_mark bigint;
  wanted record;
begin
  perform ownership.require_person('restore');
  perform ownership_private.check_mark(to_mark);
  perform ownership_private.check_scope(tbl, cols);
  perform ownership_private.check_people(written_by);
  dry_run := coalesce(dry_run, true);
  if not dry_run then
    for wanted in
      select t.tbl as target from ownership_private.tables_here() t
      where t.tbl = restore.tbl or restore.tbl is null
    loop
      execute format('lock table %s in share row exclusive mode', wanted.target);
    end loop;
    undo_mark := ownership.mark(format('before restore to mark %s', to_mark));
  end if;
  for wanted in
    select p as policy, t as the_table
    from ownership_private.tables_here() t
    cross join lateral ownership_private.policies_on(t) p
    join ownership.modes() m on m.mode = p.mode
    where (t.tbl = restore.tbl or restore.tbl is null) and (p.col = any (cols) or cols is null) and m.leaves_claims
    order by t.id, p.id
  loop
    return query select * from unnest(ownership_private.write_cells(
      wanted.policy, wanted.the_table, ownership_private.restore_sql(wanted.policy, wanted.the_table, dry_run),
      case when keys is not null then keys || array(select ownership_private.digest_of_key(k) from unnest(keys) k) end,
      to_mark, undo_mark, undone, coalesce(written_until, 'infinity'), null));
  end loop;
end
$$;
comment on function ownership.restore is
  'Puts manual values back to what they were at a mark: a dry run unless told otherwise. Restored are cells whose last
   change is newer than the mark and no person''s; the rest are conflicts and stay. keys: only these rows. people_too:
   people''s changes as well, all of them, or only those of some writers or signed-in users (written_by) up to a time
   (written_until); a cell that somebody else has changed stays a conflict. Undo: restore to the mark that it took
   before. Errors: OW001, OW008, OW009, OW012.';

-- From supabase/schemas/ownership/release.sql

-- release: gives cells back to their sources.

create function ownership_private.released_value(p ownership_private.policies, row_key text)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode)
    then (
      select to_jsonb(coalesce(array_agg(distinct e.value), '{}'))
      from ownership_private.bases b, unnest(b.base) e (value)
      where b.policy_id = p.id and b.key = row_key and not ownership.is_blank(e.value)
    )
    else (
      select c.offered from ownership_private.claims c
      where c.policy_id = p.id and c.key = row_key and c.element = ''
    ) end
$$;
comment on function ownership_private.released_value is
  'The value that a released cell gets: the last one on offer; for a set, all that the sources sent last.';

create function ownership_private.write_cell(
  t ownership_private.protected_tables, p ownership_private.policies, row_key text, value jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  perform ownership_private.begin_engine_write(p.id);
  execute format('update %s r set %I = %s from (%s) k where %s and %s', t.tbl, p.col,
    ownership_private.from_jsonb_sql(t.tbl, p.col, '$1'),
    ownership_private.key_record_sql(t.tbl, t.identity_key, row_key),
    ownership_private.match_sql(t.tbl, t.identity_key, 'r', 'k'),
    ownership_private.in_owners_path_sql(t.id)) using value;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform ownership_private.end_engine_write(p.id);
end
$$;
comment on function ownership_private.write_cell is 'Writes one cell as the engine, past the guard.';

create function ownership_private.lock_cells(
  p ownership_private.policies, t ownership_private.protected_tables, keys text[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  -- The lock that an update takes. With a weaker one, whoever locks the whole table could come between these locks and
  -- the update that follows, and each would wait for the other.
  execute format('lock table %s in row exclusive mode', t.tbl);
  execute format('select from %s r join unnest($1) k (key) on %s order by k.key for no key update of r', t.tbl,
    ownership_private.same_key_sql(t, 'r', 'k.key')) using keys;
  perform from ownership_private.claims c
  where c.policy_id = p.id and c.key = any (keys)
  order by c.key, c.element
  for update;
end
$$;
comment on function ownership_private.lock_cells is
  'Waits for all who write to these rows or their claims, and keeps others out until the transaction ends. What is
   decided on claims afterwards, in a statement of its own, is decided on what stands: rows first, then claims, in the
   order of every write.';

create function ownership_private.owned_cells(
  p ownership_private.policies, t ownership_private.protected_tables, keys text[]
)
returns table (
  key text, rank integer, owners name[], claimed jsonb, row_exists boolean, stands jsonb, lands boolean, released jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select c.key, c.rank, c.owners, c.claimed, l.row_exists, l.value, lands.it,
    case when lands.it then c.on_offer else l.value end
  from (
    select c.key, max(c.rank) as rank, array_agg(distinct c.writer) as owners, bool_or(c.offered_times > 0) as offered,
      jsonb_agg(c.value order by c.element) as claimed, ownership_private.released_value(p, c.key) as on_offer
    from ownership_private.claims c
    where c.policy_id = p.id and (keys is null or c.key = any (keys))
    group by c.key
  ) c
  cross join ownership_private.column_facts(t.tbl, p.col) f
  cross join lateral ownership_private.live_value(t.tbl, t.identity_key, c.key, p.col) l
  -- A set stays as it is where no source has sent one yet.
  cross join lateral (
    select (c.offered or ownership_private.merges(p.mode) and (c.on_offer <> '[]' or p.empty_is_opinion))
      and (c.on_offer is not null or not f.not_null) as it
  ) lands
  order by c.key;
end
$$;
comment on function ownership_private.owned_cells is
  'The owned cells of a column, each with what a release would leave there. lands: a release writes what is on offer.';

create function ownership_private.release_cell(
  p ownership_private.policies, t ownership_private.protected_tables, row_key text, claimed jsonb, lands boolean,
  released jsonb, writer name, writer_rank integer
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if lands then
    perform ownership_private.write_cell(t, p, row_key, released);
  end if;
  -- The rank is asked again for a row that is not there and comes back just now: nothing else locks its new claims.
  delete from ownership_private.claims c
  where c.policy_id = p.id and c.key = row_key and c.rank <= writer_rank;
  perform ownership_private.remember(p.id, row_key, '', 'released', writer,
    case when ownership_private.merges(p.mode) then claimed else claimed -> 0 end, released);
end
$$;
comment on function ownership_private.release_cell is
  'Ends the claims of one cell of owned_cells, whose row and claims are locked, and writes what is on offer.';

create function ownership.release(tbl regclass, key text, col name)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  me record;
  cell record;
  row_key text;
begin
  select * into me from ownership_private.current_writer();
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  row_key := ownership_private.canonical_key(t.tbl, t.identity_key, release.key);
  perform ownership_private.lock_cells(p, t, array[row_key]);
  select * into cell from ownership_private.owned_cells(p, t, array[row_key]);
  if not found then
    perform ownership_private.fail('OW010', format('nobody owns %I of %L in table %s', col, key, tbl),
      'There is no claim to release.', 'See ownership.claims, or ownership.explain for the cell.');
  elsif me.rank < cell.rank then
    perform ownership_private.fail('OW001',
      format('release of %I of %L needs rank %s, and %I has rank %s', col, key, cell.rank, me.writer, me.rank),
      me.reason, 'Ask its owner, or a person, to release it.');
  end if;
  perform ownership_private.release_cell(
    p, t, cell.key, cell.claimed, cell.lands, cell.released, me.writer, me.rank);
  return cell.released;
end
$$;
comment on function ownership.release is
  'Gives a cell back to the sources: the last offered value lands (a set becomes what the sources hold), or what stands
   there stays; it is returned. Needs the owner''s rank. Errors: OW001, OW008, OW010, OW011.';

create function ownership_private.release_column(
  p ownership_private.policies, t ownership_private.protected_tables, keys text[], written_by text[], unopposed boolean,
  dry_run boolean
)
returns table (
  table_name regclass, col name, key text, action text, owners name[], current_value jsonb, released_value jsonb,
  detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  me record;
  cell record;
begin
  select * into me from ownership_private.current_writer();
  for cell in
    select c.* from ownership_private.owned_cells(p, t, keys) c
    where (written_by is null or c.owners::text[] && written_by)
      and (not unopposed or not c.lands or c.released is not distinct from c.stands)
  loop
    action := 'conflict';
    if cell.rank > me.rank then
      detail := format('%s has a higher rank than %s', array_to_string(cell.owners, ', '), me.writer);
    elsif not coalesce(cell.owners::text[] <@ written_by, true) then
      detail := 'others own elements of it too';
    elsif not cell.row_exists then
      detail := 'the row is gone, and a restore could not give it its owner back: ownership.release ends the claim';
    elsif dry_run then
      action := 'would release';
    else
      begin
        perform ownership_private.release_cell(
          p, t, cell.key, cell.claimed, cell.lands, cell.released, me.writer, me.rank);
        action := 'released';
      exception when others then
        perform ownership_private.raise_again(sqlstate, sqlerrm);
        detail := format('the table refuses it: %s', sqlerrm);
      end;
    end if;
    if action <> 'conflict' then
      detail := case when cell.lands then 'the last offer lands'
        else 'no other value is on offer: what stands there stays' end;
    end if;
    table_name := t.tbl;
    col := p.col;
    key := cell.key;
    owners := cell.owners;
    current_value := cell.stands;
    released_value := case when action = 'conflict' then cell.stands else cell.released end;
    return next;
  end loop;
end
$$;
comment on function ownership_private.release_column is 'What ownership.release_all does in one column.';

create function ownership.release_all(
  tbl regclass default null, cols name[] default null, keys text[] default null, written_by text[] default null,
  unopposed boolean default false, dry_run boolean default true
)
returns table (
  table_name regclass, col name, key text, action text, owners name[], current_value jsonb, released_value jsonb,
  detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  wanted record;
  row_keys text[];
  is_dry constant boolean := coalesce(release_all.dry_run, true);
begin
  perform ownership.require_person('release_all');
  perform ownership_private.check_scope(tbl, cols);
  perform ownership_private.check_people(written_by);
  if not is_dry then
    perform ownership.mark('before a release');
  end if;
  for wanted in
    select p, t
    from ownership_private.policies p
    join ownership_private.protected_tables t on t.id = p.table_id
    join pg_class c on c.oid = t.tbl
    where (t.tbl = release_all.tbl or release_all.tbl is null) and (p.col = any (cols) or cols is null)
    order by t.id, p.id
  loop
    row_keys := (
      select array_agg(ownership_private.canonical_key((wanted.t).tbl, (wanted.t).identity_key, k)) from unnest(keys) k
    );
    if not is_dry then
      perform ownership_private.lock_cells(wanted.p, wanted.t, coalesce(row_keys, array(
        select distinct c.key from ownership_private.claims c where c.policy_id = (wanted.p).id
      )));
    end if;
    return query select * from ownership_private.release_column(
      wanted.p, wanted.t, case when keys is not null then coalesce(row_keys, '{}') end, written_by, unopposed, is_dry);
  end loop;
end
$$;
comment on function ownership.release_all is
  'Gives many cells back to the sources, as ownership.release does with one: of a table, of columns, of rows, of some
   writers (written_by), or only where no other value is on offer (unopposed). A dry run unless told otherwise; it
   takes a mark before it writes, to which ownership.restore goes back with people_too. Cells of higher ranks or of
   rows that are gone, offers that the table refuses, and sets in which others own elements too, are conflicts and
   stay. Errors: OW001, OW008, OW009,
   OW011.';

-- From supabase/schemas/ownership/fingerprints.sql

-- Fingerprints: what the engine's objects were when they were installed or generated, for health to compare with. They
-- name objects and never their OIDs, so that they are still right after a dump and restore.

create table ownership_private.fingerprints (
  object text primary key,
  hash text not null,
  recorded_at timestamptz not null default now()
);
comment on table ownership_private.fingerprints is
  'The engine''s own functions, triggers, tables, views and event triggers as they were installed.';

create table ownership_private.generated (
  table_id integer references ownership_private.protected_tables on delete cascade,
  suffix text,
  body text not null,
  attributes text not null,
  definition text,
  inputs text not null,
  server text not null,
  primary key (table_id, suffix)
);
comment on table ownership_private.generated is
  'The generated functions and triggers of each protected table as they were generated: hashes of the body, of the other
   attributes of the function, of the trigger''s definition, and of all that the generator built on.';

create function ownership_private.server_major()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (current_setting('server_version_num')::integer / 10000)::text
$$;
comment on function ownership_private.server_major is
  'The major version of Postgres. Another one may write the same view or trigger in other words.';

create function ownership_private.attributes_hash(p pg_proc)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select md5(format('%s %s %s %s %s %s %s %s %s', p.prolang = (select l.oid from pg_language l where l.lanname = 'sql'),
    p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.provolatile, p.proparallel, p.prorettype::regtype,
    p.proconfig))
$$;
comment on function ownership_private.attributes_hash is
  'What a function is beside its body and its owner: language, security, volatility, settings and the like.';

create function ownership_private.is_generated(p pg_proc)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select p.prorettype = 'trigger'::regtype and p.proname ~ '^(guard|fill|returned)_[0-9]+$'
$$;
comment on function ownership_private.is_generated is 'Whether a function of the engine was made by generate.';

create function ownership_private.table_text(tbl pg_class)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(E'\n', tbl.relkind, tbl.relpersistence, tbl.relrowsecurity, tbl.relforcerowsecurity,
    (
      select string_agg(format('%s %s %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)), ', ' order by a.attname)
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = tbl.oid and a.attnum > 0 and not a.attisdropped
    ),
    (
      select string_agg(format('%s %s %s', c.conname, pg_get_constraintdef(c.oid), c.convalidated), ', ' order by c.conname)
      from pg_constraint c
      where c.conrelid = tbl.oid and c.contype <> 'n'
    ),
    -- The triggers of foreign keys have no name that is the same everywhere.
    (select count(*) from pg_trigger g where g.tgrelid = tbl.oid and g.tgisinternal and g.tgenabled <> 'O'))
$$;
comment on function ownership_private.table_text is
  'What a table of the engine is: columns, constraints, row security, whether foreign keys are enforced.';

create function ownership_private.current_fingerprints()
returns table (object text, hash text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'function ' || p.oid::regprocedure, md5(p.prosrc || ownership_private.attributes_hash(p))
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not ownership_private.is_generated(p)
  union all
  select 'event trigger ' || quote_ident(e.evtname), md5(concat_ws(E'\n', e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regproc))
  from pg_event_trigger e
  join pg_proc p on p.oid = e.evtfoid and p.pronamespace = 'ownership_private'::regnamespace
  union all
  select format('trigger %I on %s', g.tgname, c.oid::regclass), md5(pg_get_triggerdef(g.oid) || g.tgenabled::text)
  from pg_class c
  join pg_trigger g on g.tgrelid = c.oid and not g.tgisinternal
  where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
  union all
  select format('rule %I on %s', r.rulename, c.oid::regclass), md5(pg_get_ruledef(r.oid) || r.ev_enabled::text)
  from pg_class c
  join pg_rewrite r on r.ev_class = c.oid and r.rulename <> '_RETURN'
  where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
  union all
  select case when c.relkind = 'v' then 'view ' else 'table ' end || c.oid::regclass,
    md5(case when c.relkind = 'v' then concat_ws(E'\n', pg_get_viewdef(c.oid), c.reloptions)
      else ownership_private.table_text(c) end)
  from pg_class c
  where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  union all
  select 'server', ownership_private.server_major()
$$;
comment on function ownership_private.current_fingerprints is
  'The engine''s objects as they are now, without what is generated for a table: that is in ownership_private.generated.';

-- What was generated for a table.

create function ownership_private.definition_hash(g pg_trigger)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select md5(format('%s %s %s %s %s %s %s', g.tgattr, g.tgdeferrable, g.tgnargs, g.tgoldtable, g.tgnewtable, g.tgconstraint = 0,
    substring(pg_get_triggerdef(g.oid) from ' WHEN (\(.*\)) EXECUTE ')))
$$;
comment on function ownership_private.definition_hash is
  'A trigger''s definition beside its name, table, time and function: columns, condition, transition tables.';

create function ownership_private.generator_inputs(t ownership_private.protected_tables)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select md5(concat_ws(E'\n', t.id, t.identity_key,
      (
        select string_agg(to_jsonb(p)::text, ',' order by p.id)
        from (
          select o.id, o.col, o.mode, o.blank_values, o.on_conflict, o.empty_is_opinion, o.source
          from ownership_private.policies o where o.table_id = t.id
        ) p
      ),
      (select string_agg(format('%s %s %s', w.role, w.rank, w.claims), ',' order by w.role) from ownership_private.writers w),
      (
        select string_agg(format('%s %s %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation,
          a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
          (
            select string_agg(w::regtype::text, ' ' order by w::regtype::text)
            from ownership_private.types_within(a.atttypid) w
          )), ',' order by a.attname)
        from pg_attribute a
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = t.tbl and not a.attisdropped and (
          a.attname = any (t.identity_key)
          or exists (select from ownership_private.policies p where p.table_id = t.id and p.col = a.attname)
        )
      ),
      (select md5(string_agg(f.hash, '' order by f.object collate "C")) from ownership_private.fingerprints f)))
  );
end
$$;
comment on function ownership_private.generator_inputs is
  'A hash of all that the generator builds on: policies, writers, the columns of policies and key with the types within
   them, and the generator itself as installed. As long as it is the same, the generator would make what it made.';

create function ownership_private.record_generated(t ownership_private.protected_tables)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from ownership_private.generated o where o.table_id = t.id;
  insert into ownership_private.generated (table_id, suffix, body, attributes, definition, inputs, server)
  select t.id, s.suffix, md5(p.prosrc), ownership_private.attributes_hash(p), ownership_private.definition_hash(g),
    ownership_private.generator_inputs(t), ownership_private.server_major()
  from unnest('{guard,fill,returned}'::text[]) s (suffix)
  join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = s.suffix || '_' || t.id
  join pg_trigger g on g.tgrelid = t.tbl and g.tgname = '~~ownership_' || s.suffix
$$;
comment on function ownership_private.record_generated is
  'Records what has just been generated for a table.';

-- From supabase/schemas/ownership/engine_problems.sql

-- What is wrong with the engine itself: its objects, the rights on them, the roles it knows, settings that undo it.

create function ownership_private.object_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with compared as (
    select coalesce(recorded.object, found.object) as object, recorded.hash as recorded, found.hash as found,
      substring(coalesce(recorded.object, found.object) from '^(event trigger|\w+)') as kind
    from ownership_private.fingerprints recorded
    full join ownership_private.current_fingerprints() found on found.object = recorded.object
    where found.hash is distinct from recorded.hash
      and exists (select from ownership_private.fingerprints)
  )
  select
    case c.kind
      when 'event trigger' then 'alarm off'
      when 'server' then 'other Postgres'
      else format('engine %s %s', c.kind, case when c.found is null then 'missing' when c.recorded is null then 'added' else 'changed' end)
    end,
    c.object,
    case
      when c.kind = 'server' then format('The engine was recorded under Postgres %s, and this is %s, which may write views and triggers in other words.',
        c.recorded, c.found)
      when c.found is null then 'It was dropped, or has another name.'
      when c.recorded is null then 'It was not installed with the engine.'
      else 'It is not what was installed.'
    end,
    case when c.kind = 'server' then 'select ownership.repair(); select ownership.record_fingerprints();'
      else 'Install the engine''s migrations again; ownership.alarms may tell who changed it.' end
  from compared c
  where c.kind not in ('view', 'rule', 'trigger', 'table')
    or c.found is null
    or c.recorded is null
    or exists (
      select from ownership_private.fingerprints f where f.object = 'server' and f.hash = ownership_private.server_major()
    )
  union all
  select 'engine owner changed', o.object, format('It belongs to %s, and the engine to %s.', o.owner::regrole, engine.relowner::regrole),
    format('alter %s owner to %s;', o.object, engine.relowner::regrole)
  from pg_class engine
  cross join lateral (
    select 'function ' || p.oid::regprocedure as object, p.proowner as owner from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    union all
    select case c.relkind when 'v' then 'view ' when 'S' then 'sequence ' else 'table ' end || c.oid::regclass, c.relowner
    from pg_class c
    where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm', 'S')
    union all
    select 'schema ' || n.nspname, n.nspowner from pg_namespace n where n.nspname in ('ownership', 'ownership_private')
  ) o
  where engine.oid = 'ownership_private.claims'::regclass and o.owner <> engine.relowner
  union all
  select 'search_path open', 'function ' || p.oid::regprocedure, 'Without a fixed search_path, or with one that does not name pg_temp last, a caller''s own objects are found first.',
    format('alter function %s set search_path = pg_catalog, pg_temp;', p.oid::regprocedure)
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
$$;
comment on function ownership_private.object_problems is
  'Objects of the engine that are not what was installed, or not its owner''s.';

create function ownership_private.role_sql(role oid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when role = 0 then 'public' else role::regrole::text end
$$;
comment on function ownership_private.role_sql is 'A grantee as GRANT and REVOKE name it.';

create function ownership_private.right_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with our_relations as (
    select c.oid, c.relkind, c.relacl, c.relowner from pg_class c
    where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
      and c.relkind in ('r', 'p', 'v', 'm', 'S')
  ),
  granted as (
    select case c.relkind when 'S' then 'sequence ' when 'v' then 'view ' else 'table ' end || c.oid::regclass as object,
      case when c.relkind = 'S' then 'sequence ' else '' end || c.oid::regclass as target, c.relowner as owner,
      g.grantee, g.privilege_type as privilege, g.privilege_type = 'SELECT' and c.relkind in ('v', 'S') as is_ours
    from our_relations c
    cross join lateral aclexplode(c.relacl) g
    union all
    select format('column %I of %s', a.attname, c.oid::regclass), c.oid::regclass::text, c.relowner,
      g.grantee, format('%s (%I)', g.privilege_type, a.attname), g.privilege_type = 'SELECT' and c.relkind = 'v'
    from our_relations c
    join pg_attribute a on a.attrelid = c.oid and a.attacl is not null
    cross join lateral aclexplode(a.attacl) g
    union all
    select 'schema ' || n.nspname, 'schema ' || n.nspname, n.nspowner, g.grantee, g.privilege_type, g.privilege_type = 'USAGE'
    from pg_namespace n
    cross join lateral aclexplode(n.nspacl) g
    where n.nspname in ('ownership', 'ownership_private')
  )
  select 'engine open', g.object,
    format('Role %s has %s on it.', ownership_private.role_sql(g.grantee), string_agg(g.privilege, ', ' order by g.privilege)),
    format('revoke %s on %s from %s;', string_agg(g.privilege, ', ' order by g.privilege), g.target, ownership_private.role_sql(g.grantee))
  from granted g
  where not g.is_ours and g.grantee <> g.owner
  group by g.object, g.target, g.grantee
  union all
  select 'gate unreadable', format('sequence %s', gate), 'A writer who may not read it cannot write to the table.',
    format('grant select on sequence %s to public;', gate)
  from ownership_private.policies p
  cross join ownership_private.gate(p.id) gate
  where not exists (
    select from pg_class c cross join lateral aclexplode(c.relacl) g
    where c.oid = gate and g.grantee = 0 and g.privilege_type = 'SELECT'
  )
$$;
comment on function ownership_private.right_problems is
  'Rights on the engine''s relations and schemas that an install does not give, and the one that every writer needs.';

create function ownership_private.setting_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case when s.name = 'session_replication_role' then 'triggers off by setting' else 'setting lowers ranks' end,
    s.place,
    format('Its sessions begin with %s.', s.setting),
    format('alter %s reset %s;', s.place, s.name)
  from (
    select split_part(setting, '=', 1) as name, setting,
      case when d.setrole = 0 then format('database %I', current_database())
        else format('role %s%s', d.setrole::regrole, case when d.setdatabase <> 0 then format(' in database %I', current_database()) end)
      end as place
    from pg_db_role_setting d
    cross join unnest(d.setconfig) setting
    where d.setdatabase in (0, (select b.oid from pg_database b where b.datname = current_database()))
    union all
    select p.name, p.name || '=' || p.setting, 'system'
    from pg_settings p
    where p.name = 'session_replication_role' and p.source in ('configuration file', 'command line', 'environment variable')
  ) s
  where s.setting = 'session_replication_role=replica' or s.name in ('ownership.writer', 'ownership.engine')
$$;
comment on function ownership_private.setting_problems is
  'Settings of roles, of the database or of the server under which what people write is not claimed, or triggers of
   others do not fire.';

create function ownership_private.engine_problems()
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select * from ownership_private.object_problems()
  union all
  select * from ownership_private.right_problems()
  union all
  select * from ownership_private.setting_problems()
  union all
  select 'gate closed', format('sequence ownership_private.%I', 'gate_' || p.id),
    format('%s.%I has claims, and its guard believes that it has none.', t.tbl, p.col),
    format('select nextval(%L); Then ownership.verify finds what was lost meanwhile.', 'ownership_private.gate_' || p.id)
  from ownership_private.policies p
  join ownership_private.protected_tables t on t.id = p.table_id
  where pg_sequence_last_value(ownership_private.gate(p.id)) is null
    and (
      exists (select from ownership_private.claims c where c.policy_id = p.id)
      or exists (select from ownership_private.bases b where b.policy_id = p.id)
    )
  union all
  select 'writer without role', quote_ident(w.role), format('The role was dropped; it has rank %s, and whoever writes in its place has another.', w.rank),
    'Create the role again, or register the one that writes now with ownership.register_writer.'
  from ownership_private.writers w
  where not exists (select from pg_roles r where r.rolname = w.role)
    -- These roles are registered by the engine itself, and do not exist on every server.
    and (
      w.role not in ('postgres', 'supabase_admin', 'authenticated', 'manual_editor', 'service_role', 'app_backend')
      or exists (select from ownership_private.claims c where c.writer = w.role)
    )
$$;
comment on function ownership_private.engine_problems is
  'What is wrong with the engine itself and with the roles that it knows.';

-- From supabase/schemas/ownership/health.sql

-- Health: whether everything that keeps manual values safe is in place. One row a problem, none on a sound database.

create function ownership_private.succeed_hint(successor regclass, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when not exists (
      select from ownership_private.keys(successor) k
      where k.cols @> t.identity_key and k.cols <@ t.identity_key and k.problem is null
    ) then ownership_private.add_key_sql(successor, t) || ' ' else '' end
    || format('select ownership.protect(%L, %L); Policies, claims, their values and the history go over to it.', successor, p.col)
  from ownership_private.policies p
  where p.table_id = t.id and successor is not null
  order by not exists (select from ownership_private.column_facts(successor, p.col)), p.id
  limit 1
$$;
comment on function ownership_private.succeed_hint is
  'What to type for a table that took the place of a protected one; NULL without such a table.';

create function ownership_private.table_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'table gone', t.name, 'It was dropped; its policies, claims and history are still here.',
    coalesce(
      ownership_private.succeed_hint(successor, t),
      'Make it again and call ownership.protect for one of its columns: policies, claims and history come back. Or give them up: '
        || (select string_agg(format('select ownership.unprotect(%s, %L);', t.tbl::oid, p.col), ' ' order by p.id)
          from ownership_private.policies p where p.table_id = t.id))
  from ownership_private.successor(t) successor
  where not exists (select from pg_class c where c.oid = t.tbl)
  union all
  select 'table swapped', t.protected_name,
    format('Another table bears the name now; the protected one %s.', coalesce('is called ' || c.oid::regclass, 'was dropped')),
    ownership_private.succeed_hint(successor, t) || coalesce(format(
      ' Or, where policies and claims are to stay with %s: call ownership.protect for that one again.', c.oid::regclass), '')
  from ownership_private.successor(t) successor
  left join pg_class c on c.oid = t.tbl
  where successor is not null
  union all
  select 'inheritance child', i.inhrelid::regclass::text, format('It inherits from %s, and writes to it do not fire the triggers there.', t.tbl),
    format('alter table %s no inherit %s; or protect the child too, and address the parent with only.', i.inhrelid::regclass, t.tbl)
  from pg_inherits i
  join pg_class c on c.oid = i.inhparent and c.relkind = 'r'
  where i.inhparent = t.tbl
    and not exists (select from ownership_private.protected_tables o where o.tbl = i.inhrelid)
  union all
  select 'rule instead', format('%s on %s', rules, t.tbl),
    'They do something else in place of a write: an edit that never reaches the table claims nothing, and no owned value comes back.',
    'Drop them, or give the table a trigger for what they do.'
  from ownership_private.instead_rules(t.tbl) rules
  where rules is not null
  union all
  select 'key not unique', t.tbl::text, format('No valid unique index is left on its identity key %s.', t.identity_key),
    'Make the index again: rows are recognised by this key when they come back.'
  from pg_class c
  where c.oid = t.tbl
    and not exists (
      select from pg_index i
      where i.indrelid = t.tbl and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and t.identity_key @> array(select a.attname from pg_attribute a
          where a.attrelid = t.tbl and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
    )
$$;
comment on function ownership_private.table_problems is 'Tables that are not what was protected.';

create function ownership_private.column_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case
      when a.attnum is null and n.attname is not null then 'column renamed'
      when a.attnum is null then 'policy orphaned'
      when a.attnum <> p.attnum then 'column replaced'
      else 'column type changed'
    end,
    format('%s.%I', t.tbl, p.col),
    case
      when a.attnum is null and n.attname is not null
        then format('It is called %I now. A guard that still has the old name stops every update of the table.', n.attname)
      when a.attnum is null then 'The table has no such column; the policy and its claims are still here.'
      when a.attnum <> p.attnum then 'The column was dropped and made again: its values are gone, the claims are still here.'
      else format('It was %s when it was protected and is %s now.', p.type_sql, format_type(a.atttypid, a.atttypmod))
    end,
    case
      when a.attnum is null and n.attname is not null
        then format('select ownership.repair(%L); Policy, claims and history go along.', t.tbl)
      when a.attnum is null
        then format('Add the column again and protect it; or give its claims up: select ownership.unprotect(%L, %L);', t.tbl, p.col)
      when a.attnum <> p.attnum
        then 'Call ownership.protect for the column again, with the mode of ownership.policies; ownership.restore brings claimed values back.'
      else format('select ownership.repair(%L); Claimed values take the new type.', t.tbl)
    end
  from ownership_private.policies p
  join pg_class c on c.oid = t.tbl
  left join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  left join pg_attribute n on n.attrelid = t.tbl and n.attnum = p.attnum and not n.attisdropped
    and t.noted_oid = t.tbl::oid
  where p.table_id = t.id
    and (
      a.attnum is null
      or a.attnum <> p.attnum and t.noted_oid = t.tbl::oid
      or format_type(a.atttypid, a.atttypmod) <> p.type_sql
    )
  union all
  select 'label changed', format('%s.%I', t.tbl, p.col),
    format('Labels or attributes of %s are not called what they were when the column was protected.', p.type_sql),
    format('select ownership.repair(%L); Claims, values and history go along.', t.tbl)
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and a.attnum = p.attnum
  where p.table_id = t.id and t.noted_oid = t.tbl::oid
    and format_type(a.atttypid, a.atttypmod) = p.type_sql
    and p.labels is not null and p.labels <> ownership_private.labels_of(a.atttypid)
  union all
  select 'foreign key acts', format('%s.%I', t.tbl, a.attname),
    format('%I has ON DELETE or ON UPDATE with SET NULL, SET DEFAULT or CASCADE: a guard that keeps the value leaves it dangling.', f.conname),
    format('Make %I again without that action, or call ownership.unprotect for the column.', f.conname)
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  join pg_constraint f on f.conrelid = t.tbl and f.contype = 'f' and a.attnum = any (f.conkey)
  where p.table_id = t.id and (f.confdeltype in ('n', 'd', 'c') or f.confupdtype in ('n', 'd', 'c'))
$$;
comment on function ownership_private.column_problems is
  'Policies whose column is not the one that was protected, or could not be protected today.';

-- Triggers and generated functions: whether they stand as the generator would make them today.

create function ownership_private.expected_triggers(t ownership_private.protected_tables)
returns table (suffix text, tgtype smallint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- The bits of pg_trigger.tgtype: row 1, before 2, insert 4, update 16.
  select e.suffix, e.tgtype::smallint
  from (
    select
      count(*) > 0 as guards,
      coalesce(bool_or(f.not_null and m.keeps_out is not null), false) as fills,
      coalesce(bool_or(m.leaves_claims), false) as claims
    from ownership_private.policies_on(t) p
    join ownership.modes() m on m.mode = p.mode
    cross join lateral ownership_private.column_facts(t.tbl, p.col) f
  ) modes
  cross join lateral (
    values ('guard', 19, guards), ('fill', 7, fills), ('returned', 4, claims)
  ) e (suffix, tgtype, wanted)
  where e.wanted
$$;
comment on function ownership_private.expected_triggers is
  'The triggers that the generator would install on a table today.';

create function ownership_private.expected_on_relations(t ownership_private.protected_tables)
returns table (rel regclass, suffix text, tgname name, tgtype smallint, proname name)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid::regclass, e.suffix, ('~~ownership_' || e.suffix)::name, e.tgtype, (e.suffix || '_' || t.id)::name
  from ownership_private.expected_triggers(t) e
  cross join (select t.tbl as rel union select p.relid from pg_partition_tree(t.tbl) p) r
  join pg_class c on c.oid = r.rel
$$;
comment on function ownership_private.expected_on_relations is
  'The triggers a protected table must have, and each of its partitions too.';

create function ownership_private.trigger_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case
      when g.oid is null then 'trigger missing'
      when g.tgenabled in ('D', 'R') then 'trigger disabled'
      when g.tgenabled = 'O' then 'trigger demoted'
      else 'trigger changed'
    end,
    format('%I on %s', e.tgname, e.rel),
    case
      when g.oid is null then 'Without it writes are not judged, or what people write is not claimed.'
      when g.tgenabled = 'D' then 'It does not fire at all.'
      when g.tgenabled = 'R' then 'It fires for replicated writes only.'
      when g.tgenabled = 'O' then 'It is not ENABLE ALWAYS: replicated writes, and sessions in replica mode, pass it by.'
      else 'It fires at another time or under another condition, or calls another function.'
    end,
    case
      when g.tgenabled <> 'A' then format('alter table %s enable always trigger %I;', e.rel, e.tgname)
      else format('select ownership.repair(%L);', t.tbl)
    end || ' Then ownership.verify finds what was lost meanwhile.'
  from ownership_private.expected_on_relations(t) e
  left join pg_trigger g on g.tgrelid = e.rel and g.tgname = e.tgname
  left join pg_proc p on p.oid = g.tgfoid
  where g.oid is null
    or g.tgenabled <> 'A'
    or g.tgtype <> e.tgtype
    or p.proname <> e.proname
    or p.pronamespace <> 'ownership_private'::regnamespace
    or exists (
      select from ownership_private.generated made
      where made.table_id = t.id and made.suffix = e.suffix and made.server = ownership_private.server_major()
        and made.definition <> ownership_private.definition_hash(g)
    )
  union all
  select 'trigger after ours', format('%I on %s', g.tgname, e.rel),
    format('It fires after %I, and can change what that has settled%s.', e.tgname, ': its source sets ' || (
      select string_agg(quote_ident(p.col), ', ' order by p.col) from ownership_private.policies p
      where p.table_id = t.id and quote_ident(g.tgname) = any (
        string_to_array(ownership_private.assigning_triggers(e.rel, p.col), ', '))
    )),
    format('alter trigger %I on %s rename to %I;', g.tgname, e.rel, 'a_' || g.tgname)
  from ownership_private.expected_on_relations(t) e
  -- Only BEFORE triggers of rows can still change a value. Triggers of one event fire in the order of their names.
  join pg_trigger g on g.tgrelid = e.rel and g.tgname > e.tgname and g.tgtype & 3 = 3 and g.tgtype & e.tgtype & 20 <> 0
  where e.tgtype & 3 = 3 and g.tgenabled <> 'D' and not g.tgisinternal
    and not exists (
      select from ownership_private.expected_on_relations(t) ours where ours.rel = e.rel and ours.tgname = g.tgname
    )
$$;
comment on function ownership_private.trigger_problems is
  'Triggers of the engine that are missing, off or changed, on a table and its partitions, and triggers of others that
   fire after them.';

create function ownership_private.trigger_right_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'trigger granted', format('%s to %s', c.oid::regclass, g.roles),
    'Roles with this right may make triggers there, which run with the rights of whoever writes: the engine''s owner, too.',
    format('revoke trigger on %s from %s;', c.oid::regclass, g.roles)
  from (select t.tbl as rel union select p.relid from pg_partition_tree(t.tbl) p) r
  join pg_class c on c.oid = r.rel
  cross join lateral (
    select string_agg(ownership_private.role_sql(a.grantee), ', ' order by ownership_private.role_sql(a.grantee)) as roles
    from aclexplode(c.relacl) a
    left join pg_roles o on o.oid = a.grantee
    left join ownership_private.writers w on w.role = o.rolname
    where a.privilege_type = 'TRIGGER' and a.grantee <> c.relowner and coalesce(w.rank, 0) < 100
  ) g
  where g.roles is not null
  union all
  select 'owner is no person', format('%s of %s', c.oid::regclass, o.rolname),
    'An owner may make triggers there, which run with the rights of whoever writes: the engine''s owner, too.',
    format('alter table %s owner to a role with rank 100, or register %I as a person.', c.oid::regclass, o.rolname)
  from (select t.tbl as rel union select p.relid from pg_partition_tree(t.tbl) p) r
  join pg_class c on c.oid = r.rel
  join pg_roles o on o.oid = c.relowner
  left join ownership_private.writers w on w.role = o.rolname
  where coalesce(w.rank, 0) < 100 and not o.rolsuper
    and c.relowner <> (select n.nspowner from pg_namespace n where n.nspname = 'ownership_private')
$$;
comment on function ownership_private.trigger_right_problems is
  'Roles that are no people and may make triggers on a table, because they were granted it or own the table.';

create function ownership_private.partition_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 'trigger left', format('%I on %s', g.tgname, g.tgrelid::regclass),
    'It belongs to a table of which this was a partition, and still claims for it.',
    format('select ownership.repair(%L);', t.tbl)
  from pg_proc p
  join pg_trigger g on g.tgfoid = p.oid
  where p.pronamespace = 'ownership_private'::regnamespace and p.proname = 'returned_' || t.id
    and g.tgrelid <> t.tbl and g.tgrelid not in (select tree.relid from pg_partition_tree(t.tbl) tree)
$$;
comment on function ownership_private.partition_problems is 'Triggers of the engine on tables that were partitions once.';

create function ownership_private.generated_body(t ownership_private.protected_tables, suffix text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  function_sql text;
begin
  execute format('select ownership_private.%I($1)', suffix || '_sql') into function_sql using t;
  return (regexp_match(function_sql, 'as (\$[a-z]+_[0-9a-f]+\$)(.*)\1'))[2];
exception when others then
  -- What cannot be generated for one table must not hide the problems of the others.
  return 'cannot be generated: ' || sqlerrm;
end
$$;
comment on function ownership_private.generated_body is 'The body that the generator would give a function today.';

create function ownership_private.function_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    case when p.oid is null then 'function missing' else 'function changed' end,
    format('function ownership_private.%I()', e.suffix || '_' || t.id),
    case
      when p.oid is null then 'It was dropped.'
      when ownership_private.attributes_hash(p) is distinct from made.attributes
        then 'Its security, volatility, language or settings are not those it was made with.'
      else 'Its body is not what the policies, the columns and the writers ask for today.'
    end,
    format('select ownership.repair(%L); Then ownership.verify finds what was lost meanwhile.', t.tbl)
  from ownership_private.expected_triggers(t) e
  left join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace and p.proname = e.suffix || '_' || t.id
  left join ownership_private.generated made on made.table_id = t.id and made.suffix = e.suffix
  where exists (select from pg_class c where c.oid = t.tbl)
    and case
      when p.oid is null or ownership_private.attributes_hash(p) is distinct from made.attributes then true
      -- Generating costs far more than comparing with what was recorded.
      when made.inputs = ownership_private.generator_inputs(t) then md5(p.prosrc) <> made.body
      else p.prosrc <> ownership_private.generated_body(t, e.suffix)
    end
$$;
comment on function ownership_private.function_problems is
  'Generated functions that are not what the generator would produce now.';

create function ownership_private.mend_gates(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  policy integer;
begin
  for policy in select p.id from ownership_private.policies p where p.table_id = t.id loop
    perform ownership_private.make_gate(policy);
    execute format('grant select on sequence ownership_private.%I to public', 'gate_' || policy);
    perform nextval(ownership_private.gate(policy))
    where pg_sequence_last_value(ownership_private.gate(policy)) is null
      and (
        exists (select from ownership_private.claims c where c.policy_id = policy)
        or exists (select from ownership_private.bases b where b.policy_id = policy)
      );
  end loop;
end
$$;
comment on function ownership_private.mend_gates is
  'Makes the gates of a table''s policies readable, and opens those of policies that have claims or bases.';

create function ownership.repair(tbl regclass default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('repair');
  if tbl is not null and not exists (select from ownership_private.protected_tables t where t.tbl = repair.tbl) then
    perform ownership_private.fail('OW008', format('table %s is not protected', tbl), 'There is nothing to repair.',
      'See ownership.policies, or protect it with ownership.protect.');
  end if;
  if tbl is null then
    perform ownership_private.generate_all();
  else
    perform ownership_private.follow();
    perform ownership_private.generate(t) from ownership_private.protected_tables t where t.tbl = repair.tbl;
  end if;
  perform ownership_private.mend_gates(t)
  from ownership_private.protected_tables t
  where t.tbl = repair.tbl or repair.tbl is null;
  perform ownership_private.update_alarms('ownership.repair');
end
$$;
comment on function ownership.repair is
  'Makes the triggers and generated functions of a table (default: of all) anew from its policies. Errors: OW001,
   OW008.';

create function ownership.health()
returns table (problem text, tbl regclass, object text, detail text, hint text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  select found.problem, (select c.oid::regclass from pg_class c where c.oid = t.tbl), found.object, found.detail,
    found.hint
  from ownership_private.protected_tables t
  cross join lateral (
    select * from ownership_private.table_problems(t)
    union all
    select * from ownership_private.column_problems(t)
    union all
    select * from ownership_private.trigger_problems(t)
    union all
    select * from ownership_private.trigger_right_problems(t)
    union all
    select * from ownership_private.partition_problems(t)
    union all
    select * from ownership_private.function_problems(t)
    union all
    select * from ownership_private.writer_problems(t)
  ) found
  union all
  select e.problem, null, e.object, e.detail, e.hint
  from ownership_private.engine_problems() e
$$;
comment on function ownership.health is
  'What stands in the way of protection: problem, table, object, detail, and a hint on how to repair it. No row on a
   sound database.';

-- From supabase/schemas/ownership/verify.sql

-- verify: compares each claim with what stands in its cell, and tries a write to each column, which it rolls back.

create function ownership_private.lost_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    case when ownership_private.merges(p.mode) then $sql$
      select c.key, c.element, case when c.removed then 'element is back' else 'element is missing' end,
        case when not c.removed then c.value end, %6$s
      from %2$s r
      join ownership_private.claims c on c.policy_id = %3$s and c.element <> '' and %4$s
      where case
          when not c.removed and c.value #>> '{}' = any (r.%1$I::text[]) then false
          else c.removed = (c.element collate "C" = any (ownership_private.elements(r.%1$I::text[])))
        end$sql$
    else $sql$
      select c.key, c.element, 'value differs', c.value, %6$s
      from %2$s r
      join ownership_private.claims c on c.policy_id = %3$s and c.element = '' and %4$s
      where %5$s$sql$ end,
    p.col, t.tbl, p.id,
    ownership_private.same_key_sql(t, 'r', 'c.key'),
    ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'c.value'),
    ownership_private.recorded_sql(p, 'r'))
$$;
comment on function ownership_private.lost_sql is
  'The query for cells of a column whose value is not the claimed one.';

create function ownership_private.drill(
  p ownership_private.policies, t ownership_private.protected_tables,
  out key text, out problem text, out before jsonb, out after jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place tid;
  part oid;
  writes bigint;
begin
  execute format(
    'select r.ctid, r.tableoid, %s, %s
     from %s r where not %s limit 1 for update skip locked',
    ownership_private.key_sql(t.tbl, t.identity_key, 'r'), ownership_private.recorded_sql(p, 'r'), t.tbl,
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('r.%I', p.col)))
  into place, part, key, before;
  if place is null then
    return;
  end if;
  insert into ownership_private.claims as c (policy_id, key, element, writer, rank, value)
  select p.id, drill.key, e.element, 'ownership drill', 1000, e.value
  from (
    select '' as element, drill.before as value
    where not ownership_private.merges(p.mode)
    union all
    select ownership_private.element(v #>> '{}'), v
    from jsonb_path_query_first(drill.before, '$[*] ? (@.type() != "null" && !(@.type() == "string" && @ == ""))') v
    where ownership_private.merges(p.mode) and v is not null
  ) e
  on conflict on constraint claims_pkey do update
  set removed = false, writer = excluded.writer, rank = excluded.rank, value = excluded.value;
  -- There is no writer of this name, so that it lowers the rank to 0.
  perform set_config('ownership.writer', 'ownership drill', true);
  execute format('update %s r set %2$I = null where r.ctid = $1 and r.tableoid = $2 returning %s', t.tbl, p.col,
    ownership_private.recorded_sql(p, 'r'))
    using place, part into after;
  get diagnostics writes = row_count;
  if writes > 0 and (ownership.is_blank(after) or (not ownership_private.merges(p.mode) and after <> before)) then
    problem := 'drill failed';
  end if;
end
$$;
comment on function ownership_private.drill is
  'Claims a cell, and blanks it as an unknown writer. It really writes; run_drill rolls it back.';

create function ownership_private.run_drill(
  p ownership_private.policies, t ownership_private.protected_tables,
  out key text, out problem text, out before jsonb, out after jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  domain_name text;
begin
  -- The drill's claim would open the gate, and sequences do not roll back: guards would look for claims for ever.
  if current_setting('transaction_read_only') = 'on'
    or ownership_private.is_gate_closed(p) then
    return;
  end if;
  begin
    select d.key, d.problem, d.before, d.after into key, problem, before, after from ownership_private.drill(p, t) d;
    raise exception using errcode = 'OW000';
  exception
    when sqlstate 'OW000' then
      null;
    when sqlstate 'PT409' then
      problem := null;
    when not_null_violation or check_violation then
      get stacked diagnostics domain_name = pg_datatype_name;
      -- A domain refuses a value before there is a row that a guard could see: whoever blanks it gets the error.
      if domain_name = '' then
        problem := 'drill failed';
        after := to_jsonb(sqlerrm);
      end if;
    when others then
      problem := 'drill could not run';
      after := to_jsonb(sqlerrm);
  end;
end
$$;
comment on function ownership_private.run_drill is
  'Runs a drill and rolls it back. If another constraint is what stopped the blank, the guard has let it pass.';

create function ownership_private.lost_cells(lost_sql text, keys text[])
returns table (key text, element text, problem text, claimed jsonb, live jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  half integer := cardinality(keys) / 2;
begin
  return query execute format(
    'select l.* from (%s) l (key, element, problem, claimed, live) where l.key = any ($1) order by l.key || '''', l.element',
    lost_sql) using keys;
exception when others then
  if half = 0 then
    return query select keys[1], null::text, 'cannot be compared'::text, null::jsonb, to_jsonb(sqlerrm);
  else
    return query select * from ownership_private.lost_cells(lost_sql, keys[:half]);
    return query select * from ownership_private.lost_cells(lost_sql, keys[half + 1:]);
  end if;
end
$$;
comment on function ownership_private.lost_cells is
  'The cells of some rows whose value is not the claimed one, by lost_sql. One that cannot be compared hides none of the
   others: halves are compared until it is alone.';

create function ownership_private.lost(p ownership_private.policies, lost_sql text)
returns table (key text, element text, problem text, claimed jsonb, live jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An order that no index has, here and in lost_cells, has every row computed before the first is returned: what was
  -- returned before an error would stay.
  return query execute format(
    'select l.* from (%s) l (key, element, problem, claimed, live) order by l.key || '''', l.element', lost_sql);
exception when others then
  return query select * from ownership_private.lost_cells(lost_sql, array(
    select distinct c.key from ownership_private.claims c where c.policy_id = p.id order by 1));
end
$$;
comment on function ownership_private.lost is
  'The cells of a column whose value is not the claimed one, and those that cannot be compared.';

create function ownership.verify(with_drill boolean default true)
returns table (tbl regclass, col name, key text, element text, problem text, expected jsonb, found jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  guarded record;
begin
  for guarded in
    select s.tbl, e.col, ownership_private.caller_may_read(s.tbl, e.col) as readable,
      case when claimed.any then ownership_private.lost_sql(e, s) end as lost_sql, e as policy, s as the_table
    from ownership_private.tables_here() s
    cross join lateral ownership_private.policies_on(s) e
    join ownership.modes() m on m.mode = e.mode
    -- Where nothing is claimed there is nothing to compare.
    cross join lateral (
      select exists (select from ownership_private.claims c where c.policy_id = e.id) as any
    ) claimed
    where m.keeps_out is not null and e.on_conflict <> 'observe' and (with_drill or claimed.any)
    order by s.id, e.id
  loop
    return query
    select guarded.tbl, guarded.col, l.key, l.element, l.problem, case when guarded.readable then l.claimed end,
      case when guarded.readable or l.problem = 'cannot be compared' then l.live end
    from ownership_private.lost(guarded.policy, guarded.lost_sql) l
    where guarded.lost_sql is not null;
    continue when not with_drill;
    return query
    select guarded.tbl, guarded.col, d.key, ''::text, d.problem, case when guarded.readable then d.before end, d.after
    from ownership_private.run_drill(guarded.policy, guarded.the_table) d
    where d.problem is not null;
  end loop;
end
$$;
comment on function ownership.verify is
  'Each cell whose value is not the claimed one, and, unless with_drill is false, each column whose guard lets a blank
   through in a drill. Values are shown to whoever may read the column. No row where nothing was lost.';

-- From supabase/schemas/ownership/export.sql

-- export: all manual values as one JSON document, to be kept outside the database.

create function ownership.export()
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('export');
  return jsonb_build_object('format', 'ownership-export', 'version', 1, 'exported_at', now(), 'columns', (
    select coalesce(jsonb_agg(o.exported order by o.name, o.col), '[]')
    from (
      select ownership_private.name_today(t) as name, p.col, jsonb_build_object(
        'table', ownership_private.name_today(t), 'column', p.col, 'mode', p.mode,
        'claims', jsonb_agg(
          jsonb_build_object('key', ownership_private.whole_key(c.key), 'value', case when c.element = '' then c.value else
            coalesce(c.value, to_jsonb(c.element)) end, 'writer', c.writer, 'since', c.since)
          || case when c.removed then '{"removed": true}' else '{}'::jsonb end
          order by c.key, c.element)
        ) as exported
      from ownership_private.claims c
      join ownership_private.policies p on p.id = c.policy_id
      join ownership_private.protected_tables t on t.id = p.table_id
      group by t, p.id, p.col, p.mode
    ) o
  ));
end
$$;
comment on function ownership.export is
  'All claimed values, with writer and date, as one document for ownership.import. Error: OW001.';

-- How a document is read: every claim of it is checked first, and one mistake refuses it as a whole and names its
-- place.

create type ownership_private.exported_claim as (
  place text, policy integer, key text, element text, removed boolean, writer name, writer_rank integer,
  value jsonb, since timestamptz
);
comment on type ownership_private.exported_claim is 'A claim of a document, checked; place is where it stands in it.';

create function ownership_private.check_document(document jsonb)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  readable constant integer := 1;
begin
  if document ->> 'format' is distinct from 'ownership-export' then
    perform ownership_private.fail('OW020', 'the document is no export of manual values: format is wrong',
      format('format is %s, and should be "ownership-export".', coalesce((document -> 'format')::text, 'missing')),
      'Give what ownership.export() returned.');
  elsif jsonb_typeof(document -> 'version') is distinct from 'number' or (document ->> 'version')::numeric <> readable then
    perform ownership_private.fail('OW020', format('the document cannot be imported: version is %s',
      coalesce((document -> 'version')::text, 'missing')), format('This database reads version %s.', readable),
      'Install the version that wrote it, or a newer one, and import it there.');
  elsif jsonb_typeof(document -> 'columns') is distinct from 'array' then
    perform ownership_private.fail('OW020', 'the document cannot be imported: columns is wrong', 'It is no array.',
      'Give the document as ownership.export() returned it.');
  end if;
end
$$;
comment on function ownership_private.check_document is
  'Refuses a document that is no export, or of another version (OW020).';

create function ownership_private.is_gone(exported jsonb)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from ownership_private.history h
    where h.event = 'unprotected' and h.tbl = exported ->> 'table' and h.col = exported ->> 'column'
  ) and not exists (
    select from pg_attribute a
    where a.attrelid = to_regclass(exported ->> 'table') and a.attname = exported ->> 'column' and not a.attisdropped
  )
$$;
comment on function ownership_private.is_gone is 'Whether a column of a document was protected here until it was dropped.';

create function ownership_private.policy_of_export(exported jsonb)
returns ownership_private.policies
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
begin
  -- A document that is older than a name names table and column as they were called then.
  select o.* into p
  from ownership_private.policies o
  join ownership_private.protected_tables t on t.id = o.table_id
  join ownership_private.names n on n.policy_id = o.id
  where exported ->> 'table' in (ownership_private.name_today(t), n.tbl) and n.col = exported ->> 'column'
  order by n.before desc
  limit 1;
  if p.id is null and ownership_private.is_gone(exported) then
    return null;
  elsif p.id is null then
    raise exception 'column % of table % is not protected here', coalesce(exported ->> 'column', 'NULL'), coalesce(exported ->> 'table', 'NULL');
  elsif ownership_private.merges(p.mode) is distinct from ownership_private.merges(exported ->> 'mode') then
    raise exception 'it was protected in mode %, and is in mode % here', coalesce(exported ->> 'mode', 'NULL'), p.mode;
  elsif jsonb_typeof(exported -> 'claims') is distinct from 'array' then
    raise exception 'claims is no array';
  end if;
  return p;
end
$$;
comment on function ownership_private.policy_of_export is
  'The policy of a column of a document, or why there is none. NULL where it ended with its column.';

create function ownership_private.read_claim(
  claim jsonb, p ownership_private.policies, t ownership_private.protected_tables, place text
)
returns ownership_private.exported_claim
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  read ownership_private.exported_claim;
begin
  select place, p.id, ownership_private.note_key(t.tbl, t.identity_key, claim ->> 'key'), '',
    coalesce((claim ->> 'removed')::boolean, false), w.role, w.rank, claim -> 'value', (claim ->> 'since')::timestamptz
  into read
  from (select) one
  left join ownership_private.writers w on w.role = claim ->> 'writer';
  if read.key is null then
    raise exception 'key is missing';
  elsif read.writer is null then
    raise exception 'writer % is not registered here', coalesce(claim ->> 'writer', 'NULL');
  elsif not ownership_private.leaves_claims(read.writer) then
    raise exception 'writer % owns nothing: it is a program that leaves no claims', read.writer;
  elsif read.since is null then
    raise exception 'since is missing';
  elsif not claim ? 'value' then
    raise exception 'value is missing';
  elsif ownership_private.merges(p.mode) then
    if jsonb_typeof(read.value) in ('null', 'array', 'object') or ownership.is_blank(read.value) then
      raise exception 'value is no element of a set: %', read.value;
    end if;
    read.element := ownership_private.element(read.value #>> '{}');
  else
    if read.removed then
      raise exception 'removed is for elements of sets';
    end if;
    -- Through the column's type and back: the value as it would be stored, or the error of a value that cannot be.
    execute 'select '
      || ownership_private.recorded_sql(t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, '$1'))
      into read.value using nullif(read.value, 'null');
  end if;
  return read;
end
$$;
comment on function ownership_private.read_claim is 'One claim of a document, checked, or what is wrong with it.';

create function ownership_private.read_document(document jsonb)
returns ownership_private.exported_claim[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  claims ownership_private.exported_claim[] := '{}';
  column_claims ownership_private.exported_claim[];
  p ownership_private.policies;
  t ownership_private.protected_tables;
  exported record;
  claim record;
  place text := 'columns';
begin
  perform ownership_private.check_document(document);
  for exported in
    select e.value, e.n - 1 as n from jsonb_array_elements(document -> 'columns') with ordinality e (value, n)
  loop
    place := format('columns[%s]', exported.n);
    p := ownership_private.policy_of_export(exported.value);
    select * into t from ownership_private.protected_tables o where o.id = p.table_id;
    -- What is not there now waits, and import tells it.
    continue when not exists (select from ownership_private.policies_on(t) o where o.id = p.id);
    column_claims := '{}';
    for claim in
      select c.value, c.n - 1 as n from jsonb_array_elements(exported.value -> 'claims') with ordinality c (value, n)
    loop
      place := format('columns[%s].claims[%s]', exported.n, claim.n);
      column_claims := column_claims || ownership_private.read_claim(claim.value, p, t, place);
    end loop;
    claims := claims || column_claims;
  end loop;
  place := null;
  select c.place, c.key, c.element, c.first_place into claim
  from (
    select u.*, row_number() over same as nth, first_value(u.place) over same as first_place
    from unnest(claims) with ordinality u
    window same as (partition by u.policy, u.key, u.element order by u.ordinality)
  ) c
  where c.nth > 1
  order by c.ordinality
  limit 1;
  if found then
    place := claim.place;
    raise exception 'the % of % stands at % already',
      case when claim.element = '' then 'value' else 'element ' || claim.element end, claim.key, claim.first_place;
  end if;
  return claims;
exception
  when sqlstate 'OW020' then
    raise;
  when others then
    perform ownership_private.fail('OW020', format('the document cannot be imported: %s is wrong', place),
      upper(left(sqlerrm, 1)) || substr(sqlerrm, 2) || '.', 'Nothing was imported. Correct this place, or export again.');
end
$$;
comment on function ownership_private.read_document is
  'Every claim of a document, checked; or the first place that is wrong (OW020).';

create function ownership_private.check_same_shop(claims ownership_private.exported_claim[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  t ownership_private.protected_tables;
  known_here bigint;
  unknown_here bigint;
  place text;
  key text;
  known bigint := 0;
  unknown bigint := 0;
  first_place text;
  first_key text;
begin
  for t in select o.* from ownership_private.tables_here() o loop
    execute format($sql$
      -- An empty table has not had its first sync, and tells nothing.
      select count(*) filter (where is_here), count(*) filter (where not is_here and exists (select from %1$s)),
        min(place) filter (where not is_here), min(key) filter (where not is_here)
      from (
        select c.key, min(c.place) as place, exists (select from %1$s r where %2$s) as is_here
        from unnest($1) c
        where c.policy in (select p.id from ownership_private.policies p where p.table_id = %3$s)
        group by c.key
      ) named$sql$, t.tbl, ownership_private.same_key_sql(t, 'r', 'c.key'), t.id)
    into known_here, unknown_here, place, key using claims;
    known := known + known_here;
    unknown := unknown + unknown_here;
    if unknown_here > 0 and first_key is null then
      first_place := place;
      first_key := key;
    end if;
  end loop;
  if unknown > known then
    perform ownership_private.fail('OW021',
      format('the document is of another shop: %s of its %s records are not here', unknown, known + unknown),
      format('%s names %L.', first_place, first_key),
      'Import it where it was exported; or let the first sync end before.');
  end if;
end
$$;
comment on function ownership_private.check_same_shop is
  'Refuses a document most of whose rows are missing in tables that have rows (OW021): it was exported from another
   database, whose keys mean other things.';

-- From supabase/schemas/ownership/write_cells.sql

-- Writing many cells of a column at once, as restore, import and a table that took the place of another do.

create type ownership_private.written_cell as (
  table_name regclass, col name, key text, action text, current_value jsonb, new_value jsonb, detail text
);
comment on type ownership_private.written_cell is 'A cell that restore or import writes, or would write, or leaves.';

create function ownership_private.raise_again(state text, message text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if left(state, 2) in ('40', '53', '55', '57', '58', 'F0', 'XX') then
    raise exception using errcode = state, message = message;
  end if;
end
$$;
comment on function ownership_private.raise_again is
  'Raises an error again that is not about what was written: deadlocks and other conflicts of transactions, locks,
   resources, shutdowns, broken files.';

create function ownership_private.refused_cell(
  p ownership_private.policies, t ownership_private.protected_tables, row_key text, reason text
)
returns ownership_private.written_cell
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  stands jsonb;
begin
  select l.value into stands from ownership_private.live_value(t.tbl, t.identity_key, row_key, p.col) l;
  return row(t.tbl, p.col, row_key, 'conflict', stands, stands, format('the table refuses it: %s', reason))
    ::ownership_private.written_cell;
end
$$;
comment on function ownership_private.refused_cell is
  'What is told of a cell that a constraint or a trigger of the table keeps from being written.';

create function ownership_private.recorded_keys(policy integer, claims ownership_private.exported_claim[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select c.key from unnest(claims) c where c.policy = recorded_keys.policy
    union
    select c.key from ownership_private.claims c where c.policy_id = policy and claims is null
    union
    select e.key from ownership_private.entries(policy) e where claims is null
    order by 1
  )
$$;
comment on function ownership_private.recorded_keys is
  'The rows of which restore knows something; or import, where it is given claims.';

create function ownership_private.write_cells(
  p ownership_private.policies, t ownership_private.protected_tables, statement text, keys text[], to_mark bigint,
  undo_mark bigint, undone text[], undone_until timestamptz, claims ownership_private.exported_claim[]
)
returns ownership_private.written_cell[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  me name := (select w.writer from ownership_private.current_writer() w);
  cells ownership_private.written_cell[];
  half integer;
begin
  begin
    if undo_mark is not null then
      perform ownership_private.begin_engine_write(p.id);
    end if;
    execute statement into cells using to_mark, undo_mark, me, keys, undone, undone_until, claims;
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    if undo_mark is not null then
      perform ownership_private.end_engine_write(p.id);
    end if;
    return coalesce(cells, '{}');
  exception when others then
    perform ownership_private.raise_again(sqlstate, sqlerrm);
    if cardinality(keys) = 1 then
      return array[ownership_private.refused_cell(p, t, keys[1], sqlerrm)];
    elsif cardinality(keys) = 0 then
      raise;
    end if;
  end;
  -- One cell that the table or the column's type refuses must not keep the others from being written, or told: halves
  -- are, until it is alone.
  keys := coalesce(keys, ownership_private.recorded_keys(p.id, claims));
  half := cardinality(keys) / 2;
  return ownership_private.write_cells(
      p, t, statement, keys[:half], to_mark, undo_mark, undone, undone_until, claims)
    || ownership_private.write_cells(
      p, t, statement, keys[half + 1:], to_mark, undo_mark, undone, undone_until, claims);
end
$$;
comment on function ownership_private.write_cells is
  'Executes the statement of restore_sql or import_sql for some keys (NULL: all), and returns what it did with each
   cell. One that cannot be written, or not even be read in the column''s type, is a conflict. undo_mark is NULL in a
   dry run.';

-- From supabase/schemas/ownership/import.sql

-- import: puts the values of an export back, before or after the first sync of an empty database. A dry run by default;
-- it is recorded and undone like a restore.

create function ownership_private.import_plan_sql(p ownership_private.policies, t ownership_private.protected_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
    select j.*, case when j.verdict = 'newer' then 'conflict' else 'restore' end as action,
      case
        when j.verdict = 'newer' then 'it was changed here after the export'
        when j.tid is null then 'waits for its row'
        else 'as exported'
      end as detail,
      case when not j.removed then j.claimed end as target
    from (
      select w.key, w.element, w.writer as owner, w.writer_rank as owner_rank, w.value as claimed, w.removed,
        r.ctid as tid, r.tableoid as part, %6$s as whole, side.live,
        case
          when side.stands and side.is_claimed then null
          when c.policy_id is not null and not side.is_claimed and (c.rank > w.writer_rank or c.since > w.since)
            then 'newer'
          else 'exported'
        end as verdict
      from unnest($7) w
      left join %2$s r on %3$s
      left join ownership_private.claims c on c.policy_id = w.policy and c.key = w.key and c.element = w.element
      cross join lateral (
        select
          c.policy_id is not null and c.removed = w.removed
            and (w.element <> '' or c.value is not distinct from w.value) as is_claimed,
          %4$s
        offset 0
      ) side
      where w.policy = %5$s and (w.key = any ($4) or $4 is null)
    ) j
    where j.verdict is not null$sql$,
    p.col, t.tbl,
    ownership_private.same_key_sql(t, 'r', 'w.key'),
    case when ownership_private.merges(p.mode) then format(
      'r.ctid is null or %1$s <> w.removed as stands, case when %1$s then to_jsonb(w.element) end as live',
      format('(w.element collate "C" = any (ownership_private.elements(r.%I::text[])))', p.col))
    else format('r.ctid is null or not %s as stands, %s as live',
      ownership_private.differs_sql(t.tbl, p.col, format('r.%I', p.col), 'w.value'),
      ownership_private.recorded_sql(p, 'r')) end,
    p.id,
    ownership_private.recorded_sql(p, 'r'))
$$;
comment on function ownership_private.import_plan_sql is
  'The query for what import does with each claim of a column: nothing where value and claim are there already, a
   conflict where the claim here is newer.';

create function ownership_private.import_cells_sql(p ownership_private.policies)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when ownership_private.merges(p.mode) then $sql$
    select tid, part, key, action, string_agg(format('%s: %s', element, detail), '; ' order by element) as detail,
      whole as current_value,
      case when action = 'restore' then
        ownership_private.set_without(
          coalesce(whole, '[]'), coalesce(array_agg(element) filter (where removed), '{}')
        ) || coalesce(jsonb_agg(target order by element) filter (where target is not null and live is null), '[]')
      else whole end as restored_value
    from plan
    group by tid, part, key, action, whole$sql$
  else $sql$
    select tid, part, key, action, detail, whole as current_value,
      case when action = 'restore' then target else whole end as restored_value
    from plan$sql$ end
$$;
comment on function ownership_private.import_cells_sql is
  'The query that turns the plan of an import by elements into one by cells: a set is written once.';

create function ownership_private.import_sql(
  p ownership_private.policies, t ownership_private.protected_tables, dry_run boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format($sql$
  with plan as materialized (%1$s),
    cell as materialized (%2$s)%3$s
  select array_agg(row(
    %4$L::regclass, %5$L::name, c.key,
    case when c.action = 'conflict' then 'conflict' when c.tid is null then 'waits' else %6$L end,
    c.current_value, c.restored_value,
    c.detail || case when c.action = 'restore' and $2 is not null then format('; undone by restoring to mark %%s', $2) else '' end
  )::ownership_private.written_cell order by c.key)
  from cell c$sql$,
    ownership_private.import_plan_sql(p, t),
    ownership_private.import_cells_sql(p),
    case when dry_run then '' else format($sql$,
    written as (
      update %1$s r
      set %2$I = %3$s
      from cell c
      where c.action = 'restore' and r.ctid = c.tid and r.tableoid = c.part
        and c.restored_value is distinct from c.current_value and %6$s
    ),%4$s,%5$s$sql$,
      t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.restored_value'),
      ownership_private.claims_written_sql(p.id), ownership_private.noted_sql(p, t),
      ownership_private.in_owners_path_sql(t.id)) end,
    t.tbl, p.col, case when dry_run then 'would import' else 'imported' end)
$$;
comment on function ownership_private.import_sql is
  'The statement that imports one column. $2 the mark taken before the import, $3 the writer who imports, $4 keys
   (NULL: all), $7 the claims.';

create function ownership_private.waiting(document jsonb)
returns table (table_name regclass, col name, detail text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (select c.oid::regclass from pg_class c where c.oid = t.tbl), coalesce(p.col, e.value ->> 'column'),
    format(case
      when p.id is null then 'column %2$I of %1$s was dropped, and its policy ended: protect it again, then import its %3$s claims'
      when ownership_private.is_here(t) then '%1$s has no such column: its %3$s claims wait'
      else '%1$s is gone: its %3$s claims wait until it is protected again'
    end, coalesce(t.name, e.value ->> 'table'), e.value ->> 'column', jsonb_array_length(e.value -> 'claims'))
  from jsonb_array_elements(document -> 'columns') with ordinality e (value, place)
  cross join lateral ownership_private.policy_of_export(e.value) p
  left join ownership_private.protected_tables t on t.id = p.table_id
  where not exists (select from ownership_private.policies_on(t) o where o.id = p.id)
  order by e.place
$$;
comment on function ownership_private.waiting is
  'The columns of a document that cannot be imported now, because table or column is gone, and what to do.';

create function ownership.import(document jsonb, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, imported_value jsonb, detail text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  claims ownership_private.exported_claim[];
  undo_mark bigint;
  wanted record;
begin
  perform ownership.require_person('import');
  claims := ownership_private.read_document(document);
  perform ownership_private.check_same_shop(claims);
  dry_run := coalesce(dry_run, true);
  if not dry_run then
    for wanted in select t.tbl as target from ownership_private.tables_here() t loop
      execute format('lock table %s in share row exclusive mode', wanted.target);
    end loop;
    undo_mark := ownership.mark('before import');
  end if;
  for wanted in
    select p as policy, t as the_table
    from ownership_private.tables_here() t
    cross join lateral ownership_private.policies_on(t) p
    where p.id in (select c.policy from unnest(claims) c)
    order by t.id, p.id
  loop
    return query select * from unnest(ownership_private.write_cells(
      wanted.policy, wanted.the_table, ownership_private.import_sql(wanted.policy, wanted.the_table, dry_run),
      null, null, undo_mark, null, null, claims));
  end loop;
  return query
  select w.table_name, w.col, null::text, 'waits'::text, null::jsonb, null::jsonb, w.detail
  from ownership_private.waiting(document) w;
end
$$;
comment on function ownership.import is
  'Puts the values of an export back, a dry run unless told otherwise. Values changed here after the export stay and
   are conflicts; those whose row, column or table is not here wait for it. Undo: restore to the mark that it took
   before. Errors: OW001, OW020, OW021.';

-- From supabase/schemas/ownership/bring_back.sql

-- Bringing back: what protect does last for a table that took the place of a protected one.

create function ownership_private.bring_back_column(
  p ownership_private.policies, t ownership_private.protected_tables, undo_mark bigint
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  claims ownership_private.exported_claim[] := array(
    select row('', c.policy_id, c.key, c.element, c.removed, c.writer, c.rank, c.value, c.since)
      ::ownership_private.exported_claim
    from ownership_private.claims c
    where c.policy_id = p.id
  );
  brought bigint := 0;
  cell ownership_private.written_cell;
begin
  foreach cell in array ownership_private.write_cells(
    p, t, ownership_private.import_sql(p, t, false), null, null, undo_mark, null, null, claims)
  loop
    if cell.action = 'imported' then
      brought := brought + 1;
    elsif cell.action = 'conflict' then
      raise warning 'the owned %.% of % could not come back: %', t.name, quote_ident(p.col), cell.key, cell.detail
        using hint = 'The claim stands; ownership.verify shows it.';
    end if;
  end loop;
  return brought;
end
$$;
comment on function ownership_private.bring_back_column is
  'Puts the claimed values of a column into a table that took the place of another, and returns how many.';

create function ownership_private.bring_back(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  undo_mark bigint := ownership.mark(format('before values came back into %s', t.name));
  brought bigint := (
    select sum(ownership_private.bring_back_column(p, t, undo_mark))
    from ownership_private.policies_on(t) p
    join ownership.modes() m on m.mode = p.mode
    where m.leaves_claims and p.on_conflict <> 'observe'
  );
begin
  raise notice '% owned values came back into %; undone by restoring to mark %', coalesce(brought, 0), t.name, undo_mark;
end
$$;
comment on function ownership_private.bring_back is
  'Puts claimed values into a table that took the place of another, as into rows that come back. Recorded and undone
   like a restore.';

-- From supabase/schemas/ownership/uninstall.sql

-- uninstall: drops everything that the engine made, and leaves the tables as they were before protect.

create function ownership_private.our_triggers_sql()
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('drop event trigger %I', e.evtname)
  from pg_event_trigger e
  join pg_proc p on p.oid = e.evtfoid
  where p.pronamespace = 'ownership_private'::regnamespace
  union all
  select format('drop trigger %I on %s', g.tgname, g.tgrelid::regclass)
  from pg_trigger g
  join pg_proc p on p.oid = g.tgfoid
  join pg_class c on c.oid = g.tgrelid
  where p.pronamespace = 'ownership_private'::regnamespace
    and c.relnamespace <> 'ownership_private'::regnamespace
    -- A partition's copy of a row trigger is dropped with that of its parent.
    and g.tgparentid = 0
$$;
comment on function ownership_private.our_triggers_sql is
  'The statements that drop the engine''s event triggers, and its triggers on protected tables.';

create function ownership_private.foreign_dependents()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with ours as (
    select 'pg_class'::regclass as classid, c.oid from pg_class c
    where c.relnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    union all
    select 'pg_proc'::regclass, p.oid from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    union all
    select 'pg_type'::regclass, t.oid from pg_type t
    where t.typnamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
  )
  select string_agg(distinct format('%s depends on %s.', pg_describe_object(d.classid, d.objid, d.objsubid),
    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)), E'\n')
  from ours o
  join pg_depend d on d.refclassid = o.classid and d.refobjid = o.oid and d.deptype in ('n', 'a')
  cross join lateral pg_identify_object_as_address(d.classid, d.objid, d.objsubid) a
  where a.object_names[1] <> all ('{ownership,ownership_private,pg_toast}')
    -- For the constraint of a domain object_names holds the domain's name with its schema, as one text.
    and not (a.type = 'domain constraint' and a.object_names[1] like 'ownership\_private.%')
$$;
comment on function ownership_private.foreign_dependents is
  'Views, defaults, constraints and indexes of others that depend on the engine and would be dropped with it, as text.
   NULL when there is none.';

create function ownership.uninstall()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set client_min_messages = 'warning'
as $$
declare
  statement text;
  needed_by text;
begin
  perform ownership.require_person('uninstall');
  for statement in select s from ownership_private.our_triggers_sql() s loop
    execute statement;
  end loop;
  needed_by := ownership_private.foreign_dependents();
  if needed_by is not null then
    perform ownership_private.fail('OW013', 'the engine cannot be uninstalled: other objects need it', needed_by,
      'Change or drop them first, then call ownership.uninstall again.');
  end if;
  drop schema ownership, ownership_private cascade;
end
$$;
comment on function ownership.uninstall is
  'Takes the engine out of the database: triggers, functions, claims, history, both schemas. The values stay as they
   are. Errors: OW001, OW013.';

-- From supabase/schemas/ownership/app_backend.sql

-- app_backend: people who edit through an application's own server. It connects through the API with a key of this
-- role, so that its people are not taken for a script with the service key. Only where the platform's roles exist.

create function ownership_private.make_app_backend()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Up to Postgres 15 the role decides whether it has the rights of those it is a member of, from 16 on each grant.
  by_grant constant boolean := current_setting('server_version_num')::integer >= 160000;
  attributes constant text := case when by_grant then 'nologin noinherit' else 'nologin inherit' end;
begin
  if to_regrole('app_backend') is null then
    begin
      execute format('create role app_backend %s bypassrls', attributes);
    exception
      when duplicate_object or unique_violation then
        -- Another database of this server made it meanwhile.
        null;
      when insufficient_privilege then
        execute format('create role app_backend %s', attributes);
        raise warning 'app_backend could not be made with bypassrls'
          using hint = 'Row security holds for it: give it policies of its own, or have a superuser alter the role.';
    end;
    comment on role app_backend is 'People who edit through the server of an application.';
  end if;
  -- Roles are the whole server's: what stands already is not granted again, beside another database that does.
  if not pg_has_role('app_backend', 'service_role', 'usage') then
    execute 'grant service_role to app_backend' || case when by_grant then ' with inherit true' else '' end;
  end if;
  if not pg_has_role('authenticator', 'app_backend', 'member') then
    grant app_backend to authenticator;
  end if;
exception when insufficient_privilege then
  raise warning 'the role app_backend could not be set up: %', sqlerrm
    using hint = 'See docs/ownership.md, "People behind a back end", for its statements.';
end
$$;
comment on function ownership_private.make_app_backend is
  'Makes the role app_backend: a member of service_role that has its rights, and that the API may switch to.';

do $$
begin
  if to_regrole('service_role') is not null and to_regrole('authenticator') is not null then
    perform ownership_private.make_app_backend();
  end if;
  if to_regrole('app_backend') is not null then
    perform ownership.register_writer('app_backend', 100, 'people behind a back end');
  end if;
end
$$;

-- From supabase/schemas/ownership/settings.sql

-- Settings: every function that runs generated SQL reads or writes keys and values of protected tables as text. It
-- does so under the same settings in every session.

do $$
declare
  writer record;
  fixed record;
begin
  for writer in
    select p.oid::regprocedure as signature from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
      and p.prosrc ~ '\mexecute\M'
      -- Generated functions have the settings that their table needs.
      and not (p.prorettype = 'trigger'::regtype and p.proname ~ '_[0-9]+$')
    order by 1
  loop
    for fixed in select distinct s.setting, s.value from ownership_private.fixed_settings() s order by 1 loop
      if fixed.setting = 'datestyle' then
        execute format('alter function %s set datestyle = %s', writer.signature, fixed.value);
      else
        execute format('alter function %s set %I = %L', writer.signature, fixed.setting, fixed.value);
      end if;
    end loop;
  end loop;
end
$$;

-- From supabase/schemas/ownership/alarms.sql

-- Alarms: who took a protection away and when, also where it was put back before anybody looked. Event triggers write
-- them, where the platform allows event triggers; health shows only what is wrong at the moment.

create table ownership_private.alarms (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  over_at timestamptz,
  problem text not null,
  tbl text,
  object text not null,
  detail text not null,
  command text not null,
  role name not null default coalesce(nullif(current_setting('role'), 'none'), session_user)
);
comment on table ownership_private.alarms is
  'Problems of health that a command caused; over_at is when a later command ended them.';

create view ownership.alarms as
select a.id, a.at, a.over_at, a.problem, a.tbl, a.object, a.detail, a.command, a.role
from ownership_private.alarms a;
comment on view ownership.alarms is
  'Protections that were taken away: by which role and command, from when until when.';

create function ownership_private.update_alarms(command text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  with found as materialized (
    select h.problem, coalesce(h.tbl::text, '') as tbl, h.object, h.detail from ownership.health() h
  ),
  ended as (
    update ownership_private.alarms a
    set over_at = clock_timestamp()
    where a.over_at is null
      and not exists (
        select from found f where f.problem = a.problem and f.tbl = coalesce(a.tbl, '') and f.object = a.object
      )
  )
  insert into ownership_private.alarms (problem, tbl, object, detail, command)
  select f.problem, nullif(f.tbl, ''), f.object, f.detail, update_alarms.command
  from found f
  where not exists (
    select from ownership_private.alarms a
    where a.over_at is null and f.problem = a.problem and f.tbl = coalesce(a.tbl, '') and f.object = a.object
  )
$$;
comment on function ownership_private.update_alarms is
  'Opens an alarm for each new problem, and closes those whose problem is gone.';

create function ownership_private.commands_concern_us()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_event_trigger_ddl_commands() c
    where c.schema_name in ('ownership', 'ownership_private')
      or exists (
        select from ownership_private.protected_tables t
        left join pg_inherits i on i.inhparent = t.tbl
        left join pg_trigger g on g.oid = c.objid and c.classid = 'pg_trigger'::regclass
        where coalesce(g.tgrelid, c.objid) in (t.tbl, i.inhrelid, to_regclass(t.name), to_regclass(t.protected_name))
      )
  )
$$;
comment on function ownership_private.commands_concern_us is
  'Whether the command that has just ended touched the engine, a protected table, a child of one, or a table under its
   name.';

create function ownership_private.drops_concern_us()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_event_trigger_dropped_objects() d
    where d.schema_name in ('ownership', 'ownership_private')
      or (d.object_type = 'trigger' and d.address_names[3] like '~~ownership\_%')
      -- It may be the unique index of an identity key; to which table a dropped index belonged is not told.
      or (d.object_type = 'index' and not d.is_temporary)
  )
$$;
comment on function ownership_private.drops_concern_us is
  'Whether what was dropped belonged to the engine or to a protected table.';

create function ownership_private.drops_columns()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_event_trigger_dropped_objects() d
    join ownership_private.protected_tables t on t.tbl = d.objid
    where d.object_type = 'table column'
  )
$$;
comment on function ownership_private.drops_columns is 'Whether columns of protected tables were dropped.';

create function ownership_private.note_dropped_columns(command text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- Over at once: what was lost is in the history.
  insert into ownership_private.alarms (problem, tbl, object, detail, command, over_at)
  select 'column dropped', t.name, format('%s.%I', t.name, p.col),
    format('Its policy ended with %s claims.', (select count(*) from ownership_private.claims c where c.policy_id = p.id)),
    command, clock_timestamp()
  from pg_event_trigger_dropped_objects() d
  join ownership_private.protected_tables t on t.tbl = d.objid
  join ownership_private.policies p on p.table_id = t.id and p.attnum = d.objsubid
  where d.object_type = 'table column'
$$;
comment on function ownership_private.note_dropped_columns is
  'Keeps a record of who dropped a protected column.';

create function ownership_private.changes_columns(command text)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select case
    when command in ('ALTER SCHEMA', 'ALTER TYPE', 'ALTER DOMAIN') then true
    -- A table can be made as a partition; one that is renamed can have taken the columns of its partitions along.
    when command in ('ALTER TABLE', 'CREATE TABLE') then exists (
      select from pg_event_trigger_ddl_commands() c
      join pg_class r on r.oid = c.objid
      left join pg_inherits i on i.inhrelid = c.objid
      where c.classid = 'pg_class'::regclass and (i.inhrelid is not null or exists (
        select from ownership_private.protected_tables t where t.tbl = c.objid
      ) or exists (
        -- Its rows are values of a protected column.
        select from ownership_private.policies p, jsonb_object_keys(p.labels) l where l like format('%s.%%', c.objid)
      ))
    )
    else false
  end
$$;
comment on function ownership_private.changes_columns is
  'Whether the command that has just ended can have renamed something protected, a label of its values, or added a
   partition.';

create function ownership_private.watch()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  callers text;
begin
  get diagnostics callers = pg_context;
  -- The engine itself is at work. generate, for one, drops every trigger before it creates the new ones.
  if callers ~ 'function ownership_private\.(generate|drop_triggers|end_policy|follow\w*|note_\w+)\(' then
    return;
  end if;
  if (tg_event = 'sql_drop' and ownership_private.drops_columns())
    or (tg_event = 'ddl_command_end' and ownership_private.changes_columns(tg_tag)) then
    perform ownership_private.note_dropped_columns(tg_tag) where tg_event = 'sql_drop';
    perform ownership_private.follow(in_command => true);
  end if;
  if (tg_event = 'sql_drop' and ownership_private.drops_concern_us())
    or (tg_event = 'ddl_command_end' and ownership_private.commands_concern_us()) then
    perform ownership_private.update_alarms(tg_tag);
  end if;
exception when others then
  if sqlstate in ('OW004', 'OW017', 'OW018') then
    raise;
  end if;
  -- An alarm that fails must not stop a migration.
  raise warning 'ownership could not look for alarms after %: %', tg_tag, sqlerrm;
end
$$;
comment on function ownership_private.watch is
  'Event trigger: lets policies, claims and history go along with tables and columns that change, and looks at the
   health of the engine after commands that may have hurt it. Errors: OW004, OW017, OW018.';

create function ownership.record_fingerprints()
returns void
language sql
set search_path = pg_catalog, pg_temp
set jit = off
as $$
  delete from ownership_private.fingerprints;
  insert into ownership_private.fingerprints (object, hash)
  select f.object, f.hash from ownership_private.current_fingerprints() f;
  -- What the generator of today would make as well counts as made by it.
  update ownership_private.generated made
  set inputs = ownership_private.generator_inputs(t)
  from ownership_private.protected_tables t
  join pg_proc p on p.pronamespace = 'ownership_private'::regnamespace
  where t.id = made.table_id and p.proname = made.suffix || '_' || t.id
    and p.prosrc = ownership_private.generated_body(t, made.suffix);
  select ownership_private.update_alarms('record_fingerprints');
$$;
comment on function ownership.record_fingerprints is
  'Takes the engine as it stands for the right one: health compares it with this from now on. To be called at the end
   of every migration that changes a function of the engine.';

do $$
begin
  create event trigger ownership_watch_commands on ddl_command_end
  when tag in (
    'ALTER TABLE', 'CREATE TABLE', 'CREATE TRIGGER', 'ALTER TRIGGER', 'CREATE FUNCTION', 'ALTER FUNCTION',
    'ALTER ROUTINE', 'ALTER SEQUENCE', 'GRANT', 'CREATE INDEX', 'ALTER INDEX', 'CREATE VIEW', 'ALTER VIEW', 'CREATE RULE',
    'CREATE TABLE AS', 'SELECT INTO', 'ALTER SCHEMA', 'ALTER TYPE', 'ALTER DOMAIN'
  )
  execute function ownership_private.watch();
  create event trigger ownership_watch_drops on sql_drop execute function ownership_private.watch();
  alter event trigger ownership_watch_commands enable always;
  alter event trigger ownership_watch_drops enable always;
exception when insufficient_privilege then
  raise notice 'no event triggers on this platform: ownership.health tells what is wrong, but not who did it';
end
$$;

-- From supabase/schemas/ownership/retention.sql

-- Retention: how long the engine keeps what it writes down, and prune, which deletes what is older. What a claim, a
-- kept mark or the value of a person rests on is never deleted.

create table ownership_private.retention (
  is_only boolean primary key default true check (is_only),
  history interval not null default '400 days',
  blocked_writes interval not null default '90 days',
  alarms interval not null default '400 days',
  offers_per_cell integer not null default 20,
  constraint retention_is_a_day_or_more
    check (history >= '1 day' and blocked_writes >= '1 day' and alarms >= '1 day' and offers_per_cell >= 1)
);
insert into ownership_private.retention default values;
comment on table ownership_private.retention is 'How long the engine keeps what it writes down; one row.';

create view ownership.retention as
select r.history, r.blocked_writes, r.alarms, r.offers_per_cell
from ownership_private.retention r;
comment on view ownership.retention is
  'How long entries of the history and marks, blocked writes and ended alarms are kept, and of how many values kept out
   of one cell there is a record. ownership.set_retention changes it, ownership.prune deletes what is older.';

create function ownership.set_retention(
  history interval default null,
  blocked_writes interval default null,
  alarms interval default null,
  offers_per_cell integer default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  wrong text := (
    select string_agg(format('%s: %s', given.name, given.value), ', ')
    from (values
      ('history', history::text, history < '1 day'), ('blocked_writes', blocked_writes::text, blocked_writes < '1 day'),
      ('alarms', alarms::text, alarms < '1 day'), ('offers_per_cell', offers_per_cell::text, offers_per_cell < 1)
    ) given (name, value, is_wrong)
    where given.is_wrong
  );
begin
  perform ownership.require_person('set_retention');
  if wrong is not null then
    perform ownership_private.fail('OW015', format('too little would be kept (%s)', wrong),
      'A day is the least, and one offer a cell: what was kept out or changed today must be there to be looked at.',
      'Give an interval such as ''90 days'', and a number from 1 up.');
  end if;
  update ownership_private.retention r
  set history = coalesce(set_retention.history, r.history),
      blocked_writes = coalesce(set_retention.blocked_writes, r.blocked_writes),
      alarms = coalesce(set_retention.alarms, r.alarms),
      offers_per_cell = coalesce(set_retention.offers_per_cell, r.offers_per_cell);
end
$$;
comment on function ownership.set_retention is
  'Changes how long the engine keeps what it writes down; what is not given stays as it is. Nothing is deleted before
   ownership.prune is called. Errors: OW001, OW015 (less than a day, or no offer at all).';

create function ownership_private.last_prunable(before timestamptz)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- One mark as old as the retention stays, so that every time within it has a mark to go back to.
  select coalesce(
    (select max(m.history_id) from ownership_private.marks m where m.at <= before),
    (select min(m.history_id) from ownership_private.marks m),
    (select max(h.id) from ownership_private.history h)
  )
$$;
comment on function ownership_private.last_prunable is
  'The last entry of the history that no mark younger than this needs to be read one by one: what lies before it counts
   only as what stood there at the oldest kept mark.';

create function ownership_private.prunable_history(before timestamptz)
returns table (id bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- past() reads the last entry of a cell up to a mark, and the last one that no restore wrote; both stay. Entries lie
  -- under the key that their row had then, and past() finds today's by the changes of keys (moved). So these all stay;
  -- and an entry is only superseded by one of the same row: once a row has left a key, another may have taken it.
  with last as materialized (
    select ownership_private.last_prunable(before) as id
  ),
  left_key as materialized (
    select m.tbl, m.col, m.old_value #>> '{}' as key, m.id
    from ownership_private.history m
    where m.event = 'moved'
  )
  select h.id
  from last
  join ownership_private.history h on h.id <= last.id
  where h.at < before
    and h.event <> 'moved'
    and (h.event = 'unprotected' or exists (
      select from ownership_private.history n
      where n.key = h.key and n.tbl = h.tbl and n.col = h.col and n.element = h.element
        and n.id > h.id and n.id <= last.id
        and n.event not in ('moved', 'unprotected')
        and (n.event <> 'restored' or h.event = 'restored')
        and not exists (
          select from left_key l
          where l.key = h.key and l.tbl = h.tbl and l.col = h.col and l.id > h.id and l.id < n.id
        )
        -- Once a table or column has left a name, what bears it is another.
        and not exists (
          select from ownership_private.renames r
          where r.old_tbl = h.tbl and r.old_col = h.col and r.id > h.id and r.id < n.id
        )
    ))
$$;
comment on function ownership_private.prunable_history is
  'Entries of the history that are older than this and that neither a kept mark nor the present rests on.';

create function ownership_private.prunable_offers(before timestamptz, most integer)
returns table (policy_id integer, key text, offered_hash text, last_at timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.policy_id, r.key, r.offered_hash, r.last_at
  from (
    select b.*, row_number() over (partition by b.policy_id, b.key order by b.last_at desc, b.offered_hash) as place
    from ownership_private.blocked_writes b
  ) r
  where r.last_at < before or r.place > most
$$;
comment on function ownership_private.prunable_offers is
  'Blocked writes that are older than this, or of whose cell there are more recent ones enough.';

create function ownership_private.prunable_keys(before timestamptz, most integer)
returns table (table_id integer, key text, offered_hash text, last_at timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.table_id, r.key, r.offered_hash, r.last_at
  from (
    select b.*, row_number() over (partition by b.table_id, b.key order by b.last_at desc, b.offered_hash) as place
    from ownership_private.blocked_keys b
  ) r
  where r.last_at < before or r.place > most
$$;
comment on function ownership_private.prunable_keys is
  'Blocked changes of identity keys that are older than this, or of whose row there are more recent ones enough.';

create function ownership.prune(dry_run boolean default false)
returns table (kind text, pruned bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
as $$
declare
  keep ownership_private.retention;
begin
  perform ownership.require_person('prune');
  select * into keep from ownership_private.retention;
  return query
  with old_history as materialized (
    select h.id from ownership_private.prunable_history(now() - keep.history) h
  ), old_marks as materialized (
    select m.id
    from ownership_private.marks m
    -- The last mark before that time serves for it, and stays.
    where m.at < (select max(k.at) from ownership_private.marks k where k.at <= now() - keep.history)
  ), old_offers as materialized (
    select o.* from ownership_private.prunable_offers(now() - keep.blocked_writes, keep.offers_per_cell) o
  ), old_keys as materialized (
    select k.* from ownership_private.prunable_keys(now() - keep.blocked_writes, keep.offers_per_cell) k
  ), old_alarms as materialized (
    select a.id from ownership_private.alarms a where a.over_at < now() - keep.alarms
  ), of_history as (
    delete from ownership_private.history h using old_history o where h.id = o.id and not dry_run
  ), of_marks as (
    delete from ownership_private.marks m using old_marks o where m.id = o.id and not dry_run
  ), of_offers as (
    delete from ownership_private.blocked_writes b using old_offers o
    -- One that was offered again meanwhile is not old any more.
    where b.policy_id = o.policy_id and b.key = o.key and b.offered_hash = o.offered_hash and b.last_at = o.last_at
      and not dry_run
  ), of_keys as (
    delete from ownership_private.blocked_keys b using old_keys o
    where b.table_id = o.table_id and b.key = o.key and b.offered_hash = o.offered_hash and b.last_at = o.last_at
      and not dry_run
  ), of_alarms as (
    delete from ownership_private.alarms a using old_alarms o where a.id = o.id and not dry_run
  )
  values
    ('history', (select count(*) from old_history)), ('marks', (select count(*) from old_marks)),
    ('blocked_writes', (select count(*) from old_offers) + (select count(*) from old_keys)), ('alarms', (select count(*) from old_alarms));
end
$$;
comment on function ownership.prune is
  'Deletes what is older than ownership.retention, and tells how much of each kind; with dry_run it only tells. Claims,
   and what a restore to a kept mark needs, stay. Error: OW001.';

-- From supabase/schemas/ownership/version.sql

-- The version of the engine, so that whoever installs or calls it knows what is there, however it came there. It comes
-- last: an engine without it was broken off.

create function ownership.version()
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select 1
$$;
comment on function ownership.version is
  'The number of the engine''s migrations that the database has been through: each of them sets it one higher.';

-- From supabase/schemas/ownership/grants.sql

-- Grants: none to public but those below; the contract to those roles of the platform that exist.

revoke all on all functions in schema ownership, ownership_private from public;
grant usage on schema ownership to public;
grant execute on function ownership.whoami to public;

do $$
declare
  reader text;
begin
  foreach reader in array array['authenticated', 'service_role'] loop
    continue when to_regrole(reader) is null;
    execute format('grant usage on schema ownership, ownership_private to %I', reader);
    execute format(
      'grant select on ownership.policies, ownership.writers, ownership.claims, ownership.bases,
         ownership.blocked_writes, ownership.history, ownership.marks, ownership.retention to %I', reader
    );
    execute format(
      'grant execute on function ownership.whoami, ownership.modes, ownership.explain, ownership.canonical_key,
         ownership.mark to %I', reader
    );
    -- Views and invoker functions call these with the reader's own rights.
    execute format(
      'grant execute on function ownership_private.may_read, ownership_private.fail, ownership_private.key_parts,
         ownership_private.key_record_sql, ownership_private.key_sql, ownership_private.key_part_sql,
         ownership_private.whole_key_sql, ownership_private.is_long_sql, ownership_private.digest_of_key,
         ownership_private.whole_key, ownership_private.types_within, ownership_private.recorded,
         ownership_private.recorded_sql(regclass, name, text),
         ownership_private.match_sql, ownership_private.equals_sql, ownership_private.column_facts,
         ownership_private.base_type, ownership_private.is_exact, ownership_private.is_citext,
         ownership_private.canonical_key,
         ownership_private.live_value, ownership_private.explain_cell to %I', reader
    );
  end loop;
  if to_regrole('service_role') is not null then
    grant select on ownership.alarms to service_role;
    grant execute on function ownership.health, ownership.verify, ownership.diff to service_role;
  end if;
end
$$;

-- The engine is complete. From here on health tells when one of its functions is replaced.
select ownership.record_fingerprints();
