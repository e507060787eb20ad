-- How a value is written may depend on the session: on its time zone, on its style of dates, intervals, bytes and
-- numbers. Whoever writes, protects, fills, adopts, releases or imports: a row has one key, and a value one text.
begin;
set local client_min_messages = warning;
set local search_path = public, extensions;
select plan(10);

create domain instant as timestamptz;
create type span as (since timestamptz, length interval);
create table kinds (type text, value text);
insert into kinds values
  ('timestamptz', '2026-01-19 12:00+00'), ('instant', '2026-01-19 12:00+00'), ('interval', '1 mon 3 days'),
  ('bytea', '\x01ff'), ('double precision', '0.1234567890123456'), ('money', '1234.56'), ('date[]', '{2026-02-01}'),
  ('daterange', '[2026-02-01,2026-02-03)'),
  ('timestamptz[]', '{2026-01-19 12:00+00}'), ('tstzrange', '[2026-01-19 12:00+00,2026-01-19 13:00+00)');
create function pg_temp.play(type text, value text) returns text[] language plpgsql as $$
declare
  seen text[];
  document jsonb;
begin
  delete from ownership_private.protected_tables;
  drop table if exists placed;
  perform tests.here();
  execute format('create table placed (external_id text, at %s, tags text[], note text not null default '''', cell %1$s,
    primary key (external_id, at))', type);
  grant all on placed to gazelle_sync;
  execute format('insert into placed values (''ins_1'', %L, ''{a}'', ''by hand'', %1$L)', value);
  perform tests.elsewhere();
  perform ownership.protect('placed', c, identity_key => '{external_id,at}')
  from unnest('{tags,note,cell}'::name[]) c where c <> 'cell' or type !~ '\[';
  perform ownership.adopt('placed', 'note');
  perform tests.here();
  perform ownership.adopt('placed', 'tags');
  set local role gazelle_sync;
  update placed set note = 'from Gazelle', tags = '{b}';
  perform tests.elsewhere();
  insert into placed (external_id, at, tags, note) select p.external_id, p.at, '{b}', null from placed p
    on conflict (external_id, at) do update set note = excluded.note, tags = excluded.tags;
  reset role;
  perform tests.here();
  document := ownership.export();
  perform tests.elsewhere();
  perform ownership.import(document, false);
  return array[(select note || tags::text from placed),
    (select count(distinct k.key)::text from (
      select c.key from ownership.claims c where c.tbl = 'placed'::regclass union all
      select b.key from ownership.bases b where b.tbl = 'placed'::regclass union all
      select b.key from ownership.blocked_writes b where b.tbl = 'placed'::regclass) k)];
end $$;
select is(pg_temp.play(k.type, k.value), '{"by hand{a,b}",1}', k.type || ': one key, and what was written stands') from kinds k;

select * from finish();
rollback;
