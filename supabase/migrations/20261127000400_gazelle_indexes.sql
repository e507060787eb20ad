-- From supabase/schemas/gazelle/tables.sql

-- Indexes of Gazelle's tables, and what the columns mean. Readers go on meanwhile, writers wait.

create function gazelle.make_key(tbl regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant name := (select c.relname || '_external_id_key' from pg_catalog.pg_class c where c.oid = tbl);
begin
  if not exists (
    select
    from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attname = 'external_id'
    where i.indrelid = tbl and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
      and i.indexprs is null and i.indkey::int2[] = array[a.attnum]
  ) then
    -- Without a name it gets one that is free.
    execute format('create unique index %s on %s (external_id)',
      case when to_regclass(format('public.%I', wanted)) is null then quote_ident(wanted) end, tbl);
  end if;
end;
$$;
comment on function gazelle.make_key(regclass) is 'Gazelle''s id names a record for good: makes the unique index that is missing.';
revoke execute on function gazelle.make_key from public;

select gazelle.make_key(s.target::regclass)
from unnest(array[
  'public.gazelle_clients', 'public.gazelle_pianos', 'public.gazelle_contacts', 'public.gazelle_users',
  'public.gazelle_appointments', 'public.gazelle_timeline_entries'
]) s (target);

-- A record may name another that is not here: checks report it, a foreign key would stop the run.
create index if not exists gazelle_pianos_client_external_id_idx on public.gazelle_pianos (client_external_id);
create index if not exists gazelle_contacts_client_external_id_idx on public.gazelle_contacts (client_external_id);
create index if not exists gazelle_appointments_client_external_id_idx
  on public.gazelle_appointments (client_external_id);
create index if not exists gazelle_appointments_piano_external_id_idx
  on public.gazelle_appointments (piano_external_id);
create index if not exists gazelle_timeline_entries_piano_id_idx
  on public.gazelle_timeline_entries (piano_id, occurred_at);

do $$
declare
  taken regclass;
begin
  for taken in select t.tbl from gazelle.taken_over t loop
    execute format('alter table %s validate constraint etiquette_external_id_is_there', taken);
  end loop;
end
$$;

comment on table public.gazelle_clients is 'Clients as Gazelle has them, with what people added here.';
comment on column public.gazelle_clients.external_id is 'Gazelle''s id: cli_ and 16 letters or digits.';
comment on column public.gazelle_clients.company_name is
  'The company; where it has none, the name of its default contact.';
comment on column public.gazelle_clients.status is
  'ACTIVE, INACTIVE, PROSPECT, NEW, or a value Gazelle adds. INACTIVE is not gone.';
comment on column public.gazelle_clients.tags is 'A set: its order means nothing.';
comment on column public.gazelle_clients.created_at is 'When it was created in Gazelle.';
comment on column public.gazelle_clients.updated_at is 'When it last changed in Gazelle.';
comment on column public.gazelle_clients.missing_since is
  'Since when complete reads of Gazelle no longer hold it. Never deleted.';

comment on table public.gazelle_pianos is 'Pianos as Gazelle has them, with what people added here.';
comment on column public.gazelle_pianos.external_id is 'Gazelle''s id: ins_ and 16 letters or digits.';
comment on column public.gazelle_pianos.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_pianos.status is
  'ACTIVE, INACTIVE, TEMPORARY_STORAGE, UNDER_RESTORATION, or a value Gazelle adds. INACTIVE is not gone.';
comment on column public.gazelle_pianos.tags is 'A set: its order means nothing.';
comment on column public.gazelle_pianos.dampp_chaser_installed is
  'The PLS badge: a Piano Life Saver is installed.';
comment on column public.gazelle_pianos.updated_at is 'When it last changed in Gazelle.';
comment on column public.gazelle_pianos.missing_since is
  'Since when complete reads of Gazelle no longer hold it. Never deleted.';

comment on table public.gazelle_contacts is 'Contacts as Gazelle has them: all of a client''s, not only the default.';
comment on column public.gazelle_contacts.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_contacts.is_default is 'The contact whose name and address stand for the client.';

comment on column public.gazelle_contacts.archived is 'Put aside in Gazelle; not gone.';

comment on table public.gazelle_users is 'Technicians and others who work in Gazelle.';
comment on column public.gazelle_users.external_id is 'Gazelle''s id: usr_ and 16 letters or digits.';
comment on column public.gazelle_users.phone is 'Kept by people: Gazelle has no phone of a user.';
comment on column public.gazelle_users.role is 'ADMIN, TECHNICIAN, ASSISTANT, or a value Gazelle adds.';

comment on table public.gazelle_appointments is 'Events of Gazelle''s calendar.';
comment on column public.gazelle_appointments.piano_external_id is
  'The piano''s external_id, the first of several; that piano may be unknown here.';
comment on column public.gazelle_appointments.description is 'Kept by people: Gazelle has title and notes.';
comment on column public.gazelle_appointments.appointment_date is 'The day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.appointment_time is 'The time of day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.start_datetime is 'When it starts.';
comment on column public.gazelle_appointments.technicien is 'The external_id of the user who goes there.';
comment on column public.gazelle_appointments.status is
  'ACTIVE, CANCELED, NO_SHOW, COMPLETE, or a value Gazelle adds.';

comment on table public.gazelle_timeline_entries is 'What happened at a client''s or a piano, as Gazelle''s timeline tells it.';
comment on column public.gazelle_timeline_entries.client_id is 'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_timeline_entries.piano_id is 'The piano''s external_id; that piano may be unknown here.';
comment on column public.gazelle_timeline_entries.user_id is 'The external_id of the user who wrote or did it.';
comment on column public.gazelle_timeline_entries.title is 'Gazelle''s summary.';
comment on column public.gazelle_timeline_entries.description is 'Gazelle''s comment: the text a technician wrote.';

-- From supabase/schemas/shop/institutions.sql

-- The last service of each piano is one look into this index.
create index gazelle_timeline_entries_service_idx on public.gazelle_timeline_entries (piano_id, occurred_at)
where entry_type in ('SERVICE_ENTRY_MANUAL', 'SERVICE_ENTRY_AUTOMATED');
