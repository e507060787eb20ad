-- Rules of words, French and English: names of the system, its parts, and words that only look like them.

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

insert into public.pls_rules (name, kind, language, cue, case_sensitive, meaning, pattern) values
('pls_capitals', 'system', 'any', 'pls', true, 'PLS in capitals, where it is not "please".',
 '\mPLS\M');

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
