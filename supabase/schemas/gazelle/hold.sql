-- Between the first change of a table that is taken over and the adoption of its values an install can be broken off.
-- So the transaction that changes the table also puts a hold on the columns that people may write: whatever stands
-- there counts as people's, as it does after the adoption, which the hold ends with.

create function gazelle.hold()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before jsonb;
  held jsonb;
begin
  if (select w.rank from ownership.whoami() w) >= 100 then
    return coalesce(new, old);
  elsif tg_op <> 'UPDATE' then
    raise exception '% loses no rows before its install is finished', tg_relid::regclass using
      errcode = 'GZ011',
      detail = 'Values that people wrote would go with the row, and nothing would bring them back yet.',
      hint = 'Run the install again, which finishes it: docs/install.md.';
  end if;
  before := to_jsonb(old);
  -- A badge that is false is none.
  held := (
    select jsonb_object_agg(c.name, before -> c.name)
    from unnest(tg_argv) c (name)
    where not ownership.is_blank(before -> c.name) and before -> c.name <> 'false'
  );
  return case when held is null then new else jsonb_populate_record(new, held) end;
end;
$$;
comment on function gazelle.hold() is
  'Trigger: keeps what stands in the columns it is given (arguments) from every writer below people, and refuses to
   delete rows (GZ011), until the values are adopted.';
revoke execute on function gazelle.hold from public;

create function gazelle.put_on_hold(tbl regclass, variadic cols name[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The names sort after an application's triggers, and before those of the engine.
  execute format('create trigger "~gazelle_hold" before update or delete on %s for each row execute function gazelle.hold(%s)',
    tbl, (select string_agg(quote_literal(c), ', ') from unnest(cols) c));
  execute format('create trigger "~gazelle_hold_all" before truncate on %s execute function gazelle.hold()', tbl);
  execute format('alter table %1$s enable always trigger "~gazelle_hold", enable always trigger "~gazelle_hold_all"', tbl);
  update gazelle.taken_over t set held = put_on_hold.cols where t.tbl = put_on_hold.tbl;
end;
$$;
comment on function gazelle.put_on_hold(regclass, name[]) is
  'Keeps what stands in the columns of a table that people may write, until the end of the install.';
revoke execute on function gazelle.put_on_hold from public;

-- migration: gazelle_adopted

select gazelle.lock_tables();

do $$
declare
  held regclass;
begin
  for held in select t.tbl from gazelle.taken_over t where t.held <> '{}' loop
    execute format('drop trigger "~gazelle_hold" on %s', held);
    execute format('drop trigger "~gazelle_hold_all" on %s', held);
  end loop;
end
$$;
