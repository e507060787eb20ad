import type { Fields, Kind } from "./shop/shop.ts";
import { SHORT_CUTS } from "./shop/records.ts";
import { arrayView, entriesOf, isUntouched, listOf, ofClient, rangeView, recordAt } from "./overlay.ts";
import type { Overlay, View } from "./overlay.ts";
import { FILTERS, isNotCanceled, isVisible, type Test } from "./filters.ts";
import { refuse } from "./refusal.ts";

export interface Selection {
  kind: Kind;
  /** The root field, for messages. */
  field: string;
  filters?: Record<string, unknown> | null;
  sortBy?: readonly string[] | null;
  /** The share of the clients that the user of the token may see, from 0 to 1. Null means all. */
  share?: number | null;
}

/** The records that a query asks for, in its order. A list that needs a scan is kept until the shop changes. */
export function select(overlay: Overlay, selection: Selection): View {
  const filters = givenFilters(selection);
  const view = filtered(overlay, selection, filters);
  return isDescending(selection) ? { length: view.length, at: (k) => view.at(view.length - 1 - k) } : view;
}

type Given = Record<string, unknown>;

/** The filters that have a value. One that the double does not implement is refused. */
function givenFilters({ kind, field, filters }: Selection): Given {
  const given = Object.entries(filters ?? {}).filter(([, value]) => value !== null && value !== undefined);
  for (const [name] of given) {
    if (name in FILTERS[kind]) continue;
    throw refuse(
      "notImplemented",
      `The double of Gazelle does not implement the filter \`${name}\` of \`${field}\``,
      `Filter by ${Object.keys(FILTERS[kind]).join(", ")}.`,
    );
  }
  return Object.fromEntries(given);
}

function filtered(overlay: Overlay, { kind, share = null }: Selection, given: Given): View {
  const { list, used } = narrowed(overlay, kind, given);
  const tests = Object.keys(given).filter((name) => name !== used)
    .map((name) => (FILTERS[kind][name] as (value: unknown, overlay: Overlay) => Test)(given[name], overlay));
  if (kind === "event" && given.status === undefined) tests.push(isNotCanceled);
  if (share !== null) tests.push(isVisible(share));
  if (tests.length === 0) return list;
  return remembered(overlay, JSON.stringify([kind, given, share]), () => scan(overlay, kind, list, tests));
}

function scan(overlay: Overlay, kind: Kind, list: View, tests: readonly Test[]): View {
  const places: number[] = [];
  const shortCuts = isUntouched(overlay, kind) ? SHORT_CUTS[kind] ?? {} : {};
  for (let position = 0; position < list.length; position++) {
    const index = list.at(position);
    let made: Fields | undefined;
    const record = () => made ??= recordAt(overlay, kind, index);
    const read = (field: string) => shortCuts[field]?.(overlay.shop, index) ?? record()[field];
    if (tests.every((test) => test({ record, read }))) places.push(index);
  }
  return arrayView(Int32Array.from(places));
}

/** A filter on a link or a date can lead straight to the records, without a scan of the whole list. */
function narrowed(overlay: Overlay, kind: Kind, given: Given): { list: View; used?: string } {
  if (kind === "timelineEntry" && given.pianoId) {
    return { list: arrayView(entriesOf(overlay, String(given.pianoId))), used: "pianoId" };
  }
  if (kind !== "event" && given.clientId) {
    return { list: arrayView(ofClient(overlay, kind, String(given.clientId))), used: "clientId" };
  }
  if (given.occurredAtGet && isUntouched(overlay, "timelineEntry")) {
    return { list: rangeView(newerThan(overlay, String(given.occurredAtGet))), used: "occurredAtGet" };
  }
  return { list: listOf(overlay, kind) };
}

/** How many entries are not older than the moment. The newest come first. */
function newerThan(overlay: Overlay, moment: string): number {
  const bound = Date.parse(moment);
  let [low, high] = [0, overlay.shop.counts.timelineEntry];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = recordAt(overlay, "timelineEntry", middle);
    if (Date.parse(String(entry.occurredAt)) >= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

const ORDERS: Partial<Record<Kind, string>> = { client: "CREATED_AT", piano: "CREATED_AT", event: "START" };

/** Lists are in the order of creation, events in the order of their start. Other orders are refused. */
function isDescending({ kind, field, sortBy }: Selection): boolean {
  if (!sortBy || sortBy.length === 0) return false;
  const order = ORDERS[kind];
  if (sortBy.length === 1 && sortBy[0] === `${order}_ASC`) return false;
  if (sortBy.length === 1 && sortBy[0] === `${order}_DESC`) return true;
  throw refuse(
    "notImplemented",
    `The double of Gazelle does not implement \`sortBy: [${sortBy.join(", ")}]\` of \`${field}\``,
    `Sort by [${order}_ASC] or [${order}_DESC].`,
  );
}

const REMEMBERED = 12;
const memories = new WeakMap<Overlay, { version: number; views: Map<string, View> }>();

function remembered(overlay: Overlay, key: string, make: () => View): View {
  let memory = memories.get(overlay);
  if (memory?.version !== overlay.version) {
    memory = { version: overlay.version, views: new Map() };
    memories.set(overlay, memory);
  }
  const known = memory.views.get(key);
  if (known) return known;
  if (memory.views.size >= REMEMBERED) memory.views.delete(memory.views.keys().next().value as string);
  const view = make();
  memory.views.set(key, view);
  return view;
}
