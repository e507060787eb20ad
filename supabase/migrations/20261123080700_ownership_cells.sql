-- One cell: explain it, give it back; many: adopt them; and a mark in the history.

create function ownership_private.live_value(target regclass, identity_key name[], row_key text, col name, out row_exists boolean, out value jsonb)
language plpgsql
stable
set search_path = ''
as $$
declare
  parts text[];
begin
  begin
    parts := case when cardinality(identity_key) = 1 then array[row_key] else array(select jsonb_array_elements_text(row_key::jsonb)) end;
  exception when others then
    parts := null;
  end;
  if parts is null or cardinality(parts) <> cardinality(identity_key) then
    perform ownership_private.fail('OW011', format('%L is no key of table %s', row_key, target),
      format('Its identity key is %s.', identity_key),
      case when cardinality(identity_key) = 1 then 'Give the value of that column.' else 'Give a JSON array of their values, such as ["a", 1].' end);
  end if;
  execute format('select true, to_jsonb(r.%I) from %s r where %s', col, target, (
    select string_agg(format('r.%I = %L', k.name, parts[k.place]), ' and ')
    from unnest(identity_key) with ordinality k (name, place)
  )) into row_exists, value;
  row_exists := coalesce(row_exists, false);
end
$$;
comment on function ownership_private.live_value is 'What stands in a cell now, read with the caller''s rights (OW011 for a malformed key).';

create function ownership.explain(tbl regclass, key text, col name default null)
returns table (
  column_name name, mode text, owner name, rank integer, since timestamptz, value jsonb,
  offered jsonb, offered_at timestamptz, elements jsonb, base jsonb, last_blocks jsonb
)
language plpgsql
stable
set search_path = ''
as $$
declare
  p record;
  live record;
  known boolean := false;
begin
  if not exists (select from ownership.policies o where o.tbl = explain.tbl and (o.col = explain.col or explain.col is null)) then
    perform ownership_private.fail('OW008', format('%s is not protected', coalesce(format('column %I of table %s', col, tbl), format('table %s', tbl))),
      'There is no policy to explain.', 'See ownership.policies, or protect it with ownership.protect.');
  end if;
  for p in
    select o.* from ownership.policies o
    where o.tbl = explain.tbl and (o.col = explain.col or explain.col is null)
    order by o.col
  loop
    select * into live from ownership_private.live_value(explain.tbl, p.identity_key, explain.key, p.col);
    select p.col, p.mode, c.writer, c.rank, c.since, live.value, c.offered, c.offered_at
    into column_name, mode, owner, rank, since, value, offered, offered_at
    from (select) one
    left join ownership.claims c on c.tbl = explain.tbl and c.col = p.col and c.key = explain.key and c.element = '';
    elements := (
      select jsonb_agg(jsonb_build_object('element', c.value, 'owner', c.writer, 'removed', c.removed, 'since', c.since) order by c.since, c.element)
      from ownership.claims c where c.tbl = explain.tbl and c.col = p.col and c.key = explain.key and c.element <> ''
    );
    if elements is not null then
      select c.writer, c.rank, c.since into owner, rank, since
      from ownership.claims c where c.tbl = explain.tbl and c.col = p.col and c.key = explain.key and c.element <> ''
      order by c.rank desc, c.since desc limit 1;
    end if;
    base := (
      select jsonb_object_agg(b.source, to_jsonb(b.base))
      from ownership.bases b where b.tbl = explain.tbl and b.col = p.col and b.key = explain.key
    );
    last_blocks := (
      select jsonb_agg(to_jsonb(recent) order by recent.last_at desc)
      from (
        select b.writer, b.offered, b.kept, b.times, b.first_at, b.last_at
        from ownership.blocked_writes b where b.tbl = explain.tbl and b.col = p.col and b.key = explain.key
        order by b.last_at desc limit 5
      ) recent
    );
    known := known or live.row_exists or owner is not null or last_blocks is not null;
    return next;
  end loop;
  if not known then
    perform ownership_private.fail('OW010', format('table %s has no row with the key %L', tbl, key),
      'Neither a row nor a claim of a deleted one.', format('The key is the value of %s.', p.identity_key));
  end if;
end
$$;
comment on function ownership.explain is
  'Why a cell holds what it holds: owner, since, value, last offered value, claimed elements, bases, last blocked writes. key is the identity key''s value (several columns: their JSON array). Errors: OW008, OW010, OW011.';

create function ownership.release(tbl regclass, key text, col name)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  held record;
  landing jsonb;
  me record;
