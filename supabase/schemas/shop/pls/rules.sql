-- Piano Life Savers (PLS): the detector, and the rules by which it reads notes. People own the rules.

create schema pls;
comment on schema pls is 'How service notes are read for a Piano Life Saver. The contract is public.pls_* and detect_pls.';
grant usage on schema pls to pls_detector;

-- The API logs in as authenticator, and detect_pls switches from there to the detector's role. The detector gives its
-- own claims up, and takes a mark before it writes.
grant pls_detector to authenticator;
grant usage on schema ownership to pls_detector;
grant execute on function ownership.release(regclass, text, name), ownership.mark(text) to pls_detector;

create table public.pls_rules (
  name text primary key,
  kind text not null,
  pattern text not null,
  cue text,
  case_sensitive boolean not null default false,
  priority integer not null default 50,
  language text not null default 'any',
  meaning text,
  enabled boolean not null default true,
  changed_at timestamptz not null default now(),
  constraint pls_rules_name_is_a_word check (name ~ '^[a-z][a-z0-9_]{1,60}$'),
  constraint pls_rules_know_the_kind
    check (kind in ('other', 'system', 'part', 'for', 'against', 'nothing')),
  constraint pls_rules_know_the_language check (language in ('fr', 'en', 'any')),
  -- Only a name is told from a word by its capitals.
  constraint pls_rules_are_exact_in_names check (not case_sensitive or kind = 'system')
);
comment on table public.pls_rules is
  'Rules that read service notes. They are the shop''s own: people add, change and disable them, no sync does.';
comment on column public.pls_rules.kind is
  'other: words that mean something else, left out first · system: names of the system · part: what only such a system
   has · for, against, nothing: what a sentence says; of those that match, the highest priority decides.';
comment on column public.pls_rules.pattern is
  'A Postgres regular expression over one sentence without accents; case is ignored. {system}, {part} and {any}
   stand for the words found.';
comment on column public.pls_rules.cue is
  'Speed only: a cheap expression over the text as written, which every text with such a word matches. Without one, each
   text is searched for the pattern itself.';

alter table public.pls_rules enable row level security;
revoke all on public.pls_rules from public, anon, authenticated, service_role;
create policy people on public.pls_rules
  to authenticated, manual_editor using (true) with check (true);
create policy readers on public.pls_rules for select
  to service_role, pls_detector using (true);
grant select, insert, update, delete on public.pls_rules to authenticated, manual_editor;
grant select on public.pls_rules to service_role, pls_detector;

-- Rules that could not work are refused. The others become few regular expressions: Postgres keeps only 32 at hand.

create function pls.fold(written text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  -- Combining accents stand last in the first list and have no partner in the second: they go.
  select translate(written,
    E'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝýÿ’‘ʼ´`‐‑‒–—\u00a0\u202f\u2009§¤\u0300\u0301\u0302\u0303\u0308\u0327',
    'AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYyy''''''''''-----     ')
$$;
comment on function pls.fold(text) is
  'A text without accents, with one kind of apostrophe, hyphen and space. The signs that stand for words are free after it.';

create function pls.compiled(pattern text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select replace(replace(replace(pattern, '{system}', '§'), '{part}', '¤'), '{any}', '[§¤]')
$$;
comment on function pls.compiled(text) is 'A pattern with the signs that stand for words put in.';

create function pls.pattern_fault(pattern text, may_name_words boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text := substring(pattern from '\{[a-z]\w*\}');
begin
  if btrim(pattern) = '' then
    return 'it is empty';
  elsif length(pattern) > 2000 then
    return format('it has %s characters, and 2000 are allowed', length(pattern));
  elsif pattern ~ '\\[1-9]' then
    return 'it refers back to a group';
  elsif unknown is not null and not (may_name_words and unknown in ('{system}', '{part}', '{any}')) then
    return format('%s stands for nothing here', unknown);
  elsif '' ~* pls.compiled(pattern) then
    return 'it matches the empty text, so every sentence';
  end if;
  return null;
exception when invalid_regular_expression then
  return sqlerrm;
end
$$;
comment on function pls.pattern_fault(text, boolean) is 'Why a pattern cannot be used, or null.';

create function pls.check_rule()
returns trigger
language plpgsql
-- Whoever may write a rule has no rights in this schema.
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  fault text := pls.pattern_fault(new.pattern, new.kind in ('for', 'against', 'nothing'));
  faulty text := new.pattern;
begin
  if fault is null and new.cue is not null then
    fault := pls.pattern_fault(new.cue, false);
    faulty := new.cue;
  end if;
  if fault is not null then
    raise exception 'rule % does not compile: %', quote_literal(new.name), fault using
      errcode = 'PT422',
      detail = format('The %s is %s.', case when faulty = new.pattern then 'pattern' else 'cue' end, faulty),
      hint = 'Write a Postgres regular expression without back references. {system}, {part} and {any} may stand in'
        ' rules of kind for, against and nothing.';
  end if;
  new.changed_at := now();
  return new;
end
$$;
comment on function pls.check_rule() is 'Refuses (PT422) a rule that does not compile, and names it.';

create trigger check_rule
before insert or update on public.pls_rules
for each row execute function pls.check_rule();

create function pls.any_of(kinds text[], exact boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  -- Where there is no rule: an expression that never matches.
  select coalesce(string_agg('(?:' || r.pattern || ')', '|' order by r.name), '(?!)')
  from public.pls_rules r
  where r.enabled and r.kind = any (any_of.kinds) and r.case_sensitive = any_of.exact
$$;
comment on function pls.any_of(text[], boolean) is 'One expression for all enabled rules of some kinds.';

create function pls.lexicon(
  out cues text, out uncued text, out others text, out systems text, out exact_systems text, out parts text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with concerned as (
    select r.name, r.cue, r.pattern
    from public.pls_rules r
    where r.enabled and (r.kind in ('system', 'part') or r.kind in ('for', 'against') and r.pattern = pls.compiled(r.pattern))
  )
  select
    coalesce(string_agg(distinct c.cue, '|'), '(?!)'),
    string_agg('(?:' || c.pattern || ')', '|' order by c.name) filter (where c.cue is null),
    pls.any_of('{other}', false), pls.any_of('{system}', false), pls.any_of('{system}', true), pls.any_of('{part}', false)
  from concerned c
$$;
comment on function pls.lexicon() is
  'The words of all enabled rules as few expressions. cues and uncued find the texts that are worth reading.';
