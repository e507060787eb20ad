-- Restore by what a person remembers: a run, or a client. By time it is ownership.restore(ownership.mark_at(…)).

create function sync.restore_run(run_id bigint, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
volatile
security invoker
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
  'Puts manual values back to what they were just before a run: a dry run unless told otherwise. See ownership.restore.
   Errors: OW001, PT404.';

create function shop.keys_of_client(id text)
returns text[]
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select array[keys_of_client.id]
    || array(select p.external_id from public.gazelle_pianos p where p.client_external_id = keys_of_client.id)
    || array(select c.external_id from public.gazelle_contacts c where c.client_external_id = keys_of_client.id)
$$;
comment on function shop.keys_of_client(text) is 'The ids of a client, its pianos and its contacts; an institution has its client''s.';

create function shop.restore_client(id text, to_mark bigint, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
volatile
security invoker
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
  'Puts the manual values of a client, its pianos, contacts and configuration back to what they were at a mark: a dry
   run unless told otherwise. See ownership.restore. Errors: OW001, OW012, PT404.';

revoke execute on function sync.restore_run, shop.keys_of_client, shop.restore_client from public;

-- Who owns each column, and why people have a say in it: docs/manual-columns.md is made from this.

comment on column public.gazelle_clients.tags is
  'A set: its order means nothing. The shop tags clients here, institutions among them; Gazelle knows its own tags only.';
comment on column public.gazelle_clients.company_name is
  'The company; where it has none, the name of its default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.first_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.last_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.personal_notes is
  'What to know of the person. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.preference_notes is
  'What the client prefers. The shop writes here what is not for Gazelle.';

comment on column public.gazelle_pianos.tags is
  'A set: its order means nothing. The tag non hides a piano from its institution''s inventory; Gazelle does not know it.';
comment on column public.gazelle_pianos.location is
  'The place: building, floor, room. Institutions name their rooms better than Gazelle does.';
comment on column public.gazelle_pianos.notes is 'What to know of the piano. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_pianos.dampp_chaser_installed is
  'The PLS badge: a Piano Life Saver is installed. The shop''s notes and people often know it where Gazelle says false.';
comment on column public.gazelle_pianos.dampp_chaser_humidistat_model is
  'The model of the Piano Life Saver, which the technician reads on the spot.';
comment on column public.gazelle_pianos.dampp_chaser_mfg_date is
  'When the Piano Life Saver was made, which the technician reads on the spot.';

comment on column public.gazelle_contacts.first_name is 'People correct what Gazelle has misspelt.';
comment on column public.gazelle_contacts.last_name is 'People correct what Gazelle has misspelt.';
comment on column public.gazelle_contacts.email is 'How to reach the contact. People often know it before Gazelle does.';
comment on column public.gazelle_contacts.phone is 'How to reach the contact. People often know it before Gazelle does.';

comment on column public.gazelle_appointments.title is 'What is to be done. The shop says it more clearly for its technicians.';
comment on column public.gazelle_appointments.location is 'Where to go. The shop adds the door, the floor, the room.';
comment on column public.gazelle_appointments.notes is
  'What to know for the visit. The shop writes here what is not for Gazelle.';

create function shop.column_owners()
returns table (
  tbl text, col name, is_synced boolean, declared text, mode text, blank_values text[], why text, writers name[]
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select
    format('%I.%I', n.nspname, c.relname), a.attname, synced.yes,
    case
      when p.mode is not null then 'policy'
      when a.attname = 'missing_since' or is_key.yes then 'platform'
      when pg_catalog.has_column_privilege('gazelle_sync', c.oid, a.attnum, 'update') then 'source'
    end,
    p.mode, p.blank_values, pg_catalog.col_description(c.oid, a.attnum),
    array(
      select w.role
      from ownership.writers w
      join pg_catalog.pg_roles r on r.rolname = w.role
      where w.rank > (select min(l.rank) from ownership.writers l)
        and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, 'update')
      order by w.rank desc, w.role
    )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join ownership.policies p on p.tbl = c.oid and p.col = a.attname
  cross join lateral (
    select pg_catalog.has_any_column_privilege('gazelle_sync', c.oid, 'insert') as yes
  ) synced
  cross join lateral (
    select exists (
      select from pg_catalog.pg_index i
      where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey::int2[])
    ) as yes
  ) is_key
  where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
    and (synced.yes or exists (select from ownership.policies o where o.tbl = c.oid))
  order by c.relname, a.attnum
$$;
comment on function shop.column_owners() is
  'Each column of the tables that a sync writes or people own: declared is policy (protected), source (granted to the
   sync), platform (keys and missing_since) or NULL, which is a mistake; writers are those above the sync who may
   write it.';
revoke execute on function shop.column_owners from public;
