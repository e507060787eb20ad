-- Lists of words that the verdicts name in braces. Words stand without accents, one space apart; * is any ending, and
-- _ joins the words of a phrase. A shop teaches a word by adding a row of the list's kind.

insert into public.pls_rules (name, kind, language, meaning, pattern) values
('small_fr', 'small', 'fr', 'Words that may stand between others.',
 'le la les l un une du de des d son sa ses leur leurs notre nos votre mon ce cet cette au tout toute tous deux'
 || ' ancien'
 || ' vieux vieil vieille petit type autre trace sorte genre comme'),
('small_en', 'small', 'en', 'Words that may stand between others.',
 'the a an any of his her their our your my its this that all both old existing whole entire complete broken'
 || ' dead sort'
 || ' kind such other type sign'),
('not_fr', 'not', 'fr', 'Words that deny.',
 'pas non ni aucun aucune aucuns aucunes jamais sans nul nulle rien depourvu* zero inexistant*'),
('not_en', 'not', 'en', 'Words that deny.',
 'no not never none neither nor nothing without lack lacks lacking nope n_a zero cannot isnt doesnt dont didnt'
 || ' hasnt'
 || ' havent hadnt wasnt arent werent cant wont couldnt aint doesn isn hasn didn wasn weren haven hadn couldn'
 || ' don_t won_t can_t nonexistent non_existent'),
('removed_fr', 'removed', 'fr', 'Taken out.',
 'retire* enlev* ote otes otee otees oter demont* demantel* desinstall* arrach* debarrass* sorti sortie sortis'
 || ' jete jetes'
 || ' jetee decroche* desassembl* depose deposee mis_aux_ordures mis_au_rebut mis_a_la_poubelle mis_aux_poubelles'),
('removed_en', 'removed', 'en', 'Taken out.',
 'removed remove removing uninstall* deinstalled dismantled stripped pulled yanked discarded taken_out taken_off'
 || ' taken_away took_out took_off took_away'
 || ' scrapped tossed trashed junked thrown_out thrown_away threw_out threw_away torn_out ripped_out'
 || ' decommissioned disposed unmounted hauled dismounted detached'),
('gone', 'gone', 'any', 'No longer there.',
 'disparu* vole volee voles vendu* perdu* parti partie partis absent* manquant* gone stolen sold lost missing'
 || ' left_with'
 || ' went_with went_to gave_away given_away donne_a'),
('put_fr', 'put', 'fr', 'Put in.',
 'installe installee installes installees monte montee ajoute ajoutee pose posee poses posees remis mis_en_place'),
('put_en', 'put', 'en', 'Put in.', 'installed reinstalled put_in mounted fitted added put_back'),
('upkeep_fr', 'upkeep', 'fr', 'What is done to a system that is there.',
 'rempli* rerempli* change changes changee changees changer remplac* nettoy* entretien entreten* verifi* repar*'
 || ' ajust*'
 || ' teste* regle regler reglee branch* rebranch* debranch* deconnect* eteint* rallum* vidang* detartr* serre'
 || ' serrer'
 || ' lave laver lavage changement* dessech* rouvert plug* plog* deplug* deplog* replug* replog*'),
('upkeep_en', 'upkeep', 'en', 'What is done to a system that is there.',
 'fill filled filling fills refill* overfill* topped topping change changed changing replac* swap swapped clean'
 || ' cleaned cleaning cleans wash* wiped check checked checking checks service serviced servicing maint*'
 || ' repair* fix fixed'
 || ' adjust* test tested testing plug plugged plugging unplug* disconnected switched turned keep keeping'
 || ' reset unclogged descaled rerouted routed watered rinsed calibrated'),
('state_fr', 'state', 'fr', 'How a system is that is there.',
 'fonction* marche marchait en_marche en_fonction en_service en_place bon_etat en_ordre allume* chauff* clignot*'
 || ' coule'
 || ' coulait fuit fuite fuites plein pleine pleins vide vides a_sec sec secs seche seches debranche* casse'
 || ' cassee brise'
 || ' brisee mort morte morts mortes defectu* use usee uses usees dur durs cliqu* bruit protege* maintient'
 || ' stabilis* manque'
 || ' manquait bouche bouchee calcaire calcifi* noirci* existant* d_origine actuel tiede tiedes chaud chaude'
 || ' chaudes froid'
 || ' froide froides lumiere lumieres voyant voyants consomm* boit gargouill* ronronne* fait faite faits'
 || ' glouglou* en_panne encore_bon encore_bonne neglig* brule brulee raide raides'),
('state_en', 'state', 'en', 'How a system is that is there.',
 'ok okay works work working worked running runs functional functioning operational humming hums blink* flash*'
 || ' leak*'
 || ' needs full empty low dry unplugged fine great well good broken dead faulty defective worn crusty dirty'
 || ' click* noisy'
 || ' noise light lights led leds lit doing_its doing_the protect* stable warm hot cold gasket clogged cord'
 || ' outlet existing'
 || ' in_place in_use is_on are_on was_on was_off is_off pump* drinks uses takes consumes connected powered'
 || ' gurgl* done bubbling burnt burned overdue happy heat heats heating rocks cardboard still_good quiet'
 || ' neglect* like_rocks'),
