-- Values: what counts as blank, and the form in which elements of sets are compared.

create function ownership.is_blank(value text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Most texts begin with a printable ASCII character and need no regular expression. Collation C compares bytes, which
  -- is right for that character in every server encoding.
  return value is null
    or value collate "C" not between '!' and '~'
      and value collate pg_catalog."default" !~ '[^[:space:]\u00a0\u200b\u202f\ufeff]';
end
$$;
comment on function ownership.is_blank(text) is
  'NULL, the empty string, or nothing but white space, including no-break spaces.';

create function ownership.is_blank(value jsonb)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- PL/pgSQL, like all functions that are called for each cell: it keeps its plans, while an SQL function that is not
  -- inlined is planned anew in each query. And an expression without a subquery needs no executor.
  if jsonb_typeof(value) = 'array' and value <> '[]' then
    return not exists (select from jsonb_array_elements(value) e where not ownership.is_blank(e));
  end if;
  return case jsonb_typeof(value)
    when 'string' then ownership.is_blank(value #>> '{}')
    when 'array' then true
    when 'object' then value = '{}'
    when 'null' then true
    else value is null
  end;
end
$$;
comment on function ownership.is_blank(jsonb) is 'NULL, null, "", [], {} and arrays of blanks. 0 and false are values.';

create function ownership.is_blank(value text[])
returns boolean
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
as $$
declare
  -- An accented letter has two forms in Unicode, composed and decomposed. ASCII text has only one, and normalize
  -- refuses server encodings other than UTF8.
  composed text := case when octet_length(value) > length(value) and getdatabaseencoding() = 'UTF8'
    then normalize(value, nfc) else value end;
  -- Lower case under the database's collation, whatever the caller's: under two collations one tag would become two.
  folded text := lower(case
    when composed collate "C" between '!' and '~' and right(composed, 1) collate "C" between '!' and '~' then composed
    else regexp_replace(
      composed collate pg_catalog."default", '^[[:space:]\u00a0]+|[[:space:]\u00a0]+$', '', 'g')
  end collate pg_catalog."default");
begin
  return case when octet_length(folded) > 500 then 'md5:' || md5(folded) else folded end;
end
$$;
comment on function ownership_private.element is
  'An element of a set in the form in which it is compared: trimmed, lower case, accented letters composed, so that VIP
   and " vip " are one tag. A long one is replaced by its digest, to fit into an index.';

create function ownership_private.elements(value text[])
returns text[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(value, '{}') = '{}' then
    return '{}';
  end if;
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
