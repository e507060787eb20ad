-- What an application's constraints, triggers and limits refuse goes to quarantine; the rest is written.
begin;
set local search_path = public, extensions;
select plan(10);

create function pg_temp.read(records jsonb, rows_a_call integer default 1) returns jsonb language plpgsql as $$
declare
  run record;
  state jsonb;
begin
  select * into run from jsonb_to_record(sync_start_run('clients', 'test')) r (run_id bigint, lease uuid);
  -- In pages of three.
  for page in 0 .. (jsonb_array_length(records) - 1) / 3 loop
    state := sync_stage_page(run.run_id, run.lease,
      (select jsonb_agg(r) from jsonb_array_elements(records) with ordinality e (r, n) where (n - 1) / 3 = page)::text,
      '[]', page::text, page = (jsonb_array_length(records) - 1) / 3, jsonb_array_length(records));
  end loop;
  while state ->> 'step' = 'plan' loop state := sync_plan_run(run.run_id, run.lease); end loop;
  while state ->> 'step' = 'apply' loop state := sync_apply_run(run.run_id, run.lease, rows_a_call); end loop;
  return sync_finish_run(run.run_id, run.lease, '{}');
end;
$$;
create function pg_temp.counted(report jsonb) returns text language sql as $$
  select concat_ws(' ', c ->> 'inserted', c ->> 'updated', c ->> 'unchanged', c ->> 'rejected')
  from (select report -> 'counters' as c) r
$$;
create function pg_temp.set_aside() returns text[] language sql as $$
  select array_agg(concat_ws(' ', j.external_id, j.path) order by j.external_id)
  from sync.rejected_records j where j.run_id = (select max(r.id) from sync.runs r)
$$;
create function pg_temp.records(count integer, more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('external_id', 'c' || n, 'city', 'Laval', 'status', n)
    || coalesce(more -> ('c' || n), '{}'))
  from generate_series(1, count) n
$$;

create table public.towns (name text primary key);
insert into towns values ('Laval');
create function public.no_vip() returns trigger language plpgsql as $$
begin
  if new.locale = 'vip' then raise exception 'nobody is a vip here'; end if;
  if new.locale = 'own' then raise exception 'refused' using errcode = 'SHOP1'; end if;
  return new;
end;
$$;
create trigger no_vip before insert or update on gazelle_clients for each row execute function no_vip();
alter table gazelle_clients
  add constraint phone_is_short check (length(phone) < 20),
  add constraint town_is_known foreign key (city) references towns (name) deferrable initially deferred,
  add constraint email_is_its_own unique (email);
create index on gazelle_clients (postal_code);
create temporary table poison on commit drop as select '{
  "c2": {"phone": "123456789012345678901234567890"}, "c4": {"city": "Québec"}, "c5": {"locale": "vip"},
  "c7": {"locale": "own"}, "c8": {"email": "a@b.ca"}, "c9": {"email": "a@b.ca"}}'::jsonb || jsonb_build_object('c11',
  jsonb_build_object('postal_code', (select string_agg(md5(n::text), '') from generate_series(1, 200) n))
) as more;

select is(pg_temp.counted(pg_temp.read(pg_temp.records(12, more))), '6 0 0 6', 'a first load: six of twelve go in') from poison;
select is(pg_temp.set_aside(), array['c11 gazelle_clients_postal_code_idx', 'c2 phone_is_short', 'c4 town_is_known', 'c5 ', 'c7 ', 'c9 email_is_its_own'],
  'the others are set aside, each with the constraint that refused it');
select is((select array_agg(left(j.reason, 60) order by j.id) from sync.rejected_records j
    where j.external_id in ('c4', 'c5')),
  array['insert or update on table "gazelle_clients" violates foreign',
    'nobody is a vip here. PL/pgSQL function public.no_vip() line'],
  'and its reason');
select matches((select j.reason from sync.rejected_records j where j.external_id = 'c11'), 'index row size \d+ exceeds',
  'a limit of an index too');
select set_eq('select external_id from gazelle_clients', array['c1', 'c3', 'c6', 'c8', 'c10', 'c12'], 'nothing else is missing');

select is(pg_temp.counted(pg_temp.read(pg_temp.records(12), 10000)), '6 0 6 0', 'corrected, all go in: the first four as before');
select is(pg_temp.counted(pg_temp.read(pg_temp.records(12, more), 10000)), '0 0 6 6', 'updates are refused as inserts are')
from poison;
select is((select array_agg(distinct c.city) from gazelle_clients c), '{Laval}', 'the rows of what was refused stand as they did');

select is((select count(c.missing_since)::integer from gazelle_clients c), 0, 'and none is taken for missing');
select is(pg_temp.counted(pg_temp.read(pg_temp.records(12) || (
    select jsonb_agg(jsonb_build_object('external_id', 'd' || n, 'phone', repeat('1', 30))) from generate_series(1, 6) n))), '0 0 12 6', 'two pages of which nothing is left');

select * from finish();
rollback;