('offered_fr', 'offered', 'fr', 'A quote, a proposal, a wish, talk.',
 'soumission* devis estime estimes estimation propos* recommand* sugger* conseil* offert* offr* prix budget*'
 || ' interess*'
 || ' envisag* reflech* hesit* songe* discut* parl* reparl* expliqu* explic* besoin devrait serait pourrait'
 || ' aimerait'
 || ' voudrait voulait veut veulent demande demander demandait souhait* avantage* bienfait* inform* pense penser'
 || ' pensent'
 || ' a_l_etude idee mention* relanc* vendre vendeur acheter coute* combien cout s_ennuie vant* curieu* renseign*'
 || ' aurait aiderait ferait profiterait beneficierait candidat* vaut_la_peine question* convainc* place_pour'
 || ' assez_de_place vote magasin* comite'),
('offered_en', 'offered', 'en', 'A quote, a proposal, a wish, talk.',
 'quote quoted quotes quoting quotation estimat* propos* recommend* suggest* offer* price* pricing cost* budget*'
 || ' interested'
 || ' consider* think thinking thinks thought discuss* talk* explain* ask asks asked asking benefit* would'
 || ' could_use'
 || ' should_have should_get want wants wanted wish wishes looking_for looking_into looking_at inform* mention*'
 || ' spoke speak'
 || ' told tell pitched sell sales* buy miss misses question* curious bid follow_up voicemail read_about worth help'
 || ' candidate rebate approv* wonder* room_for fits fit committee fundrais* prefers decision'),
('pending_fr', 'pending', 'fr', 'Ordered, awaited, put off, planned.',
 'commande commandee commander commandes en_attente attend* arrive arrivera recevoir remise remis_a remis_au'
 || ' report*'
 || ' repouss* differe* prevu* prevoir planifi* rendez rdv bientot prochain* sera seront va vont vais ira'
 || ' a_installer a_poser'
 || ' a_mettre a_venir a_ajouter l_an_prochain cet_automne a_l_automne au_printemps cet_hiver cet_ete'
 || ' une_fois des_que lorsque quand si s_il s_ils rupture'
 || ' projet* eventuel* mettront poserons installerons poserai installerai a_l_agenda ordre_du_jour sur_la_liste sur_ma_liste'),
('pending_en', 'pending', 'en', 'Ordered, awaited, put off, planned.',
 'order ordered ordering backorder* back_ordered waiting await* arriving arrives postpon* pushed delay* schedul*'
 || ' book booked plan'
 || ' plans planning planned soon next_week next_month next_year next_spring next_summer next_fall next_winter'
 || ' will going_to'
 || ' gonna install installing to_be_installed getting if once when until in_case should_the eventually someday'
 || ' later on_hold'
 || ' pending coming due still_not purchas* agenda on_my_list on_his_list on_her_list on_the_list wish_list to_do_list'),
('elsewhere_fr', 'elsewhere', 'fr', 'Another piano, another person, another thing.',
 'autre_piano autres_pianos autre_droit autre_queue autre_local autre_ecole deuxieme_piano second_piano 0e_piano'
 || ' frere soeur'
 || ' mere pere cousin cousine tante oncle ami amie amis voisin voisine voisins fils fille gendre collegue'
 || ' collegues'
 || ' client_precedent client_d_avant d_a_cote d_en_face piano_du_haut piano_du_bas en_haut de_l_etage au_0e'
 || ' au_sous_sol corridor'
 || ' ancienne_maison pianola orgue* fournaise chaudiere plancher numerique garage technicien_d_avant chez_sa'
 || ' chez_son'
 || ' chez_ses chez_un chez_une chez_leur chalet conservatoire fournisseur humidificateur_de_plancher'
 || ' humidificateur_de_piece humidificateur_de_la humidificateur_portatif formation demonstration demo'
 || ' chandelle bougie radiateur recyclage plante plantes aquarium machine'
 || ' calorifere chapelle theatre cafetiere lave_vaisselle'),
('elsewhere_en', 'elsewhere', 'en', 'Another piano, another person, another thing.',
 'other_piano other_pianos other_grand other_upright other_one other_room another_piano second_piano second_grand'
 || ' second_upright brother* sister* mother* father* mom dad cousin* aunt* uncle* friend* neighbor* neighbour*'
 || ' daughter*'
 || ' colleague* in_laws grandmother* grandma* parents next_door down_the_hall across_the_hall upstairs downstairs'
 || ' conservatory cottage used_to_own previous_client previous_customer previous_piano previous_house'
 || ' disklavier player'
 || ' organ furnace basement_runs room_humidifier house_humidifier portable_humidifier floor_humidifier'
 || ' thermostat every_piano every_other all_other room_0'
 || ' dehumidifier supplier training trainee demo espresso machine candle radiator plants aquarium'
 || ' last_stop other_client'),
('unsure', 'unsure', 'any', 'Nobody knows.',
 'peut_etre maybe perhaps probabl* possibl* apparently apparemment suppose* supposed* parait might unsure'
 || ' not_sure pas_sur'
 || ' pas_certain pas_sure pas_certaine impossible_de impossible_to sais_pas sait_pas savent_pas dont_know'
 || ' doesnt_know'
 || ' do_not_know does_not_know dont_remember no_idea aucune_idee inconnu* unknown couldnt_see couldnt_tell'
 || ' couldnt_get'
 || ' couldnt_find couldnt_check cant_see cant_tell cant_say cant_find could_not_see could_not_tell could_not_get'
 || ' could_not_find unable_to pas_pu pas_reussi pas_eu_le_temps didnt_look didnt_check didnt_see did_not_look'
 || ' did_not_check'
 || ' did_not_see pas_verifie pas_regarde pas_vu forgot_to oublie_de reste_a_voir reste_a_verifier not_clear'
 || ' a_verifier_s'),
('would', 'would', 'any', 'What would be.',
 'would could might *rait *raient *rions *riez shouldnt wouldnt idealement ideally');
