-- Verdicts: what a clause says that names a system or a part of one. Of those that match the one of highest priority
-- decides, so doubt stands above what would be a yes. French and English share a verdict: a session caches 32 compiled
-- expressions, and with more than that Postgres would compile each of them again and again.

insert into public.pls_rules (name, kind, grade, priority, meaning, pattern) values
('told_of', 'nothing', null, 100, 'Advertising, a leaflet, a document, an explanation.',
 '\m(depliants?|brochures?|pamphlets?|flyers?|infolettre|newsletter|rabais|promo\w*|catalog\w*|videos?|links?|'
 || 'lien|website'
 || '|articles?|publicite|journal|papiers|discount|sale|infos?|pictures?|photos?|price list|page)\M.*{any}'
 || '|{any}.*\m(depliants?|brochures?|pamphlets?|flyers?|newsletter|videos?|website|articles?|rabais|promo\w*|'
 || 'papiers|infos?|catalog\w*|page)\M'
 || '|\m(a quoi sert|c est quoi|comment (ca )?(fonctionne|marche)|(benefits?|bienfaits|avantages) (of|d|de|'
 || 'du))\M.*{system}'
 || '|\m(how|what|explained|explique)\M.*{system} (works?|does|is|fonctionne|marche)$'),
('moved_away', 'against', 'strong', 98, 'It went to another piano or place.',
 '{it}{some}\m(suivi|(left|went|gone|stayed|parti|partie|reste) (with|to|avec|dans|chez)|(relocated|transferred|'
 || 'moved) to'
 || '|(desormais|maintenant) (dans|sur|au)|now (in|on) (the|a)|(transfere|demenage|deplace|rendu) (dans|sur|a|'
 || 'au|vers|chez))\M'
 || '|\m(relocated|transferred|moved|repris|transfere|demenage|deplace|recupere|donated|gave|'
 || 'sold)\M{small}{system}{few}'
 || '\m(to|into|pour|dans|sur|vers|au|chez)\M'
 || '|\m(owners?|proprietaires?|proprio|movers|demenageurs?|family|famille|seller|vendeur)\M( a| '
 || 'have)?{few}\m(kept|garde|emporte|took|pris|lost|vole|perdu)\M{small}{it}'),
('hindered', 'for', 'strong', 99, 'It could not be filled or cleaned: it is there.',
 '({unsure}|\m(could not|couldnt|cannot|cant|unable to|pas pu|impossible de|forgot to|oublie '
 || 'de)\M){few}\m(remplir|fill|nettoyer|clean|changer|change|remplacer|replace|rebrancher|brancher|plug|'
 || 'reparer|repair|entretenir|service|ajuster|adjust|vider)\M.*{any}'),
('asked', 'unclear', null, 97, 'Nobody knows, or somebody asks whether.',
 '{unsure}.*{any}|{any}{few}{unsure}|^(\S+ ){0,3}{system} \?|^(is there|do they have|does it have|y a t il|a t '
 || 'il)\M.*{system}'
 || '|\m(s il|si|if|whether)\M{some}\m(a|ait|has|have|is there|there is|there s|equip\w*|muni)\M{few}{system}'
 || '|{system}{few}\m(si oui|ou non|or not)\M'),
('of_another', 'another', null, 96, 'Another piano, another person, another thing.',
 '^(?!.*\m(this|celui ci|ce piano|ici|here)\M)(.*\m(my|mon|mes)\M{small}{any}|.*\m(her|his|their|son|sa|ses|'
 || 'leurs?) (?!(piano|instrument|kawai|yamaha|steinway|humid\w*)\M)[a-z]+ (has|have|had|a|ont|'
 || 'avait)\M{few}{system}|.*\m(grand|upright|church|school) s {any}|.*\m(church|chapel|choir|choir room|hall|'
 || 'auditorium|stage|gym|sanctuary|lobby|studio|band room|practice room) (grand|upright|'
 || 'piano)\M.*{any}|.*{elsewhere}.*{any}|.*{any}.*{elsewhere}'
 || '|(?!.*{not}{small}{system}).*\m(pianos?|grand|upright|droit|queue|kawai|yamaha|steinway|heintzman|baldwin|'
 || 'one) (du(?! client)|de la(?! cliente)|de l'
 || '|de sa|de son|de leur|des|d un|d une|in the|at the|in room|in his|in her)\M.*{any}'
 || '|.*{system} (est |is )?(sur|dans|on|in) (le|l|la|the) \S+ (du|de la|de l|des|in the|at the)\M'
 || '|(?!.*{not}{small}{system}).*{any}.*\m(pianos?|grand|upright|droit|queue|kawai|yamaha|steinway|heintzman|'
 || 'baldwin) (du(?! client)|de la(?! cliente)|de l|des|d un|d une|in the|at the)\M)'),
