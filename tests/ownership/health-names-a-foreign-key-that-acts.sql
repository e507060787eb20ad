-- protect refuses a column that a foreign key empties or changes; one that comes later is named by health.
begin;
set local search_path = public, extensions;
select plan(6);

create table owners (name text primary key);
create table boats (external_id text primary key, owner text, harbour text);
select ownership.protect('boats', 'owner');

create function pg_temp.problems_with(action text) returns setof text language plpgsql as $$
begin
  execute format('alter table boats add constraint owned foreign key (owner) references owners %s', action);
  return query select format('%s: %s', h.problem, h.object) from ownership.health() h where h.tbl = 'boats'::regclass;
  alter table boats drop constraint owned;
end
$$;

select results_eq(format('select pg_temp.problems_with(%L)', action), $$values ('foreign key acts: public.boats.owner')$$, action)
from unnest('{on delete set null,on delete set default,on delete cascade,on update cascade}'::text[]) action;
select is_empty($$select pg_temp.problems_with('on delete restrict')$$, 'a foreign key that only refuses does no harm');
alter table boats add foreign key (harbour) references owners on delete cascade;
select is_empty($$select * from ownership.health() where tbl = 'boats'::regclass$$, 'nor does one of a column without a policy');

select * from finish();
rollback;
