// The stream of timeline entries: what is asked, what a record looks like, which column each field lands in.

import { z } from "zod";
import type { Timeline } from "./types.ts";
import { connection } from "./lists.ts";
import { at, type Column, field, type Fields, moment, type NodeOf, text } from "../sync/records.ts";
import { stream } from "./source.ts";

// All of it every time: entries are back-dated, so a window on the date would miss some.
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

const link = field(z.object({ id: field(text) }));

const node = z.object(
  {
    id: text.min(1),
    // Values that nobody knew are data: the type stays a string.
    type: field(text),
    occurredAt: field(moment),
    summary: field(text),
    comment: field(text),
    relatedType: field(text),
    relatedId: field(text),
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

const known = ["Invoice", "Estimate", "Event"];

/** The id of what the entry is about, where that is of this type. Of a type nobody knew: no opinion. */
function related(type: string): Column {
  return ({ relatedType, relatedId }) => {
    if (relatedType === type) return relatedId;
    return relatedType === null || known.includes(String(relatedType)) ? null : undefined;
  };
}
