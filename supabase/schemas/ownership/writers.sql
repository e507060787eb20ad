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
