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

-- The words of the rules, French and English: how a system is called, what only a system has, what merely looks alike.

insert into public.pls_rules (name, kind, language, cue, meaning, pattern) values
('dampp_chaser', 'system', 'any', 'damp', 'The maker''s name, in all its spellings.',
 '\mdamp+(er)?[- ]*chass?er''?s?\M'),
('dampp', 'system', 'any', 'damp', 'The maker''s name, shortened.',
 '\mdampp\M'),
('life_saver', 'system', 'any', 'saver', 'The product''s name.',
 '\m(piano )?life[- ]*savers?\M'),
('pls_named', 'system', 'fr', 'pls', 'pls with an article or a word before it that "please" does not take.',
 '(?<=\m(le|un|du|au|son|ce|leur|notre|votre|systeme|entretien|recommande|installe|verifie|rempli|sans|avec|aucun) )pls\M'),
('pls_named_en', 'system', 'en', 'pls', 'The same in English.',
 '(?<=\m(the|an?|your|our|their|his|her|new|old|replaced|filled|checked|serviced|without|with) )pls\M'),
('pls_acts', 'system', 'fr', 'pls', 'pls that does or undergoes what only a system can.',
 '\mpls\M(?=( (est|etait|n''est|n''etait|ne|fonctionn\w*|(de|re)?branch\w*|install\w*|retir\w*|enlev\w*|absent|eteint'
 || '|deconnect\w*|vide|rempli\w*|plein|ok|recommand\w*|suggere|verifi\w*|neuf|defectueux)\M| ?[:+]))'),
('pls_acts_en', 'system', 'en', 'pls', 'The same in English.',
 '\mpls\M(?= (is|was|works|working|installed|removed|unplugged|plugged|disconnected|off|on|full|empty|low|serviced'
 || '|maintenance|system|lights?|needs|needed|recommended|checked|not)\M)'),
('pls_capitals', 'system', 'any', 'pls', 'PLS in capitals, where it is not "please".',
 '\mPLS\M'),
('humidity_system_fr', 'system', 'fr', 'syst', 'A system against dryness and damp.',
 '\msystemes? (de (controle|regulation|gestion|stabilisation) )?(de |d|d'' ?|a )?(l'')?'
 || '(humidite|humidification|hygrometrie)\M'),
('humidity_system_en', 'system', 'en', 'syst', 'The same in English.',
 '\m(humidity|humidification|climate)( control)? systems?\M'),
('blotters', 'part', 'fr', 'buvard', 'Buvards: the pads that carry the water up.', '\mbuvards?\M'),
('pads', 'part', 'en', 'pad', 'Pads of the humidifier.', '\mpads?\M'),
('pad_treatment', 'part', 'en', 'treat', 'What goes into the water.',
 '\mpad[- ]treatment\M|\mhumid[- ]?treat\w*'),
('water_treatment', 'part', 'any', 'traitement|treat', 'What goes into the water.',
 '\mtraitements? (de |pour )?(l''|d'' ?)?eau\M|\mwater treatment\M'),
('treatment_bottle', 'part', 'any', 'bouteille|bottle',
 'A bottle of what goes into the water.',
 '\m(bouteilles?|bottles?) (de |d''|of )(traitement|produit|liquide|humid\w*|pad treatment|treatment)\M'),
('bottle_left', 'part', 'fr', 'bouteille', 'A bottle that was left for the client to use.',
 '\m(laisse|donne|vendu|remis|ajoute)e?s? (une|deux|la|\d+) (autre )?bouteilles?\M(?! d''| de)'),
('wick', 'part', 'any', 'm.{1,2}che|wick', 'The wick of the humidifier.', '\mmeches?\M|\mwicks?\M'),
('sheath', 'part', 'fr', 'gaine', 'The sheath of the humidifier.', '\mgaines?\M'),
('liner', 'part', 'any', 'doublure|liner', 'The liner of the tank.', '\mdoublures?\M|\mliners?\M'),
('tank', 'part', 'any', 'servoir|tank|low water', 'The tank, and its light.',
 '\mreservoirs?\M|\m(water|humidifier) tank\M|\m(fill|clean|empti)\w* (the )?tank\M|\mtank (cleaned|filled|full|empty)\M'
 || '|\mlow water light'),
