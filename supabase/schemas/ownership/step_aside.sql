-- Stepping aside: guards leave a table for the rest of a transaction, for a change that they stand in the way of.

create function ownership_private.sound_policies(t ownership_private.protected_tables)
returns integer[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
  lost boolean;
  sound integer[] := '{}';
begin
  for p in select o.* from ownership_private.policies_on(t) o order by o.id loop
    begin
      execute format('select exists (%s)', ownership_private.lost_sql(p, t)) into lost;
      if not lost then
        sound := sound || p.id;
      end if;
    exception when others then
      null;
    end;
  end loop;
  return sound;
end
$$;
comment on function ownership_private.sound_policies is
  'Policies every claimed value of which stands in its row, as ownership.verify would say.';

create function ownership_private.note_aside()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update ownership_private.asides a
  set written_by = a.written_by || me.writer
  from ownership_private.current_writer() me
  where a.table_id = tg_argv[0]::integer and me.rank < 100 and me.writer <> all (a.written_by);
  return null;
end
$$;
comment on function ownership_private.note_aside is
  'Notes which writer that is no person writes to a table whose guards stepped aside.';

create function ownership_private.watch_aside(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
begin
  -- It names no column, so that it stands in the way of no change.
  for place in select t.tbl union select p.relid from pg_partition_tree(t.tbl) p loop
    execute format('create or replace trigger %1$I after insert or update or delete or truncate on %2$s
      for each statement execute function ownership_private.note_aside(%3$s);
      alter table %2$s enable always trigger %1$I',
      '~~ownership_aside', place, t.id);
  end loop;
end
$$;
comment on function ownership_private.watch_aside is
  'Lets note_aside see who writes to a table whose guards stepped aside.';

create function ownership_private.end_aside(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  place regclass;
  writers text;
begin
  for place in
    select g.tgrelid from pg_trigger g
    where g.tgfoid = 'ownership_private.note_aside()'::regprocedure and g.tgargs = convert_to(t.id::text, 'UTF8') || '\x00'
  loop
    execute format('drop trigger %I on %s', '~~ownership_aside', place);
  end loop;
  update ownership_private.asides a
  set sound = '{}' where a.table_id = t.id and a.written_by <> '{}'
  returning array_to_string(a.written_by, ', ') into writers;
  if found then
    raise warning '% was written by % while its guards stood aside', t.name, writers
      using hint = 'ownership.verify names the owned values that are not there any more.';
    insert into ownership_private.alarms (problem, tbl, object, detail, command, over_at)
    values ('written unguarded', t.name, format('%s by %s', t.name, writers),
      'Its guards stood aside: ownership.verify names the owned values that are not there any more.',
      'ownership.step_aside', clock_timestamp());
  end if;
end
$$;
comment on function ownership_private.end_aside is
  'Ends that the guards of a table stood aside, and tells which programs wrote to it meanwhile. What stands there now
   then proves nothing of what was claimed.';

create function ownership.step_aside(tbl regclass)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership.require_person('step_aside');
  if not exists (select from ownership_private.protected_tables t where t.tbl = step_aside.tbl) then
    perform ownership_private.fail('OW008', format('table %s is not protected', tbl), 'There is nothing to take off.',
      'See ownership.policies.');
  end if;
  insert into ownership_private.asides (table_id, sound, all_rows, owned_rows)
  select t.id, ownership_private.sound_policies(t), n.all_rows, n.owned_rows
  from ownership_private.protected_tables t
  cross join lateral ownership_private.count_rows(t) n
  where t.tbl = step_aside.tbl
  on conflict do nothing;
  perform ownership_private.drop_triggers(t), ownership_private.watch_aside(t)
  from ownership_private.protected_tables t
  where t.tbl = step_aside.tbl;
end
$$;
comment on function ownership.step_aside is
  'Takes the engine''s triggers off a table until the transaction ends, for a change that they stand in the way of, such
   as another type of a protected column. They are then made anew, and claims go along: their values take the column''s
   new type. Call it in the transaction of the change. Errors: OW001, OW008.';

create function ownership_private.step_back()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  perform ownership_private.follow_table(t)
  from ownership_private.protected_tables t
  join ownership_private.asides a on a.table_id = t.id
  where t.id = new.table_id;
  return null;
end
$$;
comment on function ownership_private.step_back is
  'Makes the guards of a table anew that stepped aside, at the end of the transaction.';

create constraint trigger step_back after insert on ownership_private.asides deferrable initially deferred
for each row execute function ownership_private.step_back();
