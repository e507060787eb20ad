// The stream of timeline entries: query, record schema, and mapping from fields to columns.

import { z } from "zod";
import type { Timeline } from "./types.ts";
import { connection } from "./lists.ts";
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

// The whole timeline is read each time, because entries are back-dated: a limit on the date would miss some.
const query = `
  query Timeline($first: Int!, $after: String) {
    allTimelineEntries(first: $first, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id type occurredAt summary comment relatedType relatedId
        client { id }
        piano { id }
        user { id }
      }
    }
  }
`;

type Entry = NodeOf<Timeline["allTimelineEntries"]>;

const link = field(z.object({ id: field(reference) }));

const node = z.object(
  {
    id,
    // A plain string, not an enum: a value that Gazelle adds later must not make the record invalid.
    type: field(text),
    occurredAt: field(moment),
    summary: field(text),
    comment: field(text),
    relatedType: field(text),
    relatedId: field(reference),
    client: link,
    piano: link,
    user: link,
  } satisfies Fields<Entry>,
);

const from = at<Entry>;

export const timeline = stream({
  name: "timeline",
  ...connection("allTimelineEntries", query),
  node,
  columns: {
    client_id: from("client.id"),
    piano_id: from("piano.id"),
    invoice_id: related("Invoice"),
    estimate_id: related("Estimate"),
    user_id: from("user.id"),
    occurred_at: from("occurredAt"),
    entry_type: from("type"),
    title: from("summary"),
    description: from("comment"),
  },
});

const types = ["Invoice", "Estimate", "Event"];

/** The id of what the entry is about if that is of this type, else null; undefined if its type is a new one. */
function related(type: string): Column {
  return ({ relatedType, relatedId }) => {
    if (relatedType === type) return relatedId;
    return relatedType === null || types.includes(String(relatedType)) ? null : undefined;
  };
}
