-- verify: what is claimed against what stands there, and a live drill that rolls itself back.

create function ownership_private.drill(
  p ownership_private.policies, t ownership_private.protected_tables,
  out key text, out problem text, out before jsonb, out after jsonb
)
language plpgsql
set search_path = ''
as $$
declare
  place tid;
  part oid;
  writes bigint;
begin
  execute format(
    'select r.ctid, r.tableoid, %s, to_jsonb(r.%I)
     from %s r where not %s limit 1 for update skip locked',
    ownership_private.key_sql(t.tbl, t.identity_key, 'r'), p.col, t.tbl,
    ownership_private.blank_sql(t.tbl, p.col, p.blank_values, format('r.%I', p.col)))
  into place, part, key, before;
  if place is null then
    return;
  end if;
  insert into ownership_private.claims as c (policy_id, key, element, writer, rank, value)
  select p.id, drill.key, e.element, 'ownership drill', 1000, e.value
  from (
    select '' as element, drill.before as value
    where p.mode <> 'merge_set'
    union all
    select ownership_private.element(v #>> '{}'), v
    from jsonb_path_query_first(drill.before, '$[*] ? (@ != null && @ != "")') v
    where p.mode = 'merge_set'
  ) e
  on conflict on constraint claims_pkey do update
  set removed = false, writer = excluded.writer, rank = excluded.rank, value = excluded.value;
  -- Lowers everybody to the rank of an unknown writer.
  perform set_config('ownership.writer', 'ownership drill', true);
  execute format('update %s r set %2$I = null where r.ctid = $1 and r.tableoid = $2 returning to_jsonb(r.%2$I)', t.tbl, p.col)
    using place, part into after;
  get diagnostics writes = row_count;
  if writes > 0 and (ownership.is_blank(after) or (p.mode <> 'merge_set' and after <> before)) then
    problem := 'drill failed';
  end if;
end
$$;
comment on function ownership_private.drill is
  'Claims a cell and blanks it as an unknown writer. It really writes: for verify, which rolls it back.';

create function ownership_private.run_drill(
  p ownership_private.policies, t ownership_private.protected_tables,
  out key text, out problem text, out before jsonb, out after jsonb
)
language plpgsql
set search_path = ''
as $$
begin
  -- Without a single claim a gate is closed, and a drill would leave it open for good: sequences do not roll back.
  if current_setting('transaction_read_only') = 'on'
    or (p.mode = 'claim' and pg_sequence_last_value(ownership_private.gate(p.id)) is null) then
    return;
  end if;
  begin
    select d.key, d.problem, d.before, d.after into key, problem, before, after from ownership_private.drill(p, t) d;
    raise exception using errcode = 'OW000';
  exception
    when sqlstate 'OW000' then
      null;
    when sqlstate 'PT409' then
      problem := null;
    when not_null_violation or check_violation then
      problem := 'drill failed';
      after := to_jsonb(sqlerrm);
    when others then
      problem := 'drill could not run';
      after := to_jsonb(sqlerrm);
  end;
end
$$;
comment on function ownership_private.run_drill is
  'Runs a drill and always rolls it back. A blank that only another constraint stopped went past the guard.';

create function ownership.verify()
returns table (tbl regclass, col name, key text, element text, problem text, expected jsonb, found jsonb)
language plpgsql
security definer
set search_path = ''
-- What is compared and shown must not depend on the session.
set timezone = 'UTC'
set bytea_output = 'hex'
set intervalstyle = 'postgres'
set extra_float_digits = 1
as $$
declare
  guarded record;
begin
  for guarded in
    select s.tbl, e.col, ownership_private.caller_may_read(s.tbl, e.col) as readable,
      ownership_private.lost_sql(e, s) as lost_sql, e as policy, s as entry
    from ownership_private.policies e
    join ownership_private.protected_tables s on s.id = e.table_id
    cross join lateral ownership_private.column_facts(s.tbl, e.col)
    where e.mode <> 'source' and e.on_conflict <> 'observe'
    order by s.id, e.id
  loop
    begin
      return query execute format(
        'select $1, $2, l.key, l.element, l.problem, case when $3 then l.claimed end, case when $3 then l.live end
         from (%s) l (key, element, problem, claimed, live) order by 3, 4', guarded.lost_sql)
        using guarded.tbl, guarded.col, guarded.readable;
    exception when others then
      return query
      select guarded.tbl, guarded.col, null::text, null::text, 'cannot be compared'::text, null::jsonb, to_jsonb(sqlerrm);
    end;
    return query
    select guarded.tbl, guarded.col, d.key, ''::text, d.problem, case when guarded.readable then d.before end, d.after
    from ownership_private.run_drill(guarded.policy, guarded.entry) d
    where d.problem is not null;
  end loop;
end
$$;
comment on function ownership.verify is
  'Each cell whose value is not the claimed one, and each column whose guard lets a blank through in a drill.
   Values are shown to whoever may read the column. No row where nothing was lost.';

revoke all on function ownership_private.drill, ownership_private.run_drill, ownership.verify from public;

do $$
begin
  if to_regrole('service_role') is not null then
    grant execute on function ownership.verify to service_role;
  end if;
end
$$;
