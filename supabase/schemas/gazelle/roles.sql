-- The writers that touch Gazelle's tables. Roles belong to the whole cluster, so they may exist already.

do $$
declare
  writer name;
begin
  foreach writer in array array['gazelle_sync', 'pls_detector', 'manual_editor']::name[] loop
    if not exists (select from pg_catalog.pg_roles where rolname = writer) then
      execute format('create role %I nologin noinherit', writer);
    end if;
    -- A migrator that is no superuser must be a member to name the role in a function's settings.
    execute format('grant %I to current_user', writer);
  end loop;
end $$;

-- The API logs in as authenticator; the sync's functions switch from there to the sync's own role.
grant gazelle_sync to authenticator;

-- A run takes a mark in the ownership history.
grant usage on schema ownership to gazelle_sync;
grant execute on function ownership.mark(text) to gazelle_sync;

comment on role gazelle_sync is
  'Writes what Gazelle sent. Lowest rank: gives way to people and to derived data.';
comment on role pls_detector is 'Writes what the shop''s own notes say about the Piano Life Saver.';
comment on role manual_editor is 'A person who edits through a tool of the shop.';

select ownership.register_writer('gazelle_sync', 10, 'Gazelle');
select ownership.register_writer('pls_detector', 50, 'PLS detection');
select ownership.register_writer('manual_editor', 100, 'Manual editing');
