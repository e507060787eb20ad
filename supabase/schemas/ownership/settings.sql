-- Settings: every function that runs generated SQL reads or writes keys and values of protected tables as text. It
-- does so under the same settings in every session.

do $$
declare
  writer record;
  fixed record;
begin
  for writer in
    select p.oid::regprocedure as signature from pg_proc p
    where p.pronamespace in ('ownership'::regnamespace, 'ownership_private'::regnamespace)
      and p.prosrc ~ '\mexecute\M'
      -- Generated functions have the settings that their table needs.
      and not (p.prorettype = 'trigger'::regtype and p.proname ~ '_[0-9]+$')
    order by 1
  loop
    for fixed in select distinct s.setting, s.value from ownership_private.fixed_settings() s order by 1 loop
      if fixed.setting = 'datestyle' then
        execute format('alter function %s set datestyle = %s', writer.signature, fixed.value);
      else
        execute format('alter function %s set %I = %L', writer.signature, fixed.setting, fixed.value);
      end if;
    end loop;
  end loop;
end
$$;
