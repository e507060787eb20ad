-- Grants: none to public but those below; the contract to those roles of the platform that exist.

revoke all on all functions in schema ownership, ownership_private from public;
grant usage on schema ownership to public;
grant execute on function ownership.whoami to public;

do $$
declare
  reader text;
begin
  foreach reader in array array['authenticated', 'service_role'] loop
    continue when to_regrole(reader) is null;
    execute format('grant usage on schema ownership, ownership_private to %I', reader);
    execute format(
      'grant select on ownership.policies, ownership.writers, ownership.claims, ownership.bases,
         ownership.blocked_writes, ownership.history, ownership.marks, ownership.retention to %I', reader
    );
    execute format(
      'grant execute on function ownership.whoami, ownership.modes, ownership.explain, ownership.canonical_key,
         ownership.mark to %I', reader
    );
    -- Views and invoker functions call these with the reader's own rights.
    execute format(
      'grant execute on function ownership_private.may_read, ownership_private.fail, ownership_private.key_parts,
         ownership_private.key_record_sql, ownership_private.key_sql, ownership_private.key_part_sql,
         ownership_private.whole_key_sql, ownership_private.is_long_sql, ownership_private.digest_of_key,
         ownership_private.whole_key, ownership_private.types_within, ownership_private.recorded,
         ownership_private.recorded_sql(regclass, name, text),
         ownership_private.match_sql, ownership_private.equals_sql, ownership_private.column_facts,
         ownership_private.base_type, ownership_private.is_exact, ownership_private.is_citext,
         ownership_private.canonical_key,
         ownership_private.live_value, ownership_private.explain_cell to %I', reader
    );
  end loop;
  if to_regrole('service_role') is not null then
    grant select on ownership.alarms to service_role;
    grant execute on function ownership.health, ownership.verify, ownership.diff to service_role;
  end if;
end
$$;

-- The engine is complete. From here on health tells when one of its functions is replaced.
select ownership.record_fingerprints();
