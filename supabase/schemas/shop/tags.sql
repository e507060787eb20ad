create schema shop;
comment on schema shop is
  'Helpers of the shop''s functions and views, which are in public. The API does not expose this schema.';
grant usage on schema shop to authenticated, manual_editor;

-- Tags set by people through the API. The functions run as their caller, so the tag becomes that person's claim, and
-- the history names the signed-in user.

create function shop.trim_tag(tag text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select normalize(
    regexp_replace(
      tag collate pg_catalog."default",
      '^[[:space:]\u00a0\u200b\u202f\ufeff]+|[[:space:]\u00a0\u200b\u202f\ufeff]+$', '', 'g'
    ), nfc
  )
$$;
comment on function shop.trim_tag(text) is
  'A tag as it is stored: trimmed, and in Unicode normal form C.';

create function shop.is_same_tag(one text, other text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- With the caller's collation the result would vary: "C" does not fold the case of accented letters.
  select lower(shop.trim_tag(one) collate pg_catalog."default")
    = lower(shop.trim_tag(other) collate pg_catalog."default")
$$;
comment on function shop.is_same_tag(text, text) is 'Whether two tags are the same: case does not count, VIP is vip.';

create function shop.check_tag(tag text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  longest constant integer := 100;
  trimmed text := shop.trim_tag(tag);
begin
  if coalesce(trimmed, '') = '' then
    raise exception 'a tag cannot be empty' using
      errcode = 'SH001',
      detail = format('Given was %s.', coalesce(quote_literal(tag), 'NULL')),
      hint = 'Give a word or two, for example ''institutional''.';
  elsif length(trimmed) > longest then
    raise exception 'a tag has at most % characters, and this one has %', longest, length(trimmed) using
      errcode = 'SH001',
      detail = format('It begins with %L.', left(trimmed, 40)),
      hint = 'Write longer texts into the notes.';
  elsif trimmed ~ '[[:cntrl:]]' then
    raise exception 'a tag is one line of text, and % is not', quote_literal(trimmed) using
      errcode = 'SH001',
      detail = 'It holds a line break, a tab or another control character.',
      hint = 'Give each tag with a call of its own.';
  end if;
  return trimmed;
end;
$$;
comment on function shop.check_tag(text) is 'Returns the tag as it is stored, or refuses it (SH001).';

create function shop.is_claimed_tag(target regclass, record_id text, tag text)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from ownership.claims c
    where c.tbl = target and c.col = 'tags' and c.key = record_id and not c.removed and c.rank >= 100
      and shop.is_same_tag(c.element, tag)
  )
$$;
comment on function shop.is_claimed_tag(regclass, text, text) is
  'Whether a person owns this tag of a record. Security definer, for people may not read the claims.';

create function shop.lock_tags(target regclass, record_id text)
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kind constant text := case target when 'public.gazelle_clients'::regclass then 'client' else 'piano' end;
  standing text[];
begin
  execute format('select r.tags from %s r where r.external_id = $1 for update', target)
    into standing using record_id;
  if standing is null then
    raise exception 'there is no % %', kind, coalesce(quote_literal(record_id), 'NULL') using
      errcode = 'PT404',
      detail = format('Table %s has no such external_id.', target),
      hint = format('Give Gazelle''s id, such as %s.',
        case kind when 'client' then 'cli_9UMLkteep8EsISbG' else 'ins_ and 16 letters or digits' end);
  end if;
  return standing;
end;
$$;
comment on function shop.lock_tags(regclass, text) is
  'Locks a record until the end of the transaction and returns its tags. PT404 where there is no such record.';

create function shop.write_tags(target regclass, record_id text, tags text[])
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  written text[];
begin
  execute format('update %s r set tags = $2 where r.external_id = $1 returning r.tags', target)
    into written using record_id, tags;
  return written;
end;
$$;
comment on function shop.write_tags(regclass, text, text[]) is
  'Writes the tags of a record, with the caller''s rights.';

create function shop.add_tag(target regclass, record_id text, tag text)
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted text := shop.check_tag(tag);
  standing text[] := shop.lock_tags(target, record_id);
  others text[] := array(
    select s.value from unnest(standing) with ordinality s (value, place)
    where not shop.is_same_tag(s.value, wanted)
    order by s.place
  );
begin
  if cardinality(others) = cardinality(standing) then
    return shop.write_tags(target, record_id, standing || wanted);
  elsif shop.is_claimed_tag(target, record_id, wanted) then
    return standing;
  end if;
  -- The tag came from a source. Writing the same set would change nothing and claim nothing, so the tag is removed and
  -- added again.
  perform shop.write_tags(target, record_id, others);
  return shop.write_tags(target, record_id, others || wanted);
end;
$$;
comment on function shop.add_tag(regclass, text, text) is
  'Adds a tag to a record as its caller''s claim, and returns the tags. Does nothing if a person owns the tag already.';

create function shop.remove_tag(target regclass, record_id text, tag text)
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  unwanted text := shop.check_tag(tag);
  standing text[] := shop.lock_tags(target, record_id);
  others text[] := array(
    select s.value from unnest(standing) with ordinality s (value, place)
    where not shop.is_same_tag(s.value, unwanted)
    order by s.place
  );
begin
  if cardinality(others) = cardinality(standing) then
    return standing;
  end if;
  return shop.write_tags(target, record_id, others);
end;
$$;
comment on function shop.remove_tag(regclass, text, text) is
  'Removes a tag from a record, and returns the tags. It stays removed although a source goes on sending it.';

-- The functions of the API.

create function public.tag_client(id text, tag text)
returns text[]
language sql
set search_path = pg_catalog, pg_temp
as $$
  select shop.add_tag('public.gazelle_clients', id, tag)
$$;
comment on function public.tag_client(text, text) is
  'Adds a tag to a client, which no sync removes, and returns its tags. id: the external_id. Errors: SH001, PT404.';

create function public.untag_client(id text, tag text)
returns text[]
language sql
set search_path = pg_catalog, pg_temp
as $$
  select shop.remove_tag('public.gazelle_clients', id, tag)
$$;
comment on function public.untag_client(text, text) is
  'Removes a tag from a client, even one that a sync keeps sending, and returns its tags. Errors: SH001, PT404.';

create function public.tag_piano(id text, tag text)
returns text[]
language sql
set search_path = pg_catalog, pg_temp
as $$
  select shop.add_tag('public.gazelle_pianos', id, tag)
$$;
comment on function public.tag_piano(text, text) is
  'Adds a tag to a piano, which no sync removes, and returns its tags. id: the external_id. Errors: SH001, PT404.';

create function public.untag_piano(id text, tag text)
returns text[]
language sql
set search_path = pg_catalog, pg_temp
as $$
  select shop.remove_tag('public.gazelle_pianos', id, tag)
$$;
comment on function public.untag_piano(text, text) is
  'Removes a tag from a piano, even one that a sync keeps sending, and returns its tags. Errors: SH001, PT404.';

revoke execute on function
  shop.trim_tag, shop.is_same_tag, shop.check_tag, shop.is_claimed_tag, shop.lock_tags, shop.write_tags,
  shop.add_tag, shop.remove_tag
from public;
grant execute on function
  shop.trim_tag, shop.is_same_tag, shop.check_tag, shop.is_claimed_tag, shop.lock_tags, shop.write_tags,
  shop.add_tag, shop.remove_tag
to authenticated, manual_editor;

revoke execute on function public.tag_client, public.untag_client, public.tag_piano, public.untag_piano
from public, anon, authenticated, service_role;
grant execute on function public.tag_client, public.untag_client, public.tag_piano, public.untag_piano
to authenticated, manual_editor;
