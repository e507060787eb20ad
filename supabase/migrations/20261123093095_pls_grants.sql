-- Who may what: people own the rules, the detector writes evidence, nobody else writes anything.

grant pls_detector to authenticator;

alter table public.pls_rules enable row level security;
alter table public.pls_evidence enable row level security;
alter table pls.changes enable row level security;
alter table pls.progress enable row level security;

create policy people on public.pls_rules
  to authenticated, manual_editor using (true) with check (true);
create policy readers on public.pls_rules for select
  to service_role, pls_detector using (true);
create policy detector on public.pls_evidence
  to pls_detector using (true) with check (true);
create policy readers on public.pls_evidence for select
  to authenticated, manual_editor, service_role using (true);
create policy detector on pls.changes
  to pls_detector using (true);
create policy detector_reads on public.gazelle_timeline_entries for select
  to pls_detector using (true);

grant select, insert, update, delete on public.pls_rules to authenticated, manual_editor;
grant select on public.pls_rules to service_role, pls_detector;
grant select on public.pls_evidence to authenticated, manual_editor, service_role;
grant select, insert, update, delete on public.pls_evidence to pls_detector;
grant select on public.gazelle_timeline_entries to pls_detector;
grant usage on schema pls to pls_detector;
grant select, delete on pls.changes to pls_detector;

-- The detector gives its own claims up, and takes a mark before it writes.
grant usage on schema ownership to pls_detector;
grant execute on function ownership.release(regclass, text, name), ownership.mark(text) to pls_detector;

revoke execute on all functions in schema pls from public;
grant execute on all functions in schema pls to pls_detector;

revoke execute on function public.detect_pls(boolean, boolean, integer), public.pls_explain(text)
  from public, anon, authenticated;
grant execute on function public.detect_pls(boolean, boolean, integer) to service_role;
grant execute on function public.pls_explain(text) to authenticated, service_role, manual_editor;
