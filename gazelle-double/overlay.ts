import { type Fields, type Kind, KINDS, newId, recordId, recordIndex, type Shop } from "./shop/shop.ts";
import { GENERATORS } from "./shop/records.ts";
import {
  contactsOfClient,
  entriesOfClient,
  entriesOfPiano,
  eventsOfClient,
  pianosOfClient,
} from "./shop/links.ts";

/** The changes since the shop was made. They are few, and are laid over the pure functions that make its records. */
export interface Overlay {
  readonly shop: Shop;
  version: number;
  readonly kinds: Record<Kind, Changes>;
}

interface Changes {
  /** The order of the list after a removal or an insertion. Null as long as it is 0..n-1. */
  order: Int32Array | null;
  readonly edits: Map<number, Record<string, unknown>>;
  readonly removed: Set<number>;
  readonly added: Fields[];
}

/** A list of records, by their indexes in the shop. */
export interface View {
  readonly length: number;
  at(position: number): number;
}

export function createOverlay(shop: Shop): Overlay {
  return { shop, version: 0, kinds: noChanges() };
}

export function resetOverlay(overlay: Overlay): void {
  Object.assign(overlay.kinds, noChanges());
  overlay.version++;
}

function noChanges(): Record<Kind, Changes> {
  const none = (): Changes => ({ order: null, edits: new Map(), removed: new Set(), added: [] });
  return Object.fromEntries(KINDS.map((kind) => [kind, none()])) as Record<Kind, Changes>;
}

export function listOf(overlay: Overlay, kind: Kind): View {
  const { order } = overlay.kinds[kind];
  return order ? arrayView(order) : rangeView(overlay.shop.counts[kind]);
}

export function rangeView(length: number): View {
  return { length, at: (position) => position };
}

export function arrayView(places: ArrayLike<number>): View {
  return { length: places.length, at: (position) => places[position] as number };
}

export function isUntouched(overlay: Overlay, kind: Kind): boolean {
  return overlay.kinds[kind].order === null && overlay.kinds[kind].edits.size === 0;
}

export function recordAt(overlay: Overlay, kind: Kind, index: number): Fields {
  const { edits, added } = overlay.kinds[kind];
  const count = overlay.shop.counts[kind];
  const record = index < count ? GENERATORS[kind](overlay.shop, index) : added[index - count] as Fields;
  const edit = edits.get(index);
  return edit ? { ...record, ...edit } : record;
}

export function indexOfId(overlay: Overlay, kind: Kind, id: string): number | null {
  const { removed, added } = overlay.kinds[kind];
  const later = added.findIndex((record) => record.id === id);
  const index = later >= 0 ? overlay.shop.counts[kind] + later : recordIndex(overlay.shop, kind, id);
  return index === null || removed.has(index) ? null : index;
}

export function findRecord(overlay: Overlay, kind: Kind, id: unknown): Fields | null {
  const index = typeof id === "string" ? indexOfId(overlay, kind, id) : null;
  return index === null ? null : recordAt(overlay, kind, index);
}

/** The indexes of the records of a kind that belong to a client (field `clientId`), with moved and new ones. */
export function ofClient(overlay: Overlay, kind: Kind, clientId: string): number[] {
  const inverse = CLIENT_LINKS[kind];
  const client = recordIndex(overlay.shop, "client", clientId);
  const base = client === null || !inverse ? [] : inverse(overlay.shop, client);
  return stillTrue(overlay, kind, base, (record) => record.clientId === clientId);
}

export function entriesOf(overlay: Overlay, pianoId: string): number[] {
  const piano = recordIndex(overlay.shop, "piano", pianoId);
  const base = piano === null ? [] : entriesOfPiano(overlay.shop, piano);
  return stillTrue(overlay, "timelineEntry", base, (record) => record.pianoId === pianoId);
}

const CLIENT_LINKS: Partial<Record<Kind, (shop: Shop, client: number) => number[]>> = {
  piano: pianosOfClient,
  contact: contactsOfClient,
  event: eventsOfClient,
  timelineEntry: entriesOfClient,
};

function stillTrue(
  overlay: Overlay,
  kind: Kind,
  base: number[],
  belongs: (record: Fields) => boolean,
): number[] {
  const { edits, removed, added } = overlay.kinds[kind];
  if (edits.size + removed.size + added.length === 0) return base;
  const count = overlay.shop.counts[kind];
  const places = new Set([...base, ...edits.keys(), ...added.map((_, k) => count + k)]);
  return [...places].filter((index) => !removed.has(index) && belongs(recordAt(overlay, kind, index)));
}

export function editRecord(
  overlay: Overlay,
  kind: Kind,
  index: number,
  fields: Record<string, unknown>,
): void {
  const { edits } = overlay.kinds[kind];
  edits.set(index, { ...edits.get(index), ...fields });
  overlay.version++;
}

export function removeRecords(overlay: Overlay, kind: Kind, indexes: readonly number[]): void {
  if (indexes.length === 0) return;
  const changes = overlay.kinds[kind];
  for (const index of indexes) changes.removed.add(index);
  changes.order = orderOf(overlay, kind).filter((index) => !changes.removed.has(index));
  overlay.version++;
}

export function insertRecord(
  overlay: Overlay,
  kind: Kind,
  fields: Record<string, unknown>,
  at: "start" | "end",
): Fields {
  const changes = overlay.kinds[kind];
  const record = { ...fields, id: newId(overlay.shop, kind, changes.added.length) };
  const order = orderOf(overlay, kind);
  const place = overlay.shop.counts[kind] + changes.added.push(record) - 1;
  const longer = new Int32Array(order.length + 1);
  longer.set(order, at === "start" ? 1 : 0);
  longer[at === "start" ? 0 : order.length] = place;
  changes.order = longer;
  overlay.version++;
  return record;
}

function orderOf(overlay: Overlay, kind: Kind): Int32Array {
  return overlay.kinds[kind].order ?? Int32Array.from({ length: overlay.shop.counts[kind] }, (_, k) => k);
}

/** With a client, Gazelle deletes all that belongs to it, also its pianos and their history. */
export function deleteRecord(overlay: Overlay, kind: Kind, index: number): void {
  const { id } = recordAt(overlay, kind, index);
  if (kind === "client") {
    for (const linked of LINKED) removeRecords(overlay, linked, ofClient(overlay, linked, id));
  }
  removeRecords(overlay, kind, [index]);
}

/** Merges two records: one is deleted, and what belonged to it belongs to the other. */
export function mergeRecords(overlay: Overlay, kind: "client" | "piano", from: number, into: number): void {
  const [sender, receiver] = [recordAt(overlay, kind, from).id, recordAt(overlay, kind, into).id];
  if (kind === "piano") {
    for (const entry of entriesOf(overlay, sender)) {
      editRecord(overlay, "timelineEntry", entry, { pianoId: receiver });
    }
  } else {
    for (const linked of LINKED) {
      const moved = linked === "contact" ? { clientId: receiver, isDefault: false } : { clientId: receiver };
      for (const place of ofClient(overlay, linked, sender)) editRecord(overlay, linked, place, moved);
    }
  }
  removeRecords(overlay, kind, [from]);
}

const LINKED = ["piano", "contact", "event", "timelineEntry"] as const;

export function idAt(overlay: Overlay, kind: Kind, index: number): string {
  const count = overlay.shop.counts[kind];
  return index < count
    ? recordId(overlay.shop, kind, index)
    : (overlay.kinds[kind].added[index - count] as Fields).id;
}
