// The stream of pianos: query, record schema, and mapping from fields to columns.

import { z } from "zod";
import type { Pianos } from "./types.ts";
import { connection } from "./lists.ts";
import { at, field, type Fields, id, moment, type NodeOf, reference, text } from "../sync/records.ts";
import { stream } from "./source.ts";

const query = `
  query Pianos($first: Int!, $after: String) {
    allPianos(first: $first, after: $after, sortBy: [CREATED_AT_ASC]) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id make model serialNumber type year location notes status tags updatedAt
        damppChaserInstalled damppChaserHumidistatModel damppChaserMfgDate
        client { id }
      }
    }
  }
`;

type Piano = NodeOf<Pianos["allPianos"]>;

const node = z.object(
  {
    id,
    client: field(z.object({ id: field(reference) })),
    make: field(text),
    model: field(text),
    serialNumber: field(text),
    // Plain strings, not enums: a value that Gazelle adds later must not make the record invalid.
    type: field(text),
    year: field(z.int32()),
    location: field(text),
    notes: field(text),
    status: field(text),
    tags: z.array(text).optional(),
    damppChaserInstalled: field(z.boolean()),
    damppChaserHumidistatModel: field(text),
    damppChaserMfgDate: field(z.iso.date()),
    updatedAt: field(moment),
  } satisfies Fields<Piano>,
);

const from = at<Piano>;

export const pianos = stream({
  name: "pianos",
  ...connection("allPianos", query),
  node,
  columns: {
    client_external_id: from("client.id"),
    make: from("make"),
    model: from("model"),
    serial_number: from("serialNumber"),
    type: from("type"),
    year: from("year"),
    location: from("location"),
    notes: from("notes"),
    status: from("status"),
    tags: from("tags"),
    dampp_chaser_installed: from("damppChaserInstalled"),
    dampp_chaser_humidistat_model: from("damppChaserHumidistatModel"),
    dampp_chaser_mfg_date: from("damppChaserMfgDate"),
    updated_at: from("updatedAt"),
  },
});
