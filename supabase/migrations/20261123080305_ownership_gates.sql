-- Gates: how a guard knows, without a look at the claims, that a column has none.

create function ownership_private.gate(policy integer)
returns regclass
language sql
stable
set search_path = ''
as $$
  select to_regclass('ownership_private.gate_' || policy)
$$;
comment on function ownership_private.gate is
  'A sequence that has a value once the policy has a claim or a base. It knows no transactions: empty, it proves none.';

create function ownership_private.open_gate()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- As gate() has it, without a call for each claim.
  if pg_sequence_last_value(to_regclass('ownership_private.gate_' || new.policy_id)) is null then
    perform nextval(ownership_private.gate(new.policy_id));
  end if;
  return new;
end
$$;
comment on function ownership_private.open_gate is 'The first claim of a policy sends the guards looking.';

-- Before, not after: an event in the queue for each of many claims costs more than the look. No condition, for it would
-- be read from the catalog by each statement.
create trigger open_gate
before insert on ownership_private.claims
for each row
execute function ownership_private.open_gate();

create trigger open_gate
before insert on ownership_private.bases
for each row
execute function ownership_private.open_gate();
