-- generate: installs the generated functions and their triggers on a table.

create function ownership_private.trigger_sql(
  t ownership_private.protected_tables, timing text, condition text, suffix text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'create or replace trigger %1$I %2$s on %3$s for each row when (%4$s) execute function ownership_private.%5$I();
     alter table %3$s enable always trigger %1$I;
     revoke all on function ownership_private.%5$I() from public;',
    '~~ownership_' || suffix, timing, t.tbl, condition, suffix || '_' || t.id)
$$;
comment on function ownership_private.trigger_sql is
  'Creates a row trigger whose name sorts after every other, and which fires in replica mode, too. suffix: of the names
   of trigger and function.';

create function ownership_private.returned_trigger_sql(t ownership_private.protected_tables, place regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format(
    'create or replace trigger %1$I after insert on %2$s referencing new table as inserted for each statement
       execute function ownership_private.%3$I();
     alter table %2$s enable always trigger %1$I;',
    '~~ownership_returned', place, 'returned_' || t.id)
$$;
comment on function ownership_private.returned_trigger_sql is
  'Creates the statement trigger for rows that come back, on a table or on one of its partitions.';

create function ownership_private.install_returned(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
begin
  -- A statement trigger of a partitioned table does not fire for an INSERT into the partition itself.
  for place in
    select t.tbl union select p.relid from pg_partition_tree(t.tbl) p
  loop
    execute ownership_private.returned_trigger_sql(t, place);
  end loop;
  execute format('revoke all on function ownership_private.%I() from public', 'returned_' || t.id);
end
$$;
comment on function ownership_private.install_returned is
  'Creates the statement trigger for rows that come back, on the table and each of its partitions.';

create function ownership_private.drop_triggers(t ownership_private.protected_tables, kept text[] default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = 'warning'
as $$
declare
  suffixes constant text[] := array['guard', 'fill', 'returned'];
  suffix text;
  statement text;
begin
  -- A trigger of ours may have been renamed, or be left on a partition that was detached; another may bear its name.
  for statement in
    select format('drop trigger if exists %I on %s', g.tgname, g.tgrelid::regclass)
    from pg_trigger g
    join pg_proc p on p.oid = g.tgfoid
    where g.tgparentid = 0 and not g.tgisinternal
      and (
        (p.pronamespace = 'ownership_private'::regnamespace and p.proname in (select s || '_' || t.id from unnest(suffixes) s))
        or (
          g.tgname in (select '~~ownership_' || s from unnest(suffixes) s)
          and (g.tgrelid = t.tbl or g.tgrelid in (select tree.relid from pg_partition_tree(t.tbl) tree))
        )
      )
      and not exists (
        select from unnest(kept) k
        where g.tgname = '~~ownership_' || k and p.proname = k || '_' || t.id
          and (g.tgrelid = t.tbl or k = 'returned' and g.tgrelid in (select tree.relid from pg_partition_tree(t.tbl) tree))
      )
  loop
    execute statement;
  end loop;
  foreach suffix in array suffixes loop
    continue when suffix = any (kept);
    execute format('drop function if exists ownership_private.%I()', suffix || '_' || t.id);
  end loop;
end
$$;
comment on function ownership_private.drop_triggers is
  'Takes the triggers of the engine off a table, and drops their functions; but not those kept, by their suffixes.';

create function ownership_private.generate(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = 'warning'
as $$
declare
  concerned constant text := ownership_private.concerned_sql(t);
  null_in text;
  claims boolean;
begin
  select
    string_agg(format('new.%I is null', p.col), ' or ' order by p.id) filter (where f.not_null and m.keeps_out is not null),
    bool_or(m.leaves_claims)
  into null_in, claims
  from ownership_private.policies_on(t) p
  join ownership.modes() m on m.mode = p.mode
  cross join lateral ownership_private.column_facts(t.tbl, p.col) f;

  -- What is wanted is replaced and not dropped: a drop locks out readers, too, and whoever has read the table in his
  -- transaction and goes on to write it would deadlock with this one.
  perform ownership_private.drop_triggers(t, array_remove(array[
    case when concerned is not null then 'guard' end,
    case when concerned is not null and null_in is not null then 'fill' end,
    case when concerned is not null and claims then 'returned' end
  ], null));
  if concerned is null then
    return;
  end if;
  execute ownership_private.guard_sql(t);
  execute ownership_private.trigger_sql(t, 'before update',
    format('%s or %s', concerned, ownership_private.key_changed_sql(t)), 'guard');
  if null_in is not null then
    execute ownership_private.fill_sql(t);
    execute ownership_private.trigger_sql(t, 'before insert', null_in, 'fill');
  end if;
  if claims then
    execute ownership_private.returned_sql(t);
    perform ownership_private.install_returned(t);
  end if;
  perform ownership_private.record_generated(t);
end
$$;
comment on function ownership_private.generate is
  'Generates the functions and triggers of one table anew from its policies and the writers.';
