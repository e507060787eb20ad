import { dateTime, diceFor, type Fields, LAST_DAY, momentOf, recordId, type Shop } from "./shop.ts";
import { type Institution, INSTITUTIONS } from "./institutions.ts";
import { companyName } from "./names.ts";
import type { Dice } from "./random.ts";
import { longText, personalNote, preferenceNote } from "./notes.ts";

/** Client `index` in Gazelle. Gazelle has no tag for institutions, which people set elsewhere. */
export function client(shop: Shop, index: number): Fields {
  const dice = diceFor(shop, "client", index);
  const created = momentOf(index, shop.counts.client, dice.next());
  const updated = created + Math.floor(dice.next() * (LAST_DAY - created));
  const institution = INSTITUTIONS[shop.clientRanks.forward(index)];
  return {
    id: recordId(shop, "client", index),
    createdAt: dateTime(created),
    updatedAt: dateTime(updated),
    ...(institution ? institutional(institution) : ordinary(dice)),
    region: dice.chance(0.8) ? "QC" : dice.pick([null, "", "Québec"]),
    preferredTechnicianId: dice.chance(0.35) ? recordId(shop, "user", dice.int(shop.counts.user)) : null,
    referredBy: dice.chance(0.12)
      ? dice.pick(["Google", "Bouche à oreille", "Conservatoire", "Ami·e"])
      : null,
    lifecycleState: dice.chance(0.9) ? "active" : null,
    ignoreSafetyChecks: false,
  };
}

function institutional(institution: Institution): Record<string, unknown> {
  return {
    companyName: institution.companyName,
    clientType: "institution",
    status: "ACTIVE",
    tags: [],
    personalNotes: institution.pianos > 0 ? "Passer par la régie. Clés au poste de garde." : null,
    preferenceNotes: institution.pianos > 0 ? "La 440 Hz; jamais pendant les examens." : "",
  };
}

function ordinary(dice: Dice): Record<string, unknown> {
  const status = clientStatus(dice);
  return {
    companyName: dice.chance(0.17) ? companyName(dice) : dice.chance(0.3) ? "" : null,
    clientType: dice.chance(0.5) ? "residential" : null,
    status,
    reasonInactiveCode: status === "INACTIVE" ? "MOVED" : null,
    reasonInactiveDetails: status === "INACTIVE" && dice.chance(0.4) ? "Déménagé à l'extérieur" : null,
    tags: dice.chance(0.11) ? tags(dice, CLIENT_TAGS) : [],
    personalNotes: dice.chance(0.004) ? longText(dice) : dice.chance(0.3) ? personalNote(dice) : blank(dice),
    preferenceNotes: dice.chance(0.2) ? preferenceNote(dice) : blank(dice),
  };
}

/** Two in a thousand have a value that the schema does not list, since Gazelle adds values without notice. */
function clientStatus(dice: Dice): string {
  const roll = dice.next();
  if (roll < 0.002) return "ARCHIVED_BY_OWNER";
  if (roll < 0.14) return "INACTIVE";
  if (roll < 0.18) return "PROSPECT";
  return roll < 0.22 ? "NEW" : "ACTIVE";
}

export function blank(dice: Dice): string | null {
  return dice.chance(0.5) ? null : "";
}

/** One to three different tags, in no order. */
export function tags(dice: Dice, known: readonly string[]): string[] {
  return [...new Set(Array.from({ length: dice.between(1, 3) }, () => dice.pick(known)))];
}

export const CLIENT_TAGS = [
  "VIP",
  "Concert",
  "Professeur",
  "Facture papier",
  "À rappeler",
  "anglais",
  "École",
];
