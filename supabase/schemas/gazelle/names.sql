-- migration: gazelle_survey

-- The names that the migrations take. `npm run migrations` writes this file from supabase/catalogue.txt.

create or replace function gazelle.taken_names()
returns table (kind text, of text, name name)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select t.kind, t.of, unnest(t.names::name[])
  from (values
    ('event trigger', null, '{ownership_watch_commands,ownership_watch_drops}'),
    ('function', null, '{
      detect_pls,etiquette_version,ownership_explain,ownership_health,ownership_list_history,
      ownership_list_policies,pls_accept,pls_answer,pls_explain,shop_doctor,shop_status,shop_verify,
      sync_acknowledge_alert,sync_apply_run,sync_begin_authorization,sync_begin_replay,sync_claim_token,
      sync_connect,sync_due_streams,sync_end_authorization,sync_end_run,sync_fail_run,sync_finish_run,
      sync_interrupt,sync_list_alerts,sync_list_rejected,sync_list_runs,sync_mark_posted,sync_pause_run,
      sync_plan_run,sync_put_token,sync_read_alerts,sync_read_rejected,sync_revert_run,sync_show_run,
      sync_stage_page,sync_start_run,sync_take_authorization,sync_test_webhook,sync_token_status,
      sync_use_api_key,sync_wanted_records,sync_webhook_answer,tag_client,tag_piano,untag_client,
      untag_piano
    }'),
    ('index', 'gazelle_appointments', '{
      gazelle_appointments_client_external_id_idx,gazelle_appointments_piano_external_id_idx
    }'),
    ('index', 'gazelle_contacts', '{gazelle_contacts_client_external_id_idx}'),
    ('index', 'gazelle_pianos', '{gazelle_pianos_client_external_id_idx}'),
    ('index', 'gazelle_timeline_entries', '{
      gazelle_timeline_entries_piano_id_idx,gazelle_timeline_entries_service_idx
    }'),
    ('index', 'pls_evidence', '{pls_evidence_entry_id_idx}'),
    ('job', null, '{
      "sync appointments","sync clean-up","sync clients","sync contacts","sync detect-pls","sync pianos",
      "sync resume","sync timeline","sync users","sync verify","sync watch"
    }'),
    ('policy', 'gazelle_appointments', '{writers}'),
    ('policy', 'gazelle_clients', '{signed_in,signed_in_tag,writers}'),
    ('policy', 'gazelle_contacts', '{writers}'),
    ('policy', 'gazelle_pianos', '{signed_in,signed_in_tag,writers}'),
    ('policy', 'gazelle_timeline_entries', '{detector_reads,signed_in,writers}'),
    ('policy', 'gazelle_users', '{writers}'),
    ('relation', null, '{
      gazelle_appointments,gazelle_clients,gazelle_contacts,gazelle_pianos,gazelle_timeline_entries,
      gazelle_users,institution_config,institution_inventory,institution_overview,pls_evidence,pls_rules,
      pls_to_check
    }'),
    ('schema', '04cd477fd964', '{ownership}'),
    ('schema', '34442c39323e', '{pls}'),
    ('schema', '68c7d235ddd3', '{shop}'),
    ('schema', 'b29979ccce32', '{sync}'),
    ('schema', 'b801fa4a881d', '{ownership_private}'),
    ('schema', 'fe9454aefe10', '{gazelle}'),
    ('trigger', 'gazelle_clients', '{open_tagged_institution}'),
    ('trigger', 'gazelle_pianos', '{pls_piano_changed,pls_pianos_came}'),
    ('trigger', 'gazelle_timeline_entries', '{
      pls_entries_came,pls_entry_changed,pls_entry_went,pls_everything_changed
    }')
  ) t (kind, of, names)
$$;
comment on function gazelle.taken_names() is
  'Every name that the migrations take: schemas (of: the digest of their comment), relations, functions and indexes in
   public, triggers and policies on existing tables (of: the table), event triggers, jobs of pg_cron.';

revoke execute on function gazelle.taken_names from public;
