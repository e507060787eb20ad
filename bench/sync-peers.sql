-- Unguarded twins of the clients' table, one for each other contender of `bench -- sync`, and the function of
-- `plain upsert`.

create schema bench;
create table public.bench_script (like public.gazelle_clients including all);
create table public.bench_bulk (like public.gazelle_clients including all);
create table public.bench_plain (like public.gazelle_clients including all);
create table bench.stripe (like public.gazelle_clients including defaults);
alter table bench.stripe drop id;
alter table bench.stripe rename external_id to id;
-- stripe-sync-engine writes arrays as JSON.
alter table bench.stripe drop tags;
alter table bench.stripe add tags jsonb;
alter table bench.stripe add primary key (id);
grant select, insert, update on public.bench_script, public.bench_bulk, public.bench_plain to service_role;

do $$
declare
  columns name[] := array(select c.name from sync.columns_of('public.gazelle_clients') c);
begin
  execute format(
    $sql$
      create function public.bench_upsert(records jsonb)
      returns integer
      language sql
      volatile
      set search_path = ''
      as $body$
        with written as (
          insert into public.bench_plain (external_id, %1$s)
          select external_id, %1$s from jsonb_populate_recordset(null::public.bench_plain, records)
          on conflict (external_id) do update set %2$s
          returning 1
        )
        select count(*)::integer from written
      $body$
    $sql$,
    (select string_agg(format('%I', c), ', ') from unnest(columns) c),
    (select string_agg(format('%1$I = excluded.%1$I', c), ', ') from unnest(columns) c));
end $$;
revoke execute on function public.bench_upsert(jsonb) from public, anon, authenticated;
grant execute on function public.bench_upsert(jsonb) to service_role;
