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
