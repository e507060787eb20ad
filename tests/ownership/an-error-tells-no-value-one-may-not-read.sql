-- The error of a rejected write tells the value that was kept only to whom may read it.
begin;
set local search_path = public, extensions;
select plan(4);

create table people (external_id text primary key, mail text);
create role a_sync;
select ownership.register_writer('a_sync', 10);
grant select (external_id), update on people to a_sync;
select ownership.protect('people', 'mail', on_conflict => 'reject');
insert into people values ('p1', 'secret@example.org');

create function pg_temp.detail_of(role text, statement text) returns text language plpgsql as $$
declare
  told text;
begin
  execute format('set local role %I', role);
  begin
    execute statement;
  exception when others then
    get stacked diagnostics told = pg_exception_detail;
    told := format('%s %s', sqlerrm, told);
  end;
  set local role postgres;
  return told;
end $$;

select unalike(pg_temp.detail_of('a_sync', 'update people set mail = ''''')::text, '%secret%', 'PT409 does not tell the value');
select alike(pg_temp.detail_of('a_sync', 'update people set mail = ''x'''), '%offered "x"%', 'but what was sent');
grant select (mail) on people to a_sync;
select alike(pg_temp.detail_of('a_sync', 'update people set mail = ''''')::text, '%secret%', 'who may read the column is told');
alter table people enable row level security;
create policy all_rows on people to a_sync using (true);
select unalike(pg_temp.detail_of('a_sync', 'update people set mail = ''''')::text, '%secret%', 'where rows are hidden nothing is told');
alter table people disable row level security;
revoke select (mail) on people from a_sync;

select * from finish();
rollback;
