-- From supabase/schemas/gazelle/users.sql

select gazelle.make_key('public.gazelle_users');

comment on table public.gazelle_users is 'Users of Gazelle: technicians and others.';
comment on column public.gazelle_users.external_id is 'Gazelle''s id: usr_ and 16 letters or digits.';
comment on column public.gazelle_users.phone is 'Written by people: Gazelle has no phone number of a user.';
comment on column public.gazelle_users.role is 'ADMIN, TECHNICIAN, ASSISTANT, or a value that Gazelle adds later.';

-- From supabase/schemas/gazelle/clients.sql

select gazelle.make_key('public.gazelle_clients');

comment on table public.gazelle_clients is 'Clients: Gazelle''s records, with what people add here.';
comment on column public.gazelle_clients.external_id is 'Gazelle''s id: cli_ and 16 letters or digits.';
comment on column public.gazelle_clients.company_name is
  'The company; where it has none, the name of its default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.first_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.last_name is
  'Of the default contact. People correct what Gazelle has misspelt.';
comment on column public.gazelle_clients.status is
  'ACTIVE, INACTIVE, PROSPECT, NEW, or a value that Gazelle adds later. An INACTIVE client still exists.';
comment on column public.gazelle_clients.personal_notes is
  'What to know of the person. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.preference_notes is
  'What the client prefers. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_clients.tags is
  'A set: its order means nothing. The shop tags clients here, institutions among them; Gazelle knows its own tags
   only.';
comment on column public.gazelle_clients.created_at is 'When the record was created in Gazelle.';
comment on column public.gazelle_clients.updated_at is 'When the record last changed in Gazelle.';
comment on column public.gazelle_clients.missing_since is
  'Since when Gazelle''s complete answers lack the record. Its row is never deleted.';

-- From supabase/schemas/gazelle/contacts.sql

select gazelle.make_key('public.gazelle_contacts');
-- No foreign keys: a record may name one that does not exist here. Checks of each run report that; a foreign key would
-- fail the run.
create index if not exists gazelle_contacts_client_external_id_idx on public.gazelle_contacts (client_external_id);

comment on table public.gazelle_contacts is 'Contacts: all of a client''s, not only its default contact.';
comment on column public.gazelle_contacts.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_contacts.first_name is 'People correct what Gazelle has misspelt.';
comment on column public.gazelle_contacts.last_name is 'People correct what Gazelle has misspelt.';
comment on column public.gazelle_contacts.email is
  'How to reach the contact. People often know it before Gazelle does.';
comment on column public.gazelle_contacts.phone is
  'How to reach the contact. People often know it before Gazelle does.';
comment on column public.gazelle_contacts.is_default is 'The contact whose name and address stand for the client.';
comment on column public.gazelle_contacts.archived is 'Archived in Gazelle, where the record still exists.';

-- From supabase/schemas/gazelle/pianos.sql

select gazelle.make_key('public.gazelle_pianos');
-- No foreign keys: a record may name one that does not exist here. Checks of each run report that; a foreign key would
-- fail the run.
create index if not exists gazelle_pianos_client_external_id_idx on public.gazelle_pianos (client_external_id);

comment on table public.gazelle_pianos is 'Pianos: Gazelle''s records, with what people add here.';
comment on column public.gazelle_pianos.external_id is 'Gazelle''s id: ins_ and 16 letters or digits.';
comment on column public.gazelle_pianos.client_external_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_pianos.location is
  'The place: building, floor, room. Institutions name their rooms better than Gazelle does.';
comment on column public.gazelle_pianos.notes is
  'What to know of the piano. The shop writes here what is not for Gazelle.';
comment on column public.gazelle_pianos.status is
  'ACTIVE, INACTIVE, TEMPORARY_STORAGE, UNDER_RESTORATION, or a value that Gazelle adds later. INACTIVE pianos still
   exist.';
comment on column public.gazelle_pianos.tags is
  'A set: its order means nothing. The tag non hides a piano from its institution''s inventory; Gazelle does not know
   it.';
comment on column public.gazelle_pianos.dampp_chaser_installed is
  'The PLS badge: a Piano Life Saver is installed. The shop''s notes and people often know it where Gazelle says
   false.';
comment on column public.gazelle_pianos.dampp_chaser_humidistat_model is
  'The model of the Piano Life Saver, which the technician reads on the spot.';
comment on column public.gazelle_pianos.dampp_chaser_mfg_date is
  'When the Piano Life Saver was made, which the technician reads on the spot.';
comment on column public.gazelle_pianos.updated_at is 'When the record last changed in Gazelle.';
comment on column public.gazelle_pianos.missing_since is
  'Since when Gazelle''s complete answers lack the record. Its row is never deleted.';

-- From supabase/schemas/gazelle/appointments.sql

select gazelle.make_key('public.gazelle_appointments');
-- No foreign keys: a record may name one that does not exist here. Checks of each run report that; a foreign key would
-- fail the run.
create index if not exists gazelle_appointments_client_external_id_idx
  on public.gazelle_appointments (client_external_id);
create index if not exists gazelle_appointments_piano_external_id_idx
  on public.gazelle_appointments (piano_external_id);

comment on table public.gazelle_appointments is 'Events of Gazelle''s calendar.';
comment on column public.gazelle_appointments.piano_external_id is
  'The external_id of the piano, or of the first of several; that piano may be unknown here.';
comment on column public.gazelle_appointments.title is
  'What is to be done. The shop says it more clearly for its technicians.';
comment on column public.gazelle_appointments.description is 'Written by people: Gazelle has only title and notes.';
comment on column public.gazelle_appointments.appointment_date is 'The day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.appointment_time is 'The time of day at the shop, America/Montreal.';
comment on column public.gazelle_appointments.start_datetime is 'The moment it starts.';
comment on column public.gazelle_appointments.status is
  'ACTIVE, CANCELED, NO_SHOW, COMPLETE, or a value that Gazelle adds later.';
comment on column public.gazelle_appointments.technicien is 'The external_id of the technician, a user.';
comment on column public.gazelle_appointments.location is 'Where to go. The shop adds the door, the floor, the room.';
comment on column public.gazelle_appointments.notes is
  'What to know for the visit. The shop writes here what is not for Gazelle.';

-- From supabase/schemas/gazelle/timeline.sql

select gazelle.make_key('public.gazelle_timeline_entries');
-- No foreign keys: a record may name one that does not exist here. Checks of each run report that; a foreign key would
-- fail the run.
create index if not exists gazelle_timeline_entries_piano_id_idx
  on public.gazelle_timeline_entries (piano_id, occurred_at);
-- From this index public.institution_inventory reads the last service of a piano.
create index gazelle_timeline_entries_service_idx on public.gazelle_timeline_entries (piano_id, occurred_at)
where entry_type in ('SERVICE_ENTRY_MANUAL', 'SERVICE_ENTRY_AUTOMATED');

comment on table public.gazelle_timeline_entries is
  'Entries of Gazelle''s timeline: what happened with a client or a piano.';
comment on column public.gazelle_timeline_entries.client_id is
  'The client''s external_id; that client may be unknown here.';
comment on column public.gazelle_timeline_entries.piano_id is
  'The piano''s external_id; that piano may be unknown here.';
comment on column public.gazelle_timeline_entries.user_id is 'The external_id of the user who wrote or did it.';
comment on column public.gazelle_timeline_entries.title is 'Gazelle''s summary.';
comment on column public.gazelle_timeline_entries.description is 'Gazelle''s comment: the text a technician wrote.';
