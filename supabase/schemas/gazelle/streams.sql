-- migration: sync

-- Gazelle as a source of the sync, and its streams: each with its table, its job, and what its runs are checked for.
-- Two streams seldom begin in the same minute: Gazelle is asked for one page at a time.

select sync.register_source('gazelle', 'gazelle_sync', 'Gazelle',
  unauthorized_codes => '{gazelle_unauthorized,gazelle_not_connected}', access_check => 'gazelle.check_token()');

select sync.register_stream('users', 'public.gazelle_users', 'gazelle');
select sync.register_job('users', 'sync users', '2 */6 * * *', 'users', 'sync-users');
select sync.add_check('users', 'users_without_gazelle_id', 'live.external_id !~ ''^usr_''');

select sync.register_stream('clients', 'public.gazelle_clients', 'gazelle');
select sync.register_job('clients', 'sync clients', '5 * * * *', 'clients', 'sync-clients');
select sync.add_check('clients', 'institutions_tagged', 'live.tags @> ''{institutional}''', 'tags');

select sync.register_stream('contacts', 'public.gazelle_contacts', 'gazelle');
select sync.register_job('contacts', 'sync contacts', '10 */6 * * *', 'contacts', 'sync-contacts');
select sync.watch_reference('contacts', 'contacts_without_client', 'client_external_id', 'public.gazelle_clients');

select sync.register_stream('pianos', 'public.gazelle_pianos', 'gazelle');
select sync.register_job('pianos', 'sync pianos', '15 * * * *', 'pianos', 'sync-pianos');
select sync.add_check('pianos', 'pianos_with_badge', 'live.dampp_chaser_installed', 'dampp_chaser_installed');
select sync.watch_reference('pianos', 'pianos_without_client', 'client_external_id', 'public.gazelle_clients');

select sync.register_stream('appointments', 'public.gazelle_appointments', 'gazelle');
select sync.register_job('appointments', 'sync appointments', '20,50 * * * *', 'appointments', 'sync-appointments');
select sync.watch_reference('appointments', 'appointments_without_client', 'client_external_id', 'public.gazelle_clients');
select sync.watch_reference('appointments', 'appointments_without_piano', 'piano_external_id', 'public.gazelle_pianos');
select sync.watch_reference('appointments', 'appointments_without_user', 'technicien', 'public.gazelle_users');

select sync.register_stream('timeline', 'public.gazelle_timeline_entries', 'gazelle');
select sync.register_job('timeline', 'sync the timeline', '25 */6 * * *', 'timeline', 'sync-timeline');
select sync.watch_reference('timeline', 'entries_without_client', 'client_id', 'public.gazelle_clients');
select sync.watch_reference('timeline', 'entries_without_piano', 'piano_id', 'public.gazelle_pianos');
select sync.watch_reference('timeline', 'entries_without_user', 'user_id', 'public.gazelle_users');
