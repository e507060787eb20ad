-- From supabase/schemas/shop/tags.sql

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

-- From supabase/schemas/shop/pls/rules.sql

-- Detection of Piano Life Savers (PLS) in service notes: the detector's rights, and the rules it reads by.

create schema pls;
comment on schema pls is
  'Detection of Piano Life Savers in service notes. Its contract is public.pls_* and public.detect_pls.';
grant usage on schema pls to pls_detector;

-- The API connects as authenticator, and an operator's tool as a member of manual_editor: functions with
-- `set role = 'pls_detector'` need members. The detector releases its own claims, and sets a mark before it writes.
grant pls_detector to authenticator, manual_editor;
grant usage on schema ownership to pls_detector;
grant execute on function ownership.release(regclass, text, name), ownership.mark(text) to pls_detector;

create table public.pls_rules (
  name text primary key,
  kind text not null,
  pattern text not null,
  grade text,
  cue text,
  case_sensitive boolean not null default false,
  priority integer not null default 50,
  language text not null default 'any',
  meaning text,
  enabled boolean not null default true,
  changed_at timestamptz not null default now(),
  shipped boolean not null default false,
  constraint pls_rules_name_is_a_word check (name ~ '^[a-z][a-z0-9_]{1,60}$'),
  constraint pls_rules_know_the_kind check (kind in (
    'other', 'system', 'initials', 'act', 'part', 'piece', 'reference', 'pronoun',
    'small', 'not', 'removed', 'gone', 'put', 'upkeep', 'state', 'offered', 'pending', 'elsewhere', 'unsure', 'would',
    'for', 'against', 'unclear', 'another', 'nothing'
  )),
  constraint pls_rules_know_the_language check (language in ('fr', 'en', 'any')),
  -- Only what takes a side can be strong or weak.
  constraint pls_rules_grade_evidence check ((kind in ('for', 'against')) = (grade is not null)),
  constraint pls_rules_know_the_grade check (grade in ('strong', 'weak')),
  -- Only names can depend on capitals: PLS is the system, pls mostly "please"; DC is a system, dc nothing.
  constraint pls_rules_are_exact_in_names check (not case_sensitive or kind in ('system', 'initials'))
);
comment on table public.pls_rules is
  'Rules by which service notes are read. Operators add, change and disable them; nobody else writes them.';
comment on column public.pls_rules.kind is
  'Words that become signs: other (removed), system, initials (a system beside an act), part, piece, reference, pronoun
   · lists of words that verdicts name: small, not, removed, gone, put, upkeep, state, offered, pending, elsewhere,
   unsure, would · verdicts on a clause: for, against, unclear (a person should look), another (of another piano),
   nothing; of those that match, the one of highest priority decides.';
comment on column public.pls_rules.grade is
  'Of for and against: strong sets or takes a badge; weak needs another weak statement on another day.';
comment on column public.pls_rules.pattern is
  'A Postgres regular expression for one clause, whose accents are removed; case is ignored. In verdicts {system},
   {part}, {piece}, {any} and {it} stand for signs, and {removed} and so on for a word of that list.';
comment on column public.pls_rules.priority is 'Of the verdicts that match a clause the one with the highest decides.';
comment on column public.pls_rules.language is 'Of its words: fr, en, or any.';
comment on column public.pls_rules.meaning is 'What the rule is for.';
comment on column public.pls_rules.shipped is 'A release brought it, and later ones correct it; the others are the shop''s own.';
comment on column public.pls_rules.enabled is 'A rule that is switched off reads nothing, and stays off at the next release.';
comment on column public.pls_rules.case_sensitive is 'Only capitals as in the pattern: PLS is a system, pls mostly "please".';
comment on column public.pls_rules.cue is
  'For speed only: a cheap expression that matches every text, as written, in which the pattern could match. Without a
   cue each text is searched for the pattern itself.';

alter table public.pls_rules enable row level security;
revoke all on public.pls_rules from public, anon, authenticated, service_role;
-- Rules decide the badges of the whole shop: operators write them.
create policy operators on public.pls_rules
  to manual_editor using (true) with check (true);
create policy readers on public.pls_rules for select
  to authenticated, service_role, pls_detector using (true);
grant select, insert, update, delete on public.pls_rules to manual_editor;
grant select on public.pls_rules to authenticated, service_role, pls_detector;

-- From supabase/schemas/shop/pls/lexicon.sql

-- The lexicon: the rules of words as a few regular expressions, for Postgres caches only 32 compiled ones a session.