('this_one_not', 'against', 'strong', 96, 'All others, and not this one.',
 '^([~…] )*(sauf|except|excepte|not|pas)\M{few}\m(this|celui ci|ce|ici|here)\M'
 || '|\m(this|celui ci|ce piano)\M{few}(\m(doesnt|hasnt|isnt|does not|has not|has none|is bare|without|sans)\M( '
 || 'have)?( [°~])?$'
 || '|(n|[~°])+( [~°])?( a)? (pas|aucun|rien)\M)|^([~…] )?(rien|nothing|none)\M{few}\m(celui ci|ici|here|this)\M'),
('replaced', 'for', 'strong', 95, 'The old one gave way to a new one.',
 '^(?!.*({offered}|{pending}|{not}))(.*\m(remplac(e|er|ee|es|ement)|replac\w*)\M( (par|with|'
 || 'by))?{few}{it}|.*\m(new|nouveau|nouvel|fresh) {system}{few}\m(in|pose|posee|installe|installed|mis)\M'
 || '|.*{system} neuf{few}\m(pose|installe|mis)\M|.*{it}{some}\m(remplac(e|ee|es)|replaced)\M|.*\m(swapped|'
 || 'echange)\M{small}{system}{few}\m(for|pour|contre)\M'
 || '|.*\m(pose|posee|put|installe|installed|mis|remis|mounted|fitted)\M{small}((neuf|nouveau|nouvel|new|fresh|'
 || 'current|brand new) )+{it}'
 || '|.*\m(pose|put|installe|installed|mis|remis|mounted|fitted)\M{small}{it} (neuf|new)\M'
 || '|.*\m(pose|posee|put in|installe|installed|mis)\M{small}(neufs?|neuves?|new|fresh)( '
 || 'ones?| [°~])?$|.*\mput{small}{it} back\M'
 || '|.*{it}{few}\m(remis( en place)?|reinstall\w*|put back)\M|… (remis( en place)?|reinstall\w*|put back( in)?|'
 || 'replaced|remplace)$)'),
('removal_wished', 'for', 'strong', 94, 'Somebody wants it out: it still is in.',
 '\m(veut|voudrait|veulent|souhait\w*|aimerait|faudrait|faut|prevoir|ne pas|wants?|would like|should|do not|'
 || 'dont)\M{few}'
 || '\m(enlever|retirer|demonter|remove|take out)\M{few}{system}'
 || '|{system}{few}\m(a (enlever|retirer|demonter)|to be (removed|taken out)|should be (removed|taken out))\M'
 || '|\m(wants?|would like)\M{few}{system}{few}\m(removed|taken out)\M'),
('refused', 'nothing', null, 93, 'Somebody does not want one, or needs nothing for it.',
 '\m(veut|veulent|voulait|voulu) (pas|plus|rien)\M.*{sign}|{sign}.*\m(veut|veulent) (pas|plus)\M'
 || '|\m(pas|not|peu|plus|isnt|arent|wasnt)\M{few}\minteres\w+|\m(refus\w*|declin\w*|said no|no thanks|passed '
 || 'on|pass on'
 || '|(doesnt|dont|didnt|does not|do not|did not|not) (want|need))\M.*{any}'
 || '|{any}.*\m(refus\w*|declin\w*|trop cher|too expensive|too much|inutile|unnecessary)\M'
 || '|\m(pas|plus|aucun) (la peine|de besoin|besoin|necessaire)\M.*{any}|\m(no|not) (need|point|reason|'
 || 'necessary|worth)\M.*{any}'
 || '|{any}.*\m(pas|not) (necessaire|necessary|needed|requis|required)\M'),
('unneeded', 'nothing', null, 92, 'Nothing to bring for a system.',
 '\m(dont|do not|ne pas|pas la peine|inutile)\M{few}\m(bring|order|buy|apporter|trainer|commander|'
 || 'acheter)\M.*{any}'),
