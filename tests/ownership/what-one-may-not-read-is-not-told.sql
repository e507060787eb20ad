-- Who may not read a column learns none of its values through a function of his own in a query of the engine's views;
-- and who may not read a key does not see the claims that name it.
begin;
set local search_path = public, extensions;
select plan(13);

create table people (external_id text primary key, mail text, phone text, tags text[]);
create role a_reader;
create role a_sync;
select ownership.register_writer('a_sync', 10);
grant usage on schema ownership, ownership_private to a_reader;
grant select on ownership.claims, ownership.history, ownership.bases, ownership.blocked_writes to a_reader;
grant execute on function ownership_private.may_read to a_reader;
grant select (external_id), update on people to a_sync;
grant select (external_id, phone) on people to a_reader;
select ownership.protect('people', 'mail', on_conflict => 'reject');
select ownership.protect('people', c) from unnest('{phone,tags}'::name[]) c;
insert into people values ('p1', 'secret@example.org', 'secret 514', '{secret}');
update people set tags = '{secret,more}';

update people set phone = 'seen';
set local role a_sync;
update people set phone = 'sent', tags = '{sent}';
set local role postgres;

create table told (value text);
grant insert on told to public;
create function leak(value text) returns boolean language plpgsql cost 0.0000001 as $$
begin
  insert into told values (value);
  return true;
end $$;
grant execute on function leak to public;
create function pg_temp.leaked(view text, expression text) returns bigint language plpgsql as $$
begin
  delete from told;
  set local role a_reader;
  execute format('select count(*) from ownership.%I v where leak(%s)', view, expression);
  set local role postgres;
  return (select count(*) from told where value ~ 'secret|more');
end $$;
select is(pg_temp.leaked('claims', 'v.value::text'), 0::bigint, 'claims: nothing passes a function on its way');
select is(pg_temp.leaked('claims', 'v.key || v.value::text'), 0::bigint, 'nor with the key');
select is(pg_temp.leaked('bases', 'v.base::text'), 0::bigint, 'bases');
select is(pg_temp.leaked('blocked_writes', 'v.kept::text'), 0::bigint, 'blocked writes');

select results_eq($$select distinct col, key from ownership.claims where tbl = 'people'::regclass order by col$$,
  $$values ('mail'::name, 'p1' collate "C"), ('phone', 'p1'), ('tags', 'p1')$$, 'the owner sees all');
select is(pg_temp.leaked('history', 'case when v.col = ''phone'' then ''own'' else v.new_value::text end'), 0::bigint, 'history');

create function pg_temp.seen(view text) returns bigint language plpgsql as $$
declare
  seen bigint;
begin
  set local role a_reader;
  execute format('select count(*) from ownership.%I where tbl::text ~ ''people$''', view) into seen;
  set local role postgres;
  return seen;
end $$;
select cmp_ok(pg_temp.seen('claims'), '>', 0::bigint, 'a reader of column and key sees its claims');
revoke select (external_id) on people from a_reader;
select is(pg_temp.seen(v), 0::bigint, 'who may not read the key sees nothing in ' || v)
from unnest('{claims,history,blocked_writes,bases}'::text[]) v;
alter table people drop column phone cascade;
select lives_ok('select pg_temp.seen(''claims'')', 'a column that is gone does not close the views');
select cmp_ok((select count(*) from ownership.claims where tbl = 'people'::regclass), '>', 0::bigint, 'to anybody');

select * from finish();
rollback;
