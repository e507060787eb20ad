-- migration: gazelle_access

-- What signed-in users see and change of Gazelle's tables: the columns that institutions and inventories show,
-- and tags. Accounts are given, not taken: whoever is signed in belongs to the shop.

create schema shop;
comment on schema shop is
  'Helpers behind the shop''s own functions and views, which are in public. Not exposed by the API.';
grant usage on schema shop to authenticated, manual_editor;

select gazelle.lock_tables();

create policy signed_in on public.gazelle_clients
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in on public.gazelle_pianos
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in on public.gazelle_timeline_entries
  for select to authenticated using ((select auth.uid()) is not null);

create policy signed_in_tag on public.gazelle_clients
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
create policy signed_in_tag on public.gazelle_pianos
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);

grant
  select (external_id, company_name, city, status, tags, missing_since),
  update (tags)
  on public.gazelle_clients to authenticated;

grant
  select (
    external_id, client_external_id, make, model, serial_number, type, year, location, status, tags,
    dampp_chaser_installed, missing_since
  ),
  update (tags)
  on public.gazelle_pianos to authenticated;

grant select (external_id, piano_id, occurred_at, entry_type)
  on public.gazelle_timeline_entries to authenticated;

-- Over a table with row level security of its own, who sees what stays as its application has it.
do $$
declare
  taken record;
begin
  for taken in
    select t.tbl, p.polname
    from gazelle.taken_over t
    join pg_catalog.pg_policy p on p.polrelid = t.tbl and p.polname in ('signed_in', 'signed_in_tag')
    where t.had_row_security
  loop
    execute format('drop policy %I on %s', taken.polname, taken.tbl);
  end loop;
end
$$;
