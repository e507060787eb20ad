-- Timeline entries: what happened with a client or a piano. Only Gazelle writes them, so no column is protected.

-- migration: gazelle_survey

create table if not exists gazelle.gazelle_timeline_entries (
  id uuid primary key default gen_random_uuid(),
  external_id text not null,
  client_id text,
  piano_id text,
  invoice_id text,
  estimate_id text,
  user_id text,
  occurred_at timestamptz,
  entry_type text,
  title text,
  description text,
  missing_since timestamptz
);
comment on table gazelle.gazelle_timeline_entries is 'Pattern.';

-- migration: gazelle_tables

select gazelle.make_or_take_over('gazelle_timeline_entries');

-- migration: gazelle_indexes

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

-- migration: gazelle_access

create policy writers on public.gazelle_timeline_entries
  to gazelle_sync, manual_editor using (true) with check (true);
grant select, insert, update, delete on public.gazelle_timeline_entries to service_role;
grant select, update on public.gazelle_timeline_entries to manual_editor;
select gazelle.grant_columns('public.gazelle_timeline_entries');
create policy detector_reads on public.gazelle_timeline_entries for select
  to pls_detector using (true);
grant select on public.gazelle_timeline_entries to pls_detector;

-- Signed-in users see when a piano was serviced, which inventories show, and no text.
create policy signed_in on public.gazelle_timeline_entries
  for select to authenticated using ((select auth.uid()) is not null);
grant select (external_id, piano_id, occurred_at, entry_type)
  on public.gazelle_timeline_entries to authenticated;

-- migration: sync

select sync.register_stream('timeline', 'public.gazelle_timeline_entries', 'gazelle');
select sync.register_job('timeline', 'sync the timeline', '25 */6 * * *', 'timeline', 'sync-timeline');
select sync.watch_reference('timeline', 'entries_without_client', 'client_id', 'public.gazelle_clients');
select sync.watch_reference('timeline', 'entries_without_piano', 'piano_id', 'public.gazelle_pianos');
select sync.watch_reference('timeline', 'entries_without_user', 'user_id', 'public.gazelle_users');
