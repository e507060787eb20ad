// Reads several lists one after another as if they were one. The lists must not overlap, so each may leave out the
// nodes that belong to another.

import { z } from "zod";
import type { FieldError, Page } from "./page.ts";
import type { Readable } from "./source.ts";

export type Part<Client> = {
  read: Readable<Client>["read"];
  /** Whether a node belongs to this part. All of them do if this is not given. */
  keeps?: (node: Record<string, unknown>) => boolean;
};

/** Where the next page begins. The run keeps it as JSON in its cursor. */
const position = z.object({
  part: z.int().nonnegative(),
  after: z.string().nullable(),
  /** How many records the parts before this one have. */
  before: z.int(),
  /** The largest count that the source gave for this part, and how many of its nodes were left out. */
  counted: z.int(),
  leftOut: z.int(),
});

type Position = z.infer<typeof position>;

const start: Position = { part: 0, after: null, before: 0, counted: 0, leftOut: 0 };

export function inTurn<Client>(parts: Part<Client>[]): Readable<Client>["read"] {
  return async (client, first, after) => {
    const at = after === null ? start : position.parse(JSON.parse(after));
    const { read, keeps = () => true } = parts[at.part]!;
    const page = await read(client, first, at.after);
    const kept = pick(page, keeps);
    const counted = Math.max(at.counted, page.totalCount);
    const leftOut = at.leftOut + page.nodes.length - kept.nodes.length;
    // A list that goes on and on leaves out more than it has.
    const totalCount = at.before + Math.max(0, counted - leftOut);
    const next = page.isLast
      ? { ...start, part: at.part + 1, before: totalCount }
      : { ...at, after: page.endCursor, counted, leftOut };
    return { ...kept, totalCount, endCursor: JSON.stringify(next), isLast: next.part === parts.length };
  };
}

/**
 * The nodes that are kept, with their errors at their new indexes. A node that is not an object is kept, to be
 * rejected.
 */
function pick({ nodes, errors }: Page, keeps: NonNullable<Part<unknown>["keeps"]>) {
  const kept = nodes.flatMap((node, from) => isRecord(node) && !keeps(node) ? [] : [from]);
  const moved = (error: FieldError): FieldError[] => {
    const [from, ...rest] = error.path ?? [];
    const to = kept.indexOf(Number(from));
    return to < 0 ? [] : [{ ...error, path: [to, ...rest] }];
  };
  return { nodes: kept.map((from) => nodes[from]), errors: errors.flatMap(moved) };
}

function isRecord(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null;
}
