-- The baseline: what the engine saw when it was installed and when a column was protected; and what of that is no
-- longer so.

alter table ownership_private.protected_tables add column protected_name text;
comment on column ownership_private.protected_tables.protected_name is
  'The name under which the table was protected. Another table that bears it today is not protected.';

alter table ownership_private.policies
  add column attnum smallint,
  add column type_sql text,
  add column enrolled_at timestamptz not null default now();
comment on column ownership_private.policies.attnum is
  'The column''s number when it was protected. A column that was dropped and made again has another.';
comment on column ownership_private.policies.type_sql is 'The column''s type when it was protected.';
comment on column ownership_private.policies.enrolled_at is
  'When the column was protected first. What the history has from before belongs to a policy that was taken away.';

create function ownership_private.note_table()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.protected_name := new.tbl::text;
  return new;
end
$$;
comment on function ownership_private.note_table is 'Notes the name of a table that is being protected.';

create function ownership_private.note_column()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  select a.attnum, format_type(a.atttypid, a.atttypmod) into new.attnum, new.type_sql
  from ownership_private.protected_tables t
  join pg_attribute a on a.attrelid = t.tbl and a.attname = new.col and not a.attisdropped
  where t.id = new.table_id;
  return new;
end
$$;
comment on function ownership_private.note_column is
  'Notes number and type of a column that is being protected, or protected anew.';

create trigger note_table before insert on ownership_private.protected_tables
for each row execute function ownership_private.note_table();

create trigger note_column before insert or update on ownership_private.policies
for each row execute function ownership_private.note_column();

create table ownership_private.fingerprints (
  object text primary key,
  hash text not null,
  recorded_at timestamptz not null default now()
);
comment on table ownership_private.fingerprints is
  'The engine''s own functions and event triggers as they were installed.';

create function ownership_private.current_fingerprints()
returns table (object text, hash text)
language sql
stable
set search_path = ''
as $$
  select 'function ' || p.oid::regprocedure, md5(concat_ws(E'\n', p.prosrc, p.prosecdef, p.provolatile, p.proconfig))
  from pg_proc p
  where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
    and not (p.prorettype = 'trigger'::regtype and p.proname ~ '_[0-9]+$')
  union all
  select 'event trigger ' || quote_ident(e.evtname), md5(concat_ws(E'\n', e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regproc))
  from pg_event_trigger e
  join pg_proc p on p.oid = e.evtfoid and p.pronamespace = 'ownership_private'::regnamespace
$$;
comment on function ownership_private.current_fingerprints is
  'The engine''s objects as they are now; without the generated functions, which are compared with the generator.';

create function ownership_private.table_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = ''
as $$
  select 'table gone', t.protected_name, 'It was dropped; its policies, claims and history are still here.',
    'Make it again and protect it; ownership.history has the values that people wrote.'
  where not exists (select from pg_class c where c.oid = t.tbl)
  union all
  select 'table swapped', t.protected_name,
    format('Another table bears the name now; the protected one %s.', coalesce('is called ' || c.oid::regclass, 'was dropped')),
    'Protect the new table with ownership.protect, or rename the tables back.'
  from (select) one
  left join pg_class c on c.oid = t.tbl
  where to_regclass(t.protected_name) <> t.tbl
    and not exists (select from ownership_private.protected_tables o where o.tbl = to_regclass(t.protected_name))
  union all
  select 'inheritance child', i.inhrelid::regclass::text, format('It inherits from %s, and writes to it do not fire the triggers there.', t.tbl),
    format('alter table %s no inherit %s; or protect the child too, and address the parent with only.', i.inhrelid::regclass, t.tbl)
  from pg_inherits i
  join pg_class c on c.oid = i.inhparent and c.relkind = 'r'
  where i.inhparent = t.tbl
    and not exists (select from ownership_private.protected_tables o where o.tbl = i.inhrelid)
  union all
  select 'key not unique', t.tbl::text, format('No valid unique index is left on its identity key %s.', t.identity_key),
    'Make the index again: rows are recognised by this key when they come back.'
  from pg_class c
  where c.oid = t.tbl
    and not exists (
      select from pg_index i
      where i.indrelid = t.tbl and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and t.identity_key @> array(select a.attname from pg_attribute a
          where a.attrelid = t.tbl and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
    )
$$;
comment on function ownership_private.table_problems is 'Tables that are not what was protected.';

create function ownership_private.column_problems(t ownership_private.protected_tables)
returns table (problem text, object text, detail text, hint text)
language sql
stable
set search_path = ''
as $$
  select
    case
      when a.attnum is null then 'policy orphaned'
      when a.attnum <> p.attnum then 'column replaced'
      else 'column type changed'
    end,
    format('%s.%I', t.tbl, p.col),
    case
      when a.attnum is null then 'The column was dropped or renamed. A guard that still names it stops every update of the table.'
      when a.attnum <> p.attnum then 'The column was dropped and made again: its values are gone, the claims are still here.'
      else format('It was %s when it was protected and is %s now.', p.type_sql, format_type(a.atttypid, a.atttypmod))
    end,
    case
      when a.attnum is null
        then 'Undo the change; or ownership.unprotect the old name, which forgets its claims, and ownership.protect the new one.'
      else 'Call ownership.protect for the column again, with the mode of ownership.policies; ownership.restore brings claimed values back.'
    end
  from ownership_private.policies p
  join pg_class c on c.oid = t.tbl
  left join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  where p.table_id = t.id
    and (a.attnum is null or a.attnum <> p.attnum or format_type(a.atttypid, a.atttypmod) <> p.type_sql)
  union all
  select 'foreign key acts', format('%s.%I', t.tbl, a.attname),
    format('%I has ON DELETE or ON UPDATE with SET NULL, SET DEFAULT or CASCADE: a guard that keeps the value leaves it dangling.', f.conname),
    format('Make %I again without that action, or call ownership.unprotect for the column.', f.conname)
  from ownership_private.policies p
  join pg_attribute a on a.attrelid = t.tbl and a.attname = p.col and not a.attisdropped
  join pg_constraint f on f.conrelid = t.tbl and f.contype = 'f' and a.attnum = any (f.conkey)
  where p.table_id = t.id and (f.confdeltype in ('n', 'd', 'c') or f.confupdtype in ('n', 'd', 'c'))
$$;
comment on function ownership_private.column_problems is
  'Policies whose column is not the one that was protected, or could not be protected today.';

revoke all on function
  ownership_private.note_table, ownership_private.note_column, ownership_private.current_fingerprints,
  ownership_private.table_problems, ownership_private.column_problems
from public;
