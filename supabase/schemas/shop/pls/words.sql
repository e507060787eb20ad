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
