import { type Dice, dice, mix, type Permutation, permutation } from "./random.ts";
import { decliningSizes, type Tiers, tiers } from "./tiers.ts";
import { idOf, numberOf } from "./ids.ts";
import { INSTITUTIONAL_PIANOS, INSTITUTIONS } from "./institutions.ts";

export const KINDS = ["client", "piano", "contact", "user", "event", "timelineEntry"] as const;
export type Kind = (typeof KINDS)[number];

/** A record in Gazelle: the scalar fields of the schema, and links to other records by id. */
export type Fields = { id: string; [field: string]: unknown };

/**
 * The shop is a set of pure functions: record `i` of a kind depends on seed, scale and `i` alone. Nothing is stored,
 * so a shop of a hundredfold size needs no more memory, and each link can be followed in both directions.
 */
export interface Shop {
  readonly seed: number;
  readonly scale: number;
  readonly counts: Readonly<Record<Kind, number>>;
  readonly clientRanks: Permutation;
  readonly pianoRanks: Permutation;
  readonly plsRanks: Permutation;
  readonly timelineSlots: Permutation;
  readonly eventSlots: Permutation;
  readonly pianosByClient: Tiers;
  readonly contactsByClient: Tiers;
  readonly eventsByClient: Tiers;
  readonly entriesByPiano: Tiers;
  readonly entriesByClient: Tiers;
}

export function createShop({ seed = 1, scale = 1 }: { seed?: number; scale?: number } = {}): Shop {
  if (!(scale >= 0.2 && scale <= 1_000)) throw new RangeError(`Scale ${scale} is out of range: 0.2 to 1000.`);
  const times = (count: number) => Math.round(count * scale);
  const clients = times(1_344);
  const pianos = times(1_031);
  const ofPianos = times(17_000);
  const ofClients = times(23_869) - ofPianos;
  const dealt = pianos - INSTITUTIONAL_PIANOS;
  const [firsts, seconds] = [Math.round(dealt * 0.8), Math.round(dealt * 0.16)];
  const contactSizes = [clients, times(361), times(83)];
  const eventSizes = decliningSizes(times(6_204), clients);
  const salt = (k: number) => mix(seed, 0x5a17 + k);
  const withClient = times(6_204);
  return {
    seed,
    scale,
    counts: {
      client: clients,
      piano: pianos,
      contact: contactSizes.reduce((sum, size) => sum + size),
      user: 7,
      event: withClient + times(412),
      timelineEntry: ofPianos + ofClients,
    },
    clientRanks: permutation(clients, salt(0)),
    pianoRanks: permutation(pianos, salt(1)),
    plsRanks: permutation(pianos, salt(2)),
    timelineSlots: permutation(ofPianos + ofClients, salt(3)),
    eventSlots: permutation(withClient + times(412), salt(4)),
    pianosByClient: tiers(
      [firsts, seconds, dealt - firsts - seconds],
      clients - INSTITUTIONS.length,
      salt(5),
    ),
    contactsByClient: tiers(contactSizes, clients, salt(6)),
    eventsByClient: tiers(eventSizes, clients, salt(7)),
    entriesByPiano: tiers(decliningSizes(ofPianos, pianos), pianos, salt(8)),
    entriesByClient: tiers(decliningSizes(ofClients, clients), clients, salt(9)),
  };
}

const PREFIXES: Readonly<Record<Kind, string>> = {
  client: "cli",
  piano: "ins",
  contact: "con",
  user: "usr",
  event: "evt",
  timelineEntry: "tme",
};

export function recordId(shop: Shop, kind: Kind, index: number): string {
  const institution = kind === "client" ? INSTITUTIONS[shop.clientRanks.forward(index)] : undefined;
  return institution?.id ?? idOf(PREFIXES[kind], salt(shop, kind), index);
}

/** The index of the record with this id, or null if the shop has none. */
export function recordIndex(shop: Shop, kind: Kind, id: string): number | null {
  const rank = kind === "client" ? INSTITUTIONS.findIndex((institution) => institution.id === id) : -1;
  if (rank >= 0) return shop.clientRanks.back(rank);
  const index = numberOf(id, PREFIXES[kind], salt(shop, kind));
  if (index === null || index >= shop.counts[kind]) return null;
  return recordId(shop, kind, index) === id ? index : null;
}

export function kindOfId(id: string): Kind | null {
  return KINDS.find((kind) => id.startsWith(`${PREFIXES[kind]}_`)) ?? null;
}

/** The id for the `k`-th record that is put in later. */
export function newId(shop: Shop, kind: Kind, k: number): string {
  return idOf(PREFIXES[kind], salt(shop, kind), shop.counts[kind] + k);
}

/** Ids of e-mails, phones and invoices, which have no records of their own here. */
export function sideId(shop: Shop, prefix: string, number: number): string {
  return idOf(prefix, mix(shop.seed, prefix.charCodeAt(0) * 31 + prefix.charCodeAt(2)), number);
}

export function diceFor(shop: Shop, kind: Kind, index: number): Dice {
  return dice(mix(salt(shop, kind), index));
}

function salt(shop: Shop, kind: Kind): number {
  return mix(shop.seed, 0xc0de + KINDS.indexOf(kind));
}

const FIRST_DAY = Date.UTC(2014, 2, 3, 13);
/** The evening before the incident: the shop's "now". */
export const LAST_DAY = Date.UTC(2026, 0, 18, 22);

const DAY = 86_400_000;
const OPENING = 13 * 3_600_000;
const WORKING_DAY = 9 / 24;

/**
 * A moment in working hours. It grows with `index` over the life of the shop, so that records are created in the
 * order of their index. `jitter` is in [0, 1).
 */
export function momentOf(index: number, count: number, jitter: number): number {
  const moment = FIRST_DAY + (index + jitter * 0.98) * (LAST_DAY - FIRST_DAY) / count;
  const timeOfDay = moment % DAY;
  return Math.floor(moment - timeOfDay + OPENING + timeOfDay * WORKING_DAY);
}

export function dateTime(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`;
}

export function date(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