begin
  select * into me from ownership_private.current_writer();
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  perform ownership_private.live_value(release.tbl, t.identity_key, release.key, release.col);
  select max(c.rank) as rank, bool_or(c.offered_at is not null) as was_offered, min(c.value::text)::jsonb as value into held
  from ownership_private.claims c where c.policy_id = p.id and c.key = release.key;
  if held.rank is null then
    perform ownership_private.fail('OW010', format('nobody owns %I of %L in table %s', col, key, tbl),
      'There is no claim to release.', 'See ownership.claims, or ownership.explain for the cell.');
  end if;
  if me.rank < held.rank then
    perform ownership_private.fail('OW001', format('release of %I of %L needs rank %s, and %I has rank %s', col, key, held.rank, me.writer, me.rank),
      me.reason, 'Ask its owner, or a person, to release it.');
  end if;
  landing := case
    when p.mode = 'merge_set' then (select to_jsonb(ownership_private.elements(array_agg(e))) from ownership_private.bases b, unnest(b.base) e
      where b.policy_id = p.id and b.key = release.key)
    else (select c.offered from ownership_private.claims c where c.policy_id = p.id and c.key = release.key) end;
  if p.mode = 'merge_set' or held.was_offered then
    perform ownership_private.begin_engine_write();
    execute format('update %s r set %I = %s from (select $1::jsonb as v) o where %s = $2', tbl, col,
      case when p.mode = 'merge_set' then format('coalesce(%s, ''{}'')', ownership_private.from_jsonb_sql(tbl, col, 'o.v'))
        else ownership_private.from_jsonb_sql(tbl, col, 'o.v') end,
      ownership_private.key_sql(tbl, t.identity_key, 'r')) using landing, key;
    perform ownership_private.end_engine_write();
  end if;
  delete from ownership_private.claims c where c.policy_id = p.id and c.key = release.key;
  perform ownership_private.remember(p.id, key, '', 'released', me.writer, held.value, landing);
  return landing;
end
$$;
comment on function ownership.release is
  'Gives a cell back to the sources: the last offered value lands (a set becomes what the sources hold) and is returned. Needs the owner''s rank. Errors: OW001, OW008, OW010, OW011.';

create function ownership.adopt(tbl regclass, col name, writer name default 'postgres')
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  p ownership_private.policies := ownership_private.policy_of(tbl, col);
  t ownership_private.protected_tables;
  adopter ownership_private.writers;
  adopted bigint;
begin
  perform ownership_private.require_person('adopt');
  select * into adopter from ownership_private.writers w where w.role = adopt.writer;
  if not found then
    perform ownership_private.fail('OW009', format('writer %I is not registered', writer), 'Only a writer with a rank can own a value.',
      'Register it with ownership.register_writer.');
  end if;
  select * into t from ownership_private.protected_tables e where e.id = p.table_id;
  execute format('lock table %s in share row exclusive mode', tbl);
  execute format(
    case when p.mode = 'merge_set' then $sql$
      with adopted as (
        insert into ownership_private.claims (policy_id, key, element, writer, rank, value)
        select distinct on (2, 3) %1$s, %2$s, ownership_private.element(e), $1, $2, to_jsonb(e)
        from %3$s r, unnest(r.%4$I::text[]) e
        where not ownership.is_blank(e)
        on conflict do nothing
        returning key, element, value
      )$sql$ else $sql$
      with adopted as (
        insert into ownership_private.claims (policy_id, key, writer, rank, value)
        select %1$s, %2$s, $1, $2, to_jsonb(r.%4$I)
        from %3$s r
        where not %5$s
        on conflict do nothing
        returning key, element, value
      )$sql$ end || $sql$
      select count(ownership_private.remember(%1$s, key, element, 'adopted', $1, null, value)) from adopted$sql$,
    p.id, ownership_private.key_sql(tbl, t.identity_key, 'r'), tbl, col,
    ownership_private.blank_sql(tbl, col, p.blank_values, format('r.%I', col))
  ) using adopter.role, adopter.rank into adopted;
  return adopted;
end
$$;
comment on function ownership.adopt is
  'Claims what stands in a column today for a writer, where nobody owns it yet, and returns how many cells or elements. Errors: OW001, OW008, OW009.';

create function ownership.mark(label text)
returns bigint
language sql
security definer
set search_path = ''
as $$
  insert into ownership_private.marks (label, history_id, writer)
  select mark.label, coalesce((select max(h.id) from ownership_private.history h), 0), w.writer
  from ownership_private.current_writer() w
  returning id
$$;
comment on function ownership.mark is 'Names this point in the history and returns its number. Every run of a sync takes one.';
