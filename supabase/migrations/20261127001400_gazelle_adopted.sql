-- From supabase/schemas/gazelle/hold.sql

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
