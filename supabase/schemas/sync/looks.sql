-- Looks: the state of the shop is put together from them. A look compares what should be with what is, and returns
-- findings. What should be comes from claims, from runs and from the schedule, never from the table that is looked at.

create type sync.finding as (
  code text,
  name text,
  state text,
  message text,
  details text[],
  hint text,
  expected bigint,
  found bigint,
  job text,
  times integer
);
comment on type sync.finding is
  'What a look found: a stable code, what was looked at, its state (sync.gravity), what is so, examples, what to do, and
   where something is counted what was expected and found. job: whose alert the watch raises about it; NULL: none.
   times: what the alert counts.';

create table sync.looks (
  look text primary key check (look ~ '^[a-z]+( [a-z]+)*$'),
  work text not null,
  quick text,
  is_deep boolean not null default false,
  place integer not null generated always as identity
);
comment on table sync.looks is
  'What the state is put together from. A deep look takes long: the job verify and etiquette verify take it, and the
   watch while an alert of it is open.';
comment on column sync.looks.work is 'A call of the function that looks; it returns a set of sync.finding.';
comment on column sync.looks.quick is
  'A look in its place that is quick while all is well, for who asks every minute. The watch and the doctor take the
   whole one.';

create function sync.register_look(
  look text,
  work regprocedure,
  is_deep boolean default false,
  quick regprocedure default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into sync.looks as l (look, work, is_deep, quick)
  values (look, work::text, is_deep, quick::text)
  on conflict on constraint looks_pkey do update
  set work = excluded.work, is_deep = excluded.is_deep, quick = excluded.quick
$$;
comment on function sync.register_look(text, regprocedure, boolean, regprocedure) is
  'Adds a look to the state, or changes it. The arguments are the columns of sync.looks.';

create function sync.gravity(state text)
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- What nobody knows is no better than what cannot be told.
  select coalesce(array_position(array['well', 'notice', 'degraded', 'failed', 'cannot tell', 'lost'], state), 5)
$$;
comment on function sync.gravity(text) is
  'How grave a state is. well; notice: somebody should know, and all is well; degraded: it goes on with less; failed: a
   protection, a sync or an alarm is out of order; cannot tell: a look failed; lost: values or rows are gone.';

create function sync.take_look(look sync.looks, is_quick boolean)
returns setof sync.finding
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- A table that somebody holds locked must not stop the other looks.
set lock_timeout = '1s'
set jit = off
as $$
declare
  taken sync.finding[];
begin
  -- All of them or none: rows that were returned before an error would stay.
  execute format('select array_agg(f) from %s f', case when is_quick then coalesce(look.quick, look.work) else look.work end)
    into taken;
  return query select f.* from unnest(taken) f;
exception when others then
  return query select 'cannot_tell', look.look, 'cannot tell', format('the look at it failed: %s', sqlerrm),
    array['SQLSTATE ' || sqlstate], 'etiquette verify looks again; in docs/operations.md: cannot tell.',
    null::bigint, null::bigint, 'watch', null::integer;
end;
$$;
comment on function sync.take_look(sync.looks, boolean) is
  'The findings of a look. One that fails is a finding itself, and stops no other.';

create function sync.findings(depth text default 'quick', with_open boolean default false)
returns table (
  look text, place integer, code text, name text, state text, message text, details text[], hint text,
  expected bigint, found bigint, job text, times integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select l.look, l.place, f.*
  from sync.looks l
  cross join lateral sync.take_look(l, depth = 'quick') f
  where depth = 'deep' or not l.is_deep
    or with_open and exists (select from sync.alerts a where l.look = any (a.looks) and a.resolved_at is null)
  order by l.place
$$;
comment on function sync.findings(text, boolean) is
  'The findings of the looks, also of what is well. depth: quick, whole, or deep, which takes deep looks too; with_open:
   also the deep ones of which an alert is open.';

create function sync.state_of(states text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select (array['well', 'well', 'degraded', 'failed', 'cannot tell', 'lost'])[coalesce(max(sync.gravity(s)), 5)]
  from unnest(states) s
$$;
comment on function sync.state_of(text[]) is
  'One state for many: the gravest, where a notice is well. Without any it cannot be told.';
