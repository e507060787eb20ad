-- Who inserts a row writes no column default: also one that is written with a cast, through a domain, as an array, or
-- that is the time of the transaction. What may be another value each time counts as written.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(6);

create domain word as text;
create domain rating as smallint check (value >= -1);
create function handed_out() returns text language sql volatile return 'handed out';
create table defaults (
  external_id text primary key,
  of_domain word default 'x', of_checked_domain rating default -1, cast_down smallint default 1::smallint,
  cast_twice varchar(9) default 'x'::text::varchar(9), of_digits numeric(9, 2) default 0::bigint,
  listed text[] default array['a', 'b']::varchar[], stamped timestamptz default now(), dated date default current_date,
  of_function text default handed_out(), of_chance double precision default random()
);
grant all on defaults to gazelle_sync;
select ownership.protect('defaults', attname, 'claim') from pg_attribute
where attrelid = 'defaults'::regclass and attnum > 1 order by attnum;

create function pg_temp.claimed() returns text
language sql return (select string_agg(col, ', ' order by col) from ownership.claims where tbl = 'defaults'::regclass);

insert into defaults (external_id) values ('ins_1');
select is(pg_temp.claimed(), 'of_chance, of_function', 'what is computed anew counts as written, and no other default');
set local role gazelle_sync;
update defaults set of_domain = 'y', of_checked_domain = 5, cast_down = 6, cast_twice = 'y', of_digits = 7.5,
  listed = '{c}', stamped = '2026-01-19 00:00Z', dated = '2026-01-19';
reset role;
select is((of_domain, of_checked_domain, cast_down, cast_twice, of_digits, listed)::text,
  '(y,5,6,y,7.50,{c})', 'so the source fills these cells') from defaults;

insert into defaults (external_id, of_domain, of_digits) values ('ins_2', 'by hand', 1);
select is((
    select string_agg(col, ', ' order by col) from ownership.claims
    where key = 'ins_2' and col not in ('of_chance', 'of_function')
  ), 'of_digits, of_domain', 'another value is a claim');
set local role gazelle_sync;
delete from defaults;
insert into defaults (external_id) values ('ins_2');
reset role;
select is((of_domain, of_digits)::text, '("by hand",1.00)', 'a default says nothing against what is owned')
  from defaults;
select is(cast_twice, 'x', 'and stands where nobody owns anything') from defaults;
select is_empty('select * from ownership.verify()', 'nothing is lost');

select * from finish();
rollback;