('humidistat', 'part', 'any', 'humidistat', 'The switch that keeps it all in bounds.', '\mhumidistats?\M');

update public.pls_rules set case_sensitive = true where name = 'pls_capitals';

insert into public.pls_rules (name, kind, language, meaning, pattern) values
('please', 'other', 'en', 'pls before a request.',
 '\mpls\M[,.! ]*\m(do|don''?t|call|phone|ring|text|txt|use|send|e-?mail|mail|confirm|bring|leave|park|knock|wait|come|make'
 || '|take|ask|let|note|be|give|keep me|remember|contact|sign|invoice|bill|charge|stop|go|enter|advise|see)\M'),
('please_fr', 'other', 'fr', 'pls for "s''il vous plaît".',
 '\mpls\M[,.! ]*\m((r?appel|envoy|sonn|text|laiss|utilis|avis|pass|apport|stationn|confirm)(er|ez)|attendre|attendez'
 || '|prendre|venir|arriver|entrer)\M'),
('please_last', 'other', 'any', 'A request that ends with pls.',
 '^\W*(please|call|ring|text|use|send|e-?mail|bring|leave|park|knock|wait|come|confirm\w*|invoice|(r?appel|envoy|sonn|text'
 || '|laiss|utilis|avis|pass|apport)(er|ez)|svp|facture)\M.*\mpls( et| and)?[ ,.!]*(merci|thanks|thank you|thx)?\W*$'),
('a_good_person', 'other', 'any', 'A life saver that is a person.',
 '\m(you''?re|you are|he''?s|she''?s|tu es|t''es|vous etes|what|such|real|vraie?) (an? |une? |vraie? |real |true )*life[- ]*savers?'),
('building_system', 'other', 'any', 'The system of a building.',
 '\m(humidity|humidification|climate)( control)? systems? (of|for|in) (the |this )?(building|hall|museum|house|room)\M'
 || '|\m(hvac|building|central|house)(''s)? (humidity|humidification|climate)( control)? systems?\M'
 || '|\msystemes? d?''? ?(humidite|humidification) (central\w*|(de |du |d'')(la |l'')?(salle|edifice|batiment|immeuble|batisse))'),
('other_pads', 'other', 'en', 'Pads that have nothing to do with water.',
 '\m(key|pedal|dampers?|felt|foot|feet|casters?|lyre|knee|note|mouse|drum|launch|bench|floor|leg|rubber|leather|heating'
 || '|trap ?work|bushing|touch|track|writing|adhesive|anti-?\w+)s?[- ](bushing )?pads?\M'
 || '|\mpads? (on|under|for) (the )?(legs?|casters?|bench|feet|pedals?|floor)\M'),
('other_pads_fr', 'other', 'fr', 'The same in French.',
 '\mpads? (d''|(de|du|en|sous|pour) (les? |la |l'')?)(feutres?|pedales?|cuir|caoutchouc|liege|pattes?|roulettes?|banc|souris)\M'),
('drill_bit', 'other', 'fr', 'A mèche that drills, burns or grows.',
 '\mmeches? (brisee?s?|cassee?s?|(a|de) (bois|metal|beton|cheveux|perceuse|chandelle)|(de )?\d+[.,/]?\d* ?(mm|po)\M)'
 || '|\mperc\w+\M.*\mmeches?\M'),
('other_sheath', 'other', 'fr', 'A gaine that carries air or wires.',
 '\m(ventilation|climatisation|electri\w+)\M.*\mgaines?\M|\mgaines? (du plafond|electrique|de (ventilation|cable|fil))'),
('other_liner', 'other', 'any', 'The lining of a cover or a coat.',
 '\mdoublures? (du|de la|de l''|des?) ?(housse|couvre|manteau|rideau|toile|couverture)|\m(bench|case) liners?\M');

-- What a sentence says that names a system or a part of one. Of the rules that match, the highest priority decides.
-- French and English share a rule: beyond 32 expressions in all, Postgres compiles each one anew in every pass.

