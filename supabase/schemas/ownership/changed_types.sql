-- Types that change: claims hold values as text. Where a column gets another type they are converted. The text of an
-- enum is its label, and that of a composite names its attributes; both can be renamed. Their numbers stay, and tell
-- what became of the names that were noted.

create function ownership_private.labels_of(type_of_value oid)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_object_agg(l.number, l.label)
  from (
    select e.oid::text, e.enumlabel
    from ownership_private.types_within(type_of_value) w
    join pg_enum e on e.enumtypid = w
    union all
    select format('%s.%s', a.attrelid, a.attnum), a.attname
    from ownership_private.types_within(type_of_value) w
    join pg_type y on y.oid = w and y.typtype = 'c'
    join pg_attribute a on a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
  ) l (number, label)
$$;
comment on function ownership_private.labels_of is
  'The labels of enums and the names of attributes in the text of a type''s values, by their OID, or the OID of their
   relation and their number there; NULL for a type whose values have none.';

create function ownership_private.renamed_attributes(value jsonb, relation oid, noted jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_noted boolean := exists (select from jsonb_object_keys(noted) k where k like format('%s.%%', relation));
begin
  return coalesce((
    select jsonb_object_agg(a.attname, ownership_private.renamed_value(
      value -> case when is_noted then noted ->> format('%s.%s', relation, a.attnum) else a.attname end, a.atttypid, noted))
    from pg_attribute a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
  ), '{}');
end
$$;
comment on function ownership_private.renamed_attributes is
  'A recorded composite with the attributes of today: renamed ones keep their values, new ones are NULL.';

create function ownership_private.renamed_value(value jsonb, type_of_value oid, noted jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  y pg_type;
begin
  -- The text of a composite (recorded) does not name its attributes.
  if value is null or value = 'null' or value ? 'text of json' then
    return value;
  end if;
  select t.* into y from pg_type t where t.oid = ownership_private.base_type(type_of_value);
  if y.typcategory = 'A' and jsonb_typeof(value) = 'array' then
    -- Rows of a matrix are arrays of the same type.
    return coalesce((
      select jsonb_agg(ownership_private.renamed_value(e.value, case when jsonb_typeof(e.value) = 'array' then y.oid
        else y.typelem end, noted) order by e.place)
      from jsonb_array_elements(value) with ordinality e (value, place)
    ), '[]');
  elsif y.typcategory = 'A' then
    return ownership_private.renamed_value(value, y.typelem, noted);
  elsif y.typtype = 'c' and jsonb_typeof(value) = 'object' then
    return ownership_private.renamed_attributes(value, y.typrelid, noted);
  elsif y.typtype = 'e' then
    -- Elements of sets are recorded without case, too.
    return coalesce((
      select to_jsonb(e.enumlabel) from pg_enum e
      where e.enumtypid = y.oid
        and ownership_private.element(noted ->> e.oid::text) = ownership_private.element(value #>> '{}')
      order by noted ->> e.oid::text = value #>> '{}' desc
      limit 1
    ), value);
  end if;
  return value;
end
$$;
comment on function ownership_private.renamed_value is
  'A recorded value of a type, or an element of a set, with the labels and attributes of today in place of those noted.
   The text of ranges stays as it is.';

create function ownership_private.renamed_element(element text, value jsonb, type_of_set oid, noted jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case when element = '' then element else ownership_private.element(ownership_private.renamed_value(
    case jsonb_typeof(value) when 'string' then value else to_jsonb(element) end, type_of_set, noted) #>> '{}') end
$$;
comment on function ownership_private.renamed_element is
  'An element of a set in the form in which it is compared, under the label that it has today. value: how it is spelt.';

create function ownership_private.rename_elements(policy integer, type_of_set oid, noted jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  update ownership_private.bases b
  set base = array(
    select ownership_private.renamed_value(to_jsonb(e.value), type_of_set, noted) #>> '{}'
    from unnest(b.base) with ordinality e (value, place)
    order by e.place
  )
  where b.policy_id = policy;

  -- Labels can have exchanged their names: each element is first called what none is. Two that differ by case alone now
  -- stay two.
  with renamed as materialized (
    select c.key, c.element, ownership_private.renamed_element(c.element, c.value, type_of_set, noted) as today
    from ownership_private.claims c
    where c.policy_id = policy
  )
  update ownership_private.claims c
  set element = E'\n' || r.today, value = ownership_private.renamed_value(c.value, type_of_set, noted)
  from renamed r
  where c.policy_id = policy and c.key = r.key and c.element = r.element and r.today <> r.element
    and not exists (select from renamed o where o.key = r.key and o.today = r.today and o.element <> r.element);
  update ownership_private.claims c
  set element = substr(c.element, 2)
  where c.policy_id = policy and c.element like E'\n%';
$$;
comment on function ownership_private.rename_elements is
  'Gives claimed elements of a set, and what sources sent, the labels of today.';

create function ownership_private.renamed_blanks(blank_values text[], type_of_value oid, noted jsonb)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select case when y.typcategory = 'A' then array(
      select jsonb_array_elements_text(ownership_private.renamed_value(to_jsonb(b.value::text[]), type_of_value, noted))
    )::text else ownership_private.renamed_value(to_jsonb(b.value), type_of_value, noted) #>> '{}' end
    from unnest(blank_values) with ordinality b (value, place)
    order by b.place
  )
  from pg_type y
  where y.oid = type_of_value
$$;
comment on function ownership_private.renamed_blanks is 'A policy''s own blank values under the labels of today.';

create function ownership_private.follow_labels(noted ownership_private.policies, tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  today oid;
begin
  -- A label is renamed beside open writes to the table, and what they claim bears the old one.
  execute format('lock table %s in share row exclusive mode', tbl);
  today := (
    select a.atttypid from ownership_private.policies p
    join pg_attribute a on a.attrelid = tbl and a.attname = p.col and not a.attisdropped
    where p.id = noted.id
  );
  if ownership_private.merges(noted.mode) then
    perform ownership_private.rename_elements(noted.id, today, noted.labels);
  else
    update ownership_private.claims c
    set value = ownership_private.renamed_value(c.value, today, noted.labels),
      offered = ownership_private.renamed_value(c.offered, today, noted.labels)
    where c.policy_id = noted.id;
  end if;
  -- A restore reads the values of the past in the type of today.
  update ownership_private.history h
  set old_value = ownership_private.renamed_value(h.old_value, today, noted.labels),
    new_value = ownership_private.renamed_value(h.new_value, today, noted.labels),
    element = ownership_private.renamed_element(h.element, coalesce(h.new_value, h.old_value), today, noted.labels)
  from ownership_private.names n
  where n.policy_id = noted.id and h.tbl = n.tbl and h.col = n.col and h.id > n.after and h.id < n.before
    and h.event <> 'moved';
  update ownership_private.policies p
  set blank_values = ownership_private.renamed_blanks(p.blank_values, today, noted.labels)
  where p.id = noted.id and p.blank_values <> '{}';
end
$$;
comment on function ownership_private.follow_labels is
  'Gives what is recorded of a column the labels and attributes that its type has today, in place of those noted.';

create function ownership_private.convert_claims(p ownership_private.policies, t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  convert_sql text := format(
    'update ownership_private.claims c set value = %s where c.policy_id = $1 and c.element = '''' and (c.key = $2 or $2 is null)',
    ownership_private.recorded_sql(t.tbl, p.col, ownership_private.from_jsonb_sql(t.tbl, p.col, 'c.value')));
  one text;
begin
  if ownership_private.merges(p.mode) then
    return;
  end if;
  -- Where every claimed value stood in its row before, what stands there now is that value in the new type.
  if p.id in (select unnest(a.sound) from ownership_private.asides a where a.table_id = t.id) then
    execute format('update ownership_private.claims c set value = %s from %s r where c.policy_id = $1 and c.element = '''' and %s',
      ownership_private.recorded_sql(p, 'r'), t.tbl, ownership_private.same_key_sql(t, 'r', 'c.key')) using p.id;
  end if;
  execute convert_sql using p.id, null::text;
exception when others then
  for one in select c.key from ownership_private.claims c where c.policy_id = p.id and c.element = '' loop
    begin
      execute convert_sql using p.id, one;
    exception when others then
      raise warning 'the owned %.% of % is no %: %', t.name, quote_ident(p.col), one, p.type_sql, sqlerrm
        using hint = 'The claim stands as it was; ownership.verify shows it.';
    end;
  end loop;
end
$$;
comment on function ownership_private.convert_claims is
  'Gives the claimed values of a column whose type changed the form that they have in the new one.';

create function ownership_private.follow_type(noted ownership_private.policies, t ownership_private.protected_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  p ownership_private.policies;
  labels_now jsonb;
  is_same_type boolean;
begin
  select o.* into p from ownership_private.policies o where o.id = noted.id;
  select ownership_private.labels_of(a.atttypid), format_type(a.atttypid, a.atttypmod) = noted.type_sql
  into labels_now, is_same_type
  from pg_attribute a where a.attrelid = t.tbl and a.attname = p.col;
  if exists (select from jsonb_object_keys(noted.labels) l where labels_now ? l) then
    if labels_now <> noted.labels then
      perform ownership_private.follow_labels(noted, t.tbl);
    end if;
  elsif noted.labels is not null then
    -- None of its labels is left: another type bears the name.
    is_same_type := false;
  end if;
  if not is_same_type then
    perform ownership_private.convert_claims(p, t);
  end if;
end
$$;
comment on function ownership_private.follow_type is
  'Gives what is recorded of a column the form that it has in the column''s type of today. noted: its policy as it was.';