('quoted', 'nothing', null, 92, 'A quote for a system, not for its upkeep.',
 '^(?!.*[¤¢]{few}§)(?!.*\m(entretien|maintenance|repar\w*|repair\w*|nettoy\w*|clean\w*|servic\w+|changer|'
 || 'remplacer|replac\w+)\M)(.*\m(soumissions?|devis|estimes?|quotes?|estimates?|price|prix|bid)\M.*{system}'
 || '|.*{system}.*\m(soumissions?|devis|estimes?|quotes?|estimates?)\M)'),
('removed', 'against', 'strong', 90, 'Retiré, enlevé, démonté, parti; removed, taken out, gone.',
 '^(?!.*\m(pas|not|jamais|never|didnt|wasnt|isnt|dont)\M{few}{removed})(.*{removed}( out| off| away| rid of| '
 || 'aussi)?{small}{it}'
 || '|.*\m(took|taken|threw|thrown|pulled|ripped|tore)\M{small}{it}{few}\m(out|off|away|down)\M|.*\m(got|gotten|'
 || 'get) rid of{small}{it}'
 || '|.*{system}{some}({removed}|{gone}(?! (water|eau|pads|a)\M))|.*{system} (is |was )?out$'
 || '|.*{it}{few}\mout of (here|there|(the|this|that|her|his) (piano|instrument|grand|upright))\M'
 || '|.*[°~]( (a|ai|avons|avez|ont|avait|avaient|ete|est|was|were|is|has|have|had|been|s|got|'
 || 'fait))+ {removed}|.*° {removed}'
 || '|.*[°~]( (is|was|has|s|est|a|been|ete))+ (disparu\w*|vole|vendu|parti|absent|gone|stolen|sold|missing)\M'
 || '|[~…]( (a|ete|was|were|been|has|est|ai|avons|ont|tout|all|everything|fait))* ({removed}( (out|off|away|'
 || 'down))?|gone|disparu|parti)( (par|by|last|hier|today|aujourd|depuis|l|en|in|due)\M.*)?$'
 || '|.*\m(stole|vole|vola|vendu|sold|lost|perdu) (le|son|the|his|her|leur|their|our|notre)\M{small}({system}|¢)'
 || '|.*{removed}{small}(¢ ¢|¢ ¤|¤ ¢)|.*(¢ ¢|¢ ¤|¤ ¢){some}{removed}'
 || '|.*\m(only|juste|que|reste|seulement|left)\M{some}\m(brackets?|crochets?|supports?|wires?|fils?|trous?|'
 || 'holes?|screws?|vis)\M.*{system})'),
('untroubled', 'for', 'strong', 89, 'Nothing is wrong with it: it is there.',
 '{not}{small}\m(issues?|problem\w*|complaints?|plaintes?|leaks?|fuites?|trouble|bris|lumieres?|voyants?|'
 || 'lights?|(a )?signaler)\M.*{system}|{system}{few}(sans|without|no){small}\m(problem\w*|issues?|trouble)\M'),
('none', 'against', 'strong', 88, 'Pas de, aucun, sans, n''a plus; no, without, does not have.',
 '{not}( eu| vu| comme| pour| contre| to| for| had| have| has)*{small}{system}(?!{few}\m(issues?|problems?|'
 || 'trouble|complaints?|leaks?|lights?|alarm)\M)|\mplus (de|d|aucun){small}{system}|\m(n a|n ont|ont|y a|a) '
 || 'plus{small}{system}'
 || '|\m(rien|nothing)\M( ici| la| here)? (pour|contre|comme|for|'
 || 'against){some}(\mhumid\w+|\mhygro\w*|\mdry\w*|\msecheresse|{system})'
 || '|^(?!.*{elsewhere}).*{not}{few}\m(equipe\w*|munie?|pourvue?|dotee?|equipped|fitted|outfitted|protected|'
 || 'protege|have|possede|avoir'
 || '|comport\w+|contien\w*)\M{few}{system}|{system}{few}\m(inexistant\w*|nonexistent|non existent)\M|{system}( :| est| is)* {not}$|{system} : {not}'
 || '|{not} {put}{few}{system}'
 || '|{system}{few}\m(pas|non|jamais|not|never|isnt|wasnt)\M( encore| ete| yet| been)* (installed?|pose|present|'
 || 'there|here|la)\M'
 || '|{system}{few}(\mest plus\M|\mno longer\M|\m(not any more|not anymore)\M|\mn ° est (plus|pas)\M)|\mno '
 || '(longer|more)\M{few}{it}'
 || '|[°~]( (n|est|a|ai|ont|y|sont|was|is|[°~]))* (pas|plus|aucun|rien)( (la|ici|dedans|celui ci|non plus|du '
 || 'tout))?$|(\m(not|no longer|isnt|wasnt)\M (there|here|in there|in [~°])( any more| anymore)?|\m(not any '
 || 'more|not anymore))$|{it}{few}{not}{some}\m(any more|anymore)\M'
 || '|^… (none|aucune?s?|non|no|nope|(not any more|not anymore)|plus maintenant|zero)$|\m(have|has|is|there s|'
 || 'there|do|does)( not| no|) (one|any|[~°] ?)?none$'
 || '|\m(doesnt|does not|dont|do not|hasnt|havent) have [°~]$|{system}{few}\m(y est|est) plus\M'),
