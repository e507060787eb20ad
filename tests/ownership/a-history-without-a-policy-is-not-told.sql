-- What belongs to no policy any more stands in the history under names that something else may bear today: only the
-- engine's owner and its members see it.
begin;
set local search_path = public, extensions;
select plan(5);

create role a_reader;
grant usage on schema ownership, ownership_private to a_reader;
grant select on ownership.history to a_reader;
grant execute on function ownership_private.may_read to a_reader;
create table people (external_id text primary key, mail text, tags text[]);
grant select on people to a_reader;
select ownership.protect('people', c) from unnest('{mail,tags}'::name[]) c;
insert into people values ('p1', 'secret@example.org', '{secret}');
update people set tags = '{secret,more}';
create function pg_temp.seen() returns bigint language plpgsql as $$
declare
  seen bigint;
begin
  set local role a_reader;
  select count(*) into seen from ownership.history where tbl::text ~ 'people$';
  set local role postgres;
  return seen;
end $$;

select cmp_ok(pg_temp.seen(), '>', 0::bigint, 'who reads the table sees what belongs to a policy');
select ownership.unprotect('people', 'mail');
select is((select count(*) from ownership.history where tbl = 'public.people' and col = 'mail' and event = 'unprotected'), 1::bigint,
  'its owner sees all');
set local role a_reader;
create temporary table told on commit drop as select * from ownership.history where tbl = 'public.people';
set local role postgres;
select is_empty($$select * from told where col = 'mail'$$, 'after it the column may be another');
select ownership.unprotect('people', 'tags');
alter table people rename to persons;
create table people (external_id text primary key, mail text, tags text[]);
grant select on people to a_reader;
select is(pg_temp.seen(), 0::bigint, 'and a table that took the name shows nothing of what was another''s');
select ownership.protect('people', 'mail');
select is(pg_temp.seen(), 0::bigint, 'also when it is protected');

select * from finish();
rollback;
