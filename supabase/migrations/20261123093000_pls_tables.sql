-- Piano Life Savers (PLS): the rules by which notes are read, what they were found to say, what is still to be read.

create schema pls;
comment on schema pls is 'How service notes are read for a Piano Life Saver. The contract is public.pls_* and detect_pls.';

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

create table public.pls_evidence (
  id bigint generated always as identity primary key,
  piano_id text not null,
  source text not null,
  entry_id text,
  place integer not null default 1,
  rule text,
  says text not null,
  sentence text not null,
  occurred_at timestamptz,
  found_at timestamptz not null default now(),
  constraint pls_evidence_knows_the_source check (source in ('gazelle', 'notes')),
  constraint pls_evidence_takes_sides check (says in ('for', 'against')),
  -- What a note says, a rule has found in it.
  constraint pls_evidence_notes_have_a_rule check ((source = 'notes') = (rule is not null)),
  -- One sentence is one piece of evidence.
  constraint pls_evidence_counts_once unique nulls not distinct (piano_id, source, entry_id, place)
);
comment on table public.pls_evidence is
  'What speaks for or against a system in a piano: Gazelle''s own field, and each sentence of the notes that counted. A
   person''s word is not here: it is a claim of the ownership engine.';
comment on column public.pls_evidence.piano_id is 'The piano''s external_id; that piano may be unknown here.';
comment on column public.pls_evidence.entry_id is 'The timeline entry''s external_id; null for the piano''s own notes.';
comment on column public.pls_evidence.place is 'Which sentence of the text it is, from 1.';
comment on column public.pls_evidence.occurred_at is 'The date by which the newest wins; null counts as the oldest.';

create index pls_evidence_entry_id_idx on public.pls_evidence (entry_id);

create table pls.changes (
  id bigint generated always as identity primary key,
  piano_id text not null,
  entry_id text
);
comment on table pls.changes is
  'What is still to be read: an entry, or a piano with all its entries. Append-only for writers, so that no change
   can get lost between a reader and a writer.';
create index changes_piano_id_idx on pls.changes (piano_id);

create table pls.progress (
  only_row boolean primary key default true check (only_row),
  history_id bigint not null default 0
);
comment on table pls.progress is 'Up to which entry of the ownership history released badges were noticed. One row.';
insert into pls.progress default values;