('once_there', 'against', 'weak', 87, 'There was one, which does not say that it still is.',
 '\m(there (was|used to be)|used to (have|be)|had|avait|avaient)\M( eu)?{small}{system}'
 || '|{system}{few}\m(before|autrefois|a l epoque|years ago|dans le temps)\M|\m(c etait|was|'
 || 'etait)\M{small}{system}'),
('awaited', 'nothing', null, 91, 'Ordered, awaited or put off, and no part of one that is there.',
 '^(?!.*[¤¢])(.*\m(attend\w*|commande[er]?s?|ordered|order|back-?order\w*|waiting|await\w*|arriving|postpon\w*|'
 || 'report\w+|repouss\w+|remise? (a|au|en)|prevue?s?|prevoir)\M.*{system}'
 || '|.*{system}.*\m(attend\w*|en attente|commande[er]?s?|ordered|on order|back-?order\w*|arriving|postpon\w*|'
 || 'report\w+|repouss\w+|remise? (a|au|en)|prevue?s?)\M)'),
('proposed', 'nothing', null, 86, 'An offer, a wish, a need of one.',
 '({offered}|\m(needs?|merite|deserves?|could use|candidat\w*)\M)( (a|of|for|about|on|sur|pour|to|get|buy|have|'
 || 'like|installer|poser|avoir|mettre|d|de|in|with))*{small}((new|nouveau|good|bon|nouvel) )?{system}(?! '
 || '({upkeep}|{state}))(?!{few}[¤¢])|{system}( (has|been|was|is|est|a|ete|fortement|strongly|again|'
 || 'encore))* {offered}(?! (d|de|of|some)\M)(?!{few}{upkeep})'),
('standing', 'for', 'strong', 85, 'A part or piece of a system is named with it, or it was put in before.',
 '[¤¢].*[§¤¢]|§.*[¤¢]|{system}( (a|ete|was|has|been|deja|already|had))+ {put}'
 || '|\m(fils?|cord|hose|tuyau|transfo\w*|fusible|fuse|leaks?|fuite|lights?|lumieres?|'
 || 'voyants?)\M{few}{system}|{system} (de |du )?\m(fils?|cord|hose|tuyau|transfo\w*|fusible|fuse|lights?|'
 || 'lumieres?|voyants?)\M|{any}{few}\m(a|to be|be|etre)\M {upkeep}|\mshould have{small}{any} {upkeep}'
 || '|\m(finished|completed|termine|complete|fini)\M{small}({system} )?install\w*'),
