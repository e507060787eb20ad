-- Retention: how long the engine keeps what it writes down, and prune, which deletes what is older. What a claim, a
-- kept mark or the value of a person rests on is never deleted.

create table ownership_private.retention (
  is_only boolean primary key default true check (is_only),
  history interval not null default '400 days',
  blocked_writes interval not null default '90 days',
  alarms interval not null default '400 days',
  offers_per_cell integer not null default 20,
  constraint retention_is_a_day_or_more
    check (history >= '1 day' and blocked_writes >= '1 day' and alarms >= '1 day' and offers_per_cell >= 1)
);
insert into ownership_private.retention default values;
comment on table ownership_private.retention is 'How long the engine keeps what it writes down; one row.';

create view ownership.retention as
select r.history, r.blocked_writes, r.alarms, r.offers_per_cell
from ownership_private.retention r;
comment on view ownership.retention is
  'How long entries of the history and marks, blocked writes and ended alarms are kept, and of how many values kept out
   of one cell there is a record. ownership.set_retention changes it, ownership.prune deletes what is older.';

create function ownership.set_retention(
  history interval default null,
  blocked_writes interval default null,
  alarms interval default null,
  offers_per_cell integer default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  wrong text := (
    select string_agg(format('%s: %s', given.name, given.value), ', ')
    from (values
      ('history', history::text, history < '1 day'), ('blocked_writes', blocked_writes::text, blocked_writes < '1 day'),
      ('alarms', alarms::text, alarms < '1 day'), ('offers_per_cell', offers_per_cell::text, offers_per_cell < 1)
    ) given (name, value, is_wrong)
    where given.is_wrong
  );
begin
  perform ownership.require_person('set_retention');
  if wrong is not null then
    perform ownership_private.fail('OW015', format('too little would be kept (%s)', wrong),
      'A day is the least, and one offer a cell: what was kept out or changed today must be there to be looked at.',
      'Give an interval such as ''90 days'', and a number from 1 up.');
  end if;
  update ownership_private.retention r
  set history = coalesce(set_retention.history, r.history),
      blocked_writes = coalesce(set_retention.blocked_writes, r.blocked_writes),
      alarms = coalesce(set_retention.alarms, r.alarms),
      offers_per_cell = coalesce(set_retention.offers_per_cell, r.offers_per_cell);
end
$$;
comment on function ownership.set_retention is
  'Changes how long the engine keeps what it writes down; what is not given stays as it is. Nothing is deleted before
   ownership.prune is called. Errors: OW001, OW015 (less than a day, or no offer at all).';

create function ownership_private.last_prunable(before timestamptz)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- One mark as old as the retention stays, so that every time within it has a mark to go back to.
  select coalesce(
    (select max(m.history_id) from ownership_private.marks m where m.at <= before),
    (select min(m.history_id) from ownership_private.marks m),
    (select max(h.id) from ownership_private.history h)
  )
$$;
comment on function ownership_private.last_prunable is
  'The last entry of the history that no mark younger than this needs to be read one by one: what lies before it counts
   only as what stood there at the oldest kept mark.';

create function ownership_private.prunable_history(before timestamptz)
returns table (id bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- past() reads the last entry of a cell up to a mark, and the last one that no restore wrote; both stay. Entries lie
  -- under the key that their row had then, and past() finds today's by the changes of keys (moved). So these all stay;
  -- and an entry is only superseded by one of the same row: once a row has left a key, another may have taken it.
  with last as materialized (
    select ownership_private.last_prunable(before) as id
  ),
  left_key as materialized (
    select m.tbl, m.col, m.old_value #>> '{}' as key, m.id
    from ownership_private.history m
    where m.event = 'moved'
  )
  select h.id
  from last
  join ownership_private.history h on h.id <= last.id
  where h.at < before
    and h.event <> 'moved'
    and (h.event = 'unprotected' or exists (
      select from ownership_private.history n
      where n.key = h.key and n.tbl = h.tbl and n.col = h.col and n.element = h.element
        and n.id > h.id and n.id <= last.id
        and n.event not in ('moved', 'unprotected')
        and (n.event <> 'restored' or h.event = 'restored')
        and not exists (
          select from left_key l
          where l.key = h.key and l.tbl = h.tbl and l.col = h.col and l.id > h.id and l.id < n.id
        )
        -- Once a table or column has left a name, what bears it is another.
        and not exists (
          select from ownership_private.renames r
          where r.old_tbl = h.tbl and r.old_col = h.col and r.id > h.id and r.id < n.id
        )
    ))
$$;
comment on function ownership_private.prunable_history is
  'Entries of the history that are older than this and that neither a kept mark nor the present rests on.';

create function ownership_private.prunable_offers(before timestamptz, most integer)
returns table (policy_id integer, key text, offered_hash text, last_at timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.policy_id, r.key, r.offered_hash, r.last_at
  from (
    select b.*, row_number() over (partition by b.policy_id, b.key order by b.last_at desc, b.offered_hash) as place
    from ownership_private.blocked_writes b
  ) r
  where r.last_at < before or r.place > most
$$;
comment on function ownership_private.prunable_offers is
  'Blocked writes that are older than this, or of whose cell there are more recent ones enough.';

create function ownership_private.prunable_keys(before timestamptz, most integer)
returns table (table_id integer, key text, offered_hash text, last_at timestamptz)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.table_id, r.key, r.offered_hash, r.last_at
  from (
    select b.*, row_number() over (partition by b.table_id, b.key order by b.last_at desc, b.offered_hash) as place
    from ownership_private.blocked_keys b
  ) r
  where r.last_at < before or r.place > most
$$;
comment on function ownership_private.prunable_keys is
  'Blocked changes of identity keys that are older than this, or of whose row there are more recent ones enough.';

create function ownership.prune(dry_run boolean default false)
returns table (kind text, pruned bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
as $$
declare
  keep ownership_private.retention;
begin
  perform ownership.require_person('prune');
  select * into keep from ownership_private.retention;
  return query
  with old_history as materialized (
    select h.id from ownership_private.prunable_history(now() - keep.history) h
  ), old_marks as materialized (
    select m.id
    from ownership_private.marks m
    -- The last mark before that time serves for it, and stays.
    where m.at < (select max(k.at) from ownership_private.marks k where k.at <= now() - keep.history)
  ), old_offers as materialized (
    select o.* from ownership_private.prunable_offers(now() - keep.blocked_writes, keep.offers_per_cell) o
  ), old_keys as materialized (
    select k.* from ownership_private.prunable_keys(now() - keep.blocked_writes, keep.offers_per_cell) k
  ), old_alarms as materialized (
    select a.id from ownership_private.alarms a where a.over_at < now() - keep.alarms
  ), of_history as (
    delete from ownership_private.history h using old_history o where h.id = o.id and not dry_run
  ), of_marks as (
    delete from ownership_private.marks m using old_marks o where m.id = o.id and not dry_run
  ), of_offers as (
    delete from ownership_private.blocked_writes b using old_offers o
    -- One that was offered again meanwhile is not old any more.
    where b.policy_id = o.policy_id and b.key = o.key and b.offered_hash = o.offered_hash and b.last_at = o.last_at
      and not dry_run
  ), of_keys as (
    delete from ownership_private.blocked_keys b using old_keys o
    where b.table_id = o.table_id and b.key = o.key and b.offered_hash = o.offered_hash and b.last_at = o.last_at
      and not dry_run
  ), of_alarms as (
    delete from ownership_private.alarms a using old_alarms o where a.id = o.id and not dry_run
  )
  values
    ('history', (select count(*) from old_history)), ('marks', (select count(*) from old_marks)),
    ('blocked_writes', (select count(*) from old_offers) + (select count(*) from old_keys)), ('alarms', (select count(*) from old_alarms));
end
$$;
comment on function ownership.prune is
  'Deletes what is older than ownership.retention, and tells how much of each kind; with dry_run it only tells. Claims,
   and what a restore to a kept mark needs, stay. Error: OW001.';
