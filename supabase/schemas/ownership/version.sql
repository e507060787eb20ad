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