insert into public.pls_rules (name, kind, priority, language, meaning, pattern) values
('advertised', 'nothing', 100, 'any', 'Advertising says nothing about this piano.',
 '\m(rabais|promo\w*|depliants?|brochures?|infolettre|newsletter|flyer|special offer|discount|sale)\M.*{system}'
 || '|{system}.*\m(rabais|promo\w*|depliants?|brochures?|infolettre|newsletter|flyer|special offer|discount|sale)\M'),
('not_replaced', 'against', 97, 'any', 'Taken out, and no new one in its place.',
 '\m(retir|enlev|ote|demont|desinstall|remov|uninstall|took out|taken out)\w*.*{system}.*\m(not|non|pas|jamais|never|sans'
 || '|won''?t|n[eo])\M.{0,25}\m(re-?install\w*|replac\w*|remplac\w*|remis|remettre|new|nouveau|neuf)'
 || '|{system}.*\m(retir|enlev|ote|demont|desinstall|remov|uninstall|taken out)\w*.*\m(not|non|pas|jamais|never|sans|won''?t'
 || '|n[eo])\M.{0,25}\m(re-?install\w*|replac\w*|remplac\w*|remis|remettre|new|nouveau|neuf)'),
('replaced', 'for', 95, 'any', 'The old one gave way to a new one.',
 '\m(remplac|replac)\w*.{0,40}\m(par|with|by)\M.{0,20}{system}'
 || '|\m(ancien|vieux|vieil|old|retir\w*|enlev\w*|remov\w*|took out)\M.*\m(nouveau|nouvel|neuf|new|(re)?installed'
 || '|(re)?installe|pose|replaced by|remplace par)\M.*{system}'
 || '|{system}.*\m(retir\w*|enlev\w*|remov\w*|taken out)\M.*\m(nouveau|nouvel|neuf|new|reinstalled|reinstalle|remis'
 || '|replaced|remplace)\M'),
('elsewhere', 'nothing', 93, 'any', 'The system of another piano.',
 '\m(voisine?s?|neighbou?rs?|(l''|un )autre piano|(the )?other piano|another piano)\M.*{system}'
 || '|{system}.{0,20}\m(voisine?s?|neighbou?rs?|(l''|un )autre piano|other piano|another piano)\M'),
('removal_wished', 'for', 92, 'any', 'Somebody wants it out: it still is in.',
 '\m(veut|voudrait|veulent|souhait\w*|aimerait|faudrait|faut|prevoir|ne pas|wants?|would like|should|do not|don''?t|to)\M'
 || '.{0,25}\m(enlever|retirer|demonter|remove|take out)\M.{0,25}{system}'
 || '|{system}.{0,20}\m(a (enlever|retirer|demonter)|to be (removed|taken out)|should be (removed|taken out))\M'
 || '|\m(wants?|would like)\M.{0,15}{system}.{0,10}\m(removed|taken out)\M'),
('handled', 'for', 91, 'any', 'It is to be filled, plugged in, kept up: so it is there, also in a quote.',
 '\m(entretien|entretenir|(re)?brancher|remplir|reparer|laisser|garder|verifier|nettoyer|(re)?changer|remplacer|debrancher'
 || '|rallumer)\M( (annuel|regulier|complet))?( (de|du|le|la|les|son|leur))*( l'')? ?({any}|l''humidistat)'
 || '|\mdebranche(nt)?\M( (pas|plus|jamais|encore))?( (le|son|leur))? {system}'
 || '|\m(keep|keeping|plug|plugging|unplug|(re)?fill|(re)?filling|overfill\w*|servic\w+|maintain\w*|repair\w*|replac\w+|clean\w*|check\w*)\M'
 || '( (in|up|on|the|their|his|her|your|an?|old|water|of))* {any}'
 || '|{system}.{0,15}\m(maintenance|service|servicing|repair|pads|humidistat)\M'),
