import type { Fields, Kind } from "./shop/shop.ts";
import { ofClient, type Overlay, recordAt } from "./overlay.ts";

/** A record to be filtered. It is made only if a filter reads it. */
export interface Candidate {
  record(): Fields;
  /** The value of a field, if possible without making the record. */
  read(field: string): unknown;
}

export type Test = (candidate: Candidate) => boolean;
type Filter = (value: unknown, overlay: Overlay) => Test;

const TAGS: Record<string, Filter> = {
  anyTags: (wanted) => ({ record }) => list(wanted).some((tag) => list(record().tags).includes(tag)),
  allTags: (wanted) => ({ record }) => list(wanted).every((tag) => list(record().tags).includes(tag)),
  excludeTags: (unwanted) => ({ record }) => !list(unwanted).some((tag) => list(record().tags).includes(tag)),
};

const CREATED: Record<string, Filter> = {
  createdGet: (day) => ({ record }) => dayInMontreal(record().createdAt) >= String(day),
  createdLet: (day) => ({ record }) => dayInMontreal(record().createdAt) <= String(day),
};

/** The filters that the double implements, by kind. */
export const FILTERS: Readonly<Record<Kind, Record<string, Filter>>> = {
  client: {
    ...TAGS,
    ...CREATED,
    status: oneOf("status"),
    clientType: oneOf("clientType"),
    region: oneOf("region"),
    search: (words, overlay) => ({ record }) => holds(clientText(overlay, record()), words),
  },
  piano: {
    ...TAGS,
    ...CREATED,
    clientId: equal("clientId"),
    excludePianoIds: (ids) => ({ record }) => !list(ids).includes(record().id),
    status: oneOf("status"),
    type: oneOf("type"),
    make: oneOf("make"),
    serialNumber: oneOf("serialNumber"),
    hasPianoLifeSaverInstalled: (wanted) => ({ record }) =>
      (record().damppChaserInstalled === true) === wanted,
    search: (words) => ({ record }) => holds(pianoText(record()), words),
  },
  event: {
    clientId: oneOf("clientId"),
    userId: oneOf("userId"),
    pianoId: (ids) => ({ record }) => list(ids).some((id) => list(record().pianoIds).includes(id)),
    type: oneOf("type"),
    status: oneOf("status"),
    dateGet: (day) => ({ record }) => dayInMontreal(record().start) >= String(day),
    dateLet: (day) => ({ record }) => dayInMontreal(record().start) <= String(day),
  },
  timelineEntry: {
    clientId: equal("clientId"),
    pianoId: equal("pianoId"),
    types: oneOf("type"),
    occurredAtGet: (moment) => ({ record }) =>
      Date.parse(String(record().occurredAt)) >= Date.parse(String(moment)),
  },
  contact: {
    clientId: equal("clientId"),
    includeArchived: (included) => ({ record }) => included === true || record().archived !== true,
  },
  user: {},
};

/** Without a filter on the status, cancelled events are hidden. */
export const isNotCanceled: Test = ({ read }) => read("status") !== "CANCELED";

/** A technician sees some of the clients, and of other records only those of these clients. */
export function isVisible(share: number): Test {
  return ({ record }) => sees(share, record());
}

export function sees(share: number, record: Fields): boolean {
  return shareOf(String(record.clientId ?? record.id)) < share;
}

function shareOf(id: string): number {
  let hash = 2_166_136_261;
  for (let k = 0; k < id.length; k++) hash = Math.imul(hash ^ id.charCodeAt(k), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 4_294_967_296;
}

function oneOf(field: string): Filter {
  return (values) => ({ read }) => list(values).includes(read(field));
}

function equal(field: string): Filter {
  return (value) => ({ read }) => read(field) === value;
}

/** GraphQL accepts a single value instead of a list of one. */
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function holds(text: string, words: unknown): boolean {
  return String(words).toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function clientText(overlay: Overlay, client: Fields): string {
  const contacts = ofClient(overlay, "contact", client.id).map((place) =>
    recordAt(overlay, "contact", place)
  );
  const names = contacts.flatMap(({ firstName, lastName, email }) => [firstName, lastName, email]);
  return [client.companyName, ...names].filter(Boolean).join(" ").toLowerCase();
}

export function pianoText(piano: Fields): string {
  return [piano.make, piano.model, piano.serialNumber, piano.location].filter(Boolean).join(" ")
    .toLowerCase();
}

const montreal = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Montreal", dateStyle: "short" });

/** The calendar day in the shop's time zone. */
function dayInMontreal(moment: unknown): string {
  return montreal.format(new Date(String(moment)));
}
