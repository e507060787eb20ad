-- Restore manual values as of a run, or those of one client. For a point in time:
-- ownership.restore(ownership.mark_at(…)).

create function sync.restore_run(run_id bigint, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  mark constant bigint := (select r.mark from sync.runs r where r.id = restore_run.run_id);
begin
  if mark is null then
    raise exception 'there is no run %', coalesce(run_id::text, 'NULL') using
      errcode = 'PT404',
      detail = coalesce((select 'The newest is ' || max(r.id) || '.' from sync.runs r), 'There was none so far.'),
      hint = 'See sync.runs.';
  end if;
  return query select * from ownership.restore(mark, dry_run => restore_run.dry_run);
end;
$$;
comment on function sync.restore_run(bigint, boolean) is
  'Restores manual values as they were just before a run; a dry run by default. See ownership.restore. Errors: OW001,
   PT404.';

create function shop.keys_of_client(id text)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array[keys_of_client.id]
    || array(select p.external_id from public.gazelle_pianos p where p.client_external_id = keys_of_client.id)
    || array(select c.external_id from public.gazelle_contacts c where c.client_external_id = keys_of_client.id)
$$;
comment on function shop.keys_of_client(text) is
  'The external_ids of a client, its pianos and its contacts. An institution has the id of its client.';

create function shop.restore_client(id text, to_mark bigint, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from public.gazelle_clients c where c.external_id = restore_client.id) then
    raise exception 'there is no client %', coalesce(quote_literal(restore_client.id), 'NULL') using
      errcode = 'PT404',
      detail = 'Table public.gazelle_clients has no such external_id.',
      hint = 'Give Gazelle''s id, such as cli_9UMLkteep8EsISbG.';
  end if;
  return query
  select *
  from ownership.restore(to_mark, dry_run => restore_client.dry_run, keys => shop.keys_of_client(restore_client.id));
end;
$$;
comment on function shop.restore_client(text, bigint, boolean) is
  'Restores the manual values of a client, its pianos, contacts and configuration as they were at a mark; a dry run by
   default. See ownership.restore. Errors: OW001, OW012, PT404.';

revoke execute on function sync.restore_run, shop.keys_of_client, shop.restore_client from public;
