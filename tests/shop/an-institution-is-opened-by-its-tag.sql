-- A client that is tagged institutional has a configuration, by whatever path, and keeps it when it is untagged.
begin;
set local search_path = public, extensions;
select plan(15);

create function pg_temp.as_role(actor name, statement text) returns text language plpgsql as $$
begin
  perform set_config('role', actor, true);
  execute statement;
  perform set_config('role', 'none', true);
  return 'done';
exception when others then
  return sqlstate;
end $$;
create function pg_temp.slugs() returns text[] language sql as $$
  select array_agg(slug order by client_external_id) from institution_config
$$;
select set_config('request.jwt.claims', '{"sub": "1b4e28ba-2fa1-41d2-883f-0016d3cca427"}', true);

select pg_temp.as_role('gazelle_sync', $$insert into gazelle_clients (external_id, company_name, first_name, last_name)
  values ('cli_1', 'École Vincent-d’Indy', null, null), ('cli_2', 'ÉCOLE Vincent d''Indy!', null, null),
    ('cli_3', ' ', 'Anne', 'Bélanger'), ('cli_4', null, null, null), ('cli_5', 'Théâtre', null, null),
    ('cli_6', 'Théâtre', null, null)$$);
select is(pg_temp.slugs(), null, 'no tag, no institution');

update gazelle_clients set tags = '{institutional}' where external_id = 'cli_1';
select is(pg_temp.slugs(), '{ecole-vincent-dindy}', 'plain SQL on the table');
select is(pg_temp.as_role('authenticated', $$select tag_client('cli_2', 'Institutional')$$), 'done', 'the API');
select is(pg_temp.slugs(), '{ecole-vincent-dindy,ecole-vincent-dindy-2}', 'in any spelling; the second of a slug gets a number');
select pg_temp.as_role('service_role', $$update gazelle_clients set tags = '{" INSTITUTIONAL "}' where external_id = 'cli_3'$$);
insert into gazelle_clients (external_id, tags) values ('cli_7', '{vip,institutional}')
on conflict (external_id) do update set tags = excluded.tags;
insert into gazelle_clients (external_id, tags) values ('cli_4', '{institutional}')
on conflict (external_id) do update set tags = excluded.tags;
select is(pg_temp.slugs(), '{ecole-vincent-dindy,ecole-vincent-dindy-2,anne-belanger,cli-4,cli-7}',
  'a program, an insert, an upsert; the name is the company''s, the person''s, or the id');
update gazelle_clients set tags = '{institutional-like}' where external_id = 'cli_5';
select is(cardinality(pg_temp.slugs()), 5, 'another tag is another tag');

update institution_config set notes = 'Clé au secrétariat.' where client_external_id = 'cli_1';
update gazelle_clients set tags = '{}' where external_id = 'cli_1';
update gazelle_clients set tags = '{institutional}' where external_id = 'cli_1';
select is((select array[slug, notes] from institution_config where client_external_id = 'cli_1'),
  '{ecole-vincent-dindy,Clé au secrétariat.}', 'untagged and tagged again, it is the same');

update institution_config set active = false, display_name = 'VDI' where client_external_id = 'cli_1';
delete from institution_config;
update gazelle_clients set tags = '{}';
update gazelle_clients set tags = '{institutional}' where external_id = 'cli_1';
update gazelle_clients set tags = '{institutional}' where external_id = 'cli_2';
select is((select array[slug, display_name, active::text, notes] from institution_config where client_external_id = 'cli_1'),
  '{ecole-vincent-dindy,VDI,false,Clé au secrétariat.}', 'made anew, it has what people set for it');
select is((select array[w.writer::text, w.rank::text] from ownership.whoami() w), '{postgres,100}',
  'and whoever tagged it is himself again');

select is(pg_temp.as_role(actor, $$update institution_config set notes = 'x' where client_external_id = 'cli_2'$$), '42501',
  actor || ' may not write it')
from unnest('{anon,gazelle_sync,pls_detector,service_role}'::name[]) actor;
select is(pg_temp.as_role('authenticated', $$update institution_config set slug = 'Not a slug' where client_external_id = 'cli_2'$$),
  '23514', 'nor a signed-in user what is no slug');
select pg_temp.as_role('authenticated', $$update institution_config set notes = 'x' where client_external_id = 'cli_2'$$);
select is((select row(h.writer, h.sub)::text from ownership.history h where h.key = 'cli_2' and h.col = 'notes'),
  '(authenticated,1b4e28ba-2fa1-41d2-883f-0016d3cca427)', 'what a signed-in user writes is in the history');

select * from finish();
rollback;
