-- Guards look for claims only once the gate of the policy is open. What opens it is awake in replica mode, too: claims
-- are loaded, and replicated.
begin;
set local search_path = public, extensions;
select plan(6);

create role a_feed;
create role a_deriver;
select ownership.register_writer('a_feed', 10);
select ownership.register_writer('a_deriver', 50);
create function pg_temp.as(role text, statement text) returns void language plpgsql as $$
begin
  execute format('set local role %I', role);
  execute statement;
  set local role postgres;
end $$;

create table gulls (external_id text primary key, name text, place text, colours text[]);
grant select, insert, update, delete, truncate on gulls to a_feed, a_deriver;
select ownership.protect('gulls', c) from unnest('{name,place,colours}'::name[]) c;
create function pg_temp.gate_of(col name) returns bigint language sql as $$
  select pg_sequence_last_value(ownership_private.gate(p.id))
  from ownership_private.policies p join ownership_private.protected_tables t on t.id = p.table_id
  where t.tbl = 'gulls'::regclass and p.col = gate_of.col
$$;
create function pg_temp.policy(col name) returns integer language sql as $$
  select p.id from ownership_private.policies p join ownership_private.protected_tables t on t.id = p.table_id
  where t.tbl = 'gulls'::regclass and p.col = policy.col
$$;
set local session_replication_role = replica;
select pg_temp.as('a_deriver', $$insert into gulls values ('g1', 'derived')$$);
select isnt(pg_temp.gate_of('name'), null, 'a first claim in replica mode opens the gate');
insert into ownership_private.claims (policy_id, key, writer, rank, value) values (pg_temp.policy('place'), 'g1', 'postgres', 100, '"replicated"');
select isnt(pg_temp.gate_of('place'), null, 'so does a claim that is loaded or replicated');
insert into ownership_private.bases (policy_id, key, source, base) values (pg_temp.policy('colours'), 'g1', 'a_feed', '{white}');
select isnt(pg_temp.gate_of('colours'), null, 'and a base');
update gulls set place = 'replicated';
set local session_replication_role = origin;
select pg_temp.as('a_feed', $$update gulls set name = 'sent', place = 'sent'$$);
select results_eq('select name, place from gulls', $$values ('derived', 'replicated')$$, 'the guard looks');
select is_empty($$select * from ownership.health()$$, 'health has nothing to say');
select is_empty($$select * from ownership.verify() where tbl = 'gulls'::regclass$$, 'verify finds nothing lost');

select * from finish();
rollback;
