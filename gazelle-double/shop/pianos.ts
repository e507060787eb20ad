import { date, dateTime, diceFor, type Fields, LAST_DAY, momentOf, recordId, type Shop } from "./shop.ts";
import { type Institution, INSTITUTIONAL_PIANOS, institutionOfPiano, INSTITUTIONS } from "./institutions.ts";
import { clientOfPiano } from "./links.ts";
import { blank, tags } from "./clients.ts";
import { plsStory } from "./pls.ts";
import { longText, pianoNote } from "./notes.ts";
import type { Dice } from "./random.ts";

const DAY = 86_400_000;

/** Piano `index` in Gazelle. */
export function piano(shop: Shop, index: number): Fields {
  const dice = diceFor(shop, "piano", index);
  const created = momentOf(index, shop.counts.piano, dice.next());
  const served = LAST_DAY - dice.int(700) * DAY;
  return {
    id: recordId(shop, "piano", index),
    clientId: recordId(shop, "client", clientOfPiano(shop, index)),
    createdAt: dateTime(created),
    updatedAt: dateTime(created + Math.floor(dice.next() * (LAST_DAY - created))),
    ...instrument(dice),
    ...standing(shop, index, dice),
    ...lifeSaver(shop, index, dice),
    notes: dice.chance(0.005) ? longText(dice) : dice.chance(0.4) ? pianoNote(dice) : blank(dice),
    tags: dice.chance(0.09) ? tags(dice, PIANO_TAGS) : [],
    calculatedLastService: dice.chance(0.85) ? date(served) : null,
    calculatedNextService: dice.chance(0.8) ? date(served + 182 * DAY) : null,
    serviceIntervalMonths: dice.pick([6, 6, 12, 4, null]),
    ...RARELY_FILLED,
  };
}

function instrument(dice: Dice): Record<string, unknown> {
  const make = dice.pick(MAKES);
  const isGrand = dice.chance(0.37);
  return {
    make: dice.chance(0.01) ? null : make,
    model: dice.chance(0.75) ? dice.pick(isGrand ? GRANDS : UPRIGHTS) : blank(dice),
    serialNumber: dice.chance(0.8) ? serialNumber(dice) : blank(dice),
    type: dice.chance(0.003) ? "TRANSPOSING_UPRIGHT" : isGrand ? "GRAND" : dice.pick(SMALL_TYPES),
    year: dice.chance(0.7) ? dice.between(1889, 2025) : null,
    size: isGrand && dice.chance(0.6) ? dice.pick(["5'8\"", "6’1”", "170 cm", "9'"]) : null,
    caseColor: dice.pick(["Noir", "Acajou", "Noyer", "ébène", null]),
    caseFinish: dice.pick(["Poli", "Satiné", null]),
    hasIvory: dice.chance(0.06),
  };
}

function serialNumber(dice: Dice): string {
  const digits = String(dice.between(1_042, 6_480_000));
  return dice.chance(0.1) ? `${dice.pick(["J", "F", "G"])} ${digits}` : digits;
}

function standing(shop: Shop, index: number, dice: Dice): Record<string, unknown> {
  const rank = shop.pianoRanks.forward(index);
  if (rank >= INSTITUTIONAL_PIANOS) {
    return { location: dice.chance(0.55) ? dice.pick(LOCATIONS) : blank(dice), status: status(dice, 0.08) };
  }
  const { institution, number } = institutionOfPiano(rank);
  const { rooms } = INSTITUTIONS[institution] as Institution;
  const room = rooms[number % rooms.length] as string;
  return {
    location: /scène|examen|Cinquième/.test(room) ? room : `${room} ${number + 1}`,
    status: status(dice, 0.2),
    useType: dice.pick(["Concert", "Enseignement", "Pratique"]),
  };
}

/** Pianos that are no longer serviced stay in the list as inactive. A few statuses are not in the schema. */
function status(dice: Dice, inactive: number): string {
  const roll = dice.next();
  if (roll < 0.003) return "ON_LOAN";
  if (roll < 0.01) return "TEMPORARY_STORAGE";
  if (roll < 0.02) return "UNDER_RESTORATION";
  return roll < 0.02 + inactive ? "INACTIVE" : "ACTIVE";
}

function lifeSaver(shop: Shop, index: number, dice: Dice): Record<string, unknown> {
  if (plsStory(shop, index) !== "upstream") {
    return {
      damppChaserInstalled: dice.chance(0.7) ? false : null,
      damppChaserHumidistatModel: blank(dice),
      damppChaserMfgDate: null,
    };
  }
  return {
    damppChaserInstalled: true,
    damppChaserHumidistatModel: dice.pick(["H-4", "H-3", "HMD-2", "DC-5-EX"]),
    damppChaserMfgDate: date(LAST_DAY - dice.between(100, 5_000) * DAY),
  };
}

/** `non` hides a piano from an institution's inventory. */
export const PIANO_TAGS = ["non", "Concert", "Accord 442", "Disklavier", "À vendre", "Prêt", "silencieux"];

const MAKES = (
  "Yamaha|Yamaha|Yamaha|Steinway & Sons|Steinway & Sons|Heintzman|Lesage|Willis & Co.|Kawai|C. Bechstein|Baldwin|" +
  "Bösendorfer|Petrof|Pratte|Mason & Risch|Sherlock-Manning|Nordheimer|Fazioli|Young Chang|Samick|Érard|Blüthner|" +
  "Quidoz|Bell|Estonia|Shigeru Kawai|Craig|D. W. Karn|Wm. Knabe & Co.|Pleyel, Wolff & Cie"
).split("|");
const GRANDS = [
  "C3",
  "C7X",
  "B",
  "D",
  "D-274",
  "M",
  "GX-2",
  "RX-3 BLAK",
  "K 200",
  "GC1M",
  "210",
  "« Concert »",
];
const UPRIGHTS = ["U1", "U3", "K-300", "P22", "console", "B3 SG2", "YUS5", "Style 9", "118", "Cabinet Grand"];
const SMALL_TYPES = ["UPRIGHT", "UPRIGHT", "UPRIGHT", "STUDIO", "CONSOLE", "SPINET", "HYBRID", "UNKNOWN"];
const LOCATIONS = (
  "Salon|salon|Sous-sol|2e étage|Living room|Salle familiale|Bureau|Chez la mère de Mme|Basement, left of the stairs|" +
  "Chalet (Sainte-Adèle)|Sanctuaire|Gymnase|Jubé|Local 204|Salle à manger\u00a0| Boudoir|Studio d’enregistrement 🎙️"
).split("|");

const RARELY_FILLED = {
  consignment: false,
  rental: false,
  rentalContractEndsOn: null,
  playerInstalled: false,
  needsRepairOrRebuilding: false,
  totalLoss: false,
  potentialPerformanceLevel: null,
  referenceId: null,
};