create function pls.fold(written text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  -- translate() removes the characters at the end of the first list, which have none in the second: combining accents.
  select replace(replace(replace(replace(replace(replace(translate(written,
    E'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝýÿ’‘ʼ´`‐‑‒–—123456789\u00a0\u202f\u2009\t§¤¢°‡~…'
    '\u0300\u0301\u0302\u0303\u0308\u0327',
    'AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYyy''''''''''-----000000000           '),
    'n''t', 'nt'), 'n/a', 'none'), '''', ' '), '000', '0'), '00', '0'), '00', '0')
$$;
comment on function pls.fold(text) is
  'A text without accents and apostrophes, with one kind of hyphen and space, and 0 for every number. The signs that
   stand for words later are removed.';

create function pls.any_of(kinds text[], exact boolean default false)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- (?!) never matches: the expression of no rules.
  select coalesce(string_agg('(?:' || r.pattern || ')', '|' order by r.name), '(?!)')
  from public.pls_rules r
  where r.enabled and r.kind = any (any_of.kinds) and r.case_sensitive = any_of.exact
$$;
comment on function pls.any_of(text[], boolean) is 'All enabled rules of some kinds as one regular expression.';

create function pls.lists()
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{"small": "S", "not": "N", "removed": "R", "gone": "G", "put": "P", "upkeep": "U", "state": "T",
    "offered": "O", "pending": "D", "elsewhere": "E", "unsure": "Q", "would": "W"}'::jsonb
$$;
comment on function pls.lists() is
  'The lists of words that verdicts name in braces, each with the letter of its words.';

create function pls.signs()
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{"{system}","{part}","{piece}","{any}","{it}","{sign}","{few}","{some}"}'::text[]
$$;
comment on function pls.signs() is
  'What verdicts may name in braces besides the lists: signs, and gaps of words between them.';

create function pls.compiled(pattern text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Before each word its letters may stand: R/retire. A gap holds words and no sign.
  letters constant text := '[A-Z/]*';
  macros constant jsonb := jsonb_build_object('{system}', '§', '{part}', '¤', '{piece}', '¢',
    '{any}', '[§¤¢]', '{it}', '[§°~]', '{sign}', '[§¤¢°~]',
    '{few}', '(?: [^ §¤¢]+){0,3} ' || letters, '{some}', '(?: [^ §¤¢]+){0,6} ' || letters,
    '{small}', format(' (?:[A-Z]*S[A-Z]*/[a-z0]+ )*%s', letters));
  compiled text := regexp_replace(replace(pattern, ' ', ' ' || letters), '(^|[^[\\])\^', '\1^' || letters, 'g');
  word record;
begin
  for word in select * from jsonb_each_text(macros) loop
    compiled := replace(compiled, word.key, word.value);
  end loop;
  for word in select * from jsonb_each_text(pls.lists()) loop
    compiled := replace(compiled, '{' || word.key || '}', format('[A-Z]*%s[A-Z]*/[a-z0]+\M', word.value));
  end loop;
  return compiled;
end
$$;
comment on function pls.compiled(text) is
  'A verdict''s pattern as it is matched against a clause whose words have the letters of their lists before them.';

create function pls.vocabulary()
returns table (word text, letter text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select w.word, pls.lists() ->> r.kind
  from public.pls_rules r, string_to_table(r.pattern, ' ') w (word)
  where r.enabled and pls.lists() ? r.kind and w.word <> ''
  union
  -- Words that verdicts name themselves are kept as they are, and so is what begins with them.
  select w.word || case when length(w.word) > 2 then '*' else '' end, ''
  from public.pls_rules r,
    -- Without \m, \w and letters that may be missing.
    string_to_table(translate(regexp_replace(r.pattern, '\\[a-zA-Z]|[a-z]\?', ' ', 'g'),
      '()|?*+.{}[]0,^$:!=~', repeat(' ', 20)), ' ') w (word)
  where r.enabled and r.kind in ('for', 'against', 'unclear', 'another', 'nothing') and w.word ~ '^[a-z]+$'
$$;
comment on function pls.vocabulary() is
  'The words that the lists and the verdicts know: letter is that of the list. * is any ending, _ joins a phrase.';

create function pls.lexicon(
  out hints text, out cues text, out uncued text, out others text, out systems text, out exact_systems text,
  out initials text, out parts text, out pieces text, out refs text, out pronouns text, out acts text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with concerned as (
    select r.name, r.cue, r.pattern
    from public.pls_rules r
    where r.enabled and r.kind in ('system', 'initials', 'part', 'piece')
  )
  select
    coalesce(string_agg(distinct regexp_replace(c.cue, '(^|[^\\])((?:\\\\)*)\\[mM]', '\1\2', 'g'), '|'), '(?!)'),
    coalesce(string_agg(distinct c.cue, '|'), '(?!)'),
    string_agg('(?:' || c.pattern || ')', '|' order by c.name) filter (where c.cue is null),
    pls.any_of('{other}'), pls.any_of('{system}'), pls.any_of('{system}', true), pls.any_of('{initials}', true),
    pls.any_of('{part}'), pls.any_of('{piece}'), pls.any_of('{reference}'), pls.any_of('{pronoun}'),
    '[§¤¢]|' || pls.any_of('{act}')
  from concerned c
$$;
comment on function pls.lexicon() is
  'The enabled rules of words as a few regular expressions. A text in which neither cues nor uncued matches holds no
   word of interest. hints are the cues without the borders of words, which take most of the time: they match wherever
   cues do. acts are the words beside which initials are a system.';

-- From supabase/schemas/shop/pls/checks.sql

-- A rule that cannot work is refused when it is written: with its name, the place, the reason, and what is allowed.

create function pls.slow_at(pattern text)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  letter text;
  size integer := 8;
  started timestamptz;
  found text;
begin
  -- Texts of one letter of the pattern, or of all of it, are what an expression searches longest. They grow slowly, so
  -- that one which doubles its time with each character is noticed before it takes for ever.
  while size <= 512 loop
    for letter in
      select distinct f.m[1]
      from regexp_matches(slow_at.pattern || 'x', '[a-z0]', 'g') with ordinality f (m, n)
      where f.n <= 60
      limit 5
    loop
      started := clock_timestamp();
      found := regexp_replace(repeat(letter, size) || '!', slow_at.pattern, '', 'gi');
      if clock_timestamp() - started > interval '500 milliseconds' then
        return size;
      end if;
    end loop;
    size := case when size < 64 then size + 4 else size * 2 end;
  end loop;
  return null;
end
$$;
comment on function pls.slow_at(text) is
  'The length of a text on which an expression takes more than half a second, or null. Tried up to 512 characters.';

create function pls.word_fault(words text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s is no word of a list', quote_literal(w.word))
  from string_to_table(word_fault.words, ' ') w (word)
  where w.word !~ '^([a-z0-9]+(_[a-z0-9]+)*|[a-z0-9]{3,}\*|\*[a-z]{3,})$'
  limit 1
$$;
comment on function pls.word_fault(text) is 'Why a list of words cannot be used, or null.';

create function pls.repeats(pattern text)
returns numeric
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(round(exp(sum(ln(greatest(n.m[1]::numeric, nullif(n.m[3], '')::numeric, 1))))), 1)
  from regexp_matches(repeats.pattern, '\{(\d+)(,(\d*))?\}', 'g') n (m)
$$;
comment on function pls.repeats(text) is
  'What the counted repetitions of an expression multiply to. Nested ones make it too large to compile.';

create function pls.pattern_fault(kind text, pattern text)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  is_verdict constant boolean := kind in ('for', 'against', 'unclear', 'another', 'nothing');
  unknown constant text := (
    select m[1] from regexp_matches(pattern, '(\{[a-z]\w*\})', 'g') m
    where not (is_verdict and (pls.lists() ? btrim(m[1], '{}') or m[1] = any (pls.signs()))) limit 1);
  compiled constant text := case when is_verdict then pls.compiled(pattern) else pattern end;
  slow_at integer;
  started constant timestamptz := clock_timestamp();
begin
  if btrim(pattern) = '' then
    return 'it is empty';
  elsif length(pattern) > 2000 then
    return format('it has %s characters, and 2000 are allowed', length(pattern));
  elsif pls.lists() ? kind then
    return pls.word_fault(pattern);
  elsif pls.repeats(pattern) > 50 then
    return format('its repetitions multiply to %s, and 50 are allowed', pls.repeats(pattern));
  elsif pattern ~ '\\[1-9]' then
    return 'it refers back to a group';
  elsif pattern ~ '^(\(\?[a-z]+\)|\*\*\*)' then
    return 'it begins with an option, and stands inside a larger expression';
  elsif unknown is not null then
    return format('%s stands for nothing here', unknown);
  -- The time to compile counts. What was compiled before is kept, so the expression is never quite the same.
  elsif '' ~* format('(?:%s)|zqj%s', compiled, extract(epoch from started)) then
    return 'it matches the empty text, so every sentence';
  elsif 'zqj' ~* compiled or 'x x' ~* compiled then
    return 'it matches words that no rule knows, so every sentence';
  elsif clock_timestamp() - started > interval '500 milliseconds' then
    return 'it takes more than half a second to compile';
  end if;
  slow_at := pls.slow_at(compiled);
  if slow_at is not null then
    return format('it takes more than half a second on a text of %s characters', slow_at);
  end if;
  return null;
exception
  when invalid_regular_expression then
    return sqlerrm;
  when internal_error or program_limit_exceeded or out_of_memory then
    return 'it is too large to compile';
end
$$;
comment on function pls.pattern_fault(text, text) is 'Why a pattern cannot be used in a rule of that kind, or null.';

create function pls.contradicted(rule public.pls_rules)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select r.name
  from public.pls_rules r
  where r.enabled and (rule).enabled and r.name <> (rule).name and r.pattern = (rule).pattern
    and r.case_sensitive = (rule).case_sensitive and (r.kind, r.grade) is distinct from ((rule).kind, (rule).grade)
    and (
      '{for,against,unclear,another,nothing}' @> array[r.kind, (rule).kind] and r.priority = (rule).priority
      or '{other,system,initials,part,piece,reference,pronoun,act}' @> array[r.kind, (rule).kind]
    )
  order by r.name
  limit 1
$$;
comment on function pls.contradicted(public.pls_rules) is 'A rule that says something else of the same words, or null.';

create function pls.date_rule()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and (new.kind <> old.kind or old.shipped and new.name <> old.name) then
    raise exception 'rule % keeps its name and kind', quote_literal(old.name) using
      errcode = 'PT422', detail = format('It would become %s, of kind %s.', quote_literal(new.name), new.kind),
      hint = 'A release finds a rule by its name and writes a pattern of its kind. Disable it, and add one of your own.';
  end if;
  new.changed_at := now();
  return new;
end
$$;
comment on function pls.date_rule() is
  'Trigger: dates a rule, and refuses another kind, or another name of a shipped one (PT422).';

create trigger date_rule
before insert or update on public.pls_rules
for each row execute function pls.date_rule();

create function pls.check_rule()
returns trigger
language plpgsql
-- People who write rules have no rights in this schema.
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  fault text;
  place text := format('The pattern is %s.', new.pattern);
  rival text;
begin
  -- A rule is not judged again for another meaning or language, or for being switched off.
  if tg_op = 'UPDATE' and (not new.enabled or old.enabled)
    and (new.kind, new.pattern, new.cue, new.grade, new.priority, new.case_sensitive)
      is not distinct from (old.kind, old.pattern, old.cue, old.grade, old.priority, old.case_sensitive) then
    return null;
  end if;
  fault := pls.pattern_fault(new.kind, new.pattern);
  if fault is null and new.cue is not null then
    fault := pls.pattern_fault('system', new.cue);
    place := format('The cue is %s.', new.cue);
  end if;
  if fault is not null then
    raise exception 'rule % cannot be used: %', quote_literal(new.name), fault using
      errcode = 'PT422', detail = place,
      hint = case when pls.lists() ? new.kind
        then 'Write words without accents, one space apart; * is any ending, and _ joins the words of a phrase.'
        else 'Write a Postgres regular expression of at most 2000 characters, without back references. {system},'
          ' {part}, {removed} and so on may stand in verdicts: for, against, unclear, another, nothing.' end;
  end if;
  rival := pls.contradicted(new);
  if rival is not null and current_setting('ownership.writer', true) = 'service_role' then
    -- A release stops for no rule of a shop: that one stands, and its own stays what it was, or is switched off.
    if tg_op = 'UPDATE' and pls.contradicted(old) is null then
      update public.pls_rules r
      set pattern = old.pattern, grade = old.grade, cue = old.cue, case_sensitive = old.case_sensitive,
        priority = old.priority, enabled = old.enabled
      where r.name = new.name;
    else
      update public.pls_rules r set enabled = false where r.name = new.name;
    end if;
  elsif rival is not null then
    raise exception 'rule % contradicts rule %', quote_literal(new.name), quote_literal(rival) using
      errcode = 'PT422', detail = place,
      hint = 'Both find the same words and say something else of them. Change or disable the other, or give one'
        ' of them a higher priority.';
  end if;
  return null;
end
$$;
comment on function pls.check_rule() is
  'Trigger: refuses a rule that cannot work, or contradicts another (PT422). What a release ships stays as it was, or is
   switched off.';

-- AFTER: what stands in the end is checked, once the guard has kept what a person wrote.
create trigger check_rule
after insert or update on public.pls_rules
for each row execute function pls.check_rule();

-- From supabase/schemas/shop/pls/words.sql

-- Rules of words, French and English: names of the system, its parts, what refers to it, and words that only look like
-- them. Patterns see text without accents.

insert into public.pls_rules (name, kind, language, cue, meaning, pattern) values
('dampp_chaser', 'system', 'any', 'damp', 'The maker''s name, in all its spellings.',
 '\mdamp+(er)?[- ]*chass?er ?s?\M'),
('dampp', 'system', 'any', 'damp', 'The maker''s name, shortened.', '\mdampp\M'),
('life_saver', 'system', 'any', 'saver', 'The product''s name.', '\m(piano )?life[- ]*savers?\M'),
('pls_named', 'system', 'fr', 'pls', 'pls with an article or a word before it that "please" does not take.',
 '(?<=\m(le|un|du|de|au|son|ce|leur|notre|votre|systeme|entretien|recommande|installe|verifie|rempli|sans|avec|'
 || 'aucun|d) )pls\M'),
('pls_named_en', 'system', 'en', 'pls', 'The same in English.',
 '(?<=\m(the|an?|your|our|their|his|her|no|new|old|replaced|filled|refilled|checked|serviced|removed|without|'
 || 'with) )pls\M'),
('pls_acts', 'system', 'fr', 'pls', 'pls that does or undergoes what only a system can.',
 '\mpls\M(?=( (est|etait|n ?est|n ?etait|ne|fonctionn\w*|marche|(de|re)?branch\w*|install\w*|pose|retir\w*|enlev\w*'
 || '|absent|eteint|deconnect\w*|vide|rempli\w*|plein|ok|recommand\w*|suggere|verifi\w*|neuf|'
 || 'defectueux)\M| ?[:+]))'),
('pls_acts_en', 'system', 'en', 'pls', 'The same in English.',
 '\mpls\M(?= (is|was|works|working|installed|removed|unplugged|plugged|disconnected|off|on|full|empty|low|serviced'
 || '|maintenance|system|lights?|needs|needed|recommended|checked|not|ok)\M)'),
('humidity_system_fr', 'system', 'fr', 'syst|contr.{1,2}l|r.{1,2}gul(at|er)|humidificat', 'A system against dryness and damp.',
 '\m(systemes?|controles?|regulat\w+|regulation) (de |d ? ?|a )?(controle |regulation |gestion |stabilisation )?'
 || '(de |d ? ?|a )?(l ? ?)?(humidite|humidification|hygrometrie)( (integre|dans le piano|du piano))?\M'
 || '|\mhumidificateurs? (du|de ce|dans le|dans ce|sous le) piano\M'
 || '|(?<=\m(rien|nothing) (ici |here )?(pour|contre|to|for) )(controler|reguler|gerer|stabiliser|control\w*|'
 || 'regulat\w+) (l |the )?humidi\w+'),
('humidity_system_en', 'system', 'en', '(humidity|humidification|climate) (control|system|unit)', 'The same in English.',
 '\m(humidity|humidification|climate)( control)? (systems?|control units?|unit)\M|\m(humidity|climate) control\M'),
('blotters', 'part', 'fr', 'buvard', 'Buvards: the pads that carry the water up.', '\mbuvards?\M'),
('pads', 'part', 'en', 'pad', 'Pads of the humidifier.', '\m(wick )?pads?\M'),
('pad_treatment', 'part', 'en', 'treat', 'What goes into the water.',
 '\mpad[- ]treatment\M|\mhumid[- ]?treat\w*'),
('water_treatment', 'part', 'any', 'traitement|treat', 'What goes into the water.',
 '\mtraitements? (de |pour |a )?(l ? ?|d  ?)?eau\M|\mwater treatment\M'),
('treatment_bottle', 'part', 'any', 'bouteille|bottle', 'A bottle of what goes into the water.',
 '\m(bouteilles?|bottles?) (de |d |of )(traitement|produit|liquide|humid\w*|pad treatment|treatment)\M'),
('bottle_left', 'part', 'fr', 'bouteille', 'A bottle that was left for the client to use.',
 '\m(laisse|donne|vendu|remis|ajoute)e?s? (une|deux|la|0+) (autre )?bouteilles?\M(?! d | de)'),
('water_light', 'part', 'en', 'water', 'Its light.', '\m(low[- ])?water (light|led)s?\M'),
('wick', 'part', 'any', 'm.{1,2}che|wick', 'The wick of the humidifier.', '\mmeches?\M|\mwicks?\M'),
('sheath', 'part', 'fr', 'gaine', 'The sheath of the humidifier.', '\mgaines?\M'),
('liner', 'part', 'any', 'doublure|liner', 'The liner of the tank.', '\mdoublures?\M|\mliners?\M'),
('tank', 'piece', 'any', 'servoir|tank|\mbacs?\M', 'The tank.',
 '\mreservoirs?( d ? ?eau)?\M|\mbacs?( d ? ?eau)\M|\mbacs?\M(?= (vide|plein|nettoye|rempli|enlev))|\m(water |'
 || 'humidifier )?tank\M'),
('humidistat', 'piece', 'any', 'humidistat|humidostat', 'The switch that keeps it all in bounds.',
 '\mhumid[io]stats?\M'),
('heater_bars', 'piece', 'any', '\mbarres?\M|\mbars?\M|\mrods?\M', 'The bars that dry.',
 '\mbarres? (chauffantes?|seches?|de chauffage)\M|\m(heater|heating|dehumidifier|dry) (bars?|rods?)\M|\mboth bars\M'
 || '|\m(les? )?(deux|0) barres\M|\mbars\M(?= (are )?(warm|hot|cold))|\m(barres?|bars?)\M(?=( et| and|,|,? ?&)( '
 || 'les?| la| l| the| both)* (bac|reservoir|tank|humid))|(?<=\m(tank|humid[io]stat|reservoir|bac)( et| and|,|, '
 || 'and)( les?| the| both| two)* )(bars?|barres?)\M'),
('lights', 'piece', 'any', '\mlight|\mleds?\M|voyant|lumi', 'Its three lights.',
 '\m(yellow|green|red) (light|led)s?\M|\m(voyants?|lumieres?|led)s? (jaunes?|vertes?|verts?|rouges?)\M'
 || '|\m(three|3|all) (three |3 )?(lights|leds)\M|\m(trois|3|les) (lumieres|voyants)\M|\mlight panel\M'),
('filling_tube', 'piece', 'any', '\mtubes?\M', 'The tube through which it is filled.',
 '\mtubes? (de remplissage|d arrosage|d eau)\M|\m(watering|fill(ing)?|water) tubes?\M');

insert into public.pls_rules (name, kind, language, cue, case_sensitive, meaning, pattern) values
('pls_capitals', 'system', 'any', 'pls', true, 'PLS in capitals, where it is not "please".', '\mPLS\M'),
('dc', 'initials', 'any', '\mDC\M|\mD[.-] ?C\M', true, 'DC, beside another sign of a system in the same sentence.',
 '\m(DC|D-C|D\.C\.?|d\.c\.|dc(?= (plein|full|ok|system|rempli)\M))(?! (al|alla|tour|area)\M)');

insert into public.pls_rules (name, kind, language, meaning, pattern) values
('acts', 'act', 'any', 'Words beside which DC is a system.',
 '\m(full|filled|refilled|ok|plugged|working|humming|checked|tank|pads|unplugged|low|plein|rempli|branche|debranche'
 || '|vide|verifie|fonctionne)\M'),
('the_system', 'reference', 'any', 'The system that the note names elsewhere.',
 '\m(le|du|au|ce|l ancien|l |son|notre) ?(vieux |vieil |ancien |nouveau )?(systeme|appareil|unite|dispositif|'
 || 'kit)\M|\mles? l ancien\M'
 || '|\ml ancien\M(?! piano)|\m(the|this|that|her|his|their|its) (whole |entire |old |new )?(system|unit|thing|'
 || 'kit|device|old one)\M'
 || '|\m(le|la) tout\M|\mcelui d avant\M|\mall of it\M|\meverything\M|\m(systeme?|appareil)\M'),
('pronouns', 'pronoun', 'any', 'It, en, y, l''ai: the system, right after a clause that names it.',
 '\m(it|il|one|they)\M|\ml(?=(ai|avons|avait|avaient|ont)\M)|\ml (?=(ai|a|as|avons|avez|ont|avait|avaient|ait|'
 || 'etait)\M)|\m((l|n|y) ?)?en(?= (a|ai|ont|avait|aura|veut)\M)|\mn ?y(?= )');

insert into public.pls_rules (name, kind, language, meaning, pattern) values
('please', 'other', 'en', 'pls before a request.',
 '\mpls\M[,.! ]*\m(do|don ?t|call|phone|ring|text|txt|use|send|e-?mail|mail|confirm|bring|leave|park|knock|wait|'
 || 'come|make'
 || '|take|ask|let|note|be|give|keep me|remember|contact|sign|invoice|bill|charge|stop|go|enter|advise|see)\M'),
('please_fr', 'other', 'fr', 'pls for "s''il vous plaît".',
 '\mpls\M[,.! ]*\m((r?appel|envoy|sonn|text|laiss|utilis|avis|pass|apport|stationn|confirm)(er|ez)|attendre|'
 || 'attendez'
 || '|prendre|venir|arriver|entrer|ne pas oublier)\M|\m(svp|s il vous plait) pls\M'),
('please_last', 'other', 'any', 'A request that ends with pls.',
 '^\W*(please|call|ring|text|use|send|e-?mail|bring|leave|park|knock|wait|come|confirm\w*|invoice|(r?appel|'
 || 'envoy|sonn|text'
 || '|laiss|utilis|avis|pass|apport)(er|ez)|svp|facture)\M.*\mpls( et| and)?[ ,.!]*(merci|thanks|thank you|'
 || 'thx)?\W*$'),
('a_good_person', 'other', 'any', 'A life saver that is a person.',
 '\m(you ?re|you are|he ?s|she ?s|tu es|t es|vous etes|what|such|real|vraie?) (an? |une? |vraie? |real |'
 || 'true )*life[- ]*savers?'),
('building_system', 'other', 'any', 'The system of a building.',
 '\m(humidity|humidification|climate)( control)?( systems?| units?)? (of|for|in) (the |this )?'
 || '(building|hall|museum|house|room|church|school|school board)\M'
 || '|\m(hvac|building|central|house|room|whole[- ]house)( s)? (humidity|humidification|climate)( control)?( '
 || 'systems?| units?)?\M'
 || '|\m(systemes?|controles?) (de controle )?(de |d ?)? ?(l )?(humidite|humidification) (central\w*'
 || '|(de |du |d )(la |l )?(salle|edifice|batiment|immeuble|batisse|maison|ecole|local))\M'),
('building_parts', 'other', 'any', 'A humidistat, a tank, lights of something else.',
 '\m(house|home|room|wall|furnace|hvac|hall|building)( s)? (humidistat|water tank)s?\M'
 || '|\m(humidistats?|humidostats?) (de la |du |d ? ?|of the |in the |on the )(maison|fournaise|mur\w*|salle|'
 || 'piece|house|furnace|wall|corridor|hall\w*|room|appartement)\M'
 || '|\m(humidostat|humidistat)s? (mural|central)\w*\M'
 || '|\m(reservoirs?|tank) (d ? ?(huile|essence|air|eau chaude)|de (gaz|mazout|toilette)|du (pneumatique|'
 || 'pianola)|of (oil|gas))|\m(oil|gas|propane|fuel|toilet|fish|septic|storage) tank\M|\mtank '
 || 'tops?\M|\m(traffic|exit|warning|organ|stage|stove) (light|led)s?\M'),
('other_lights', 'other', 'any', 'Lights of something else.',
 '\m(lights?|leds?) (on|in|at|of|over|from) (?!(the|an?|his|her|this|its) (damp|pls|life|syst|humid|tank|dc|§))'
 || '(the |a |an |his |her |this )?(?!(damp|pls|life|syst|humid|tank|it|again|dc|when|since|as|after|upon|arriv)|§)\w+'
 || '|\m(lumieres?|voyants?)( \w+)? (sur|de|du|de la|au|de l|dans) (?!(le|la|l|son|du) (damp|pls|life|syst|'
 || 'humid|reserv|bac|dc|§))(le |la |l |son )?(?!(damp|pls|life|syst|humid|reserv|niveau|bas|rempl|dc|nouveau)'
 || '|§)\w+'),
('ink_blotters', 'other', 'fr', 'A blotter on a desk.',
 '\mbuvards? (du|de|sur le|d un) (bureau|pupitre|sous-main|papeterie)\M|\mau buvard\M|\mavec (un |du )'
 || 'buvard\M|\m(encre|tach\w+|eponge\w*)\M.*\mbuvards?\M'),
('other_pads', 'other', 'en', 'Pads that have nothing to do with water.',
 '\m(key|pedal|dampers?|felt|foot|feet|casters?|lyre|knee|note|mouse|drum|launch|bench|floor|leg|rubber|leather|'
 || 'heating'
 || '|trap ?work|bushing|touch|track|writing|adhesive|brake|scratch|gel|anti-?\w+)s?[- ](bushing )?pads?\M'
 || '|\mpads? (on|under|for) (the )?(legs?|casters?|bench|feet|pedals?|floor|sax\w*|flute\w*|clarinet\w*)\M'),
('other_pads_fr', 'other', 'fr', 'The same in French.',
 '\mpads? (d |(de|du|en|sous|pour) (les? |la |l )?)(feutres?|pedales?|cuir|caoutchouc|liege|pattes?|roulettes?|'
 || 'banc|souris)\M'),
('drill_bit', 'other', 'fr', 'A mèche that drills, burns or grows.',
 '\mmeches? (brisee?s?|cassee?s?|(a|de) (bois|metal|beton|cheveux|perceuse|chandelle)|(de )?0+[.,/]?0* ?(mm|'
 || 'po)\M)|\mperc\w+\M.*\mmeches?\M'),
('other_sheath', 'other', 'fr', 'A gaine that carries air or wires.',
 '\m(ventilation|climatisation|electri\w+)\M.*\mgaines?\M|\mgaines? (du plafond|electrique|de (ventilation|'
 || 'cable|fil))'),
('other_liner', 'other', 'any', 'The lining of a cover or a coat.',
 '\mdoublures? (du|de la|de l |des?) ?(housse|couvre|manteau|rideau|toile|couverture)|\m(bench|case) liners?\M');

-- From supabase/schemas/shop/pls/lists.sql

-- Lists of words that the verdicts name in braces. Words stand without accents, one space apart; * is any ending, and
-- _ joins the words of a phrase. A shop teaches a word by adding a row of the list's kind.

insert into public.pls_rules (name, kind, language, meaning, pattern) values
('small_fr', 'small', 'fr', 'Words that may stand between others.',
 'le la les l un une du de des d son sa ses leur leurs notre nos votre mon ce cet cette au tout toute tous deux'
 || ' ancien'
 || ' vieux vieil vieille petit type autre trace sorte genre comme'),
('small_en', 'small', 'en', 'Words that may stand between others.',
 'the a an any of his her their our your my its this that all both old existing whole entire complete broken'
 || ' dead sort'
 || ' kind such other type sign'),
('not_fr', 'not', 'fr', 'Words that deny.',
 'pas non ni aucun aucune aucuns aucunes jamais sans nul nulle rien depourvu* zero inexistant*'),
('not_en', 'not', 'en', 'Words that deny.',
 'no not never none neither nor nothing without lack lacks lacking nope n_a zero cannot isnt doesnt dont didnt'
 || ' hasnt'
 || ' havent hadnt wasnt arent werent cant wont couldnt aint doesn isn hasn didn wasn weren haven hadn couldn'
 || ' don_t won_t can_t nonexistent non_existent'),
('removed_fr', 'removed', 'fr', 'Taken out.',
 'retire* enlev* ote otes otee otees oter demont* demantel* desinstall* arrach* debarrass* sorti sortie sortis'
 || ' jete jetes'
 || ' jetee decroche* desassembl* depose deposee mis_aux_ordures mis_au_rebut mis_a_la_poubelle mis_aux_poubelles'),
('removed_en', 'removed', 'en', 'Taken out.',
 'removed remove removing uninstall* deinstalled dismantled stripped pulled yanked discarded taken_out taken_off'
 || ' taken_away took_out took_off took_away'
 || ' scrapped tossed trashed junked thrown_out thrown_away threw_out threw_away torn_out ripped_out'
 || ' decommissioned disposed unmounted hauled dismounted detached'),
('gone', 'gone', 'any', 'No longer there.',
 'disparu* vole volee voles vendu* perdu* parti partie partis absent* manquant* gone stolen sold lost missing'
 || ' left_with'
 || ' went_with went_to gave_away given_away donne_a'),
('put_fr', 'put', 'fr', 'Put in.',
 'installe installee installes installees monte montee ajoute ajoutee pose posee poses posees remis mis_en_place'),
('put_en', 'put', 'en', 'Put in.', 'installed reinstalled put_in mounted fitted added put_back'),
('upkeep_fr', 'upkeep', 'fr', 'What is done to a system that is there.',
 'rempli* rerempli* change changes changee changees changer remplac* nettoy* entretien entreten* verifi* repar*'
 || ' ajust*'
 || ' teste* regle regler reglee branch* rebranch* debranch* deconnect* eteint* rallum* vidang* detartr* serre'
 || ' serrer'
 || ' lave laver lavage changement* dessech* rouvert plug* plog* deplug* deplog* replug* replog*'),
('upkeep_en', 'upkeep', 'en', 'What is done to a system that is there.',
 'fill filled filling fills refill* overfill* topped topping change changed changing replac* swap swapped clean'
 || ' cleaned cleaning cleans wash* wiped check checked checking checks service serviced servicing maint*'
 || ' repair* fix fixed'
 || ' adjust* test tested testing plug plugged plugging unplug* disconnected switched turned keep keeping'
 || ' reset unclogged descaled rerouted routed watered rinsed calibrated'),
('state_fr', 'state', 'fr', 'How a system is that is there.',
 'fonction* marche marchait en_marche en_fonction en_service en_place bon_etat en_ordre allume* chauff* clignot*'
 || ' coule'
 || ' coulait fuit fuite fuites plein pleine pleins vide vides a_sec sec secs seche seches debranche* casse'
 || ' cassee brise'
 || ' brisee mort morte morts mortes defectu* use usee uses usees dur durs cliqu* bruit protege* maintient'
 || ' stabilis* manque'
 || ' manquait bouche bouchee calcaire calcifi* noirci* existant* d_origine actuel tiede tiedes chaud chaude'
 || ' chaudes froid'
 || ' froide froides lumiere lumieres voyant voyants consomm* boit gargouill* ronronne* fait faite faits'
 || ' glouglou* en_panne encore_bon encore_bonne neglig* brule brulee raide raides'),
('state_en', 'state', 'en', 'How a system is that is there.',
 'ok okay works work working worked running runs functional functioning operational humming hums blink* flash*'
 || ' leak*'
 || ' needs full empty low dry unplugged fine great well good broken dead faulty defective worn crusty dirty'
 || ' click* noisy'
 || ' noise light lights led leds lit doing_its doing_the protect* stable warm hot cold gasket clogged cord'
 || ' outlet existing'
 || ' in_place in_use is_on are_on was_on was_off is_off pump* drinks uses takes consumes connected powered'
 || ' gurgl* done bubbling burnt burned overdue happy heat heats heating rocks cardboard still_good quiet'
 || ' neglect* like_rocks'),
('offered_fr', 'offered', 'fr', 'A quote, a proposal, a wish, talk.',
 'soumission* devis estime estimes estimation propos* recommand* sugger* conseil* offert* offr* prix budget*'
 || ' interess*'
 || ' envisag* reflech* hesit* songe* discut* parl* reparl* expliqu* explic* besoin devrait serait pourrait'
 || ' aimerait'
 || ' voudrait voulait veut veulent demande demander demandait souhait* avantage* bienfait* inform* pense penser'
 || ' pensent'
 || ' a_l_etude idee mention* relanc* vendre vendeur acheter coute* combien cout s_ennuie vant* curieu* renseign*'
 || ' aurait aiderait ferait profiterait beneficierait candidat* vaut_la_peine question* convainc* place_pour'
 || ' assez_de_place vote magasin* comite'),
('offered_en', 'offered', 'en', 'A quote, a proposal, a wish, talk.',
 'quote quoted quotes quoting quotation estimat* propos* recommend* suggest* offer* price* pricing cost* budget*'
 || ' interested'
 || ' consider* think thinking thinks thought discuss* talk* explain* ask asks asked asking benefit* would'
 || ' could_use'
 || ' should_have should_get want wants wanted wish wishes looking_for looking_into looking_at inform* mention*'
 || ' spoke speak'
 || ' told tell pitched sell sales* buy miss misses question* curious bid follow_up voicemail read_about worth help'
 || ' candidate rebate approv* wonder* room_for fits fit committee fundrais* prefers decision'),
('pending_fr', 'pending', 'fr', 'Ordered, awaited, put off, planned.',
 'commande commandee commander commandes en_attente attend* arrive arrivera recevoir remise remis_a remis_au'
 || ' report*'
 || ' repouss* differe* prevu* prevoir planifi* rendez rdv bientot prochain* sera seront va vont vais ira'
 || ' a_installer a_poser'
 || ' a_mettre a_venir a_ajouter l_an_prochain cet_automne a_l_automne au_printemps cet_hiver cet_ete'
 || ' une_fois des_que lorsque quand si s_il s_ils rupture'
 || ' projet* eventuel* mettront poserons installerons poserai installerai a_l_agenda ordre_du_jour sur_la_liste sur_ma_liste'),
('pending_en', 'pending', 'en', 'Ordered, awaited, put off, planned.',
 'order ordered ordering backorder* back_ordered waiting await* arriving arrives postpon* pushed delay* schedul*'
 || ' book booked plan'
 || ' plans planning planned soon next_week next_month next_year next_spring next_summer next_fall next_winter'
 || ' will going_to'
 || ' gonna install installing to_be_installed getting if once when until in_case should_the eventually someday'
 || ' later on_hold'
 || ' pending coming due still_not purchas* agenda on_my_list on_his_list on_her_list on_the_list wish_list to_do_list'),
('elsewhere_fr', 'elsewhere', 'fr', 'Another piano, another person, another thing.',
 'autre_piano autres_pianos autre_droit autre_queue autre_local autre_ecole deuxieme_piano second_piano 0e_piano'
 || ' frere soeur'
 || ' mere pere cousin cousine tante oncle ami amie amis voisin voisine voisins fils fille gendre collegue'
 || ' collegues'
 || ' client_precedent client_d_avant d_a_cote d_en_face piano_du_haut piano_du_bas en_haut de_l_etage au_0e'
 || ' au_sous_sol corridor'
 || ' ancienne_maison pianola orgue* fournaise chaudiere plancher numerique garage technicien_d_avant chez_sa'
 || ' chez_son'
 || ' chez_ses chez_un chez_une chez_leur chalet conservatoire fournisseur humidificateur_de_plancher'
 || ' humidificateur_de_piece humidificateur_de_la humidificateur_portatif formation demonstration demo'
 || ' chandelle bougie radiateur recyclage plante plantes aquarium machine'
 || ' calorifere chapelle theatre cafetiere lave_vaisselle'),
('elsewhere_en', 'elsewhere', 'en', 'Another piano, another person, another thing.',
 'other_piano other_pianos other_grand other_upright other_one other_room another_piano second_piano second_grand'
 || ' second_upright brother* sister* mother* father* mom dad cousin* aunt* uncle* friend* neighbor* neighbour*'
 || ' daughter*'
 || ' colleague* in_laws grandmother* grandma* parents next_door down_the_hall across_the_hall upstairs downstairs'
 || ' conservatory cottage used_to_own previous_client previous_customer previous_piano previous_house'
 || ' disklavier player'
 || ' organ furnace basement_runs room_humidifier house_humidifier portable_humidifier floor_humidifier'
 || ' thermostat every_piano every_other all_other room_0'
 || ' dehumidifier supplier training trainee demo espresso machine candle radiator plants aquarium'
 || ' last_stop other_client'),
('unsure', 'unsure', 'any', 'Nobody knows.',
 'peut_etre maybe perhaps probabl* possibl* apparently apparemment suppose* supposed* parait might unsure'
 || ' not_sure pas_sur'
 || ' pas_certain pas_sure pas_certaine impossible_de impossible_to sais_pas sait_pas savent_pas dont_know'
 || ' doesnt_know'
 || ' do_not_know does_not_know dont_remember no_idea aucune_idee inconnu* unknown couldnt_see couldnt_tell'
 || ' couldnt_get'
 || ' couldnt_find couldnt_check cant_see cant_tell cant_say cant_find could_not_see could_not_tell could_not_get'
 || ' could_not_find unable_to pas_pu pas_reussi pas_eu_le_temps didnt_look didnt_check didnt_see did_not_look'
 || ' did_not_check'
 || ' did_not_see pas_verifie pas_regarde pas_vu forgot_to oublie_de reste_a_voir reste_a_verifier not_clear'
 || ' a_verifier_s'),
('would', 'would', 'any', 'What would be.',
 'would could might *rait *raient *rions *riez shouldnt wouldnt idealement ideally');

-- From supabase/schemas/shop/pls/verdicts.sql

-- Verdicts: what a clause says that names a system or a part of one. Of those that match the one of highest priority
-- decides, so doubt stands above what would be a yes. French and English share a verdict: a session caches 32 compiled
-- expressions, and with more than that Postgres would compile each of them again and again.

insert into public.pls_rules (name, kind, grade, priority, meaning, pattern) values
('told_of', 'nothing', null, 100, 'Advertising, a leaflet, a document, an explanation.',
 '\m(depliants?|brochures?|pamphlets?|flyers?|infolettre|newsletter|rabais|promo\w*|catalog\w*|videos?|links?|'
 || 'lien|website'
 || '|articles?|publicite|journal|papiers|discount|sale|infos?|pictures?|photos?|price list|page)\M.*{any}'
 || '|{any}.*\m(depliants?|brochures?|pamphlets?|flyers?|newsletter|videos?|website|articles?|rabais|promo\w*|'
 || 'papiers|infos?|catalog\w*|page)\M'
 || '|\m(a quoi sert|c est quoi|comment (ca )?(fonctionne|marche)|(benefits?|bienfaits|avantages) (of|d|de|'
 || 'du))\M.*{system}'
 || '|\m(how|what|explained|explique)\M.*{system} (works?|does|is|fonctionne|marche)$'),
('moved_away', 'against', 'strong', 98, 'It went to another piano or place.',
 '{it}{some}\m(suivi|(left|went|gone|stayed|parti|partie|reste) (with|to|avec|dans|chez)|(relocated|transferred|'
 || 'moved) to'
 || '|(desormais|maintenant) (dans|sur|au)|now (in|on) (the|a)|(transfere|demenage|deplace|rendu) (dans|sur|a|'
 || 'au|vers|chez))\M'
 || '|\m(relocated|transferred|moved|repris|transfere|demenage|deplace|recupere|donated|gave|'
 || 'sold)\M{small}{system}{few}'
 || '\m(to|into|pour|dans|sur|vers|au|chez)\M'
 || '|\m(owners?|proprietaires?|proprio|movers|demenageurs?|family|famille|seller|vendeur)\M( a| '
 || 'have)?{few}\m(kept|garde|emporte|took|pris|lost|vole|perdu)\M{small}{it}'),
('hindered', 'for', 'strong', 99, 'It could not be filled or cleaned: it is there.',
 '({unsure}|\m(could not|couldnt|cannot|cant|unable to|pas pu|impossible de|forgot to|oublie '
 || 'de)\M){few}\m(remplir|fill|nettoyer|clean|changer|change|remplacer|replace|rebrancher|brancher|plug|'
 || 'reparer|repair|entretenir|service|ajuster|adjust|vider)\M.*{any}'),
('asked', 'unclear', null, 97, 'Nobody knows, or somebody asks whether.',
 '{unsure}.*{any}|{any}{few}{unsure}|^(\S+ ){0,3}{system} \?|^(is there|do they have|does it have|y a t il|a t '
 || 'il)\M.*{system}'
 || '|\m(s il|si|if|whether)\M{some}\m(a|ait|has|have|is there|there is|there s|equip\w*|muni)\M{few}{system}'
 || '|{system}{few}\m(si oui|ou non|or not)\M'),
('of_another', 'another', null, 96, 'Another piano, another person, another thing.',
 '^(?!.*\m(this|celui ci|ce piano|ici|here)\M)(.*\m(my|mon|mes)\M{small}{any}|.*\m(her|his|their|son|sa|ses|'
 || 'leurs?) (?!(piano|instrument|kawai|yamaha|steinway|humid\w*)\M)[a-z]+ (has|have|had|a|ont|'
 || 'avait)\M{few}{system}|.*\m(grand|upright|church|school) s {any}|.*\m(church|chapel|choir|choir room|hall|'
 || 'auditorium|stage|gym|sanctuary|lobby|studio|band room|practice room) (grand|upright|'
 || 'piano)\M.*{any}|.*{elsewhere}.*{any}|.*{any}.*{elsewhere}'
 || '|(?!.*{not}{small}{system}).*\m(pianos?|grand|upright|droit|queue|kawai|yamaha|steinway|heintzman|baldwin|'
 || 'one) (du(?! client)|de la(?! cliente)|de l'
 || '|de sa|de son|de leur|des|d un|d une|in the|at the|in room|in his|in her)\M.*{any}'
 || '|.*{system} (est |is )?(sur|dans|on|in) (le|l|la|the) \S+ (du|de la|de l|des|in the|at the)\M'
 || '|(?!.*{not}{small}{system}).*{any}.*\m(pianos?|grand|upright|droit|queue|kawai|yamaha|steinway|heintzman|'
 || 'baldwin) (du(?! client)|de la(?! cliente)|de l|des|d un|d une|in the|at the)\M)'),
('this_one_not', 'against', 'strong', 96, 'All others, and not this one.',
 '^([~…] )*(sauf|except|excepte|not|pas)\M{few}\m(this|celui ci|ce|ici|here)\M'
 || '|\m(this|celui ci|ce piano)\M{few}(\m(doesnt|hasnt|isnt|does not|has not|has none|is bare|without|sans)\M( '
 || 'have)?( [°~])?$'
 || '|(n|[~°])+( [~°])?( a)? (pas|aucun|rien)\M)|^([~…] )?(rien|nothing|none)\M{few}\m(celui ci|ici|here|this)\M'),
('replaced', 'for', 'strong', 95, 'The old one gave way to a new one.',
 '^(?!.*({offered}|{pending}|{not}))(.*\m(remplac(e|er|ee|es|ement)|replac\w*)\M( (par|with|'
 || 'by))?{few}{it}|.*\m(new|nouveau|nouvel|fresh) {system}{few}\m(in|pose|posee|installe|installed|mis)\M'
 || '|.*{system} neuf{few}\m(pose|installe|mis)\M|.*{it}{some}\m(remplac(e|ee|es)|replaced)\M|.*\m(swapped|'
 || 'echange)\M{small}{system}{few}\m(for|pour|contre)\M'
 || '|.*\m(pose|posee|put|installe|installed|mis|remis|mounted|fitted)\M{small}((neuf|nouveau|nouvel|new|fresh|'
 || 'current|brand new) )+{it}'
 || '|.*\m(pose|put|installe|installed|mis|remis|mounted|fitted)\M{small}{it} (neuf|new)\M'
 || '|.*\m(pose|posee|put in|installe|installed|mis)\M{small}(neufs?|neuves?|new|fresh)( '
 || 'ones?| [°~])?$|.*\mput{small}{it} back\M'
 || '|.*{it}{few}\m(remis( en place)?|reinstall\w*|put back)\M|… (remis( en place)?|reinstall\w*|put back( in)?|'
 || 'replaced|remplace)$)'),
('removal_wished', 'for', 'strong', 94, 'Somebody wants it out: it still is in.',
 '\m(veut|voudrait|veulent|souhait\w*|aimerait|faudrait|faut|prevoir|ne pas|wants?|would like|should|do not|'
 || 'dont)\M{few}'
 || '\m(enlever|retirer|demonter|remove|take out)\M{few}{system}'
 || '|{system}{few}\m(a (enlever|retirer|demonter)|to be (removed|taken out)|should be (removed|taken out))\M'
 || '|\m(wants?|would like)\M{few}{system}{few}\m(removed|taken out)\M'),
('refused', 'nothing', null, 93, 'Somebody does not want one, or needs nothing for it.',
 '\m(veut|veulent|voulait|voulu) (pas|plus|rien)\M.*{sign}|{sign}.*\m(veut|veulent) (pas|plus)\M'
 || '|\m(pas|not|peu|plus|isnt|arent|wasnt)\M{few}\minteres\w+|\m(refus\w*|declin\w*|said no|no thanks|passed '
 || 'on|pass on'
 || '|(doesnt|dont|didnt|does not|do not|did not|not) (want|need))\M.*{any}'
 || '|{any}.*\m(refus\w*|declin\w*|trop cher|too expensive|too much|inutile|unnecessary)\M'
 || '|\m(pas|plus|aucun) (la peine|de besoin|besoin|necessaire)\M.*{any}|\m(no|not) (need|point|reason|'
 || 'necessary|worth)\M.*{any}'
 || '|{any}.*\m(pas|not) (necessaire|necessary|needed|requis|required)\M'),
('unneeded', 'nothing', null, 92, 'Nothing to bring for a system.',
 '\m(dont|do not|ne pas|pas la peine|inutile)\M{few}\m(bring|order|buy|apporter|trainer|commander|'
 || 'acheter)\M.*{any}'),
('quoted', 'nothing', null, 92, 'A quote for a system, not for its upkeep.',
 '^(?!.*[¤¢]{few}§)(?!.*\m(entretien|maintenance|repar\w*|repair\w*|nettoy\w*|clean\w*|servic\w+|changer|'
 || 'remplacer|replac\w+)\M)(.*\m(soumissions?|devis|estimes?|quotes?|estimates?|price|prix|bid)\M.*{system}'
 || '|.*{system}.*\m(soumissions?|devis|estimes?|quotes?|estimates?)\M)'),
('removed', 'against', 'strong', 90, 'Retiré, enlevé, démonté, parti; removed, taken out, gone.',
 '^(?!.*\m(pas|not|jamais|never|didnt|wasnt|isnt|dont)\M{few}{removed})(.*{removed}( out| off| away| rid of| '
 || 'aussi)?{small}{it}'
 || '|.*\m(took|taken|threw|thrown|pulled|ripped|tore)\M{small}{it}{few}\m(out|off|away|down)\M|.*\m(got|gotten|'
 || 'get) rid of{small}{it}'
 || '|.*{system}{some}({removed}|{gone}(?! (water|eau|pads|a)\M))|.*{system} (is |was )?out$'
 || '|.*{it}{few}\mout of (here|there|(the|this|that|her|his) (piano|instrument|grand|upright))\M'
 || '|.*[°~]( (a|ai|avons|avez|ont|avait|avaient|ete|est|was|were|is|has|have|had|been|s|got|'
 || 'fait))+ {removed}|.*° {removed}'
 || '|.*[°~]( (is|was|has|s|est|a|been|ete))+ (disparu\w*|vole|vendu|parti|absent|gone|stolen|sold|missing)\M'
 || '|[~…]( (a|ete|was|were|been|has|est|ai|avons|ont|tout|all|everything|fait))* ({removed}( (out|off|away|'
 || 'down))?|gone|disparu|parti)( (par|by|last|hier|today|aujourd|depuis|l|en|in|due)\M.*)?$'
 || '|.*\m(stole|vole|vola|vendu|sold|lost|perdu) (le|son|the|his|her|leur|their|our|notre)\M{small}({system}|¢)'
 || '|.*{removed}{small}(¢ ¢|¢ ¤|¤ ¢)|.*(¢ ¢|¢ ¤|¤ ¢){some}{removed}'
 || '|.*\m(only|juste|que|reste|seulement|left)\M{some}\m(brackets?|crochets?|supports?|wires?|fils?|trous?|'
 || 'holes?|screws?|vis)\M.*{system})'),
('untroubled', 'for', 'strong', 89, 'Nothing is wrong with it: it is there.',
 '{not}{small}\m(issues?|problem\w*|complaints?|plaintes?|leaks?|fuites?|trouble|bris|lumieres?|voyants?|'
 || 'lights?|(a )?signaler)\M.*{system}|{system}{few}(sans|without|no){small}\m(problem\w*|issues?|trouble)\M'),
('none', 'against', 'strong', 88, 'Pas de, aucun, sans, n''a plus; no, without, does not have.',
 '{not}( eu| vu| comme| pour| contre| to| for| had| have| has)*{small}{system}(?!{few}\m(issues?|problems?|'
 || 'trouble|complaints?|leaks?|lights?|alarm)\M)|\mplus (de|d|aucun){small}{system}|\m(n a|n ont|ont|y a|a) '
 || 'plus{small}{system}'
 || '|\m(rien|nothing)\M( ici| la| here)? (pour|contre|comme|for|'
 || 'against){some}(\mhumid\w+|\mhygro\w*|\mdry\w*|\msecheresse|{system})'
 || '|^(?!.*{elsewhere}).*{not}{few}\m(equipe\w*|munie?|pourvue?|dotee?|equipped|fitted|outfitted|protected|'
 || 'protege|have|possede|avoir'
 || '|comport\w+|contien\w*)\M{few}{system}|{system}{few}\m(inexistant\w*|nonexistent|non existent)\M|{system}( :| est| is)* {not}$|{system} : {not}'
 || '|{not} {put}{few}{system}'
 || '|{system}{few}\m(pas|non|jamais|not|never|isnt|wasnt)\M( encore| ete| yet| been)* (installed?|pose|present|'
 || 'there|here|la)\M'
 || '|{system}{few}(\mest plus\M|\mno longer\M|\m(not any more|not anymore)\M|\mn ° est (plus|pas)\M)|\mno '
 || '(longer|more)\M{few}{it}'
 || '|[°~]( (n|est|a|ai|ont|y|sont|was|is|[°~]))* (pas|plus|aucun|rien)( (la|ici|dedans|celui ci|non plus|du '
 || 'tout))?$|(\m(not|no longer|isnt|wasnt)\M (there|here|in there|in [~°])( any more| anymore)?|\m(not any '
 || 'more|not anymore))$|{it}{few}{not}{some}\m(any more|anymore)\M'
 || '|^… (none|aucune?s?|non|no|nope|(not any more|not anymore)|plus maintenant|zero)$|\m(have|has|is|there s|'
 || 'there|do|does)( not| no|) (one|any|[~°] ?)?none$'
 || '|\m(doesnt|does not|dont|do not|hasnt|havent) have [°~]$|{system}{few}\m(y est|est) plus\M'),
('once_there', 'against', 'weak', 87, 'There was one, which does not say that it still is.',
 '\m(there (was|used to be)|used to (have|be)|had|avait|avaient)\M( eu)?{small}{system}'
 || '|{system}{few}\m(before|autrefois|a l epoque|years ago|dans le temps)\M|\m(c etait|was|'
 || 'etait)\M{small}{system}'),
('awaited', 'nothing', null, 91, 'Ordered, awaited or put off, and no part of one that is there.',
 '^(?!.*[¤¢])(.*\m(attend\w*|commande[er]?s?|ordered|order|back-?order\w*|waiting|await\w*|arriving|postpon\w*|'
 || 'report\w+|repouss\w+|remise? (a|au|en)|prevue?s?|prevoir)\M.*{system}'
 || '|.*{system}.*\m(attend\w*|en attente|commande[er]?s?|ordered|on order|back-?order\w*|arriving|postpon\w*|'
 || 'report\w+|repouss\w+|remise? (a|au|en)|prevue?s?)\M)'),
('proposed', 'nothing', null, 86, 'An offer, a wish, a need of one.',
 '({offered}|\m(needs?|merite|deserves?|could use|candidat\w*)\M)( (a|of|for|about|on|sur|pour|to|get|buy|have|'
 || 'like|installer|poser|avoir|mettre|d|de|in|with))*{small}((new|nouveau|good|bon|nouvel) )?{system}(?! '
 || '({upkeep}|{state}))(?!{few}[¤¢])|{system}( (has|been|was|is|est|a|ete|fortement|strongly|again|'
 || 'encore))* {offered}(?! (d|de|of|some)\M)(?!{few}{upkeep})'),
('standing', 'for', 'strong', 85, 'A part or piece of a system is named with it, or it was put in before.',
 '[¤¢].*[§¤¢]|§.*[¤¢]|{system}( (a|ete|was|has|been|deja|already|had))+ {put}'
 || '|\m(fils?|cord|hose|tuyau|transfo\w*|fusible|fuse|leaks?|fuite|lights?|lumieres?|'
 || 'voyants?)\M{few}{system}|{system} (de |du )?\m(fils?|cord|hose|tuyau|transfo\w*|fusible|fuse|lights?|'
 || 'lumieres?|voyants?)\M|{any}{few}\m(a|to be|be|etre)\M {upkeep}|\mshould have{small}{any} {upkeep}'
 || '|\m(finished|completed|termine|complete|fini)\M{small}({system} )?install\w*'),
('upkept', 'for', 'strong', 84, 'It was seen to run or not to run, or is kept up: it is there.',
 '^(?!.*({would}|\m(should have|if|heard|entendu|lu|read|croit|believes?|selon|according|un bon|any)\M))('
 || '.*{upkeep}{some}{any}|.*{any}{some}({upkeep}|\m(0 )?(litres?|gal|gallons?|water|eau)\M)|(?!.*\m(an?|un|une) ((new|old|'
 || 'nouveau|good|bon) )?{system}).*[§¤]{some}{state}|.*¢{few}\m(warm|tiedes?|hot|cold|chaudes?|froides?|'
 || 'flash\w*|blink\w*|clignot\w*|stuck|dead|morte?s?|brulee?s?|vides?|empty|dry|full|pleins?)\M|'
 || '.*{any}( :)? (on|off|au vert)( (again|now|when|at|upon|since|all|for|in|by|depuis|pour|en)\M.*)?$'
 || '|.*{system} (is )?still (going|on|in|there)\M'
 || '|.*\m(water|eau)\M{few}{any}|.*[°~] \m(needs?|manqu\w+)\M{few}\m(water|eau|pads)\M'
 || '|.*\m(since|after|depuis|apres|suite a|following|grace|thanks to)\M{some}{system}|.*{system}{few}\m(depuis|'
 || 'since)\M'
 || '|.*{system}( (a|has|is|est|date|de|in))+( [^ ]+)? (ans|years|yrs|old|vieux|vieille|age|0000)\M'
 || '|.*{system} 0+ (ans|years|yrs|bars?|barres?)\M'
 || '|.*\m(existing|existant|current|actuel|present)\M{few}{any}|.*{any}{few}\m(existant|present)\M|'
 || '(?!.*{offered}).*{any}{few}\m(sous|under|behind|derriere)\M'
 || '|… (a |ai |tout |all |just |now )*(rempli|remplis|remplie|filled|refilled|topped up|topped off)$)'),
('supplied', 'for', 'strong', 83, 'What a system uses up was brought, added or taken out.',
 '^(?!.*\m(pas|not|no|dont)\M)(.*\m(new|neufs?|neuves?|left|laisse\w*|bring|brought|apport\w*|ajout\w*|added|'
 || 'used|mis|mise|put|vendu|sold|pose|installe\w*)\M{some}[¤¢]'
 || '|.*[¤¢]{some}\m(new|neufs?|neuves?|left|laisse\w*|ajout\w*|added|on|off|out|again|back|bons?|bonnes?|good|'
 || 'needed)\M|.*{removed}{small}((vieux|vieilles?|old) )?¤)'),
('pending', 'nothing', null, 80, 'Ordered, awaited, put off, planned, thought of for later.',
 '{pending}.*{system}|{system}.*{pending}'),
('offered', 'nothing', null, 78, 'A quote, a proposal, a wish, talk: nothing stands in the piano yet.',
 '({offered}|{would}).*{system}|{system}.*({offered}|{would})'),
('installed', 'for', 'strong', 60, 'Somebody put it in.',
 '^(?!.*({not}|\?))(?!.*\mpose ((du|d|de)\M|§)(?!.*\m(hier|ce matin|cet avant midi)\M))('
 || '.*{put}{some}{any}|.*{any}{some}{put}|.*\m(put|'
 || 'mis)\M{small}{it} in\M'
 || '|.*\m(finished|completed|termine|complete|fini)\M{few}install\w*|'
 || '.*installation\M.*\m(faite|completee|done|complete|terminee|finie)\M)'),
('has_one', 'for', 'strong', 58, 'It has one.',
 '^(?!.*{not})((\m(this|le|ce|the|beau|bon|nice|good|old|vieux|et|ici|also|aussi)\M )*(piano |instrument |one |'
 || 'celui ci |il |[°~…] )*'
 || '(has|have|a|il y a|there is|there s|y a|equipe d[eu]?|est muni|est equipe|est protege|is equipped|is '
 || 'fitted|is protected|equipped'
 || '|piano with|piano avec|muni d[eu]?|possede|found|trouve)( by| with| par| d| deja| already)*{small}((full|'
 || 'new|good|nice|functional|beau|bon|working) )*{system}'
 || '|.*\m(equipe|muni|protege|protected|equipped|fitted)\M{few}{system}|{system} (came|comes|vient|venait) '
 || '(with|avec) (the|le) piano|.*\m(arrive|came|comes|livre) (with|avec){small}{system}|([~…] )?(there is one|'
 || 'there is [~°]|there s [~°]|([~°] )*(il )?(y )?[~°] a un|[~°] has [~°]|[~°] (is|est) (there|la))$)'),
('doubtful', 'unclear', null, 40, 'A word that denies, wishes, asks or puts off, in no way that is understood.',
 '({not}|\m(plus|ne|if|si|would|serait|il y a|ago)\M|\?).*[§¤]|[§¤].*({not}|\m(plus|ne|if|si|would|serait|'
 || 'ago)\M|\?)'),
('a_part', 'for', 'weak', 20, 'A part that only such a system has.', '{part}'),
('a_piece', 'unclear', null, 10, 'A piece that other things have, too.', '{piece}'),
('named', 'for', 'weak', 0, 'A system is named, and nothing is said against it.', '{system}');

-- From supabase/schemas/shop/pls/shipped.sql

-- Rules come with each release, and a shop edits them. What a person writes into a rule is a claim of the ownership
-- engine, which a release does not overwrite: a switched-off rule stays off, an edited pattern stays as it is, and what
-- the release offered is known (`ownership.explain`) and can be taken (`ownership.release`).

update public.pls_rules set shipped = true;

select ownership.protect('public.pls_rules', col, 'claim', '{name}', source => 'service_role')
from unnest('{pattern,grade,cue,case_sensitive,priority,language,meaning,enabled}'::name[]) col;

create function pls.ship(rules jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
-- An install runs as a person; with the rank of a program it takes nothing that a person owns.
set ownership.writer = 'service_role'
as $$
  insert into public.pls_rules as r
    (name, kind, pattern, grade, cue, case_sensitive, priority, language, meaning, enabled, shipped)
  select s.name, s.kind, s.pattern, s.grade, s.cue, coalesce(s.case_sensitive, false), coalesce(s.priority, 50),
    coalesce(s.language, 'any'), s.meaning, coalesce(s.enabled, true), true
  from jsonb_populate_recordset(null::public.pls_rules, ship.rules) s
  on conflict (name) do update
  set pattern = excluded.pattern, grade = excluded.grade, cue = excluded.cue,
    case_sensitive = excluded.case_sensitive, priority = excluded.priority, language = excluded.language,
    meaning = excluded.meaning, enabled = excluded.enabled
  -- A rule that the shop made under this name stays its own.
  where r.shipped
$$;
comment on function pls.ship(jsonb) is
  'For migrations of a release: adds and changes rules, and leaves what a person wrote into one. A rule that is dropped
   is shipped with enabled false. A rule''s kind never changes: another kind is another name.';

-- From supabase/schemas/shop/pls/judge.sql

-- Judging texts: they are split into sentences and clauses, words of the rules are replaced by signs, and the verdicts
-- are matched against each clause. A pattern therefore cannot reach over the border of a clause.

create function pls.plain(written text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when strpos(t.written, '<') = 0 and strpos(t.written, '&') = 0 then t.written
    else regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(t.written,
      '<(br|/?p|/?li|/?div|/?tr|/?h\d)\M[^<>]*>', E'\n', 'gi'), '<[a-z/!][^<>]*>', ' ', 'gi'),
      '&(nbsp|#160);', ' ', 'gi'), '&(#0?39|apos|rsquo|lsquo);', '''', 'gi'),
      '&([aeiouc])(acute|grave|circ|uml|cedil);', '\1', 'gi'), '&(amp|quot|lt|gt);', ' ', 'gi')
  end
  from (select left(plain.written, 100000) as written) t
$$;
comment on function pls.plain(text) is
  'The first 100,000 characters of a text, without HTML: more than that nobody types into a note.';

create function pls.sentences(written text)
returns table (sentence text, place bigint)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Fixed strings, for an expression takes five times as long. The dots of D.C. end no sentence.
  select btrim(s.sentence, E' \r\t'), s.place
  from string_to_table(
    replace(replace(replace(replace(replace(replace(sentences.written,
      '.C. ', E'.C.\u00a0'), '.c. ', E'.c.\u00a0'), '. ', E'.\n'), '! ', E'!\n'), '? ', E'?\n'), '; ', E';\n'), E'\n')
    with ordinality s (sentence, place)
  where length(s.sentence) between 2 and 2000
$$;
comment on function pls.sentences(text) is
  'The sentences of a text, each with its place. What is longer than 2,000 characters is none.';

create function pls.with_signs(
  sentence text, others text, exact_systems text, systems text, initials text, parts text, pieces text, refs text,
  pronouns text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select lower(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
      sentence, others, ' ', 'gi'), exact_systems, '§', 'g'), systems, '§', 'gi'), initials, '‡', 'g'),
      parts, '¤', 'gi'), pieces, '¢', 'gi'), refs, '°', 'gi'), pronouns, '~', 'gi'))
$$;
comment on function pls.with_signs(text, text, text, text, text, text, text, text, text) is
  'A folded sentence in lower case, with § for each system, ‡ for its initials, ¤ for each part, ¢ for each piece,
   ° for each reference and ~ for each pronoun.';

create function pls.clauses(signs text, acts text)
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select string_to_array(translate(regexp_replace(regexp_replace(regexp_replace(
    -- Initials are a system beside another sign of one.
    replace(replace(known.signs, '‡', case when known.signs ~ clauses.acts then '§' else ' ' end), ' - ', ' : '),
    -- "système PLS Dampp-Chaser" is one system: neighbouring names become one sign. So does a list of pieces.
    '((\msyst[a-z]+|°)( de)? ?)?§(,? ?\(?((syst[a-z]+|kits?|units?)\M|§)\)?)*', '§', 'g'),
    '([¢¤])( ?(,|\m(et|and|ou|or)\M|&|\+) ?((the|both|two|les?|la|l|des|deux|0+|an?|his|her|son|ses|old|all|du|de)'
    '\M ?)*([¢¤]))+', '\1 \7', 'g'),
    '[;()"«»\[\]\n]|,(?!0)|\m(mais|but|however|par contre|cependant|toutefois|quoique|although|though|tandis que'
    '|alors que'
    '|whereas|while|because|car|parce que|puisque|puis|then|donc|so|et|and|pis|contrairement aux?)\M|[&+]'
    '|\m(?=(sauf|except|excepte)\M)', E'\n', 'g'),
    E'=-/.!_*#%$', ':  '), E'\n')
  from (select clauses.signs) known
$$;
comment on function pls.clauses(text, text) is
  'The clauses of a sentence with signs: it is split at commas, brackets and words such as but, mais, et.';

create function pls.coded(clauses text[])
returns table (clause text, code text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with tokens as materialized (
    select c.clause, t.no::integer as no, t.word, c.words
    from unnest(coded.clauses) u (clause)
    cross join lateral (select u.clause, string_to_array(u.clause, ' ') as words) c
    cross join lateral unnest(c.words) with ordinality t (word, no)
  ), vocabulary as materialized (
    select v.letter, v.word like '%*' as is_stem,
      split_part(v.word, '*', 1) as stem, split_part(v.word, '*', 2) as ending, split_part(v.word, '_', 1) as first,
      replace(v.word, '_', ' ') as phrase, cardinality(string_to_array(v.word, '_')) as length
    from pls.vocabulary() v
  ), words as materialized (
    select distinct t.word from tokens t
  ), letters as (
    select f.word, string_agg(distinct f.letter, '') as letters
    from (
      select w.word, v.letter
      from words w
      cross join lateral generate_series(1, length(w.word)) n
      join vocabulary v on v.stem = left(w.word, n) and v.length = 1
      where v.is_stem or v.stem = w.word
      union all
      select w.word, v.letter from words w join vocabulary v on v.ending <> '' and w.word like '%' || v.ending
    ) f
    group by f.word
  ), phrases as (
    select t.clause, t.no, string_agg(distinct v.letter, '') as letters
    from tokens t
    join vocabulary v on v.first = t.word and v.length > 1
      and array_to_string(t.words[t.no : t.no + v.length - 1], ' ') = v.phrase
    group by t.clause, t.no
  )
  select t.clause, string_agg(
    case
      when t.word in ('§', '¤', '¢', '°', '~', '…', ':', '?', '¢¢', '¤¢', '¢¤', '¤¤') then t.word
      when concat(l.letters, p.letters) <> '' then concat(l.letters, p.letters, '/', t.word)
      when t.word ~ '^0+$' then t.word
      when l.word is null and p.letters is null then 'x'
      else t.word
    end, ' ' order by t.no)
  from tokens t
  left join letters l using (word)
  left join phrases p using (clause, no)
  group by t.clause
$$;
comment on function pls.coded(text[]) is
  'Clauses as the verdicts see them: before each word the letters of its lists, and x for words that no rule knows.';

create function pls.spaced(written text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_to_string(array_remove(string_to_array(
    replace(replace(replace(replace(replace(replace(replace(replace(spaced.written,
      ':', ' : '), '?', ' ? '), '§', ' § '), '°', ' ° '), '~', ' ~ '), '¤', ' ¤ '), '¢', ' ¢ '), ',', ' '),
    ' '), ''), ' ')
$$;
comment on function pls.spaced(text) is 'A clause as words and signs with one space between them.';

create function pls.rules_in_force()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select md5(string_agg(
    concat_ws(E'\t', r.name, r.kind, r.grade, r.priority, r.case_sensitive, r.pattern), E'\n' order by r.name))
  from public.pls_rules r
  where r.enabled
$$;
comment on function pls.rules_in_force() is 'A fingerprint of the enabled rules.';

create table pls.known_clauses (
  rules text,
  code text,
  rule text,
  says text,
  grade text,
  priority integer,
  primary key (rules, code)
);
comment on table pls.known_clauses is
  'Verdicts on clauses that were met before, by the rules in force then: a shop writes the same few hundred again and
   again.';
alter table pls.known_clauses enable row level security;
create policy detector on pls.known_clauses
  to pls_detector using (true) with check (true);
grant select, insert, delete on pls.known_clauses to pls_detector;

create function pls.verdicts_on(codes text[])
returns table (code text, rule text, says text, grade text, priority integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with known as materialized (
    select k.* from pls.known_clauses k
    where k.rules = pls.rules_in_force() and k.code = any (verdicts_on.codes)
  ), fresh as materialized (
    select u.code from unnest(verdicts_on.codes) u (code)
    except
    select k.code from known k
  ), rules as materialized (
    select r.name, r.kind, r.grade, r.priority, pls.compiled(r.pattern) as pattern
    from public.pls_rules r
    where r.enabled and r.kind in ('for', 'against', 'unclear', 'another', 'nothing')
  ), judged as materialized (
    -- Rule by rule over all clauses, so that each expression is compiled once. offset 0 keeps the planner from turning
    -- the loops round.
    select distinct on (f.code) f.code, m.name as rule, m.kind as says, m.grade, m.priority
    from fresh f
    left join (
      select d.code, r.name, r.kind, r.grade, r.priority
      from rules r
      cross join lateral (select f.code from fresh f where f.code ~ r.pattern offset 0) d
    ) m using (code)
    order by f.code, m.priority desc nulls last, m.name
  ), kept as (
    insert into pls.known_clauses (rules, code, rule, says, grade, priority)
    select pls.rules_in_force(), j.code, j.rule, j.says, j.grade, j.priority from judged j
    on conflict do nothing
  )
  select k.code, k.rule, k.says, k.grade, k.priority from known k where k.rule is not null
  union all
  select j.code, j.rule, j.says, j.grade, j.priority from judged j where j.rule is not null
$$;
comment on function pls.verdicts_on(text[]) is
  'The verdict on each clause, if there is one: that of the highest priority.';

create function pls.forms(forms text[])
returns table (
  form text, after_sign boolean, ends_with_sign boolean,
  rule text, says text, grade text, names boolean, is_another boolean
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with clauses as materialized (
    select f.form, c.no, c.clause,
      case
        when c.clause ~ '[§¤¢°]' then 'sign' when c.clause ~ '~' or c.clause !~ ' ' then 'pronoun' else 'none'
      end as kind
    from pls.lexicon() l
    cross join unnest(forms.forms) f (form)
    cross join lateral unnest(pls.clauses(pls.with_signs(pls.fold(f.form), l.others, l.exact_systems, l.systems,
      l.initials, l.parts, l.pieces, l.refs, l.pronouns), l.acts)) with ordinality w (written, no)
    cross join lateral (select w.no, pls.spaced(w.written) as clause) c
    where c.clause <> ''
  ), read as materialized (
    select c.form, c.no, case when c.clause ~ '[§¤¢°~]' then c.clause else '… ' || c.clause end as clause,
      -- A pronoun, or a clause without a subject, stands for a system that was named right before; a pronoun also for
      -- one that is named right after.
      c.kind = 'sign' or lag(c.kind) over w = 'sign' or c.clause ~ '~' and lead(c.kind) over w = 'sign'
        or lag(c.kind) over w = 'pronoun' and lag(c.kind, 2) over w = 'sign' as stands,
      row_number() over w = 1 or row_number() over w = 2 and lag(c.kind) over w = 'pronoun' as leans,
      c.clause ~ '§' as names
    from clauses c
    window w as (partition by c.form order by c.no)
  ), coded as materialized (
    select c.clause, c.code
    from pls.coded(array(select distinct r.clause from read r where (r.stands or r.leans) and length(r.clause) < 500)) c
  ), verdicts as (
    select v.* from pls.verdicts_on(array(select distinct c.code from coded c)) v
  ), told as (
    -- A sentence says what its last strong clause says, or else what its last that takes sides says. How a system is
    -- (priorities 81 to 89) yields: beside a removal it is told of what was removed.
    select distinct on (r.form, r.after_sign) r.form, r.after_sign, r.rule, r.says, r.grade, r.names, r.is_another
    from (
      select r.*, a.after_sign, v.rule, v.says, v.priority,
        bool_or(v.says = 'another') over (partition by r.form, a.after_sign) as is_another,
        -- Parts are those of another piano, where the sentence tells of one.
        case
          when v.says = 'for' and not r.names
            and bool_or(v.says = 'another') over (partition by r.form, a.after_sign)
          then 'weak' else v.grade
        end as grade
      from read r
      cross join (values (true), (false)) a (after_sign)
      join coded c using (clause)
      join verdicts v using (code)
      where r.stands or a.after_sign and r.leans
    ) r
    order by r.form, r.after_sign, r.grade is not distinct from 'strong' desc, r.says in ('nothing', 'another'),
      r.says = 'for' and r.priority between 81 and 89, r.no desc
  ), endings as (
    select distinct on (c.form) c.form, c.kind <> 'none' as ends_with_sign from clauses c order by c.form, c.no desc
  )
  select e.form, a.after_sign, e.ends_with_sign, t.rule, t.says, t.grade, t.names, t.is_another
  from endings e
  cross join (values (true), (false)) a (after_sign)
  left join told t using (form, after_sign)
$$;
comment on function pls.forms(text[]) is
  'What sentences say, each after a sentence that ends with a sign of a system and after one that does not.';

create function pls.judge(texts text[])
returns table (text_no bigint, place integer, sentence text, rule text, says text, grade text)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with places as materialized (
    -- Many sentences differ in nothing but figures: each is judged once.
    select t.no as text_no, s.place::integer as place, s.sentence,
      replace(replace(translate(s.sentence, '123456789', '000000000'), '000', '0'), '00', '0') as form
    from unnest(judge.texts) with ordinality t (written, no)
    cross join lateral pls.sentences(pls.plain(t.written)) s
  ), forms as materialized (
    select * from pls.forms(array(select distinct p.form from places p))
  ), contexts as (
    select p.*, coalesce(lag(f.ends_with_sign) over (partition by p.text_no order by p.place), false) as after_sign
    from places p
    join (select distinct f.form, f.ends_with_sign from forms f) f using (form)
  )
  select c.text_no, c.place, c.sentence, f.rule, case f.says when 'another' then 'nothing' else f.says end,
    -- Parts that are told of after a removal, or after another piano, are those of that one.
    case when f.says = 'for' and not f.names
      and bool_or(f.is_another or f.says = 'against' and f.grade = 'strong')
        over (partition by c.text_no order by c.place)
      then 'weak' else f.grade end
  from contexts c
  join forms f using (form, after_sign)
  where f.says is not null
$$;
comment on function pls.judge(text[]) is
  'The sentences that some verdict matches, with the one that decides, what it says (for, against, unclear or nothing)
   and how strongly.';

-- From supabase/schemas/shop/pls/evidence.sql

-- Evidence for and against a system: sentences of the shop's notes, and Gazelle's own field. Evidence that is unchanged
-- is not written again.

create table public.pls_evidence (
  id bigint generated always as identity primary key,
  piano_id text not null,
  source text not null,
  entry_id text,
  place integer not null default 1,
  rule text,
  says text not null,
  grade text not null,
  sentence text not null,
  occurred_at timestamptz,
  found_at timestamptz not null default now(),
  constraint pls_evidence_knows_the_source check (source in ('gazelle', 'notes')),
  constraint pls_evidence_takes_sides check (says in ('for', 'against', 'unclear')),
  constraint pls_evidence_is_graded check (grade in ('strong', 'weak') and (says <> 'unclear' or grade = 'weak')),
  -- Evidence from notes names the rule that found it.
  constraint pls_evidence_notes_have_a_rule check ((source = 'notes') = (rule is not null)),
  -- A sentence counts once.
  constraint pls_evidence_counts_once unique nulls not distinct (piano_id, source, entry_id, place)
);
comment on table public.pls_evidence is
  'What proves or disproves a system in a piano: Gazelle''s own field, and sentences of the notes. What a person set is
   not here, but a claim of the ownership engine.';
comment on column public.pls_evidence.piano_id is 'The piano''s external_id; that piano may be unknown here.';
comment on column public.pls_evidence.entry_id is 'The timeline entry''s external_id; null for the piano''s own notes.';
comment on column public.pls_evidence.place is 'The number of the sentence in its text, from 1.';
comment on column public.pls_evidence.says is
  'for or against a system; unclear: a person should look.';
comment on column public.pls_evidence.grade is
  'strong sets or takes a badge. weak does with another weak statement on another day, and never against a strong one.';
comment on column public.pls_evidence.occurred_at is
  'When it was observed: the newest strong evidence decides. Null counts as the oldest.';

create index pls_evidence_entry_id_idx on public.pls_evidence (entry_id);

alter table public.pls_evidence enable row level security;
revoke all on public.pls_evidence, public.pls_evidence_id_seq from public, anon, authenticated, service_role;
create policy detector on public.pls_evidence
  to pls_detector using (true) with check (true);
create policy readers on public.pls_evidence for select
  to authenticated, manual_editor, service_role using (true);
grant select on public.pls_evidence to authenticated, manual_editor, service_role;
grant select, insert, update, delete on public.pls_evidence to pls_detector;

create function pls.service_types()
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select '{SERVICE_ENTRY_MANUAL,SERVICE_ENTRY_AUTOMATED,USER_COMMENT,PIANO_MEASUREMENT}'::text[]
$$;
comment on function pls.service_types() is
  'The types of timeline entries in which technicians write what they saw. Estimates and e-mails prove nothing.';

create function pls.each(ids text[])
returns setof text
language sql
immutable
rows 1000
set search_path = pg_catalog, pg_temp
as $$
  select unnest(ids)
$$;
comment on function pls.each(text[]) is
  'The elements of a long array, so that they can be joined by a hash: = any would scan the array for each row.';

create function pls.texts(pianos text[], entries text[])
returns table (piano_id text, entry_id text, occurred_at timestamptz, written text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Entries that are missing in Gazelle still count: what the technician saw remains true.
  with chosen as (
    select e.piano_id, e.external_id as entry_id, e.entry_type, e.occurred_at, e.title, e.description
    from public.gazelle_timeline_entries e
    where e.piano_id = any (texts.pianos)
    union all
    select e.piano_id, e.external_id, e.entry_type, e.occurred_at, e.title, e.description
    from public.gazelle_timeline_entries e
    where e.external_id = any (texts.entries) and e.piano_id is not null
      and not exists (select from pls.each(texts.pianos) p (id) where p.id = e.piano_id)
  ), written as (
    select c.piano_id, c.entry_id, c.occurred_at, concat_ws(E'\n', c.title, c.description) as written
    from chosen c
    where c.entry_type = any (pls.service_types())
    union all
    select p.external_id, null, null, p.notes
    from public.gazelle_pianos p
    where p.external_id = any (texts.pianos) and p.notes <> ''
  )
  select w.piano_id, w.entry_id, w.occurred_at, w.written
  from written w, pls.lexicon() l
  where w.written ~* l.hints and w.written ~* l.cues
    or l.uncued is not null and pls.fold(w.written) ~* l.uncued
$$;
comment on function pls.texts(text[], text[]) is
  'The notes in which a word of the rules occurs: all of some pianos, and single entries of others.';

create function pls.read_notes(pianos text[], entries text[], out read integer, out added integer, out removed integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with notes as materialized (
    select row_number() over () as no, t.* from pls.texts(read_notes.pianos, read_notes.entries) t
  ), found as materialized (
    select
      n.piano_id, n.entry_id, j.place, j.rule, j.says, coalesce(j.grade, 'weak') as grade, j.sentence,
      -- The notes of the piano itself have no date. For a system they are the oldest evidence; a removal counts as of
      -- the time it was read, so that it outweighs what was true before.
      case when n.entry_id is not null then n.occurred_at when j.says = 'against' then now() end as occurred_at
    from pls.judge(array(select n.written from notes n order by n.no)) j
    join notes n on n.no = j.text_no
    where j.says <> 'nothing'
  ), added as (
    insert into public.pls_evidence as e (piano_id, source, entry_id, place, rule, says, grade, sentence, occurred_at)
    select f.piano_id, 'notes', f.entry_id, f.place, f.rule, f.says, f.grade, f.sentence, f.occurred_at
    from found f
    on conflict (piano_id, source, entry_id, place) do update
    set rule = excluded.rule, says = excluded.says, grade = excluded.grade, sentence = excluded.sentence,
      occurred_at = excluded.occurred_at, found_at = now()
    where (e.rule, e.says, e.grade, e.sentence)
        is distinct from (excluded.rule, excluded.says, excluded.grade, excluded.sentence)
      or e.entry_id is not null and e.occurred_at is distinct from excluded.occurred_at
    returning 1
  ), removed as (
    delete from public.pls_evidence e
    -- A loop over the ids that reads the index: the planner cannot know whether there are two ids or ten thousand.
    where e.id = any (array(
        select c.id from pls.each(read_notes.pianos) p (id)
        cross join lateral (select e.id from public.pls_evidence e where e.piano_id = p.id offset 0) c
        union
        select c.id from pls.each(read_notes.entries) n (id)
        cross join lateral (select e.id from public.pls_evidence e where e.entry_id = n.id offset 0) c
      ))
      and e.source = 'notes'
      and not exists (
        select from found f
        where f.piano_id = e.piano_id and f.entry_id is not distinct from e.entry_id and f.place = e.place
      )
    returning 1
  )
  select (select count(*) from notes)::integer, (select count(*) from added)::integer,
    (select count(*) from removed)::integer
$$;
comment on function pls.read_notes(text[], text[]) is
  'Reads the notes of whole pianos and single entries and updates their evidence. Counts the notes in which a word of
   the rules occurs, and the evidence added and removed.';

create function pls.owners(pianos text[])
returns table (
  piano_id text, writer name, rank integer, since timestamptz, installed boolean, offered jsonb, offered_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.key, c.writer, c.rank, c.since, (c.value #>> '{}')::boolean, c.offered, c.offered_at
  from ownership.claims c
  where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.key = any (owners.pianos)
$$;
comment on function pls.owners(text[]) is
  'Who owns the badges of some pianos. Security definer, for the view shows claims only to roles that may read every
   column of the table.';

create function pls.read_gazelle(pianos text[], out added integer, out removed integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  with words as materialized (
    select
      p.external_id as piano_id,
      -- Gazelle's value is the cell itself where nobody owns it, else the offer that ownership kept out.
      case when o.piano_id is null then p.dampp_chaser_installed else (o.offered #>> '{}')::boolean end as installed,
      o.piano_id is null or o.offered_at is not null as known,
      p.dampp_chaser_mfg_date::timestamp at time zone 'UTC' as made_at,
      concat_ws(', ', 'damppChaserInstalled: true', 'model ' || nullif(p.dampp_chaser_humidistat_model, ''),
        'made ' || p.dampp_chaser_mfg_date) as sentence
    from public.gazelle_pianos p
    left join pls.owners(read_gazelle.pianos) o on o.piano_id = p.external_id
    where p.external_id = any (read_gazelle.pianos)
  ), added as (
    -- Without a date of manufacture it counts as of the time it was first seen.
    insert into public.pls_evidence as e (piano_id, source, says, grade, sentence, occurred_at)
    select w.piano_id, 'gazelle', 'for', 'strong', w.sentence, least(w.made_at, now())
    from words w
    where w.installed and w.known
    on conflict (piano_id, source, entry_id, place) do update
    set sentence = excluded.sentence,
      occurred_at = case when excluded.sentence ~ ', made ' then excluded.occurred_at else e.occurred_at end
    where e.sentence <> excluded.sentence
    returning 1
  ), removed as (
    delete from public.pls_evidence e
    using words w
    where e.source = 'gazelle' and e.piano_id = w.piano_id and w.known and w.installed is not true
    returning 1
  )
  select (select count(*) from added)::integer, (select count(*) from removed)::integer
$$;
comment on function pls.read_gazelle(text[]) is
  'Updates the evidence from Gazelle''s own field. true counts; false says nothing, for it is Gazelle''s default.';

-- From supabase/schemas/shop/pls/weigh.sql

-- Weighing the evidence: strong decides by its date, weak only together, and what stays open a person is asked.

create function pls.verdicts(pianos text[])
returns table (piano_id text, says text, evidence_id bigint, doubt_id bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with evidence as (
    -- age 1 is the newest; within one note the last sentence.
    select e.*, row_number() over (
      partition by e.piano_id order by e.occurred_at desc nulls last, e.entry_id desc nulls last, e.place desc
    ) as age
    from public.pls_evidence e
    where e.piano_id = any (verdicts.pianos)
  ), strong as (
    select distinct on (e.piano_id) e.piano_id, e.id, e.says, e.age, e.entry_id
    from evidence e
    where e.grade = 'strong'
    order by e.piano_id, e.age
  ), weak as (
    -- Weak evidence counts where it is newer than the strong, and from another note. What has no date is no other day.
    select e.piano_id,
      count(distinct (e.occurred_at at time zone 'UTC')::date) filter (where e.says = 'for') as days,
      min(e.age) filter (where e.says = 'for') as for_age,
      min(e.age) filter (where e.says = 'against') as against_age,
      (array_agg(e.id order by e.age) filter (where e.says = 'for'))[1] as for_id,
      (array_agg(e.id order by e.age) filter (where e.says = 'against'))[1] as against_id,
      (array_agg(e.id order by e.age) filter (where e.says in ('for', 'unclear')))[1] as asking_id
    from evidence e
    left join strong s on s.piano_id = e.piano_id
    where e.grade = 'weak' and (s.id is null or e.age < s.age and e.entry_id is distinct from s.entry_id)
    group by e.piano_id
  )
  select p.piano_id, d.says, coalesce(s.id, case when d.says = 'for' then w.for_id end),
    case when d.says is distinct from 'for' then w.asking_id when s.id is not null then w.against_id end
  from (select distinct e.piano_id from evidence e) p
  left join strong s using (piano_id)
  left join weak w using (piano_id)
  cross join lateral (
    select case
      when s.id is not null then s.says
      when w.days >= 2 and w.for_age < coalesce(w.against_age, w.for_age + 1) then 'for'
    end as says
  ) d
$$;
comment on function pls.verdicts(text[]) is
  'What the evidence says of each piano, for, against or nothing yet; the evidence that decides, the newest strong one
   or the newer of two weak ones; and doubt_id, evidence that a person should look at.';

create function shop.badges_to_check()
returns table (piano_id text, reason text, evidence_id bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  with pianos as (
    select array(
      select e.piano_id from public.pls_evidence e
      union
      select c.key from ownership.claims c
      where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.writer = 'pls_detector'
    ) as ids
  )
  select p.id, r.reason, r.evidence_id
  from pianos
  cross join unnest(pianos.ids) p (id)
  left join pls.verdicts(pianos.ids) v on v.piano_id = p.id
  left join pls.owners(pianos.ids) o on o.piano_id = p.id
  left join public.pls_evidence e on e.id = v.evidence_id
  cross join lateral (
    select
      case
        when o.rank >= 100 then case
          when e.grade = 'strong' and (e.says = 'for') <> coalesce(o.installed, false)
            and coalesce(e.occurred_at, e.found_at) > o.since
          then format('newer than what %s set', o.writer) end
        when o.writer = 'pls_detector' and o.installed and v.says is distinct from 'for'
          then 'the badge is no longer proved'
        when v.doubt_id is null then null
        when v.says = 'against' then 'newer than its removal, and not sure'
        when v.says = 'for' then 'perhaps it is gone'
        else 'not sure'
      end as reason,
      case when o.rank >= 100 then e.id else coalesce(v.doubt_id, e.id) end as evidence_id
  ) r
  where r.reason is not null
$$;
comment on function shop.badges_to_check() is
  'Pianos whose badge a person should decide, why, and the sentence to look at. Security definer, for people may not
   read the claims.';
revoke execute on function shop.badges_to_check() from public;
grant execute on function shop.badges_to_check() to authenticated, service_role, manual_editor;

create view public.pls_to_check with (security_invoker = true) as
select
  p.external_id as piano,
  concat_ws(' ', nullif(p.make, ''), nullif(p.model, '')) as name,
  p.location as place,
  coalesce(p.dampp_chaser_installed, false) as has_badge,
  c.reason,
  e.says,
  e.grade,
  e.sentence,
  e.occurred_at,
  e.rule,
  e.entry_id
from shop.badges_to_check() c
join public.gazelle_pianos p on p.external_id = c.piano_id
left join public.pls_evidence e on e.id = c.evidence_id;
comment on view public.pls_to_check is
  'Pianos whose badge the notes leave open, each with the sentence to look at: pls_answer says yes or no.';
revoke all on public.pls_to_check from public, anon, authenticated, service_role;
grant select on public.pls_to_check to authenticated, service_role, manual_editor;

create function public.pls_answer(piano text, installed boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if installed is null then
    raise exception 'the answer for piano % is null', quote_nullable(piano) using
      errcode = 'PT422', detail = 'installed says whether a system is in the piano.', hint = 'Answer true or false.';
  end if;
  -- A value that does not change claims nothing: emptied first, it is this person's word in any case.
  update public.gazelle_pianos p set dampp_chaser_installed = null where p.external_id = pls_answer.piano;
  update public.gazelle_pianos p
  set dampp_chaser_installed = pls_answer.installed
  where p.external_id = pls_answer.piano;
  if not found then
    raise exception 'there is no piano %', quote_nullable(piano) using
      errcode = 'PT404', detail = 'gazelle_pianos has no such external_id.',
      hint = 'Give a piano''s external_id: ins_ and 16 letters or digits.';
  end if;
end
$$;
comment on function public.pls_answer(text, boolean) is
  'Says, as the person who calls it, whether a piano has a system. The badge is that person''s from then on. Errors:
   PT404, PT422.';
revoke execute on function public.pls_answer(text, boolean) from public, anon, authenticated, service_role;
grant execute on function public.pls_answer(text, boolean) to manual_editor;

-- From supabase/schemas/shop/pls/changes.sql

-- Triggers note which pianos and timeline entries are new or changed, so that a pass of the detection reads only those.

create table pls.changes (
  id bigint generated always as identity primary key,
  piano_id text not null,
  entry_id text
);
comment on table pls.changes is
  'What the next pass has to read: a timeline entry, or a piano with all of its entries. Writers only add rows, so that
   a change made during a pass is not lost.';
create index changes_piano_id_idx on pls.changes (piano_id);

create table pls.progress (
  only_row boolean primary key default true check (only_row),
  history_id bigint not null default 0,
  rules text,
  accepted boolean not null default false
);
comment on table pls.progress is
  'How far the detection is. One row.';
comment on column pls.progress.history_id is
  'The last entry of the ownership history in which released badges were looked for.';
comment on column pls.progress.rules is 'A fingerprint of the rules by which badges may be taken.';
comment on column pls.progress.accepted is
  'An operator has agreed that the next pass takes all badges that are held back.';
insert into pls.progress default values;

alter table pls.changes enable row level security;
alter table pls.progress enable row level security;
create policy detector on pls.changes
  to pls_detector using (true);
grant select, delete on pls.changes to pls_detector;

create function pls.note_all()
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into pls.changes (piano_id)
  select p.external_id from public.gazelle_pianos p
  union
  select e.piano_id from public.pls_evidence e
$$;
comment on function pls.note_all() is 'Notes every piano: the next pass reads all notes.';

create function pls.everything_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pls.note_all();
  return null;
end
$$;
comment on function pls.everything_changed() is 'Trigger: notes every piano, after a change of rules or a truncate.';

create function pls.entries_came()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pls.changes (piano_id, entry_id)
  select n.piano_id, n.external_id
  from new_rows n
  where n.piano_id is not null and n.entry_type = any (pls.service_types());
  return null;
end
$$;
comment on function pls.entries_came() is 'Trigger: notes new timeline entries of service types.';

create function pls.entry_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- If the entry moved, its evidence for the former piano has to go: both pianos are noted.
  insert into pls.changes (piano_id, entry_id)
  select distinct c.piano_id, c.entry_id
  from (
    values (old.piano_id, old.external_id),
      (case when tg_op = 'UPDATE' then new.piano_id end, case when tg_op = 'UPDATE' then new.external_id end)
  ) c (piano_id, entry_id)
  where c.piano_id is not null;
  return null;
end
$$;
comment on function pls.entry_changed() is
  'Trigger: notes a timeline entry that was changed, moved to another piano, or deleted.';

create function pls.pianos_came()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into pls.changes (piano_id) select n.external_id from new_rows n;
  return null;
end
$$;
comment on function pls.pianos_came() is 'Trigger: notes new pianos, whose entries may have come before them.';

create function pls.piano_changed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('role') <> 'pls_detector' then
    insert into pls.changes (piano_id) values (new.external_id);
  end if;
  return new;
end
$$;
comment on function pls.piano_changed() is
  'Trigger: notes a piano whose notes or badge anyone but the detector writes. It fires before the ownership guard, so
   that it sees values that ownership then keeps out.';

create function pls.note_releases()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A variable, for a join would read the view of the history whole.
  seen constant bigint := (select p.history_id from pls.progress p);
begin
  with newer as materialized (
    select h.id, h.key, h.tbl, h.col, h.event, h.writer from ownership.history h where h.id > seen
  ), noted as (
    insert into pls.changes (piano_id)
    select distinct n.key
    from newer n
    where n.tbl = 'public.gazelle_pianos' and n.col = 'dampp_chaser_installed'
      and n.event = 'released' and n.writer <> 'pls_detector'
  )
  update pls.progress p
  set history_id = n.id
  from (select max(n.id) as id from newer n) n
  where n.id is not null;
end
$$;
comment on function pls.note_releases() is
  'Notes pianos whose badge was released since the last pass: a release that changes no value fires no trigger.';

create function pls.take_changes(
  after text, pianos integer, out reached text, out whole text[], out entries text[], out all_pianos text[]
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- A loose index scan: each step finds the next piano in the index. distinct would read every noted row in every
  -- slice.
  with recursive slice as (
    (
      select c.piano_id, 1 as place
      from pls.changes c
      where c.piano_id > take_changes.after
      order by c.piano_id
      limit 1
    )
    union all
    select n.piano_id, s.place + 1
    from slice s
    cross join lateral (
      select c.piano_id from pls.changes c where c.piano_id > s.piano_id order by c.piano_id limit 1
    ) n
    where s.place < take_changes.pianos
  ), taken as (
    delete from pls.changes c
    where c.piano_id > take_changes.after and c.piano_id <= (select max(s.piano_id) from slice s)
    returning c.piano_id, c.entry_id
  )
  select
    max(t.piano_id),
    coalesce(array_agg(distinct t.piano_id) filter (where t.entry_id is null), '{}'),
    coalesce(array_agg(distinct t.entry_id) filter (where t.entry_id is not null), '{}'),
    array_agg(distinct t.piano_id)
  from taken t
$$;
comment on function pls.take_changes(text, integer) is
  'Removes the notes of the next pianos from pls.changes and returns them: reached is the last of these pianos, whole
   those to be read with all of their entries, entries the single ones, all_pianos both.';

-- From supabase/schemas/shop/pls/detect.sql

-- Badges from evidence. The ownership engine keeps the detector from overwriting people, and no pass takes many badges,
-- or any by other rules than before, until an operator has agreed.

create function pls.give_up(pianos text[])
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  free text[];
begin
  -- Lock the rows first: an edit that is not committed yet ends before its claim is looked for.
  perform from public.gazelle_pianos p
  where p.external_id = any (give_up.pianos)
  order by p.external_id
  for no key update;
  free := array(
    select p.external_id
    from public.gazelle_pianos p
    left join pls.owners(give_up.pianos) o on o.piano_id = p.external_id
    where p.external_id = any (give_up.pianos) and coalesce(o.rank, 0) < 100
  );
  -- Only a person can blank a claimed cell, and false counts as blank: so the claim has to go.
  perform ownership.release('public.gazelle_pianos', o.piano_id, 'dampp_chaser_installed')
  from pls.owners(free) o;
  return free;
end
$$;
comment on function pls.give_up(text[]) is
  'Releases the badges of some pianos, so that the value which Gazelle sent last returns, and returns these pianos.
   Those whose badge a person owns are left out.';

create function pls.set_badges(pianos text[], installed boolean)
returns integer
language sql
set search_path = pg_catalog, pg_temp
as $$
  with written as (
    update public.gazelle_pianos p
    set dampp_chaser_installed = set_badges.installed
    where p.external_id = any (set_badges.pianos)
      and coalesce(p.dampp_chaser_installed, false) <> set_badges.installed
    returning 1
  )
  select count(*)::integer from written
$$;
comment on function pls.set_badges(text[], boolean) is
  'Writes the badges that differ, and counts them. Null and false are the same.';

create function pls.may_take(taken integer)
returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p.accepted then 2147483647
    when p.rules is distinct from pls.rules_in_force() then 0
    else greatest(5, (c.badges + may_take.taken) / 10)
  end
  from pls.progress p
  cross join (
    select count(*)::integer as badges from ownership.claims c
    where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.writer = 'pls_detector'
  ) c
$$;
comment on function pls.may_take(integer) is
  'How many badges a pass that has taken some may take in all: a tenth of those that notes proved, five at least; none
   by rules that nobody has agreed to yet.';

create function pls.proved_none()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select not exists (
    select from ownership.claims c
    where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.writer = 'pls_detector'
  )
$$;
comment on function pls.proved_none() is 'Whether notes have proved no badge yet: then a pass has none to lose.';

create function pls.decide(
  pianos text[], taken integer, is_first boolean,
  out badges_set integer, out badges_taken integer, out badges_held integer, out overruled integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  for_it text[];
  against_it text[];
  without text[];
begin
  select
    coalesce(array_agg(p.external_id) filter (
      where v.says = 'for' and not p.dampp_chaser_installed is true and o.rank is null), '{}'),
    coalesce(array_agg(p.external_id) filter (
      where v.says = 'against' and p.dampp_chaser_installed and o.rank is null), '{}'),
    coalesce(array_agg(p.external_id) filter (where v.says is null and w.writer = 'pls_detector'), '{}'),
    count(*) filter (where o.rank >= 100 and (v.says = 'for') <> coalesce(p.dampp_chaser_installed, false))
  into for_it, against_it, without, overruled
  from public.gazelle_pianos p
  left join pls.verdicts(decide.pianos) v on v.piano_id = p.external_id
  left join pls.owners(decide.pianos) w on w.piano_id = p.external_id
  left join lateral (select w.rank where w.rank >= 100) o on true
  where p.external_id = any (decide.pianos);

  badges_set := pls.set_badges(for_it, true);
  badges_taken := 0;
  badges_held := cardinality(against_it) + cardinality(without);
  -- Most passes take none, and then what is costly is not asked.
  if badges_held = 0 or not is_first and taken + badges_held > pls.may_take(taken) then
    return;
  end if;
  badges_held := 0;
  against_it := pls.give_up(against_it || without);
  select count(*)::integer into badges_taken
  from public.gazelle_pianos p
  where p.external_id = any (against_it) and p.dampp_chaser_installed is not true;
  badges_taken := badges_taken + pls.set_badges(against_it, false);
  -- Without evidence nobody owns the cell.
  perform pls.give_up(without);
end
$$;
comment on function pls.decide(text[], integer, boolean) is
  'Sets and removes the badges of some pianos as their evidence says. Where the pass would take more than it may, it
   takes none of them: badges_held counts them. overruled counts those where a person decided otherwise.';

create function pls.end_pass(held integer, remaining integer, is_first boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A shop without a badge has none to lose by the rules it begins with.
  if is_first then
    update pls.progress p set rules = pls.rules_in_force() where p.rules is null;
  end if;
  if held > 0 then
    perform sync.raise_job_alert('detect-pls', 'badges_held', format('badges would be taken, and were not: %s', held),
      'The rules have changed, or many notes say otherwise.',
      'etiquette badges --to-check lists them; etiquette badges --accept, or select pls_accept(), takes them.');
  elsif remaining = 0 and exists (
    select from pls.progress p where p.accepted or p.rules is distinct from pls.rules_in_force()
    union all
    select from sync.alerts a where a.job = 'detect-pls' and a.kind = 'badges_held' and a.resolved_at is null
  ) then
    if not exists (select from shop.badges_to_check() c where c.reason = 'the badge is no longer proved') then
      update pls.progress p set rules = pls.rules_in_force(), accepted = false;
      delete from pls.known_clauses k where k.rules <> pls.rules_in_force();
      perform sync.resolve_job_alert('detect-pls', 'badges_held');
    end if;
  end if;
end
$$;
comment on function pls.end_pass(integer, integer, boolean) is
  'Raises an alert about badges that are held back; where a pass is done and holds none, its rules are agreed to.';

-- A pass of the detection, over what changed or over everything.

create function pls.work(most integer, out report jsonb)
language plpgsql
set search_path = pg_catalog, pg_temp
-- Plans made for the first slice are reused, when evidence and claims may still be small: they must use indexes anyway.
set enable_seqscan = off
set jit = off
as $$
declare
  slice_size constant integer := 2000;
  slice record;
  notes record;
  gazelle record;
  badges record;
  counts integer[] := array_fill(0, array[8]);
  is_first constant boolean := pls.proved_none();
  reached text := '';
begin
  loop
    select * into slice
    from pls.take_changes(reached, least(slice_size, most - counts[1]));
    exit when slice.reached is null;
    notes := pls.read_notes(slice.whole, slice.entries);
    gazelle := pls.read_gazelle(slice.all_pianos);
    badges := pls.decide(slice.all_pianos, counts[6], is_first);
    counts := array[
      counts[1] + cardinality(slice.all_pianos), counts[2] + notes.read,
      counts[3] + notes.added + gazelle.added, counts[4] + notes.removed + gazelle.removed,
      counts[5] + badges.badges_set, counts[6] + badges.badges_taken, counts[7] + badges.overruled,
      counts[8] + badges.badges_held
    ];
    exit when counts[1] >= most;
    reached := slice.reached;
  end loop;
  report := jsonb_build_object(
    'pianos', counts[1], 'notes_read', counts[2], 'evidence_added', counts[3], 'evidence_removed', counts[4],
    'badges_set', counts[5], 'badges_taken', counts[6], 'badges_held', counts[8], 'overruled', counts[7],
    'left', (select count(distinct c.piano_id) from pls.changes c)
  );
  perform pls.end_pass(counts[8], (report ->> 'left')::integer, is_first);
end
$$;
comment on function pls.work(integer) is
  'Reads and decides in slices of pianos, so that memory does not grow with the shop.';

create function public.detect_pls(
  full_pass boolean default false, dry_run boolean default false, piano_limit integer default null
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set role = 'pls_detector'
as $$
declare
  mark bigint;
  report jsonb;
begin
  if piano_limit < 1 then
    raise exception 'piano_limit is %, and must be at least 1', piano_limit using
      errcode = 'PT422', detail = 'It is how many pianos one call reads at most.', hint = 'Leave it out to read all.';
  end if;
  -- One pass at a time.
  perform pg_advisory_xact_lock(hashtextextended('detect_pls', 0));
  begin
    perform pls.note_releases();
    if full_pass then
      perform pls.note_all();
    end if;
    if exists (select from pls.changes) then
      mark := ownership.mark('detect_pls');
    end if;
    report := pls.work(coalesce(piano_limit, 2147483647)) || jsonb_build_object(
      'full_pass', full_pass, 'dry_run', dry_run, 'mark', case when not dry_run then mark end
    );
    if dry_run then
      raise exception 'this was a dry run' using
        errcode = 'PL000', detail = 'Nothing of it stays.', hint = 'Nothing: detect_pls catches this itself.';
    end if;
  exception when sqlstate 'PL000' then
    null;
  end;
  return report;
end
$$;
comment on function public.detect_pls(boolean, boolean, integer) is
  'Sets the badges that the evidence proves. Reads what is new or changed since the last pass, with full_pass all
   pianos; at most piano_limit of them, and left counts the rest. A dry run does the same and rolls it back.';

create function public.pls_accept()
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An agreement to nothing would let the next pass take whatever comes until then.
  if not exists (
    select from pls.progress p where p.rules is distinct from pls.rules_in_force()
    union all
    select from shop.badges_to_check() c where c.reason = 'the badge is no longer proved'
  ) then
    raise exception 'no badge is held back' using
      errcode = 'PT409', detail = 'The rules are those that were agreed to, and every badge is proved by them.',
      hint = 'Nothing: where a pass holds badges back, an alert says so.';
  end if;
  update pls.progress p set rules = pls.rules_in_force(), accepted = true;
  perform pls.note_all();
end
$$;
comment on function public.pls_accept() is
  'Agrees to what the rules now say: the next pass takes the badges that were held back. For operators. Error: PT409.';
revoke execute on function public.pls_accept() from public, anon, authenticated, service_role;
grant execute on function public.pls_accept() to manual_editor;

-- From supabase/schemas/shop/pls/explain.sql

-- pls_explain: all evidence on the system of a piano, and which decides.

create function pls.words_on(piano text)
returns table (
  weight integer, says text, grade text, source text, occurred_at timestamptz, rule text, sentence text, entry_id text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select 1, case when o.installed then 'for' else 'against' end, 'strong', 'person', o.since, null,
    format('%s wrote %s', o.writer, coalesce(o.installed::text, 'null')), null
  from pls.owners(array[words_on.piano]) o
  where o.rank >= 100
  union all
  select
    case when v.evidence_id is null then 3 else 2 end,
    e.says, e.grade, e.source, e.occurred_at, e.rule, e.sentence, e.entry_id
  from public.pls_evidence e
  left join pls.verdicts(array[words_on.piano]) v on v.evidence_id = e.id
  where e.piano_id = words_on.piano
  union all
  select 4, 'nothing', null, 'gazelle', null, null, 'damppChaserInstalled is not true', null
  where not exists (
    select from public.pls_evidence e where e.piano_id = words_on.piano and e.source = 'gazelle'
  )
$$;
comment on function pls.words_on(text) is
  'What a person, the notes and Gazelle say about one piano, by weight: 1 a person, 2 the evidence that decides, 3 other
   evidence, 4 what says nothing. Sentences that are no evidence are not shown: they are none of a caller''s business.';

create function public.pls_explain(piano text)
returns table (
  decides boolean, says text, grade text, source text, occurred_at timestamptz, rule text, sentence text, entry_id text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set role = 'pls_detector'
as $$
begin
  if not exists (select from public.gazelle_pianos p where p.external_id = pls_explain.piano) then
    raise exception 'there is no piano %', quote_nullable(piano) using
      errcode = 'PT404', detail = 'gazelle_pianos has no such external_id.',
      hint = 'Give a piano''s external_id: ins_ and 16 letters or digits.';
  end if;
  return query
    select
      w.weight = min(w.weight) over () and w.weight < 3,
      w.says, w.grade, w.source, w.occurred_at, w.rule, w.sentence, w.entry_id
    from pls.words_on(piano) w
    order by w.weight, w.occurred_at desc nulls last, w.entry_id, w.sentence;
end
$$;
comment on function public.pls_explain(text) is
  'Why a piano has a badge or none: all that speaks for or against it or is unclear, with grade, source, date and rule.
   What decides comes first. Error: PT404.';

-- The detector may call every function of the schema; callers of the API only the two of the contract.

revoke execute on all functions in schema pls from public;
grant execute on all functions in schema pls to pls_detector;
revoke execute on function public.detect_pls(boolean, boolean, integer), public.pls_explain(text)
  from public, anon, authenticated, service_role;
grant execute on function public.detect_pls(boolean, boolean, integer) to service_role, manual_editor;
grant execute on function public.pls_explain(text) to authenticated, service_role, manual_editor;

-- From supabase/schemas/shop/institutions.sql

-- Institutions: clients that are tagged institutional, by people or by Gazelle. Each gets a configuration, which people
-- edit.

create table public.institution_config (
  client_external_id text primary key,
  slug text not null unique,
  display_name text not null,
  active boolean not null default true,
  locale text not null default 'fr-CA',
  options jsonb not null default '{}',
  notes text,
  created_at timestamptz not null default now(),
  -- The slug is part of web addresses.
  constraint institution_config_slug_is_plain check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  constraint institution_config_has_a_name check (btrim(display_name) <> ''),
  constraint institution_config_locale_is_one check (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
  constraint institution_config_options_are_an_object check (jsonb_typeof(options) = 'object')
);
comment on table public.institution_config is
  'Configuration of institutions, one row each. No sync writes it. The row is created when a client is first tagged
   institutional, and stays when the tag is removed.';
-- No foreign key: the configuration must survive when the client's row is deleted and comes back.
comment on column public.institution_config.client_external_id is 'The client''s external_id.';
comment on column public.institution_config.slug is
  'The institution''s name in web addresses: lower-case letters, digits and hyphens.';
comment on column public.institution_config.display_name is
  'The name to show. Initially the client''s company name; later changes in Gazelle do not reach it.';
comment on column public.institution_config.active is
  'Whether the shop serves the institution at present. Independent of the client''s status.';
comment on column public.institution_config.locale is 'Language and country of its pages, such as fr-CA.';
comment on column public.institution_config.options is 'Settings of an application: a JSON object.';
comment on column public.institution_config.notes is 'Notes of the shop.';

-- Protected, although no sync writes them, so that history, restore and export include them.
select ownership.protect('public.institution_config', col, mode => 'claim')
from unnest(array['slug', 'display_name', 'active', 'locale', 'options', 'notes']::name[]) col;

alter table public.institution_config enable row level security;
revoke all on public.institution_config from public, anon, authenticated, service_role;
create policy signed_in on public.institution_config
  for select to authenticated using ((select auth.uid()) is not null);
create policy signed_in_change on public.institution_config
  for update to authenticated
  using ((select auth.uid()) is not null) with check ((select auth.uid()) is not null);
create policy writers on public.institution_config to manual_editor using (true) with check (true);

grant select, update (slug, display_name, active, locale, options, notes)
  on public.institution_config to authenticated, manual_editor;
-- Programs with a secret key may only read.
grant select on public.institution_config to service_role;

create function shop.slug_of(name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    nullif(
      btrim(
        -- As long as an address can use, and far below what an index can hold.
        left(
          ltrim(
            regexp_replace(
              lower(regexp_replace(normalize(name collate pg_catalog."default", nfd), '[\u0300-\u036f''’.]', '', 'g')),
              '[^a-z0-9]+', '-', 'g'
            ), '-'
          ), 80
        ), '-'
      ), ''
    ), 'institution'
  )
$$;
comment on function shop.slug_of(text) is
  'A name as a slug of at most 80 characters: École Vincent-d''Indy becomes ecole-vincent-dindy.';

create function shop.numbered_slug(slug text, number integer)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select slug || case when number > 1 then '-' || number else '' end
$$;
comment on function shop.numbered_slug(text, integer) is 'The slug of the first, second, … institution of one name.';

create function shop.free_slug(slug text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  taken integer := 0;
  free integer := 1;
  middle integer;
begin
  -- The numbers 1, 2, 4, … until one is free, then the middle between it and the last one that is taken: a dozen
  -- look-ups where thousands have one name.
  while exists (select from public.institution_config c where c.slug = shop.numbered_slug(free_slug.slug, free)) loop
    taken := free;
    free := free * 2;
  end loop;
  while free - taken > 1 loop
    middle := (taken + free) / 2;
    if exists (select from public.institution_config c where c.slug = shop.numbered_slug(free_slug.slug, middle)) then
      taken := middle;
    else
      free := middle;
    end if;
  end loop;
  return shop.numbered_slug(slug, free);
end;
$$;
comment on function shop.free_slug(text) is 'A slug that no institution has: this one, or this one with a number.';

create function shop.open_institution(client_external_id text, name text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- A name is never empty here, whatever the client has.
  shown constant text := coalesce(nullif(btrim(name), ''), 'Institution');
  acting_as constant text := coalesce(current_setting('ownership.writer', true), '');
begin
  -- These are default values, so they are written under a name without a rank: they claim nothing, and where people had
  -- configured the institution before, the engine restores their values.
  perform set_config('ownership.writer', 'defaults', true);
  -- Another session can take the slug in the same moment: then the next one is tried.
  while not exists (
    select from public.institution_config c where c.client_external_id = open_institution.client_external_id
  ) loop
    insert into public.institution_config (client_external_id, slug, display_name)
    values (
      open_institution.client_external_id,
      shop.free_slug(shop.slug_of(shown)),
      shown
    )
    on conflict do nothing;
  end loop;
  perform set_config('ownership.writer', acting_as, true);
end;
$$;
comment on function shop.open_institution(text, text) is
  'Creates the configuration of an institution, unless it has one.';

create function shop.institution_name(client public.gazelle_clients)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    nullif(btrim(client.company_name), ''),
    nullif(btrim(concat_ws(' ', client.first_name, client.last_name)), ''),
    client.external_id
  )
$$;
comment on function shop.institution_name(public.gazelle_clients) is
  'The initial name of an institution: company, person, or external_id.';

create function shop.open_tagged_institution()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from unnest(new.tags) tag where shop.is_same_tag(tag, 'institutional')) then
    perform shop.open_institution(new.external_id, shop.institution_name(new));
  end if;
  return null;
end;
$$;
comment on function shop.open_tagged_institution() is
  'Trigger: creates the configuration of a client that is tagged institutional.';

revoke execute on function shop.slug_of, shop.numbered_slug, shop.free_slug, shop.institution_name,
  shop.open_institution, shop.open_tagged_institution from public;

-- The condition is a cheap filter; the function compares tag by tag.
create trigger open_tagged_institution
after insert or update of tags on public.gazelle_clients
for each row when (new.tags <> '{}' and new.tags::text ilike '%institutional%')
execute function shop.open_tagged_institution();

-- Clients that have the tag already, where tables were taken over. Only institution_config is written.
select shop.open_institution(c.external_id, shop.institution_name(c))
from public.gazelle_clients c
where exists (select from unnest(c.tags) tag where shop.is_same_tag(tag, 'institutional'))
order by c.external_id;

-- From supabase/schemas/shop/inventory.sql

-- Views of the institutions and their pianos. For a badge they give its reason, for one from the notes the sentence
-- that proves it.

create function shop.badge_reasons()
returns table (piano_external_id text, source text, since timestamptz, reason text, grade text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.key, named.source, c.since,
    case
      when named.source = 'person' then 'a person says so'
      when proof.sentence is not null then format('the shop''s notes say so: %s', proof.sentence)
      when named.source = 'notes' then 'the shop''s notes say so'
      else format('%s says so', c.writer)
    end,
    proof.grade
  from ownership.claims c
  cross join lateral (
    select case when c.rank >= 100 then 'person' when c.writer = 'pls_detector' then 'notes' else c.writer::text end
      as source
  ) named
  left join (
    select distinct on (e.piano_id) e.piano_id, e.sentence, e.grade
    from public.pls_evidence e
    where e.source = 'notes' and e.says = 'for'
    order by e.piano_id, e.grade, e.occurred_at desc nulls last, e.id desc
  ) proof on proof.piano_id = c.key and named.source = 'notes'
  where c.tbl = 'public.gazelle_pianos'::regclass and c.col = 'dampp_chaser_installed' and c.value = 'true'
$$;
comment on function shop.badge_reasons() is
  'Pianos whose badge is claimed: by whom, and for the notes the newest sentence that proves it, a strong one if there
   is one, with its grade. A badge without a claim is Gazelle''s. Security definer, for people may not read claims.';
revoke execute on function shop.badge_reasons() from public;
grant execute on function shop.badge_reasons() to authenticated, service_role, manual_editor;

create view public.institution_inventory with (security_invoker = true) as
select
  config.client_external_id,
  config.slug,
  config.display_name as institution,
  piano.external_id as piano_external_id,
  piano.location as place,
  piano.make,
  piano.model,
  piano.serial_number,
  piano.type,
  piano.year,
  piano.status,
  piano.tags,
  service.last_service_at,
  coalesce(piano.dampp_chaser_installed, false) as has_badge,
  case when piano.dampp_chaser_installed then coalesce(badge.source, 'gazelle') end as badge_source,
  badge.since as badge_since,
  case when piano.dampp_chaser_installed then coalesce(badge.reason, 'Gazelle says so') end as badge_reason,
  piano.missing_since
from public.institution_config config
join public.gazelle_clients client
  on client.external_id = config.client_external_id
  and exists (select from unnest(client.tags) tag where lower(btrim(tag)) = 'institutional')
join public.gazelle_pianos piano
  on piano.client_external_id = client.external_id
  and not exists (select from unnest(piano.tags) tag where lower(btrim(tag)) = 'non')
left join lateral (
  select max(entry.occurred_at) as last_service_at
  from public.gazelle_timeline_entries entry
  where entry.piano_id = piano.external_id
    and entry.entry_type in ('SERVICE_ENTRY_MANUAL', 'SERVICE_ENTRY_AUTOMATED')
) service on true
left join shop.badge_reasons() badge
  on badge.piano_external_id = piano.external_id and piano.dampp_chaser_installed;
comment on view public.institution_inventory is
  'Pianos of each institution with their place, last service, PLS badge and its reason. Inactive pianos are included,
   those tagged non are not. The rows have no order of their own.';

create view public.institution_overview with (security_invoker = true) as
select
  config.client_external_id,
  config.slug,
  config.display_name,
  client.company_name,
  client.city,
  client.status,
  config.active,
  config.locale,
  config.options,
  config.notes,
  counted.pianos,
  counted.hidden_pianos,
  counted.badges,
  client.missing_since
from public.institution_config config
join public.gazelle_clients client
  on client.external_id = config.client_external_id
  and exists (select from unnest(client.tags) tag where lower(btrim(tag)) = 'institutional')
cross join lateral (
  select
    count(*)::integer as pianos,
    (count(*) filter (
      where exists (select from unnest(piano.tags) tag where lower(btrim(tag)) = 'non')
    ))::integer as hidden_pianos,
    (count(*) filter (where piano.dampp_chaser_installed))::integer as badges
  from public.gazelle_pianos piano
  where piano.client_external_id = client.external_id
) counted;
comment on view public.institution_overview is
  'Clients tagged institutional: their configuration, and the number of their pianos and badges.';

revoke all on public.institution_overview, public.institution_inventory
from public, anon, authenticated, service_role;
grant select on public.institution_overview, public.institution_inventory to authenticated, service_role;

-- From supabase/schemas/shop/restore.sql

-- Restore manual values as of a run, or those of one client. For a point in time:
-- ownership.restore(ownership.mark_at(…)).

create function sync.restore_run(run_id bigint, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  mark constant bigint := (select r.mark from sync.runs r where r.id = restore_run.run_id);
begin
  if mark is null then
    raise exception 'there is no run %', coalesce(run_id::text, 'NULL') using
      errcode = 'PT404',
      detail = coalesce((select 'The newest is ' || max(r.id) || '.' from sync.runs r), 'There was none so far.'),
      hint = 'See sync.runs.';
  end if;
  return query select * from ownership.restore(mark, dry_run => restore_run.dry_run);
end;
$$;
comment on function sync.restore_run(bigint, boolean) is
  'Restores manual values as they were just before a run; a dry run by default. See ownership.restore. Errors: OW001,
   PT404.';

create function shop.keys_of_client(id text)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array[keys_of_client.id]
    || array(select p.external_id from public.gazelle_pianos p where p.client_external_id = keys_of_client.id)
    || array(select c.external_id from public.gazelle_contacts c where c.client_external_id = keys_of_client.id)
$$;
comment on function shop.keys_of_client(text) is
  'The external_ids of a client, its pianos and its contacts. An institution has the id of its client.';

create function shop.restore_client(id text, to_mark bigint, dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, restored_value jsonb, detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from public.gazelle_clients c where c.external_id = restore_client.id) then
    raise exception 'there is no client %', coalesce(quote_literal(restore_client.id), 'NULL') using
      errcode = 'PT404',
      detail = 'Table public.gazelle_clients has no such external_id.',
      hint = 'Give Gazelle''s id, such as cli_9UMLkteep8EsISbG.';
  end if;
  return query
  select *
  from ownership.restore(to_mark, dry_run => restore_client.dry_run, keys => shop.keys_of_client(restore_client.id));
end;
$$;
comment on function shop.restore_client(text, bigint, boolean) is
  'Restores the manual values of a client, its pianos, contacts and configuration as they were at a mark; a dry run by
   default. See ownership.restore. Errors: OW001, OW012, PT404.';

revoke execute on function sync.restore_run, shop.keys_of_client, shop.restore_client from public;

-- From supabase/schemas/shop/column_owners.sql

-- Who owns each column, and why people may write it: docs/manual-columns.md is generated from this.

create function shop.column_owners()
returns table (
  tbl text, col name, is_synced boolean, declared text, mode text, blank_values text[], why text, writers name[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select
    format('%I.%I', n.nspname, c.relname), a.attname, synced.yes,
    case
      when p.mode is not null then 'policy'
      when a.attname = 'missing_since' or is_key.yes then 'platform'
      when pg_catalog.has_column_privilege('gazelle_sync', c.oid, a.attnum, 'update') then 'source'
    end,
    p.mode, p.blank_values, pg_catalog.col_description(c.oid, a.attnum),
    array(
      select w.role
      from ownership.writers w
      join pg_catalog.pg_roles r on r.rolname = w.role
      where w.rank > (select min(l.rank) from ownership.writers l)
        and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, 'update')
      order by w.rank desc, w.role
    )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join ownership.policies p on p.tbl = c.oid and p.col = a.attname
  cross join lateral (
    select pg_catalog.has_any_column_privilege('gazelle_sync', c.oid, 'insert') as yes
  ) synced
  cross join lateral (
    select exists (
      select from pg_catalog.pg_index i
      where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey::int2[])
    ) as yes
  ) is_key
  where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
    and (synced.yes or exists (select from ownership.policies o where o.tbl = c.oid))
  order by c.relname, a.attnum
$$;
comment on function shop.column_owners() is
  'Each column of the tables that a sync writes or that have protected columns. declared is policy (protected), source
   (granted to the sync), platform (keys and missing_since), or NULL for a column that nobody declared: a mistake.
   writers are the roles above the sync''s rank that may update the column.';
revoke execute on function shop.column_owners from public;

-- From supabase/schemas/shop/left_behind.sql

-- What people own on records that are gone. Gazelle merges clients and pianos: the sender vanishes, what hung on it
-- goes to the receiver, and what people own of the sender stays on a row that nobody looks at. It is told, and carried
-- over.

create function shop.left_behind()
returns table (tbl regclass, key text, name text, gone_since timestamptz, owned text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with gone as (
    select 'public.gazelle_clients'::regclass as tbl, c.external_id, c.company_name as name, c.missing_since
    from public.gazelle_clients c where c.missing_since is not null
    union all
    select 'public.gazelle_pianos'::regclass, p.external_id, concat_ws(' ', p.make, p.model), p.missing_since
    from public.gazelle_pianos p where p.missing_since is not null
    union all
    select 'public.gazelle_contacts'::regclass, t.external_id, concat_ws(' ', t.first_name, t.last_name),
      t.missing_since
    from public.gazelle_contacts t where t.missing_since is not null
  ), owned as (
    select c.tbl, c.key, c.col || coalesce(': ' || string_agg(c.value #>> '{}', ', ' order by c.element)
      filter (where c.element <> ''), '') as what
    from ownership.claims c
    where c.rank >= 100 and not c.removed and not ownership.is_blank(c.value)
    group by c.tbl, c.key, c.col
    union all
    select 'public.gazelle_clients'::regclass, i.client_external_id, 'configuration ' || i.slug
    from public.institution_config i
  )
  select g.tbl, g.external_id, g.name, g.missing_since, array_agg(o.what order by o.what)
  from gone g
  join owned o on o.tbl = g.tbl and o.key = g.external_id
  group by g.tbl, g.external_id, g.name, g.missing_since
$$;
comment on function shop.left_behind() is
  'Records that are gone from Gazelle and of which people own something: which tags, columns and configuration.';

create function shop.receivers_of(gone text[])
returns table (gone text, receiver text, pianos bigint, records bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.was ->> k.col, c.became ->> k.col, count(distinct c.external_id) filter (where r.stream = 'pianos'),
    count(distinct (r.stream, c.external_id))
  from sync.changes c
  join sync.runs r on r.id = c.run_id and r.reverted_at is null
  cross join unnest('{client_external_id,client_id,piano_external_id,piano_id}'::text[]) k (col)
  where cardinality(receivers_of.gone) > 0 and c.was ->> k.col = any (receivers_of.gone)
    and c.became ->> k.col is not null
  group by 1, 2
$$;
comment on function shop.receivers_of(text[]) is
  'Where the pianos and other records of clients or pianos went, from what runs changed and is still on record.';

create function shop.verify_left_behind()
returns table (name text, expected bigint, found bigint, examples text[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with behind as materialized (select * from shop.left_behind()), went as materialized (
    select distinct on (r.gone) r.gone, r.receiver, r.pianos, r.records
    from shop.receivers_of(array(select b.key from behind b)) r
    order by r.gone, r.pianos desc, r.records desc, r.receiver
  )
  select 'gone from Gazelle, and people own something of it', 0, count(*), (array_agg(
    format('%s: %s', concat_ws(' ', b.key, nullif(b.name, '')), array_to_string(b.owned, '; ')) || coalesce(format(
      '; %s of its pianos and %s other records are now with %s: etiquette carry %s %s',
      w.pianos, w.records - w.pianos, w.receiver, b.key, w.receiver), '; nothing of it went elsewhere')
    order by b.gone_since desc, b.key))[:5]
  from behind b
  left join went w on w.gone = b.key
$$;
comment on function shop.verify_left_behind() is
  'Records that are gone and of which people own something: which it is, where their pianos went, and what carries it
   over.';

create function shop.check_carry(gone text, receiver text)
returns regclass
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target regclass;
  sender text;
  sender_is_gone boolean;
  heir text;
  heir_is_gone boolean;
begin
  foreach target in array '{public.gazelle_clients,public.gazelle_pianos,public.gazelle_contacts}'::regclass[] loop
    execute format('select external_id, missing_since is not null from %s where external_id = $1', target)
      into heir, heir_is_gone using receiver;
    execute format('select external_id, missing_since is not null from %s where external_id = $1', target)
      into sender, sender_is_gone using gone;
    exit when heir is not null;
  end loop;
  if heir is null or heir_is_gone or gone = receiver then
    raise exception 'nothing can be carried over to %', coalesce(quote_literal(receiver), 'NULL') using
      errcode = 'PT404',
      detail = case when gone = receiver then 'It is the record that is gone.'
        when heir is null then 'There is no client, piano or contact of this external_id.'
        else 'It is gone as well.' end,
      hint = 'Give the record of Gazelle that took its place: etiquette carry lists what went where.';
  elsif not sender_is_gone then
    raise exception '% is not gone', quote_literal(gone) using
      errcode = 'PT409',
      detail = 'Gazelle still has it. A record is gone when two complete reads in a row lack it.',
      hint = 'Wait for the next complete run of its stream.';
  elsif not exists (select from ownership.claims c where c.tbl = target and c.key = gone) and not exists (
    select from public.institution_config i where i.client_external_id = gone
  ) then
    raise exception 'nobody owns anything of %', coalesce(quote_literal(gone), 'NULL') using
      errcode = 'PT404',
      detail = format('It has no claim in %s.', target),
      hint = 'etiquette carry lists the records that are gone and of which people own something.';
  end if;
  return target;
end;
$$;
comment on function shop.check_carry(text, text) is
  'The table of a record that is gone and of the one that took its place. PT404 where there is no such receiver or
   nothing to carry, PT409 where Gazelle still has the first.';

create function shop.cells_to_carry(gone text, receiver text, target regclass, over_cols name[])
returns table (tbl regclass, col name, mode text, claim jsonb, owner name, stands jsonb, goes boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select c.tbl, c.col, p.mode,
    jsonb_build_object('key', receiver, 'value', coalesce(c.value, to_jsonb(c.element)), 'writer', c.writer,
      'since', c.since),
    x.owner, x.value,
    c.element <> '' or x.owner is null and c.col <> 'slug' and (
      sync.is_nothing(x.value) or x.value = c.value or c.col = any (over_cols)
      -- What stands in a configuration that nobody owns are defaults.
      or c.tbl = 'public.institution_config'::regclass)
  from ownership.claims c
  join ownership.policies p on p.tbl = c.tbl and p.col = c.col
  -- A configuration goes as a whole where the receiver has none.
  join lateral ownership.explain(c.tbl, receiver) x on x.column_name = c.col
  where c.key = gone and c.rank >= 100 and not c.removed and not ownership.is_blank(c.value)
    and (c.tbl = target or target = 'public.gazelle_clients'::regclass and c.tbl = 'public.institution_config'::regclass
      and exists (select from public.institution_config i where i.client_external_id = receiver))
$$;
comment on function shop.cells_to_carry(text, text, regclass, name[]) is
  'What people own of a record that is gone: as a claim of the receiver, what stands there, and whether it goes there.
   Tags do, and what finds its cell free.';

create function shop.move_config(gone text, receiver text, dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  moved jsonb;
begin
  select to_jsonb(i.slug) into moved
  from public.institution_config i
  where i.client_external_id = gone and not exists (
    select from public.institution_config o where o.client_external_id = receiver);
  if moved is not null and not dry_run then
    -- A person changes the key: claims and history go along.
    update public.institution_config set client_external_id = receiver where client_external_id = gone;
  end if;
  return moved;
end;
$$;
comment on function shop.move_config(text, text, boolean) is
  'Gives the configuration of an institution to the receiver, unless that has one; returns its slug, or NULL.';

create function shop.as_export(cells jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('format', 'ownership-export', 'version', 1, 'exported_at', now(), 'columns', coalesce((
    select jsonb_agg(o.exported)
    from (
      select jsonb_build_object(
        'table', c.tbl, 'column', c.col, 'mode', c.mode, 'claims', jsonb_agg(c.claim)) as exported
      from jsonb_to_recordset(cells) c (tbl text, col text, mode text, claim jsonb, goes boolean)
      where c.goes
      group by c.tbl, c.col, c.mode
    ) o
  ), '[]'))
$$;
comment on function shop.as_export(jsonb) is
  'The cells that go to a receiver (rows of shop.cells_to_carry) as a document for ownership.import, which keeps their
   owners.';

create function shop.carry_over(gone text, receiver text, over_cols name[] default '{}', dry_run boolean default true)
returns table (
  table_name regclass, col name, key text, action text, current_value jsonb, carried_value jsonb, detail text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  target constant regclass := shop.check_carry(gone, receiver);
  is_dry constant boolean := coalesce(carry_over.dry_run, true);
  cells constant jsonb := coalesce((
    select jsonb_agg(to_jsonb(c)) from shop.cells_to_carry(gone, receiver, target, over_cols) c), '[]');
  refused text[] := '{}';
  slug jsonb;
  found record;
begin
  perform ownership.require_person('carry_over');
  if not is_dry then
    perform ownership.mark(format('before %s was carried over to %s', gone, receiver));
  end if;
  key := receiver;
  slug := case when target = 'public.gazelle_clients'::regclass then shop.move_config(gone, receiver, is_dry) end;
  if slug is not null then
    return query select 'public.institution_config'::regclass, 'client_external_id'::name, receiver,
      case when is_dry then 'would carry' else 'carried' end, null::jsonb, slug, 'the whole configuration';
  end if;
  for found in select * from ownership.import(shop.as_export(cells), is_dry) loop
    if found.action = 'conflict' then
      refused := refused || format('%s.%s', found.table_name, found.col);
    end if;
    return query select found.table_name, found.col, receiver, case when found.action = 'conflict' then 'stays'
      when is_dry then 'would carry' else 'carried' end, found.current_value, found.imported_value,
      case when found.action = 'conflict' then 'people decided otherwise there' else 'from ' || gone end;
  end loop;
  return query
  select c.tbl::regclass, c.col, receiver, 'stays', c.stands, c.claim -> 'value',
    case when c.col = 'slug' then 'each institution has its own'
      when c.owner is not null then format('%s owns it', c.owner)
      else 'something else stands there' end
  from jsonb_to_recordset(cells) c (tbl text, col name, claim jsonb, owner name, stands jsonb, goes boolean)
  where not c.goes;

  -- What went is not owned twice: there it stands, here it is the source's again.
  for found in
    select c.tbl::regclass as tbl, c.col
    from jsonb_to_recordset(cells) c (tbl text, col name, goes boolean)
    where not is_dry
    group by c.tbl, c.col
    having bool_and(c.goes) and format('%s.%s', c.tbl::regclass, c.col) <> all (refused)
  loop
    perform ownership.release(found.tbl, gone, found.col);
  end loop;
end;
$$;
comment on function shop.carry_over(text, text, name[], boolean) is
  'Carries what people own of a record that is gone over to the one that took its place, with its owner; a dry run by
   default. Tags are added; a configuration goes as a whole unless the receiver has one; any other value goes where
   nothing else stands, or where its column is in over_cols and nobody owns it there. What stays is told, and stays
   owned here. Errors: OW001, PT404, PT409.';

revoke execute on function
  shop.left_behind, shop.receivers_of, shop.verify_left_behind, shop.check_carry, shop.cells_to_carry, shop.move_config,
  shop.as_export, shop.carry_over
from public;

-- From supabase/schemas/shop/verify.sql

-- The state of the shop, and its verification, which takes the deep looks too: daily on schedule, by people on demand.

create function shop.dangling_references()
returns table (reference text, found bigint, examples text[])
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  ref record;
begin
  for ref in
    select * from (values
      ('gazelle_pianos', 'client_external_id', 'gazelle_clients'),
      ('gazelle_contacts', 'client_external_id', 'gazelle_clients'),
      ('gazelle_appointments', 'client_external_id', 'gazelle_clients'),
      ('gazelle_appointments', 'piano_external_id', 'gazelle_pianos'),
      ('gazelle_appointments', 'technicien', 'gazelle_users'),
      ('gazelle_timeline_entries', 'client_id', 'gazelle_clients'),
      ('gazelle_timeline_entries', 'piano_id', 'gazelle_pianos'),
      ('gazelle_timeline_entries', 'user_id', 'gazelle_users'),
      ('institution_config', 'client_external_id', 'gazelle_clients')
    ) r (source, col, target)
  loop
    -- If the referenced table is empty, its stream was never synced: nothing is dangling then.
    return query execute format($sql$
      select %L, count(d.value), (array_agg(d.value order by d.value))[:5]
      from (
        select r.%2$I as value from public.%3$I r
        where r.%2$I is not null and not exists (select from public.%4$I t where t.external_id = r.%2$I)
          and exists (select from public.%4$I)
      ) d$sql$, format('%s.%s', ref.source, ref.col), ref.col, ref.source, ref.target);
  end loop;
end;
$$;
comment on function shop.dangling_references() is
  'References to other records by external_id: for each column how many name a record that does not exist, and five of
   them.';

create function shop.look_at_references()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'reference_dangling', c.name, case when c.found > 0 then 'degraded' else 'well' end,
    case when c.found > 0 then format('%s, such as %s', c.found, c.examples[1]) else 'none' end, c.examples,
    case when c.found > 0 then 'etiquette sync; what stays is to be corrected in Gazelle.' end,
    0::bigint, c.found, 'verify', null::integer
  from (
    select format('%s that names nothing', d.reference) as name, d.found, d.examples from shop.dangling_references() d
    union all
    select 'pianos without a client', count(*), (array_agg(p.external_id order by p.external_id))[:5]
    from public.gazelle_pianos p where p.client_external_id is null
    union all
    select 'users without an external id', count(*), (array_agg(u.external_id order by u.external_id))[:5]
    from public.gazelle_users u where u.external_id !~ '^usr_'
  ) c
$$;
comment on function shop.look_at_references() is 'References and records that are incomplete.';

create function shop.look_at_inventories()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'pianos_missing', format('pianos of %s', c.slug), case when c.found < c.expected then 'degraded' else 'well' end,
    case when c.found < c.expected then format('%s are not in Gazelle any more', c.expected - c.found)
      else 'all are in Gazelle' end,
    c.examples, case when c.found < c.expected then 'Look in Gazelle where they went, and correct it there.' end,
    c.expected, c.found, 'verify', null::integer
  from (
    select i.slug, count(p.piano_external_id) as expected,
      count(p.piano_external_id) filter (where p.missing_since is null) as found,
      (array_agg(p.piano_external_id order by p.piano_external_id) filter (where p.missing_since is not null))[:5]
        as examples
    from public.institution_overview i
    left join public.institution_inventory p on p.client_external_id = i.client_external_id
    group by i.slug
  ) c
  order by c.slug
$$;
comment on function shop.look_at_inventories() is 'For each institution its pianos, and those still in Gazelle.';

create function shop.look_at_drill()
returns setof sync.finding
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  with failed as materialized (
    select format('%s.%s of %s', v.tbl, v.col, v.key) as cell from ownership.verify() v where v.problem ~ '^drill '
  )
  select 'drill_failed', 'columns that a trial write would blank', case when count(*) > 0 then 'failed' else 'well' end,
    case when count(*) > 0 then 'an unknown writer could blank an owned value' else 'none' end,
    (array_agg(f.cell order by f.cell))[:5],
    case when count(*) > 0 then 'etiquette health; select ownership.repair();' end,
    0::bigint, count(*), 'verify', null::integer
  from failed f
$$;
comment on function shop.look_at_drill() is
  'Tries to blank an owned value of each column, which is rolled back: see ownership.verify.';

create function shop.look_left_behind()
returns setof sync.finding
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'owned_and_gone', v.name, case when v.found > 0 then 'degraded' else 'well' end,
    case when v.found > 0 then v.found::text else 'none' end, v.examples,
    case when v.found > 0 then 'etiquette carry lists what went where' end,
    v.expected, v.found, 'verify', null::integer
  from shop.verify_left_behind() v
$$;
comment on function shop.look_left_behind() is 'Records that are gone from Gazelle, and of which people own something.';

select sync.register_look('left behind', 'shop.look_left_behind()', is_deep => true);
select sync.register_look('drill', 'shop.look_at_drill()', is_deep => true);
select sync.register_look('inventories', 'shop.look_at_inventories()', is_deep => true);
select sync.register_look('references', 'shop.look_at_references()', is_deep => true);

create function shop.verify()
returns table (name text, expected bigint, found bigint, ok boolean, examples text[])
language sql
set search_path = pg_catalog, pg_temp
as $$
  select f.name, f.expected, f.found, f.state = 'well', coalesce(f.details, '{}')
  from sync.findings('deep') f
  where f.expected is not null or f.state = 'cannot tell'
$$;
comment on function shop.verify() is
  'Compares what the shop should have with what it has: one row for each count of every look, with at most five examples
   of what is wrong, and one for each look that failed. Nothing changes: the trial write is rolled back.';

create function shop.status(depth text)
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  with taken as materialized (
    select f.state, f.place, to_jsonb(f) - '{look,place,job,times}'::text[] as finding from sync.findings(depth) f
  )
  select jsonb_build_object(
    'state', sync.state_of(array_agg(t.state)), 'at', clock_timestamp(),
    'findings', coalesce(
      jsonb_agg(t.finding order by sync.gravity(t.state) desc, t.place) filter (where t.state <> 'well'), '[]'),
    'well', coalesce(jsonb_agg(t.finding order by t.place) filter (where t.state = 'well'), '[]'))
  from taken t
$$;
comment on function shop.status(text) is
  'The state of the shop by looks of some depth (sync.findings): the findings, gravest first, and what is well.';

revoke execute on function
  shop.dangling_references, shop.look_at_references, shop.look_at_inventories, shop.look_at_drill,
  shop.look_left_behind, shop.verify, shop.status
from public;

create function public.shop_verify()
returns jsonb
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select shop.status('deep')
$$;
comment on function public.shop_verify() is
  'As shop_status, by every look: those that take long too. Nothing changes: the trial write is rolled back.';

create function public.shop_status()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select shop.status('quick')
$$;
comment on function public.shop_status() is
  'The state of the shop: well, degraded, failed, cannot tell or lost; the findings, gravest first; and what is well.
   Cheap enough to ask every minute. It does not depend on the watch.';

revoke execute on function public.shop_verify, public.shop_status from public, anon, authenticated, service_role;
grant execute on function public.shop_verify, public.shop_status to service_role;

-- From supabase/schemas/shop/cells.sql

-- Functions of the ownership engine for the command line. They are in public, so that the API exposes them, and return
-- one JSON value each.

create function public.ownership_explain(tbl regclass, key text, col name default null)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(e) order by e.column_name), '[]') from ownership.explain(tbl, key, col) e
$$;
comment on function public.ownership_explain(regclass, text, name) is
  'ownership.explain, one object a column. Errors: OW008, OW010, OW011.';

create function public.ownership_list_history(
  tbl regclass,
  key text,
  col name default null,
  row_limit integer default 50
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  row_key text;
begin
  -- explain raises the errors for a table, column or row that does not exist.
  perform from ownership.explain(tbl, key, col);
  row_key := ownership.canonical_key(tbl, key);
  return (
    select coalesce(jsonb_agg(to_jsonb(h) order by h.id desc), '[]')
    from (
      select e.id, e.at, e.col, e.element, e.event, e.writer, e.role, e.sub, e.run, e.old_value, e.new_value
      from ownership.history e
      where e.tbl = ownership_list_history.tbl::text
        and e.key = row_key
        and (e.col = ownership_list_history.col or ownership_list_history.col is null)
      order by e.id desc
      limit row_limit
    ) h
  );
end;
$$;
comment on function public.ownership_list_history(regclass, text, name, integer) is
  'The history of the protected cells of a row, newest first. Errors: OW008, OW010, OW011.';

create function public.ownership_list_policies()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.tbl, p.col), '[]')
  from (
    select
      case when n.nspname = 'public' then quote_ident(c.relname) else o.tbl::text end as tbl,
      o.col, o.mode, o.identity_key, o.blank_values, o.on_conflict, o.empty_is_opinion, o.protected_at
    from ownership.policies o
    left join pg_catalog.pg_class c on c.oid = o.tbl
    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  ) p
$$;
comment on function public.ownership_list_policies() is 'Protected columns and their policies.';

create function public.ownership_health()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(h)), '[]') from ownership.health() h
$$;
comment on function public.ownership_health() is 'ownership.health, one object a problem.';

revoke execute on function
  public.ownership_explain, public.ownership_list_history, public.ownership_list_policies, public.ownership_health
from public, anon, authenticated, service_role;
grant execute on function
  public.ownership_explain, public.ownership_list_history, public.ownership_list_policies, public.ownership_health
to service_role;

-- From supabase/schemas/shop/other_writers.sql

-- Who else writes to the streams' tables, as far as a database knows: the doctor asks what only people can answer.

create function shop.other_code()
returns table (kind text, name text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  tables constant text := (
    select string_agg(c.relname, '|') from sync.streams s join pg_catalog.pg_class c on c.oid = s.target
  );
  pattern constant text := format(
    '\m(insert\s+into|update|delete\s+from|merge\s+into|copy)\s+(only\s+)?("?public"?\.)?"?(%s)\M', tables);
begin
  return query
  select 'function', p.oid::regprocedure::text
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.prosrc ~* pattern and n.nspname !~ '^(pg_|information_schema$|ownership|tests$)'
    and not gazelle.is_our_schema(n.nspname) and gazelle.extension_of('pg_proc'::regclass, p.oid) is null
    and not (n.nspname = 'public' and p.proname in (
      select t.name from gazelle.taken_names() t where t.kind = 'function'
    ));
  if to_regclass('cron.job') is not null then
    return query execute 'select ''job'', j.jobname::text from cron.job j where j.command ~* $1' using pattern;
  end if;
end;
$$;
comment on function shop.other_code() is
  'Functions and jobs of pg_cron, none of them ours, whose text writes to a table that a stream fills.';

create function shop.kept_from_programs()
returns table (cells bigint, example text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with kept as (
    select format('%s.%I of %s', b.tbl, b.col, b.key) as cell, b.last_at
    from ownership.blocked_writes b
    where b.writer = 'service_role' and not ownership.is_blank(b.offered) and b.offered <> 'false'
      and b.last_at > now() - interval '7 days' and b.tbl in (select s.target from sync.streams s)
  )
  select count(distinct k.cell), (array_agg(k.cell order by k.last_at desc, k.cell))[1] from kept k
$$;
comment on function shop.kept_from_programs() is
  'How many cells kept a value of service_role out in a week, that no source sends and is not blank, and the last of
   them: it may be what people wrote through a back end that has the service key.';

create function shop.writers_state()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'code', (
      select coalesce(jsonb_agg(format('%s %s', c.kind, c.name) order by c.kind, c.name), '[]') from shop.other_code() c
    ),
    'kept', k.cells,
    'example', k.example,
    'backend_writes', exists (select from ownership.history h where h.writer = 'app_backend')
  )
  from shop.kept_from_programs() k
$$;
comment on function shop.writers_state() is
  'What the doctor tells of other writers: code in the database, values kept out of programs, and whether anybody has
   written as app_backend.';

revoke execute on function shop.other_code, shop.kept_from_programs, shop.writers_state from public;

-- From supabase/schemas/shop/doctor.sql

-- The facts that `etiquette doctor` judges; for most problems with the statement that repairs them.

create function shop.role_problems()
returns table (problem text, remedy text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('there is no role %s', r.role), format('create role %I nologin noinherit;', r.role)
  from unnest(
    array['anon', 'authenticated', 'service_role', 'authenticator', 'sync_worker', 'gazelle_sync', 'pls_detector']
  ) r (role)
  where to_regrole(r.role) is null
  union all
  select format('authenticator cannot become %s, so no sync can run', r.role),
    format('grant %I to authenticator;', r.role)
  from unnest(array['sync_worker', 'gazelle_sync']) r (role)
  where to_regrole('authenticator') is not null and to_regrole(r.role) is not null
    and not pg_catalog.pg_has_role('authenticator', r.role, 'member')
  union all
  select format('%s is no writer that the ownership engine knows', r.role),
    format('select ownership.register_writer(%L, %s);', r.role, r.rank)
  from (values ('gazelle_sync', 10), ('service_role', 20), ('pls_detector', 50), ('authenticated', 100)) r (role, rank)
  where not exists (select from ownership.writers w where w.role = r.role)
$$;
comment on function shop.role_problems() is
  'Roles that are missing, lack a membership, or are not registered as writers.';

create table shop.granted (
  object text,
  grantee text,
  privilege text,
  primary key (object, grantee, privilege)
);
comment on table shop.granted is
  'What callers of the API may do with the project''s objects in public, as the last migration left it.';

create function shop.grants()
returns table (object text, grantee text, privilege text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s %s', case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass), g.grantee, g.privilege
  from pg_catalog.pg_class c
  cross join lateral gazelle.grants_of(c.oid) g
  where c.oid in (select s.target from sync.streams s)
    or c.relnamespace = 'public'::regnamespace and c.relname in (
      'institution_config', 'institution_overview', 'institution_inventory', 'pls_rules', 'pls_evidence', 'pls_evidence_id_seq'
    )
  union all
  select format('function %s', p.oid::regprocedure), coalesce(r.rolname, 'public'), a.privilege_type
  from pg_catalog.pg_proc p
  cross join lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
  left join pg_catalog.pg_roles r on r.oid = a.grantee
  where p.pronamespace = 'public'::regnamespace
    and (p.proname ~ '^(sync|ownership|shop|pls)_'
      or p.proname in ('detect_pls', 'tag_client', 'untag_client', 'tag_piano', 'untag_piano'))
    and (a.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role'))
$$;
comment on function shop.grants() is
  'Each privilege that public, anon, authenticated and service_role have on the project''s objects in public.';

create function shop.record_grants()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  delete from shop.granted;
  insert into shop.granted (object, grantee, privilege) select g.object, g.grantee, g.privilege from shop.grants() g
$$;
comment on function shop.record_grants() is
  'Writes down who may do what. The last statement of a migration: the doctor tells every later difference.';

create function shop.changed_grants()
returns table (verb text, object text, grantee text, privileges text, grantees text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with today as materialized (
    select g.object, g.grantee, g.privilege from shop.grants() g
  ), changed as (
    select 'revoke' as verb, more.*
    from (select * from today except select * from shop.granted) more
    -- Nothing is recorded before the last migration.
    where exists (select from shop.granted)
    union all
    select 'grant', less.*
    from (select * from shop.granted except select * from today) less
  ), by_grantee as (
    select c.verb, c.object, c.grantee, string_agg(lower(c.privilege), ', ' order by c.privilege) as privileges
    from changed c
    group by c.verb, c.object, c.grantee
  )
  select c.verb, c.object, c.grantee, c.privileges,
    -- One statement for all who have the same too much, or too little.
    string_agg(c.grantee, ', ') over (partition by c.verb, c.object, c.privileges)
  from by_grantee c
$$;
comment on function shop.changed_grants() is
  'Grants that came or went since the last migration: verb is what takes the change back, grantees all whom it
   concerns.';

create function shop.grant_problems()
returns table (problem text, remedy text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with exposed as (
    select c.oid, c.oid::regclass as entry, c.relrowsecurity, o.role
    from sync.streams s
    join sync.sources o on o.source = s.source
    join pg_catalog.pg_class c on c.oid = s.target
  ), changed as (
    select
      format('%s %s ', c.grantee, case c.verb when 'grant' then 'may not' else 'may' end) || case
        when c.object ~ '^function ' then regexp_replace(c.object, '^function', 'call')
        else format('%s on %s', c.privileges, regexp_replace(c.object, '^\w+ ', ''))
      end as problem,
      format('%s %s on %s %s %s;', c.verb, c.privileges, c.object, case c.verb when 'grant' then 'to' else 'from' end,
        c.grantees) as remedy
    from shop.changed_grants() c
  )
  select c.problem, c.remedy
  from (select * from changed order by problem) c
  where c.problem !~ '^anon may (?!call)'
  union all
  select format('row level security is off for %s', t.entry), format('alter table %s enable row level security;', t.entry)
  from exposed t
  where not t.relrowsecurity
  union all
  select format('visitors may %s %s', string_agg(distinct v.verb, ' and '), regexp_replace(g.object, '^\w+ ', '')),
    format('revoke all on %s from anon;', regexp_replace(g.object, '^(table )?', ''))
  from shop.grants() g
  cross join lateral (select case when g.privilege ~ '^SELECT' then 'read' else 'write' end as verb) v
  where g.grantee = 'anon' and g.object !~ '^function '
  group by g.object
  union all
  select format('%s may not write %s', t.role, t.entry), format('grant select, insert on %s to %I;', t.entry, t.role)
  from exposed t
  where not pg_catalog.has_any_column_privilege(t.role, t.oid, 'insert')
    or not pg_catalog.has_any_column_privilege(t.role, t.oid, 'update')
$$;
comment on function shop.grant_problems() is
  'Who may not do what the last migration let him, or may do more; and what no visitor may, whoever granted it.';

create function shop.kept_grants()
returns table (tbl text, grantee text, privileges text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select t.tbl::text, g.grantee, string_agg(lower(g.privilege), ', ' order by g.privilege)
  from gazelle.taken_over t
  cross join lateral gazelle.grants_of(t.tbl) g
  where g.grantee <> 'service_role' and format('%s to %s', g.privilege, g.grantee) = any (t.grants_before)
  group by t.tbl, g.grantee
  order by 1, 2
$$;
comment on function shop.kept_grants() is
  'What the application that was there before lets visitors and signed-in users do with the tables that were taken
   over.';

create function shop.migration_versions()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  versions jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'select jsonb_agg(m.version order by m.version) from supabase_migrations.schema_migrations m' into versions;
  end if;
  return versions;
end;
$$;
comment on function shop.migration_versions() is
  'Versions of the migrations on record as applied; null without such a record.';

create function shop.project_url()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return sync.secret('project_url');
exception when others then
  -- That Vault cannot be read is told by the look at it.
  return null;
end;
$$;
comment on function shop.project_url() is
  'The address at which the schedule calls the functions, for the doctor to compare; it is public.';

create function public.shop_doctor()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'migrations', shop.migration_versions(),
    'roles', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from shop.role_problems() p),
    'grants', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from shop.grant_problems() p),
    'kept_grants', (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from shop.kept_grants() k),
    'constraints', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
      from (select s.tbl::text, s.name, s.definition from gazelle.strict_constraints() s) c
    ),
    'writers', shop.writers_state(),
    'status', shop.status('whole'),
    'project_url', shop.project_url()
  )
$$;
comment on function public.shop_doctor() is
  'The facts about a database that the doctor judges: migrations, roles, grants, other writers; and the state of the
   shop, which it shows as it is. No secrets.';

revoke execute on function
  shop.role_problems, shop.grants, shop.record_grants, shop.changed_grants, shop.grant_problems, shop.kept_grants,
  shop.migration_versions, shop.project_url, public.shop_doctor
from public, anon, authenticated, service_role;
grant execute on function public.shop_doctor to service_role;

-- From supabase/schemas/shop/jobs.sql

-- Jobs of the schedule beside those of the streams: detection and verification.

create function shop.watch_verification()
returns text
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select sync.attempt('sync.tell_findings(''deep'')')
$$;
comment on function shop.watch_verification() is 'The job verify: takes the deep looks too, and raises alerts.';
revoke execute on function shop.watch_verification from public, anon, authenticated, service_role;

select sync.register_job('detect-pls', 'read new service notes, and set the badges they prove', '40 * * * *',
  edge_function => 'detect-pls');
select sync.register_job('verify', 'check what the shop should have against what it has', '30 6 * * *',
  work => 'shop.watch_verification()');
