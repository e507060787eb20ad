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
