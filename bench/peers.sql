-- Two other triggers that one could put on a table, for comparison. Each does as much of the engine's work as its kind
-- can.

-- "generic jsonb": one trigger function for every table turns both rows into jsonb and looks up the policy of each
-- field.
create table bench.generic_policies (
  tbl regclass,
  col text,
  primary key (tbl, col)
);

create table bench.generic_claims (
  tbl regclass,
  key text,
  col text,
  value jsonb,
  primary key (tbl, key, col)
);

create table bench.generic_blocked (
  tbl regclass,
  key text,
  col text,
  offered jsonb,
  times bigint not null default 1,
  primary key (tbl, key, col)
);

create function bench.generic_guard()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  before jsonb := to_jsonb(old);
  after jsonb := to_jsonb(new);
  field text;
begin
  for field in select jsonb_object_keys(after) loop
    if not exists (select from bench.generic_policies p where p.tbl = tg_relid and p.col = field) then
      continue;
    end if;
    if after -> field is distinct from before -> field and exists (
      select from bench.generic_claims c
      where c.tbl = tg_relid and c.key = before ->> 'external_id' and c.col = field
    ) then
      insert into bench.generic_blocked as b (tbl, key, col, offered)
      values (tg_relid, before ->> 'external_id', field, after -> field)
      on conflict (tbl, key, col) do update set times = b.times + 1, offered = excluded.offered;
      after := jsonb_set(after, array[field], before -> field);
    end if;
  end loop;
  return jsonb_populate_record(new, after);
end
$$;

-- "full-row audit": the whole row before and after every write goes to an audit table. Nothing is protected.
create table bench.audit (
  id bigint generated always as identity primary key,
  record_id uuid,
  op text not null,
  at timestamptz not null default now(),
  tbl regclass not null,
  record jsonb,
  old_record jsonb
);
create index audit_record_id on bench.audit (record_id);
create index audit_at on bench.audit using brin (at);
create index audit_tbl on bench.audit (tbl);

create function bench.audit_row()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into bench.audit (record_id, op, tbl, record, old_record)
  values (
    md5(tg_relid::text || (to_jsonb(new) ->> 'id'))::uuid, tg_op, tg_relid, to_jsonb(new),
    case when tg_op = 'UPDATE' then to_jsonb(old) end
  );
  return null;
end
$$;
