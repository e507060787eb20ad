-- The roles that write to Gazelle's tables, and their ranks. Roles are shared by all databases of a server, so they may
-- exist already.

do $$
declare
  writer name;
begin
  foreach writer in array array['gazelle_sync', 'pls_detector', 'manual_editor']::name[] loop
    if not exists (select from pg_catalog.pg_roles where rolname = writer) then
      execute format('create role %I nologin noinherit', writer);
    end if;
    -- Only a member of the role, or a superuser, can create functions with `set role` to it.
    execute format('grant %I to current_user', writer);
  end loop;
end $$;

-- The API connects as authenticator; the sync's functions have `set role = 'gazelle_sync'`, so authenticator must be a
-- member.
grant gazelle_sync to authenticator;

-- Each run sets a mark in the ownership history.
grant usage on schema ownership to gazelle_sync;
grant execute on function ownership.mark(text) to gazelle_sync;

comment on role gazelle_sync is
  'Writes what Gazelle sends. It has the lowest rank: values of people and of the detection stand above it.';
comment on role pls_detector is 'Writes the PLS badge as the shop''s service notes prove it.';
comment on role manual_editor is 'People who edit through a tool of the shop that connects by SQL.';

select ownership.register_writer('gazelle_sync', 10, 'Gazelle');
select ownership.register_writer('pls_detector', 50, 'PLS detection');
select ownership.register_writer('manual_editor', 100, 'Manual editing');

-- migration: sync

-- The jobs of the streams begin in different minutes, so that Gazelle is mostly asked for one page at a time.
select sync.register_source('gazelle', 'gazelle_sync', 'Gazelle',
  unauthorized_codes => '{gazelle_unauthorized,gazelle_not_connected}', access_check => 'gazelle.check_token()');
