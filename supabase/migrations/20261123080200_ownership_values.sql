-- Values: what counts as blank, and sets of elements that are compared without case and outer space.

create function ownership.is_blank(value text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  -- Most texts begin with a letter or a digit: those are not searched.
  return value is null
    or ascii(value) not between 33 and 126
      and value collate pg_catalog."default" !~ '[^[:space:]\u00a0\u200b\u202f\ufeff]';
end
$$;
comment on function ownership.is_blank(text) is
  'NULL, the empty string, or nothing but white space, no-break spaces among it.';

create function ownership.is_blank(value jsonb)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'array' then not exists (select from jsonb_array_elements(value) e where not ownership.is_blank(e))
    when 'object' then value = '{}'
    when 'null' then true
    else value is null
  end
$$;
comment on function ownership.is_blank(jsonb) is
  'NULL, null, "", [], {} and arrays of blanks. 0 and false are values.';

create function ownership.is_blank(value text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return not exists (select from unnest(value) e where not ownership.is_blank(e));
end
$$;
comment on function ownership.is_blank(text[]) is
  'NULL, {}, {NULL}, {""}: an array without one element that is not blank.';

create function ownership_private.element(value text)
returns text
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  -- The caller's collation must not show: folded here and there, one tag would be two.
  folded text := lower(regexp_replace(
    value collate pg_catalog."default", '^[[:space:]\u00a0]+|[[:space:]\u00a0]+$', '', 'g'));
begin
  return case when octet_length(folded) > 500 then 'md5:' || md5(folded) else folded end;
end
$$;
comment on function ownership_private.element is
  'An element of a set as it is compared: VIP and " vip " are one tag. Long ones by their digest, to fit an index.';

create function ownership_private.elements(value text[])
returns text[]
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return array(
    select distinct ownership_private.element(e) collate "C"
    from unnest(value) e
    where not ownership.is_blank(e)
    order by 1
  );
end
$$;
comment on function ownership_private.elements is
  'A set in the form in which sets are compared: sorted, each element once, no blanks.';

create function ownership_private.merge_sets(current_set text[], incoming text[], base text[], held text[])
returns text[]
language sql
immutable
parallel safe
set search_path = ''
as $$
  select coalesce(array_agg(value order by side, place), '{}')
  from (
    select distinct on (ownership_private.element(value)) value, side, place
    from (
      select e.value, 1 as side, e.place
      from unnest(current_set) with ordinality e (value, place)
      where not ownership.is_blank(e.value)
        and (
          ownership_private.element(e.value) <> all (ownership_private.elements(base))
          or ownership_private.element(e.value) = any (ownership_private.elements(incoming))
          or ownership_private.element(e.value) = any (held)
        )
      union all
      select e.value, 2, e.place
      from unnest(incoming) with ordinality e (value, place)
      where not ownership.is_blank(e.value)
        and ownership_private.element(e.value) <> all (ownership_private.elements(base))
    ) candidates
    order by ownership_private.element(value), side, place
  ) merged
$$;
comment on function ownership_private.merge_sets is
  'Three-way merge: (current - ((base - incoming) - held)) + (incoming - base), in the spelling that stands there.';
