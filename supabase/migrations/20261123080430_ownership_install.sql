-- Installing the generated functions and their triggers on a table.

create function ownership_private.trigger_sql(t ownership_private.protected_tables, timing text, condition text, suffix text)
returns text
language sql
stable
set search_path = ''
as $$
  select format(
    'create trigger %I %s on %s %s execute function ownership_private.%I(); alter table %3$s enable always trigger %1$I;',
    '~~ownership_' || suffix, timing, t.tbl,
    case when condition = 'each statement' then 'referencing new table as inserted for each statement'
      else 'for each row when (' || condition || ')' end,
    suffix || '_' || t.id)
$$;
comment on function ownership_private.trigger_sql is
  'A trigger that sorts after every other, and fires in replica mode too. suffix names trigger and function.';

create function ownership_private.drop_triggers(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = ''
set client_min_messages = 'warning'
as $$
declare
  suffix text;
begin
  foreach suffix in array array['guard', 'fill', 'claim', 'returned', 'move'] loop
    execute format('drop trigger if exists %I on %s', '~~ownership_' || suffix, t.tbl);
    execute format('drop function if exists ownership_private.%I()', suffix || '_' || t.id);
  end loop;
end
$$;
comment on function ownership_private.drop_triggers is 'Leaves the table as it was before it was protected.';

create function ownership_private.generate(t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = ''
set client_min_messages = 'warning'
as $$
declare
  changed text;
  claimed text;
  null_in text;
  keys text := (select string_agg(ownership_private.changed_sql(t.tbl, k), ' or ') from unnest(t.identity_key) k);
begin
  perform ownership_private.drop_triggers(t);
  select
    string_agg(ownership_private.changed_sql(t.tbl, p.col), ' or ' order by p.id),
    string_agg(ownership_private.changed_sql(t.tbl, p.col), ' or ' order by p.id)
      filter (where p.mode in ('merge_set', 'claim', 'fill_blank', 'manual')),
    string_agg(format('new.%I is null', p.col), ' or ' order by p.id) filter (where f.not_null and p.mode <> 'source')
  into changed, claimed, null_in
  from ownership_private.policies p, ownership_private.column_facts(t.tbl, p.col) f
  where p.table_id = t.id;

  if changed is null then
    return;
  end if;
  execute ownership_private.guard_sql(t);
  execute ownership_private.trigger_sql(t, 'before update', changed, 'guard');
  if null_in is not null then
    execute ownership_private.fill_sql(t);
    execute ownership_private.trigger_sql(t, 'before insert', null_in, 'fill');
  end if;
  if claimed is not null then
    execute ownership_private.claim_sql(t);
    execute ownership_private.trigger_sql(t, 'after update', format('(%s) and (%s)', claimed, ownership_private.claimants_sql()), 'claim');
    execute ownership_private.returned_sql(t);
    execute ownership_private.trigger_sql(t, 'after insert', 'each statement', 'returned');
    execute ownership_private.move_sql(t);
    execute ownership_private.trigger_sql(t, 'after update', keys, 'move');
  end if;
end
$$;
comment on function ownership_private.generate is 'Generates the functions and triggers of one table anew from its policies and the writers.';
