-- Detection of Piano Life Savers (PLS) in service notes: the detector's rights, and the rules it reads by.

create schema pls;
comment on schema pls is
  'Detection of Piano Life Savers in service notes. Its contract is public.pls_* and public.detect_pls.';
grant usage on schema pls to pls_detector;

-- The API connects as authenticator; detect_pls has `set role = 'pls_detector'`, so authenticator must be a member. The
-- detector releases its own claims, and sets a mark before it writes.
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
  -- Only names can depend on capitals: PLS is the system, pls mostly "please".
  constraint pls_rules_are_exact_in_names check (not case_sensitive or kind = 'system')
);
comment on table public.pls_rules is
  'Rules by which service notes are read. People add, change and disable them; no sync writes them.';
comment on column public.pls_rules.kind is
  'other: words with another meaning, removed first · system: names of the system · part: parts that only such a system
   has · for, against, nothing: what a sentence says about it; of the matching rules the one of highest priority
   decides.';
comment on column public.pls_rules.pattern is
  'A Postgres regular expression for one sentence, whose accents are removed; case is ignored. {system}, {part} and
   {any} stand for the words that rules of the kinds system and part found.';
comment on column public.pls_rules.cue is
  'For speed only: a cheap expression that matches every text, as written, in which the pattern could match. Without a
   cue each text is searched for the pattern itself.';

alter table public.pls_rules enable row level security;
revoke all on public.pls_rules from public, anon, authenticated, service_role;
create policy people on public.pls_rules
  to authenticated, manual_editor using (true) with check (true);
create policy readers on public.pls_rules for select
  to service_role, pls_detector using (true);
grant select, insert, update, delete on public.pls_rules to authenticated, manual_editor;
grant select on public.pls_rules to service_role, pls_detector;

-- A rule that cannot work is refused when it is written. The rules are joined into a few regular expressions, for
-- Postgres caches only 32 compiled ones a session.

create function pls.fold(written text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
  -- translate() removes the characters at the end of the first list, which have none in the second: combining accents.
  select translate(written,
    E'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝýÿ’‘ʼ´`‐‑‒–—\u00a0\u202f\u2009§¤\u0300\u0301\u0302\u0303\u0308\u0327',
    'AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYyy''''''''''-----     ')
$$;
comment on function pls.fold(text) is
  'A text without accents, and with one kind of apostrophe, hyphen and space. § and ¤ are removed, for they stand for
   words later.';

create function pls.compiled(pattern text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select replace(replace(replace(pattern, '{system}', '§'), '{part}', '¤'), '{any}', '[§¤]')
$$;
comment on function pls.compiled(text) is 'A pattern in which § and ¤ replace {system}, {part} and {any}.';

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
-- People who write rules have no rights in this schema.
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
comment on function pls.check_rule() is 'Trigger: refuses a rule that does not compile (PT422).';

create trigger check_rule
before insert or update on public.pls_rules
for each row execute function pls.check_rule();

create function pls.any_of(kinds text[], exact boolean)
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
  'The enabled rules of words as a few regular expressions. A text in which neither cues nor uncued matches holds no
   word of interest.';
