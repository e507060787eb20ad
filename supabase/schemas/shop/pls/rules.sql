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
