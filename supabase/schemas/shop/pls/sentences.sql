-- Rules of sentences: what a sentence says that names a system or a part of one. Of the matching rules the one of
-- highest priority decides. French and English share a rule: a session caches 32 compiled expressions, and with more
-- than that Postgres would compile each of them again and again.

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
