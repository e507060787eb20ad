-- Which errors are about one record, so that the others can be written, and which are about the database.
begin;
set local search_path = public, extensions;
select plan(8);

select is(sync.is_refusal(state), true, state || ' is a refusal')
from unnest('{22001,23503,44000,54000,P0001,OW001}'::text[]) state;
select is(array_agg(state) filter (where sync.is_refusal(state)), null, 'the database''s own troubles are none')
from unnest('{08006,25006,40001,42501,53100,55P03,57014,58030,P0004,XX000,F0000,HV000}'::text[]) state;

-- A trigger that cannot run would refuse every record, so it ends the run.
create function public.broken() returns trigger language plpgsql as $$ begin perform 1 from nowhere; return new; end $$;
create trigger broken before insert on gazelle_clients for each row execute function broken();
select throws_ok($$ select tests.the_sync_reads('[{"external_id": "e1"}]') $$, '42P01', null, 'a trigger that cannot run');

select * from finish();
rollback;