('removed', 'against', 90, 'any', 'Retiré, enlevé, démonté, absent; removed, taken out, gone.',
 '{system}[^¤]{0,50}\m(retire|enleve|ote|demonte|demantele|desinstalle|depose|vole|jete|vendu|perdu|disparu)e?s?\M'
 || '|{system}.{0,40}\mabsente?s?\M|{system} (n''est|n''y est|n''etait) plus (la|en place|dans|sur|sous|present)\M'
 || '|{system} n''y est plus|\m(retire|enleve|ote|demonte|desinstalle|depose)e?s?\M'
 || ' ((tout|le|la|les|l''|un|une|son|leur|notre|ancien|vieux|vieil|du) ?){0,4}{system}'
 || '|{system}[^¤]{0,50}\m(removed|uninstalled|dismantled|taken (out|off)|gone|missing|stolen|lost|discarded|scrapped|thrown (out|away))\M'
 || '|\mtook\M.{0,12}{system}.{0,3}\mout\M|{system} (is |was )?(not|no longer) (there|in|on|under|present|installed)\M'
 || '|\m(removed|uninstalled|took out|taken out|lost|kept)\M'
 || ' ((the|an?|our|their|his|her|all|whole|entire|old|broken|existing|dead) ?){0,3}{system}'),
('refused', 'nothing', 89, 'any', 'Somebody does not want one: there may be none, but nobody looked.',
 '\m(veut|veulent|voulait|interess\w+) (pas|plus)\M.*{system}|\m(pas|not|peu) interess?t?\w*\M.*{system}'
 || '|\m(refus\w*|declin\w*|said no|no thanks|pass(ed|es)? on|(does|do|did)n''t want|not want|pas (besoin|necessaire)|no need)\M.*{system}'
 || '|{system}.*\m(refus\w*|declin\w*|trop cher|too (expensive|much)|(pas|not) (necessaire|necessary|needed|requis|required)'
 || '|inutile)\M'),
('none', 'against', 88, 'any', 'Pas de, aucun, sans, n''a plus; no, without, does not have.',
 '\m(pas|plus|jamais eu|jamais) (de |d'')(vieux |autre )?{system}|\m(aucun|aucune trace d[eu]|sans|n''a plus (son|le)) {system}'
 || '|{system} ?[:=] ?(non|aucun)\W*$'
 || '|{system}.{0,10}\m(pas|non|jamais)( encore| ete)* (installe|pose)\M'
 || '|(\m(no( more| longer has an?| longer have an?)?|without( an?| the)?|never had an?|not have an?|lacks an?)|n''?t have an?) {system}'
 || '(?! (issue|problem|trouble|complaint|leak|light|alarm))'
 || '|{system} ?[:=] ?(no|none)\W*$|{system}.{0,12}\m(not|never)( yet| been)* installed\M'),
('once_there', 'against', 87, 'any', 'There was one, so there is none.',
 '\m(there (was|used to be)|used to have|(y|il) avait)\M( an?| un)?( old| vieux)? {system}'),
('in_use', 'for', 86, 'any', 'It was seen to run, or what it lacks is told.',
 '{system}.{0,25}\m((re)?branche|rempli|plus souvent|a l''annee|plugged in|more often)\M'
 || '|{system}.{0,15}\m(a|to be) (nettoyer|remplir|verifier|rebrancher|changer|reparer|cleaned|filled|checked|repaired)\M'
 || '|{system}.{0,12}\m(serviced|cleaned|filled|refilled|repaired|fixed|tested)\M'),
('hypothetical', 'nothing', 80, 'any', 'What would be, might be, or is thought about.',
 '\m(\w{3,}rai(t|ent)|peut-etre|eventuel\w*|possib\w+|would|could|might|may|maybe|perhaps|eventually)\M.*{system}'
 || '|{system}.*\m(\w{3,}rai(t|ent)|peut-etre|eventuel\w*|possib\w+|would|could|might|maybe|perhaps|eventually)\M'
 || '|{system}.{0,25}\m(a (considerer|discuter|evaluer|envisager)|bonne idee|good idea|next year|l''an prochain|vaut la peine'
 || '|worth)\M|\m(bon(ne)? candidate?|good candidate|idee d''un)\M.*{system}'),