('upkept', 'for', 'strong', 84, 'It was seen to run or not to run, or is kept up: it is there.',
 '^(?!.*({would}|\m(should have|if|heard|entendu|lu|read|croit|believes?|selon|according|un bon|any)\M))('
 || '.*{upkeep}{some}{any}|.*{any}{some}({upkeep}|\m(0 )?(litres?|gal|gallons?|water|eau)\M)|(?!.*\m(an?|un|une) ((new|old|'
 || 'nouveau|good|bon) )?{system}).*[§¤]{some}{state}|.*¢{few}\m(warm|tiedes?|hot|cold|chaudes?|froides?|'
 || 'flash\w*|blink\w*|clignot\w*|stuck|dead|morte?s?|brulee?s?|vides?|empty|dry|full|pleins?)\M|'
 || '.*{any}( :)? (on|off|au vert)( (again|now|when|at|upon|since|all|for|in|by|depuis|pour|en)\M.*)?$'
 || '|.*{system} (is )?still (going|on|in|there)\M'
 || '|.*\m(water|eau)\M{few}{any}|.*[°~] \m(needs?|manqu\w+)\M{few}\m(water|eau|pads)\M'
 || '|.*\m(since|after|depuis|apres|suite a|following|grace|thanks to)\M{some}{system}|.*{system}{few}\m(depuis|'
 || 'since)\M'
 || '|.*{system}( (a|has|is|est|date|de|in))+( [^ ]+)? (ans|years|yrs|old|vieux|vieille|age|0000)\M'
 || '|.*{system} 0+ (ans|years|yrs|bars?|barres?)\M'
 || '|.*\m(existing|existant|current|actuel|present)\M{few}{any}|.*{any}{few}\m(existant|present)\M|'
 || '(?!.*{offered}).*{any}{few}\m(sous|under|behind|derriere)\M'
 || '|… (a |ai |tout |all |just |now )*(rempli|remplis|remplie|filled|refilled|topped up|topped off)$)'),
('supplied', 'for', 'strong', 83, 'What a system uses up was brought, added or taken out.',
 '^(?!.*\m(pas|not|no|dont)\M)(.*\m(new|neufs?|neuves?|left|laisse\w*|bring|brought|apport\w*|ajout\w*|added|'
 || 'used|mis|mise|put|vendu|sold|pose|installe\w*)\M{some}[¤¢]'
 || '|.*[¤¢]{some}\m(new|neufs?|neuves?|left|laisse\w*|ajout\w*|added|on|off|out|again|back|bons?|bonnes?|good|'
 || 'needed)\M|.*{removed}{small}((vieux|vieilles?|old) )?¤)'),
('pending', 'nothing', null, 80, 'Ordered, awaited, put off, planned, thought of for later.',
 '{pending}.*{system}|{system}.*{pending}'),
('offered', 'nothing', null, 78, 'A quote, a proposal, a wish, talk: nothing stands in the piano yet.',
 '({offered}|{would}).*{system}|{system}.*({offered}|{would})'),
('installed', 'for', 'strong', 60, 'Somebody put it in.',
 '^(?!.*({not}|\?))(?!.*\mpose ((du|d|de)\M|§)(?!.*\m(hier|ce matin|cet avant midi)\M))('
 || '.*{put}{some}{any}|.*{any}{some}{put}|.*\m(put|'
 || 'mis)\M{small}{it} in\M'
 || '|.*\m(finished|completed|termine|complete|fini)\M{few}install\w*|'
 || '.*installation\M.*\m(faite|completee|done|complete|terminee|finie)\M)'),
('has_one', 'for', 'strong', 58, 'It has one.',
 '^(?!.*{not})((\m(this|le|ce|the|beau|bon|nice|good|old|vieux|et|ici|also|aussi)\M )*(piano |instrument |one |'
 || 'celui ci |il |[°~…] )*'
 || '(has|have|a|il y a|there is|there s|y a|equipe d[eu]?|est muni|est equipe|est protege|is equipped|is '
 || 'fitted|is protected|equipped'
 || '|piano with|piano avec|muni d[eu]?|possede|found|trouve)( by| with| par| d| deja| already)*{small}((full|'
 || 'new|good|nice|functional|beau|bon|working) )*{system}'
 || '|.*\m(equipe|muni|protege|protected|equipped|fitted)\M{few}{system}|{system} (came|comes|vient|venait) '
 || '(with|avec) (the|le) piano|.*\m(arrive|came|comes|livre) (with|avec){small}{system}|([~…] )?(there is one|'
 || 'there is [~°]|there s [~°]|([~°] )*(il )?(y )?[~°] a un|[~°] has [~°]|[~°] (is|est) (there|la))$)'),
('doubtful', 'unclear', null, 40, 'A word that denies, wishes, asks or puts off, in no way that is understood.',
 '({not}|\m(plus|ne|if|si|would|serait|il y a|ago)\M|\?).*[§¤]|[§¤].*({not}|\m(plus|ne|if|si|would|serait|'
 || 'ago)\M|\?)'),
('a_part', 'for', 'weak', 20, 'A part that only such a system has.', '{part}'),
('a_piece', 'unclear', null, 10, 'A piece that other things have, too.', '{piece}'),
('named', 'for', 'weak', 0, 'A system is named, and nothing is said against it.', '{system}');
