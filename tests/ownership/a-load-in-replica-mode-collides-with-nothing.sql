-- The platform's documented way to move a database is its schema, then its data in replica mode in one transaction.
-- Tables come in any order: rows before their claims, or claims before their rows. The load claims nothing.
begin;
set local search_path = public, extensions;
select plan(11);

delete from ownership_private.protected_tables;
delete from ownership_private.history;
create table boats (external_id text primary key, name text, berth text, tags text[] not null default '{}');
create table berths (harbour text, place integer, note text, primary key (harbour, place));
create role a_feed;
grant select, insert, update, delete, truncate on boats, berths to a_feed;
select ownership.register_writer('a_feed', 10);
select ownership.protect('boats', c) from unnest('{name,berth,tags}'::name[]) c;
select ownership.protect('berths', 'note');
set local role a_feed;
insert into boats values ('b1', 'Aurore', 'north', '{red,old}'), ('b2', 'Boreas', 'south', '{blue}');
insert into berths values ('mtl', 1, 'sent');
set local role postgres;
insert into boats values ('b3', 'by hand', null, '{own}');
update boats set name = 'by hand', tags = '{red,vip}' where external_id = 'b1';
update berths set note = 'by hand';
set local role a_feed;
update boats set name = 'sent', tags = '{red,old,new}' where external_id = 'b1';
update berths set note = '';
set local role postgres;

-- What pg_dump would write, loaded into an empty database.
create table pg_temp.dumped (name text, place integer, row jsonb);
create function pg_temp.move(names text[]) returns void language plpgsql as $$
declare name text; begin
  set local session_replication_role = replica;
  truncate pg_temp.dumped;
  foreach name in array names loop
    execute format('insert into pg_temp.dumped select %L, row_number() over (), to_jsonb(t) from %1$s t', name);
  end loop;
  execute (select string_agg('delete from ' || n, ';' order by place) from unnest(names) with ordinality u (n, place));
  perform setval(ownership_private.gate(g.id), 1, false) from ownership_private.policies g;
  foreach name in array names loop
    execute format('insert into %1$s (%2$s) overriding system value
      select %2$s from (
        select (jsonb_populate_record(null::%1$s, d.row)).* from pg_temp.dumped d where d.name = %3$L order by d.place
      ) r', name, (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a
        where a.attrelid = name::regclass and a.attnum > 0 and a.attgenerated = ''), name);
  end loop;
  set local session_replication_role = origin;
end $$;
create function pg_temp.books() returns jsonb language sql as $$
  select jsonb_build_object(
    'boats', (select jsonb_agg(to_jsonb(b) order by b.external_id) from boats b),
    'berths', (select jsonb_agg(to_jsonb(b)) from berths b),
    'claims', (select jsonb_agg(to_jsonb(c) order by c.policy_id, c.key, c.element) from ownership_private.claims c),
    'bases', (select jsonb_agg(to_jsonb(b) order by b.policy_id, b.key, b.source) from ownership_private.bases b),
    'blocked', (select jsonb_agg(to_jsonb(b) order by b.offered_hash) from ownership_private.blocked_writes b),
    'history', (select jsonb_agg(to_jsonb(h) order by h.id) from ownership_private.history h))
$$;
create table pg_temp.before as select pg_temp.books() as books;
create function pg_temp.moves(label text, names text[]) returns setof text language plpgsql as $$
begin
  return next lives_ok(format('select pg_temp.move(%L)', names), label || ': it goes through');
  return next is(pg_temp.books(), (select books from pg_temp.before), label || ': everything is as it was');
  return next is_empty('select problem from ownership.health() union all select problem from ownership.verify()', label || ': sound');
end $$;
select pg_temp.moves('claims before rows', array['ownership_private.history', 'ownership_private.claims',
  'ownership_private.bases', 'ownership_private.blocked_writes', 'boats', 'berths']);
select pg_temp.moves('rows before claims', array['boats', 'berths', 'ownership_private.blocked_writes',
  'ownership_private.claims', 'ownership_private.bases', 'ownership_private.history']);
select pg_temp.moves('rows between', array['ownership_private.bases', 'boats', 'ownership_private.history', 'berths',
  'ownership_private.claims', 'ownership_private.blocked_writes']);

set local role a_feed;
update boats set name = 'sent again', tags = '{red,old}' where external_id = 'b1';
update berths set note = 'sent again';
set local role postgres;
select results_eq($$select name, tags, note from boats, berths where external_id = 'b1'$$,
  $$values ('by hand', '{red,vip}'::text[], 'by hand')$$, 'the sync goes on, and spares what people wrote');
select lives_ok($$update boats set berth = 'east' where external_id = 'b2'$$, 'people go on too');

select * from finish();
rollback;
