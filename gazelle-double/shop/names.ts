import type { Dice } from "./random.ts";

export interface Place {
  municipality: string;
  postalPrefix: string;
}

/** First name and last name; accents, hyphens, both kinds of apostrophe, and now and then an odd space. */
export function person(dice: Dice): { firstName: string; lastName: string } {
  const firstName = dice.pick(FIRST_NAMES);
  const lastName = dice.pick(LAST_NAMES);
  if (dice.chance(0.08)) return { firstName, lastName: `${lastName}-${dice.pick(LAST_NAMES)}` };
  if (dice.chance(0.02)) return { firstName: `${firstName} et ${dice.pick(FIRST_NAMES)}`, lastName };
  if (dice.chance(0.01)) return { firstName: `${firstName}\u00a0`, lastName };
  return { firstName, lastName };
}

export function companyName(dice: Dice): string {
  return `${dice.pick(COMPANY_KINDS)} ${dice.pick(COMPANY_NAMES)}`;
}

export function street(dice: Dice): string {
  return `${dice.between(12, 11_980)}, ${dice.pick(STREETS)}`;
}

export function place(dice: Dice): Place {
  return dice.pick(PLACES);
}

export function postalCode(dice: Dice, prefix: string): string {
  const letter = () => "ABCEGHJKLMNPRSTVWXYZ".charAt(dice.int(20));
  return `${prefix}${dice.chance(0.9) ? " " : ""}${dice.int(10)}${letter()}${dice.int(10)}`;
}

/** Digits only. How a phone number is written is up to the reader. */
export function phone(dice: Dice): string {
  return `${dice.pick(["514", "438", "450", "579", "819"])}555${String(dice.int(10_000)).padStart(4, "0")}`;
}

export function email(dice: Dice, firstName: string, lastName: string): string {
  const plain = `${firstName}.${lastName}`.normalize("NFD").replace(/[^A-Za-z.-]/g, "").toLowerCase();
  return `${plain}${dice.chance(0.3) ? dice.between(1, 99) : ""}@${dice.pick(MAIL_HOSTS)}`;
}

const FIRST_NAMES = (
  "Hélène|François|Geneviève|Jean-Sébastien|Marie-Ève|Benoît|Chloé|Noël|Zoé|Aïcha|Anaïs|Loïc|Maëlle|Jérôme|" +
  "Françoise|Gaëtan|Joëlle|Réjean|Thérèse|Yves|Ginette|Sylvain|Josée|Élise|Étienne|Émile|Océane|Félix|Mathéo|" +
  "Margaret|Siobhán|Seán|Ian|Heather|Liam|Rebecca|Nguyễn Thu|Minh Châu|Đức|Mohammed|Fatima-Zahra|Youssef|Leïla|" +
  "Giuseppe|Chiara|Despina|Κώστας|Wei|小雨|Jean-Robert|Widlène|Oleksandr|Łukasz|José|María|Anne Marie|J.-P.|Guy"
).split("|");

const LAST_NAMES = (
  "Tremblay|Gagnon|Bélanger|Lévesque|Côté|Bouchard|Gauthier|Morin|Lavoie|Fortin|Gagné|Ouellet|Pelletier|Bédard|" +
  "Desrosiers|Lefebvre|Beauséjour|L'Écuyer|L’Heureux|D'Amours|D’Aoust|L'Italien|Saint-Onge|St-Pierre|Ste-Marie|" +
  "Archambault|Charbonneau|Éthier|Hébert|Poirier|Thériault|Villeneuve|Brûlé|Lacroix dit Lafleur|O'Connor|O’Brien|" +
  "MacDonald|McGill|Smith|Goldberg|Cohen|Nguyễn|Trần|Phạm|Ben Youssef|El-Khoury|Haddad|Rossi|Di Stefano|D'Angelo|" +
  "Papadopoulos|Παππάς|Chen|王|Jean-Baptiste|Dorcély|Kowalski|Шевченко|García Márquez|Müller|van der Meer|Ng"
).split("|");

const COMPANY_KINDS = (
  "École de musique|Église|Paroisse|Résidence|CPE|Studio|Centre culturel|Conservatoire|Théâtre|Chœur|Ensemble|" +
  "Les Productions|Académie|École primaire|Collège|Hôtel|Maison de la culture|Bar|Synagogue|Legion Hall"
).split("|");

const COMPANY_NAMES = (
  "Saint-Viateur|Sainte-Cécile|de l'Île|Notre-Dame-des-Sept-Douleurs|d’Outremont|Le Plateau|Mont-Royal|Côte-Saint-Luc|" +
  "de la Rive-Sud|Anjou & Fils|« Do Ré Mi »|L'Hirondelle|du Vieux-Port|Westmount|Pointe-Claire|N.D.G.|" +
  "Hochelaga-Maisonneuve|Les Petits Doigts inc.|Beethoven Québec ltée|Rosemont/Petite-Patrie|Ahuntsic #2|Harmonie 🎹"
).split("|");

const STREETS = (
  "rue Saint-Denis|avenue du Parc|boul. René-Lévesque O.|rue Sherbrooke Est|av. de l'Esplanade|ch. de la Côte-des-Neiges|" +
  "rue de l’Église|boul. Saint-Laurent|rue Ontario E.|avenue Papineau|rue Bélanger|place d'Youville|rue Jean-Talon O.|" +
  "av. Laurier Ouest|rue Wellington|boul. Gouin Ouest|rang du Haut-de-la-Rivière|Victoria Ave|chemin Queen-Mary"
).split("|");

const PLACES: readonly Place[] = [
  ["Montréal", "H2X"],
  ["Montréal", "H2T"],
  ["Montréal", "H1V"],
  ["Montreal", "H3A"],
  ["MONTRÉAL", "H4C"],
  ["Outremont", "H2V"],
  ["Westmount", "H3Y"],
  ["Laval", "H7N"],
  ["Longueuil", "J4H"],
  ["Saint-Bruno-de-Montarville", "J3V"],
  ["L'Île-Bizard–Sainte-Geneviève", "H9C"],
  ["Côte-Saint-Luc", "H4W"],
  ["Verdun", "H4G"],
  ["Mont-Saint-Hilaire", "J3H"],
  ["Saint-Jérôme", "J7Z"],
  ["Vaudreuil-Dorion", "J7V"],
  ["L’Assomption", "J5W"],
  ["Sainte-Adèle", "J8B"],
].map(([municipality, postalPrefix]) => ({ municipality, postalPrefix }) as Place);

const MAIL_HOSTS = [
  "example.com",
  "example.org",
  "courriel.example.ca",
  "ecole.example.qc.ca",
  "videotron.example",
];
