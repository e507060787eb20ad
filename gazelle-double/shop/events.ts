import { dateTime, diceFor, type Fields, LAST_DAY, momentOf, recordId, type Shop } from "./shop.ts";
import { clientOfEvent, pianosOfEvent } from "./links.ts";
import { person, place, street } from "./names.ts";
import { preferenceNote } from "./notes.ts";
import { type Dice, mix } from "./random.ts";

const DAY = 86_400_000;
const QUARTER = 900_000;
/** The calendar runs five months beyond the shop's last day. */
const AHEAD = 150 * DAY;

/** Event `index`; the list is in the order of `start`. */
export function event(shop: Shop, index: number): Fields {
  const dice = diceFor(shop, "event", index);
  const client = clientOfEvent(shop, index);
  const start = startOf(shop, index);
  const created = Math.min(start - dice.between(1, 60) * DAY, LAST_DAY);
  return {
    id: recordId(shop, "event", index),
    clientId: client === null ? null : recordId(shop, "client", client),
    pianoIds: pianosOfEvent(shop, index).map((piano) => recordId(shop, "piano", piano)),
    userId: recordId(shop, "user", dice.int(shop.counts.user - 1)),
    createdById: recordId(shop, "user", 0),
    start: dateTime(start),
    createdAt: dateTime(created),
    updatedAt: dateTime(Math.min(start + DAY, LAST_DAY)),
    status: eventStatus(shop, index),
    ...(client === null ? ofTheTechnician(dice) : appointment(dice)),
    timezone: "America/Montreal",
    buffer: dice.pick([0, 15, 30]),
    confirmedByClient: dice.chance(0.4),
    lifecycleState: null,
  };
}

function startOf(shop: Shop, index: number): number {
  const moment = momentOf(index, shop.counts.event, mix(shop.seed ^ 0x3a7e, index) / 4_294_967_296) + AHEAD;
  return moment - (moment % QUARTER);
}

/** Only the status, which every list of events needs, without making the event. One status is not in the schema. */
export function eventStatus(shop: Shop, index: number): string {
  const roll = mix(shop.seed ^ 0x57a7, index) / 4_294_967_296;
  if (roll < 0.002) return "RESCHEDULED_BY_CLIENT";
  if (roll < 0.07) return "CANCELED";
  if (startOf(shop, index) > LAST_DAY) return "ACTIVE";
  return roll < 0.09 ? "NO_SHOW" : roll < 0.12 ? "ACTIVE" : "COMPLETE";
}

function appointment(dice: Dice): Record<string, unknown> {
  const { lastName } = person(dice);
  return {
    type: "APPOINTMENT",
    title: dice.chance(0.9)
      ? `${dice.pick(["Accord", "Tuning", "Réglage", "Entretien"])} – ${lastName}`
      : null,
    duration: dice.pick([60, 75, 90, 120, 180]),
    isAllDay: false,
    notes: dice.chance(0.3) ? preferenceNote(dice) : dice.pick([null, ""]),
    travelMode: dice.pick(["DRIVING", "DRIVING", "BICYCLING", "TRANSIT", null]),
    addressLine: `${street(dice)}, ${place(dice).municipality}`,
    source: dice.pick(["MANUAL", "SELF_SCHEDULER", null]),
  };
}

function ofTheTechnician(dice: Dice): Record<string, unknown> {
  const isAllDay = dice.chance(0.5);
  return {
    type: dice.pick(["PERSONAL", "MEMO", "SYNCED"]),
    title: dice.pick(["Congé", "Dentiste", "Formation – Yamaha", "Vacances 🏝️", "Rencontre d'équipe", ""]),
    duration: isAllDay ? 1_440 : 60,
    isAllDay,
    notes: null,
    travelMode: null,
    addressLine: null,
    source: null,
  };
}