('pursued', 'nothing', 80, 'any', 'A sale that is under way, or was not made.',
 '\m(relanc\w*|follow(ing)?[- ]?up|voir pour|mention\w*|attend\w*|wait\w*|approv\w*|approb\w*|decid\w*|curious|curieu\w*'
 || '|inform\w*|renseign\w*|info|catalog\w*|pamphlet|a vendre|sell|sales?|vente|offre|measured for|mesur\w+ pour|know about|l''idee d[eu]'
 || '|learn about|demand\w+ (un|des|si|a propos|au sujet|ce que))\M.*{system}'
 || '|{system}.{0,25}\m(coute|combien|how much|wish ?list|info\w*|catalog\w*|pamphlet|for sale|a vendre|expire\w*|approv\w*|approuv\w*|en attente|pending|on hold)\M'),
('offered', 'nothing', 80, 'any', 'A quote, a proposal, a wish: nothing stands in the piano yet.',
 '\m(soumission\w*|devis|estim\w+|propos\w+|recommand\w+|sugger\w+|conseill\w+|offert\w*|offrir|prix|budget\w*|interess\w*'
 || '|envisag\w*|reflechi\w*|hesit\w*|songe\w*|discut\w*|parl\w+|expliqu\w*|explication\w*|besoin|devrait|serait|pourrait'
 || '|aimerait|voudrait|info|avantages)\M.*{system}'
 || '|{system}.*\m(recommand\w+|sugger\w+|propos\w+|conseill\w+|soumission|serait|a (installer|poser|prevoir)|prevue?s?)\M'
 || '|\m(quot(e|es|ed|ing|ation)|estimates?|propos\w+|recommend\w*|suggest\w*|offer\w*|price\w*|cost\w*|budget\w*|interested'
 || '|consider\w*|think\w*|discuss\w*|talk\w*|explain\w*|asked|benefit|would like|could use|should( really)? (have|get)'
 || '|wants? an?|needs? an?|looking (for|into|at))\M.*{system}'
 || '|{system}.*\m(recommended|suggested|quoted?|estimate|proposed|would help|scheduled)\M'),
('intended', 'nothing', 80, 'any', 'Somebody means to have one put in.',
 '\m(installer|poser|ajouter|acheter|commander|commande|avoir|mettre)\M (un |une |le |la |l''|du )?(nouveau )?{system}'
 || '|\m(veut|veulent|desire\w*|attend)\M (un |une ){system}|\m(pens\w+|reflechir)\M (au |a un |pour (le |un )){system}'
 || '|\mprevue?\M.*{system}'
 || '|\m(install|add|buy|get|order|ordered|putting in|installing)\M (an? |the |their )?(new )?{system}'
 || '|{system} (to be installed|install\M(?!ed)|installation (next|in|on|scheduled))|\mscheduled\M.*{system}'),
('asked', 'nothing', 70, 'any', 'A question is no answer.',
 '{system}.*\?\W*$|\mc''est quoi\M.*{system}'),
('unplugged', 'for', 60, 'any', 'Unplugged, but installed.',
 '{system}.*\m(debranche|deconnecte|eteint|ferme|unplugged|disconnected|turned off|switched off|(pas|not) (branche|plugged))'
 || '|\m(debranche|deconnecte|eteint|ferme|unplugged|disconnected|turned off|switched off)\M.{0,25}{system}'),
('installed', 'for', 55, 'any', 'Somebody put it in, or found it in.',
 '{system}.{0,40}\m(installe|pose|installed)\M|\m(installe|pose|installed|nouveau|new)\M.{0,25}{system}|installation.*{system}'
 || '|\m(has|have|had|with|there is|found|a|avec|muni d''|equipe d''|possede|trouve)( deja| already)? ?(un|an?) {system}'),
('upkeep', 'for', 50, 'any', 'Upkeep that only a system needs.',
 '{part}'),
('indefinite', 'nothing', 40, 'any', '"Un PLS" is one that somebody thinks of; one that is there is "le PLS".',
 '\m(un|an?|d''un|of an?) (bon |nouveau |good |new )?{system}'),
('named', 'for', 0, 'any', 'A system is named, and nothing is said against it.',
 '{system}');
