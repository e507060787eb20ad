import { dateTime, diceFor, type Fields, momentOf, recordId, type Shop, sideId } from "./shop.ts";
import { entriesOfPiano, eventsOfClient, ownersOfEntry } from "./links.ts";
import { installedNote, longText, quoteNote, reading, removedNote, serviceNote } from "./notes.ts";
import { person } from "./names.ts";
import { plsStory } from "./pls.ts";
import { type Dice, dice as diceOf, mix } from "./random.ts";

/** Timeline entry `index`. The newest come first. */
export function timelineEntry(shop: Shop, index: number): Fields {
  const { client, piano, tier } = ownersOfEntry(shop, index);
  const dice = diceFor(shop, "timelineEntry", index);
  const count = shop.counts.timelineEntry;
  const type = timelineType(shop, index, piano, tier);
  const users = shop.counts.user;
  return {
    id: recordId(shop, "timelineEntry", index),
    type,
    occurredAt: dateTime(momentOf(count - 1 - index, count, dice.next())),
    clientId: recordId(shop, "client", client),
    pianoId: piano === null ? null : recordId(shop, "piano", piano),
    userId: /AUTOMATED|SYSTEM/.test(type) ? null : recordId(shop, "user", dice.int(users)),
    ...text(dice, type, telling(shop, index, piano, tier)),
    ...related(shop, index, type, client),
  };
}

/** Only the type, which a filter reads of every entry, without making the entry. */
export function timelineType(
  shop: Shop,
  index: number,
  piano: number | null = ownersOfEntry(shop, index).piano,
  tier: number = ownersOfEntry(shop, index).tier,
): string {
  const dice = diceOf(mix(shop.seed ^ 0x7173, index));
  if (piano === null) return dice.chance(0.001) ? "CONTACT_WHATSAPP_MANUAL" : dice.pick(CLIENT_TYPES);
  if (tellsOfSystem(shop, piano, tier)) return dice.pick(SERVICE_TYPES);
  return dice.pick(PIANO_TYPES);
}

/** Every fourth entry of such a piano, beginning with the first, is about the system. */
function tellsOfSystem(shop: Shop, piano: number, tier: number): boolean {
  return tier % 4 === 0 && ["notes", "removed"].includes(plsStory(shop, piano));
}

type Telling = "installed" | "removed" | "quoted" | "nothing";

function telling(shop: Shop, index: number, piano: number | null, tier: number): Telling {
  if (piano === null) return "nothing";
  const story = plsStory(shop, piano);
  if (story === "upstream" && tier % 3 === 1) return "installed";
  if (story === "quoted" && tier % 5 === 0) return "quoted";
  if (!tellsOfSystem(shop, piano, tier)) return "nothing";
  return story === "notes" || !isNewestTelling(shop, index, piano) ? "installed" : "removed";
}

function isNewestTelling(shop: Shop, index: number, piano: number): boolean {
  return entriesOfPiano(shop, piano).find((entry) =>
    tellsOfSystem(shop, piano, ownersOfEntry(shop, entry).tier)
  ) ===
    index;
}

function text(dice: Dice, type: string, telling: Telling): Record<string, unknown> {
  const hasService = (SERVICE_TYPES as readonly string[]).includes(type);
  if (telling === "quoted" && (hasService || type === "ESTIMATE")) {
    return { summary: "", comment: quoteNote(dice) };
  }
  if (!hasService) return { ...elsewhere(dice, type), ...messageStatus(dice, type) };
  const isLong = dice.chance(0.002);
  const comment = telling === "installed"
    ? installedNote(dice)
    : telling === "removed"
    ? removedNote(dice)
    : null;
  if (comment) {
    return dice.chance(0.9) ? { summary: title(dice), comment } : { summary: comment, comment: "" };
  }
  if (type === "PIANO_MEASUREMENT") return { summary: reading(dice), comment: null };
  return { summary: title(dice), comment: isLong ? longText(dice) : serviceNote(dice) };
}

function title(dice: Dice): string | null {
  return dice.pick(["Accord", "Tuning", "Service", "Entretien régulier", "", null]);
}

function elsewhere(dice: Dice, type: string): Record<string, unknown> {
  const number = dice.between(1_000, 29_999);
  if (type === "ESTIMATE" || type === "ESTIMATE_LOG") {
    return { summary: `Soumission #${number}`, comment: dice.chance(0.3) ? quoteNote(dice) : null };
  }
  if (type.startsWith("INVOICE")) {
    return { summary: `Facture #${number} – ${dice.between(95, 940)},00 $`, comment: "" };
  }
  if (type.startsWith("APPOINTMENT")) {
    return { summary: "Rendez-vous", comment: dice.pick([null, "Confirmé ✅"]) };
  }
  if (type.startsWith("CONTACT")) {
    return { summary: dice.pick(SUBJECTS), comment: dice.pick([null, "", "Merci!"]) };
  }
  return { summary: dice.pick(["Rappel planifié", "Fiche modifiée", null]), comment: null };
}

function messageStatus(dice: Dice, type: string): Record<string, unknown> {
  const state = dice.pick(["DELIVERED", "OPENED", "BOUNCED", "SENT", "SUPPRESSED"]);
  if (type.startsWith("CONTACT_SMS")) return { smsStatus: state };
  if (!type.startsWith("CONTACT_EMAIL")) return {};
  const { firstName, lastName } = person(dice);
  return { emailStatus: state, emailRecipientName: `${firstName} ${lastName}` };
}

function related(shop: Shop, index: number, type: string, client: number): Record<string, unknown> {
  if (type.startsWith("INVOICE")) return { relatedType: "Invoice", relatedId: sideId(shop, "inv", index) };
  if (type.startsWith("ESTIMATE")) return { relatedType: "Estimate", relatedId: sideId(shop, "est", index) };
  if (!type.startsWith("APPOINTMENT")) return {};
  const events = eventsOfClient(shop, client);
  const appointment = recordId(shop, "event", events[index % events.length] as number);
  return { appointmentId: appointment, relatedType: "Event", relatedId: appointment };
}

const SERVICE_TYPES = [
  "SERVICE_ENTRY_MANUAL",
  "SERVICE_ENTRY_MANUAL",
  "SERVICE_ENTRY_AUTOMATED",
  "USER_COMMENT",
  "PIANO_MEASUREMENT",
] as const;
const PIANO_TYPES = [
  ...SERVICE_TYPES,
  "SERVICE_ENTRY_MANUAL",
  "SERVICE_ENTRY_AUTOMATED",
  "APPOINTMENT",
  "APPOINTMENT_LOG",
  "INVOICE",
  "ESTIMATE",
];
const CLIENT_TYPES = [
  "CONTACT_EMAIL_AUTOMATED",
  "CONTACT_EMAIL_AUTOMATED",
  "CONTACT_EMAIL_MANUAL",
  "CONTACT_SMS_AUTOMATED",
  "CONTACT_PHONE_MANUAL_TALKED",
  "INVOICE_PAYMENT",
  "INVOICE_LOG",
  "SYSTEM_MESSAGE",
  "SYSTEM_NOTIFICATION",
  "SCHEDULED_MESSAGE_EMAIL",
  "APPOINTMENT",
];
const SUBJECTS = [
  "Rappel : votre piano est dû pour un accord",
  "Appointment reminder",
  "Profitez d'un rabais sur le Piano Life Saver ce mois-ci!",
  "Confirmation de rendez-vous – mardi 9 h",
  "Re: Re: piano de l’école",
  "Laissé message",
];
