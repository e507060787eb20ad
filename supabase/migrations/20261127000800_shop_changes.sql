-- From supabase/schemas/shop/pls/changes.sql

create trigger pls_everything_changed
after insert or update or delete or truncate on public.pls_rules
for each statement execute function pls.everything_changed();

create trigger pls_everything_changed
after truncate on public.gazelle_timeline_entries
for each statement execute function pls.everything_changed();

create trigger pls_entries_came
after insert on public.gazelle_timeline_entries
referencing new table as new_rows
for each statement execute function pls.entries_came();

create trigger pls_entry_changed
after update on public.gazelle_timeline_entries
for each row when (
  (old.external_id, old.piano_id, old.entry_type, old.occurred_at, old.title, old.description)
  is distinct from (new.external_id, new.piano_id, new.entry_type, new.occurred_at, new.title, new.description)
)
execute function pls.entry_changed();

create trigger pls_entry_went
after delete on public.gazelle_timeline_entries
for each row execute function pls.entry_changed();

create trigger pls_pianos_came
after insert on public.gazelle_pianos
referencing new table as new_rows
for each statement execute function pls.pianos_came();

create trigger pls_piano_changed
before update on public.gazelle_pianos
for each row when (
  (old.external_id, old.notes, old.dampp_chaser_installed, old.dampp_chaser_mfg_date)
  is distinct from (new.external_id, new.notes, new.dampp_chaser_installed, new.dampp_chaser_mfg_date)
)
execute function pls.piano_changed();

-- Tables that were taken over hold data already.
select pls.note_all();
