import type { Dice } from "./random.ts";

/**
 * A note from which follows that a Piano Life Saver is installed: it names the system, tells of its maintenance, or
 * says that it was unplugged.
 */
export function installedNote(dice: Dice): string {
  const sentence = dice.pick([...BY_NAME, ...BY_UPKEEP, ...UNPLUGGED]);
  if (dice.chance(0.3)) return sentence;
  return dice.chance(0.5)
    ? `${serviceNote(dice)}\n${sentence}`
    : `${sentence} ${reading(dice)}. ${serviceNote(dice)}`;
}

/** A note that says that the system was taken out. */
export function removedNote(dice: Dice): string {
  return `${dice.pick(REMOVED)}${dice.chance(0.5) ? `\n${serviceNote(dice)}` : ""}`;
}

/** A proposal or a recommendation: the piano has no system. */
export function quoteNote(dice: Dice): string {
  return dice.pick(QUOTED);
}

/** A plain service note. It may have readings, "pls" for "please" or "humidité", which do not mean a system. */
export function serviceNote(dice: Dice): string {
  const sentences = Array.from({ length: dice.between(1, 3) }, () => dice.pick(SERVICE));
  if (dice.chance(0.25)) sentences.push(reading(dice));
  if (dice.chance(0.06)) sentences.push(dice.pick(NOISE));
  return sentences.join(dice.chance(0.2) ? "\n" : " ");
}

export function reading(dice: Dice): string {
  const [temperature, humidity] = [dice.between(17, 26), dice.between(18, 68)];
  return dice.pick([
    `${temperature}C, ${humidity}%`,
    `${temperature}°C ${humidity} %`,
    `Temp. ${temperature} / HR ${humidity}\u00a0%`,
    `humidité ${humidity}%, ${temperature}C`,
  ]);
}

export function personalNote(dice: Dice): string {
  return dice.pick(PERSONAL).replace("#", String(dice.between(1, 9_999)));
}

export function preferenceNote(dice: Dice): string {
  return dice.pick(PREFERENCES);
}

export function pianoNote(dice: Dice): string {
  return dice.pick(PIANO).replace("#", String(dice.between(1, 9_999)));
}

/** More than ten thousand characters, as when a whole e-mail thread is pasted into a note. */
export function longText(dice: Dice): string {
  const paragraphs = [];
  for (let length = 0; length < 10_400;) {
    const paragraph = `${personalNote(dice)} ${preferenceNote(dice)} ${serviceNote(dice)}`;
    paragraphs.push(paragraph);
    length += paragraph.length + 2;
  }
  return paragraphs.join("\n\n");
}

const BY_NAME = [
  "Dampp-Chaser installé sous le clavier.",
  "Dampp-Chaser system OK, all three lights on.",
  "dampp chaser en bon état, 3 lumières vertes.",
  "Vérifié le damp chaser, tout fonctionne.",
  "Installed Piano Life Saver System (2 bars + humidifier).",
  "Piano Life Saver : lumière jaune clignotante à mon arrivée, réservoir vide.",
  "Life saver system checked, low water light works.",
  "PLS installé aujourd’hui, client enchanté 🎹",
  "PLS fonctionne bien.",
  "Système d'humidité installé par nous en 2017, fonctionne.",
  "Le système d’humidité maintient le piano bien stable.",
];
const BY_UPKEEP = [
  "Changé les buvards.",
  "Remplacé les 2 buvards, très calcifiés.",
  "Entretien PLS annuel fait.",
  "entretien pls : buvards + nettoyage du réservoir",
  "New pads, cleaned the tank.",
  "Replaced humidifier pads and added pad treatment.",
  "Ajouté Humidtreat dans le réservoir.",
  "Humidtreat + new pads.",
  "Traitement de l'eau ajouté, bouteille laissée à la cliente.",
  "Laissé une bouteille de traitement de l’eau au concierge.",
  "Changé la mèche et la gaine.",
  "Doublure remplacée dans le bac, mèches neuves.",
];
const UNPLUGGED = [
  "PLS débranché à mon arrivée, rebranché.",
  "Dampp-Chaser unplugged again! Plugged it back in and told the janitor.",
  "Système d'humidité éteint, la multiprise était fermée.",
  "Piano life saver déconnecté pendant les travaux, à rebrancher.",
];
const REMOVED = [
  "PLS retiré à la demande du client.",
  "Dampp-Chaser enlevé (trop vieux, ne fonctionne plus).",
  "PLS absent, l’ancien propriétaire l’a gardé.",
  "Système d'humidité enlevé lors du déménagement.",
  "Removed the old Dampp-Chaser, not replaced.",
];
const QUOTED = [
  "Soumission : installation d'un système Dampp-Chaser, 795 $ + tx.",
  "Dampp-Chaser recommandé, le client va y penser.",
  "Recommandé un PLS vu l'humidité basse en hiver.",
  "Proposé un Piano Life Saver; pas pour l'instant.",
  "Quote sent for a Piano Life Saver System (grand, with undercover).",
  "Client would like a quote for PLS, call back in September.",
];
const NOISE = [
  "Call before coming pls.",
  "pls use back door",
  "Surveiller l'humidité.",
  "Humidité très basse ici en janvier, piano descendu de 20 cents.",
  "Client demande facture par courriel pls, merci.",
];
const SERVICE = [
  "Accord La 440.",
  "Accord 442 Hz pour le concert.",
  "Tuned to pitch, slight pitch raise in the treble.",
  "Élévation de hauteur de 12 cents puis accord fin.",
  "Réglé l'échappement et la profondeur d'enfoncement.",
  "Harmonisé les marteaux, médium un peu dur.",
  "Changé la corde de fa#5 (calibre 14½).",
  "Pédale forte grince — lubrifiée.",
  "Fixed sticking D4, swollen bushing.",
  "Chevilles lâches dans les basses, à surveiller.",
  "Nettoyé sous le cadre: 3 crayons et une pièce de 25 ¢.",
  "Vis du pupitre resserrées.",
  "Tout est beau 👍",
  "Piano joué 4 h par jour; usure normale.",
];
const PERSONAL = [
  "Chien gentil mais bruyant (Ti-Loup).",
  "Code d'entrée #. Sonner deux fois.",
  "Stationnement en arrière, demander la vignette.",
  "Prefers English. Husband is a night-shift nurse, no mornings.",
  "Ancienne élève de M. Côté; très gentille ☕",
  "Clé sous le pot de fleurs – l’appeler AVANT.",
  "Attention: 3e étage sans ascenseur.\nNe pas bloquer l’entrée.",
  "Paie toujours comptant.\u2009Reçu #.",
  '\tCopié de l\'ancien fichier : "voir dossier #"',
  "Allergique aux parfums. A/C au sous-sol.",
];
const PREFERENCES = [
  "Le matin seulement.",
  "Mardi ou jeudi, jamais avant 10 h.",
  "Texts only please.",
  "La 442, tempérament égal.",
  "Veut toujours Maïté.",
  "Call the day before.",
  "Avant Noël et à la Saint-Jean-Baptiste.",
  "Courriel en français; facture à l'école.",
];
const PIANO = [
  "Table d'harmonie fendue (2 fissures, stables).",
  "Acheté chez Archambault, garantie jusqu'en 2027.",
  "Marteaux refaits en 2009 par l’atelier.",
  "Plaque n° # à l'intérieur.",
  "Key 37 chipped. Ivories glued 2x.",
  "Housse à remettre après le service!",
  "Touches jaunies; clavier récupéré d'un autre piano.",
  'Bench broken, "please don\'t sit".',
];
