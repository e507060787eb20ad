import { getNullableType, type GraphQLSchema, isLeafType, isListType, isObjectType } from "graphql";
import type { Fault } from "./orders.ts";
import { type Kind, kindOfId } from "./shop/shop.ts";
import {
  deleteRecord,
  editRecord,
  indexOfId,
  insertRecord,
  listOf,
  mergeRecords,
  type Overlay,
} from "./overlay.ts";
import type { Refusal } from "./refusal.ts";

export type Change = Extract<Fault, { kind: "shift" | "edit" | "delete" | "merge" | "insert" }>;

export function isChange(fault: Fault): fault is Change {
  return ["shift", "edit", "delete", "merge", "insert"].includes(fault.kind);
}

/** Makes the change that is ordered. Returns the id of a record that is put in. */
export function applyChange(overlay: Overlay, change: Change): string | null {
  if (checkChange(overlay, change)) return null;
  if (change.kind === "shift") return shift(overlay, KIND_OF_LIST[change.field], change.change);
  if (change.kind === "insert") return insert(overlay, change.record, change);
  if (change.kind === "delete") deleteRecord(overlay, ...placeOf(overlay, change.id));
  if (change.kind === "edit") {
    editRecord(overlay, ...placeOf(overlay, change.id), { updatedAt: AFTER_ALL, ...change.fields });
  }
  if (change.kind === "merge") {
    const [kind, from] = placeOf(overlay, change.from);
    mergeRecords(overlay, kind as "client" | "piano", from, placeOf(overlay, change.into)[1]);
  }
  return null;
}

function shift(overlay: Overlay, kind: Kind, change: "insert" | "remove"): string | null {
  if (change === "insert") return insert(overlay, kind, { fields: {}, at: "start" });
  deleteRecord(overlay, kind, listOf(overlay, kind).at(0));
  return null;
}

function insert(overlay: Overlay, kind: Kind, birth: Birth): string {
  return insertRecord(overlay, kind, newborn(kind, birth), birth.at).id;
}

interface Birth {
  fields: Record<string, unknown>;
  at: "start" | "end";
}

/** What makes a change impossible. With the schema, unknown fields are found too. */
export function checkChange(overlay: Overlay, change: Change, schema?: GraphQLSchema): Refusal | null {
  const ids = change.kind === "merge" ? [change.from, change.into] : "id" in change ? [change.id] : [];
  for (const id of ids) {
    const kind = kindOfId(id);
    if (kind === null || indexOfId(overlay, kind, id) === null) {
      return refusal(`The shop has no record ${id}.`, "Name a record that a query gives.");
    }
  }
  if (change.kind === "merge" && !isMergeable(change.from, change.into)) {
    return refusal(
      `${change.from} cannot be merged into ${change.into}.`,
      "Merge a client into another client, or a piano into another piano.",
    );
  }
  if (!schema || (change.kind !== "edit" && change.kind !== "insert")) return null;
  return checkFields(
    schema,
    change.kind === "edit" ? kindOfId(change.id) as Kind : change.record,
    change.fields,
  );
}

function isMergeable(from: string, into: string): boolean {
  const kind = kindOfId(from);
  return from !== into && kind === kindOfId(into) && (kind === "client" || kind === "piano");
}

function checkFields(schema: GraphQLSchema, kind: Kind, fields: Record<string, unknown>): Refusal | null {
  const allowed = fieldsOf(schema, kind);
  const unknown = Object.keys(fields).filter((name) => !allowed.includes(name));
  if (unknown.length === 0) return null;
  return refusal(`A ${kind} has no field ${unknown.join(", ")}.`, `Fields are ${allowed.join(", ")}.`);
}

/** The plain fields of the kind's type, and the links that the double keeps by id. */
function fieldsOf(schema: GraphQLSchema, kind: Kind): string[] {
  const type = schema.getType(`Private${kind.charAt(0).toUpperCase()}${kind.slice(1)}`);
  if (!isObjectType(type)) return [];
  const plain = Object.values(type.getFields()).filter(({ type }) => {
    const nullable = getNullableType(type);
    return isLeafType(isListType(nullable) ? getNullableType(nullable.ofType) : nullable);
  });
  return [...plain.map(({ name }) => name).filter((name) => name !== "id"), ...LINKS[kind]];
}

const LINKS: Readonly<Record<Kind, readonly string[]>> = {
  client: [],
  piano: ["clientId"],
  contact: ["clientId", "email", "phoneNumber", "street1", "street2", "municipality", "postalCode"],
  user: [],
  event: ["clientId", "userId", "pianoIds"],
  timelineEntry: ["clientId", "pianoId", "userId"],
};

const KIND_OF_LIST = {
  allClients: "client",
  allPianos: "piano",
  allEventsBatched: "event",
  allTimelineEntries: "timelineEntry",
} as const;

const BEFORE_ALL = "2014-03-01T13:00:00Z";
const AFTER_ALL = "2026-07-01T13:00:00Z";

/** A record that is put in later. Its dates fit its place in the list; the timeline begins with the newest entry. */
function newborn(kind: Kind, { fields, at }: Birth): Record<string, unknown> {
  const moment = (at === "start") !== (kind === "timelineEntry") ? BEFORE_ALL : AFTER_ALL;
  return { createdAt: moment, updatedAt: moment, ...NEWBORN[kind](moment), ...fields };
}

const NEWBORN: Readonly<Record<Kind, (moment: string) => Record<string, unknown>>> = {
  client: () => ({ companyName: "Nouvelle cliente inc.", status: "NEW", tags: [] }),
  piano: () => ({ clientId: null, make: "Yamaha", status: "ACTIVE", type: "UPRIGHT", tags: [] }),
  contact: () => ({
    clientId: null,
    firstName: "Nouvelle",
    lastName: "Cliente",
    archived: false,
    isDefault: true,
  }),
  user: () => ({
    firstName: "Nouveau",
    lastName: "Technicien",
    email: "nouveau@accord.example",
    status: "ACTIVE",
  }),
  event: (moment) => ({ start: moment, status: "ACTIVE", type: "APPOINTMENT", duration: 90, pianoIds: [] }),
  timelineEntry: (moment) => ({ occurredAt: moment, type: "USER_COMMENT", comment: "Nouvelle entrée" }),
};

function placeOf(overlay: Overlay, id: string): [Kind, number] {
  const kind = kindOfId(id) as Kind;
  return [kind, indexOfId(overlay, kind, id) as number];
}

function refusal(message: string, hint: string): Refusal {
  return { code: "invalid_order", message, details: "", hint };
}
