-- Pianos.

-- migration: gazelle_survey

create table if not exists gazelle.gazelle_pianos (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_external_id text,
  make text,
  model text,
  serial_number text,
  type text,
  year integer,
  location text,
  notes text,
  status text,
  tags text[] not null default '{}',
  dampp_chaser_installed boolean,
  dampp_chaser_humidistat_model text,
  dampp_chaser_mfg_date date,
  updated_at timestamptz,
  missing_since timestamptz
);
comment on table gazelle.gazelle_pianos is 'Pattern.';

-- migration: gazelle_tables

select gazelle.make_or_take_over(
  'gazelle_pianos', 'tags', 'location', 'notes', 'dampp_chaser_humidistat_model',
  'dampp_chaser_mfg_date', 'dampp_chaser_installed'
);

-- migration: gazelle_indexes

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

-- migration: gazelle_access

create policy writers on public.gazelle_pianos
  to gazelle_sync, pls_detector, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_pianos to service_role;
grant select, update on public.gazelle_pianos to manual_editor;
select gazelle.grant_columns('public.gazelle_pianos');
grant select, update (dampp_chaser_installed, dampp_chaser_humidistat_model, dampp_chaser_mfg_date)
  on public.gazelle_pianos to pls_detector;

-- Signed-in users belong to the shop, for nobody can sign up by himself. They see the columns that institutions and
-- inventories show, and edit tags.
create policy signed_in on public.gazelle_pianos
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_pianos
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
grant
  select (
    external_id, client_external_id, make, model, serial_number, type, year, location, status, tags,
    dampp_chaser_installed, missing_since
  ),
  update (tags)
  on public.gazelle_pianos to authenticated;

-- migration: sync

select sync.register_stream('pianos', 'public.gazelle_pianos', 'gazelle', '{updated_at}');
select sync.register_job('pianos', 'sync pianos', '15 * * * *', 'pianos', 'sync-pianos');
select sync.add_check('pianos', 'pianos_with_badge', 'live.dampp_chaser_installed', 'dampp_chaser_installed',
  claimed => 'c.value = ''true''');
select sync.watch_reference('pianos', 'pianos_without_client', 'client_external_id', 'public.gazelle_clients');

-- migration: gazelle_policies

-- As for clients: an empty set means that Gazelle has no tags.
select ownership.protect('public.gazelle_pianos', 'tags', 'merge_set', '{external_id}', empty_is_opinion => true);

-- What people correct and add.
select ownership.protect('public.gazelle_pianos', col, 'claim', '{external_id}')
from unnest(array['location', 'notes', 'dampp_chaser_humidistat_model', 'dampp_chaser_mfg_date']::name[]) col;

-- The badge: false is Gazelle's default, also for pianos whose system is known from the shop's notes, so it counts as
-- blank. The detection weighs what Gazelle says, too, so it is the one that takes a badge which nobody owns.
select ownership.protect(
  'public.gazelle_pianos', 'dampp_chaser_installed', 'claim', '{external_id}', blank_values => '{false}',
  source => 'pls_detector'
);
