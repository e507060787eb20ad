// The stream of appointments, which Gazelle calls events: query, record schema, and mapping from fields to columns.

import { z } from "zod";
import type { Appointments } from "./types.ts";
import { connection } from "./lists.ts";
import { inTurn } from "../sync/lists-in-turn.ts";
import {
  at,
  type Column,
  field,
  type Fields,
  id,
  moment,
  type NodeOf,
  reference,
  text,
} from "../sync/records.ts";
import { stream } from "./source.ts";

const query = `
  query Appointments($first: Int!, $after: String, $filters: PrivateAllEventsFilter) {
    allEventsBatched(first: $first, after: $after, filters: $filters, sortBy: [START_ASC]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id title start duration status type isAllDay travelMode addressLine notes createdAt updatedAt
        client { id }
        user { id }
        allEventPianos(first: 1) { nodes { piano { id } } }
      }
    }
  }
`;

type Event = NodeOf<Appointments["allEventsBatched"]>;

const link = field(z.object({ id: field(reference) }));

const node = z.object(
  {
    id,
    title: field(text),
    start: field(moment),
    duration: field(z.int32()),
    // Plain strings, not enums: a value that Gazelle adds later must not make the record invalid.
    status: field(text),
    type: field(text),
    isAllDay: field(z.boolean()),
    travelMode: field(text),
    addressLine: field(text),
    notes: field(text),
    createdAt: field(moment),
    updatedAt: field(moment),
    client: link,
    user: link,
    allEventPianos: field(z.object({ nodes: field(z.array(z.object({ piano: link }).nullable())) })),
  } satisfies Fields<Event>,
);

// Without a filter Gazelle may hide appointments that were called off, and a filter would miss statuses that are new.
// So the list is read without a filter, leaving out these statuses, and then once more with a filter for them.
const calledOff = ["CANCELED", "NO_SHOW"];

const from = at<Event>;

export const appointments = stream({
  name: "appointments",
  queries: [query],
  read: inTurn([
    {
      ...connection("allEventsBatched", query),
      keeps: (event) => !calledOff.includes(String(at<Event>("status")(event))),
    },
    connection("allEventsBatched", query, { filters: { status: calledOff } }),
  ]),
  node,
  columns: {
    client_external_id: from("client.id"),
    piano_external_id: firstPiano,
    title: from("title"),
    appointment_date: atTheShop(0),
    appointment_time: atTheShop(1),
    start_datetime: from("start"),
    duration_minutes: from("duration"),
    status: from("status"),
    technicien: from("user.id"),
    location: from("addressLine"),
    notes: from("notes"),
    travel_mode: from("travelMode"),
    event_type: from("type"),
    is_all_day: from("isAllDay"),
    created_at: from("createdAt"),
    updated_at: from("updatedAt"),
  },
});

const shop = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "America/Montreal",
  dateStyle: "short",
  timeStyle: "medium",
});

/** The day (0) or the time (1) at which it starts, in the time zone of the shop. */
function atTheShop(part: 0 | 1): Column {
  return ({ start }) => {
    if (typeof start !== "string") return start;
    // The formatter writes years before 1000 without leading zeros: 1-01-01 07:30:00.
    return shop.format(new Date(start)).padStart("0001-01-01 07:30:00".length, "0").split(" ")[part];
  };
}

/**
 * The table has one piano per appointment, so the first one is taken: null if there is none, undefined if the list is
 * unknown.
 */
function firstPiano(event: Record<string, unknown>): ReturnType<Column> {
  const pianos = from("allEventPianos.nodes")(event);
  if (!Array.isArray(pianos)) return pianos;
  return pianos.length === 0 ? null : at<{ piano: { id: string } }>("piano.id")(pianos[0]);
}
