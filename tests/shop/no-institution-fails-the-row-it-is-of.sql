-- Whatever a client is called, and however many have one name: its configuration is made, and nothing fails.
begin;
set local search_path = public, extensions;
select plan(9);

create function pg_temp.slug_lookups() returns bigint language sql as $$
  select pg_stat_get_xact_numscans('public.institution_config_slug_key'::regclass)
$$;
create function pg_temp.slug_of(id text) returns text language sql as $$
  select c.slug from institution_config c where c.client_external_id = id
$$;

insert into gazelle_clients (external_id, company_name, tags)
select 'cli_' || n, 'École', '{institutional}' from generate_series(1, 400) n;
select ok(pg_temp.slug_lookups() <= 400 * 20, format('four hundred of one name: %s look-ups of a slug', pg_temp.slug_lookups()));
select is((select array[count(distinct slug), count(*) filter (where slug ~ '^ecole(-[0-9]+)?$')] from institution_config),
  '{400,400}', 'each has a slug of its own');
select is(pg_temp.slug_of('cli_3'), 'ecole-3', 'a number after the name');

delete from institution_config where slug in ('ecole', 'ecole-7');
insert into gazelle_clients (external_id, company_name, tags) values ('cli_a', 'École', '{institutional}');
select is(pg_temp.slug_of('cli_a'), 'ecole', 'a slug that is free again is used');

insert into gazelle_clients (external_id, company_name, tags)
select name, c.company, '{institutional}'
from (values ('long', (select string_agg(md5(n::text), '') from generate_series(1, 100) n)), (' ', null), (E'\u00a0', ' '),
  ('signs', '株式会社'), ('dots', repeat('. - ', 900))) c (name, company);
select is(length(pg_temp.slug_of('long')), 80, 'a name of 3,200 letters: a slug that its index can hold');
select is((select array[c.slug, c.display_name] from institution_config c where c.client_external_id = ' '),
  '{institution,Institution}', 'an id of a space, and no name');
select is(pg_temp.slug_of(E'\u00a0'), 'institution-2', 'an id of another space, and a blank name');
select is(pg_temp.slug_of('signs'), 'institution-3', 'a name without a letter that an address can have');
select is(pg_temp.slug_of('dots'), 'institution-4', 'a long name without any letter');

select * from finish();
rollback;
