-- Health has nothing to say where nothing is wrong, whatever is protected, and however often.
begin;
set local search_path = public, extensions;
select plan(5);

create table harbours (
  country text,
  code text,
  name text not null,
  depth numeric,
  tags text[] not null default '{}',
  opened timestamptz,
  extra jsonb,
  primary key (country, code)
) partition by list (country);
create table harbours_ca partition of harbours for values in ('ca');
create table harbours_fr partition of harbours for values in ('fr');

select is_empty('select * from ownership.health()', 'with the tables of the migrations');

select ownership.protect('harbours', 'name', 'manual');
select ownership.protect('harbours', 'depth', 'fill_blank', on_conflict => 'reject');
select ownership.protect('harbours', 'tags');
select ownership.protect('harbours', 'opened', 'source_unless_blank');
select ownership.protect('harbours', 'extra', on_conflict => 'observe');
select is_empty('select * from ownership.health()', 'with every mode, a composite key and partitions');

insert into harbours (country, code, name) values ('ca', 'mtl', 'Montréal');
select ownership.register_writer('service_role', 30);
select ownership.protect('harbours', 'name', 'claim');
select ownership.unprotect('harbours', 'depth');
select is_empty('select * from ownership.health()', 'after ranks and policies changed');

alter table harbours rename to ports;
select is_empty('select * from ownership.health()', 'after the table was renamed, and nothing took its name');

select ownership.unprotect('ports', col) from ownership.policies where tbl = 'ports'::regclass;
drop table ports;
select is_empty('select * from ownership.health()', 'after the table was unprotected and dropped');

select * from finish();
rollback;
