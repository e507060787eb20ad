-- What the API offers of tags.

create function public.tag_client(id text, tag text)
returns text[]
language sql
volatile
security invoker
set search_path = ''
as $$
  select shop.add_tag('public.gazelle_clients', id, tag)
$$;
comment on function public.tag_client(text, text) is
  'Tags a client for good, whatever a sync sends, and returns its tags. id: its external_id. Errors: SH001, PT404.';

create function public.untag_client(id text, tag text)
returns text[]
language sql
volatile
security invoker
set search_path = ''
as $$
  select shop.remove_tag('public.gazelle_clients', id, tag)
$$;
comment on function public.untag_client(text, text) is
  'Takes a tag from a client, also one that a sync keeps sending, and returns its tags. Errors: SH001, PT404.';

create function public.tag_piano(id text, tag text)
returns text[]
language sql
volatile
security invoker
set search_path = ''
as $$
  select shop.add_tag('public.gazelle_pianos', id, tag)
$$;
comment on function public.tag_piano(text, text) is
  'Tags a piano for good, whatever a sync sends, and returns its tags. id: its external_id. Errors: SH001, PT404.';

create function public.untag_piano(id text, tag text)
returns text[]
language sql
volatile
security invoker
set search_path = ''
as $$
  select shop.remove_tag('public.gazelle_pianos', id, tag)
$$;
comment on function public.untag_piano(text, text) is
  'Takes a tag from a piano, also one that a sync keeps sending, and returns its tags. Errors: SH001, PT404.';

revoke execute on function
  shop.trim_tag, shop.is_same_tag, shop.check_tag, shop.is_claimed_tag, shop.lock_tags, shop.write_tags,
  shop.add_tag, shop.remove_tag
from public;
grant execute on function
  shop.trim_tag, shop.is_same_tag, shop.check_tag, shop.is_claimed_tag, shop.lock_tags, shop.write_tags,
  shop.add_tag, shop.remove_tag
to authenticated, manual_editor;

revoke execute on function public.tag_client, public.untag_client, public.tag_piano, public.untag_piano
from public, anon, authenticated;
grant execute on function public.tag_client, public.untag_client, public.tag_piano, public.untag_piano
to authenticated, manual_editor;
