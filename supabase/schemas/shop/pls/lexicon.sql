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
