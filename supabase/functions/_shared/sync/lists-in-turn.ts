// Several lists read one after the other as if they were one. They must not overlap: a list may leave out what
// belongs to another.

import { z } from "zod";
import type { FieldError, Page } from "./page.ts";
import type { Readable } from "./source.ts";

export type Part<Client> = {
  read: Readable<Client>["read"];
  /** Which nodes belong to this part; all of them unless said. */
  keeps?: (node: Record<string, unknown>) => boolean;
};

/** Where reading goes on, as text in the run's cursor. */
const place = z.object({
  part: z.int().nonnegative(),
  after: z.string().nullable(),
  /** Records of the parts before. */
  before: z.int(),
  /** The largest count that the source gave for this part, and how many of those this part left out. */
  counted: z.int(),
  leftOut: z.int(),
});

type Place = z.infer<typeof place>;

const start: Place = { part: 0, after: null, before: 0, counted: 0, leftOut: 0 };

export function inTurn<Client>(parts: Part<Client>[]): Readable<Client>["read"] {
  return async (client, first, after) => {
    const at = after === null ? start : place.parse(JSON.parse(after));
    const { read, keeps = () => true } = parts[at.part]!;
    const page = await read(client, first, at.after);
    const kept = pick(page, keeps);
    const counted = Math.max(at.counted, page.totalCount);
    const leftOut = at.leftOut + page.nodes.length - kept.nodes.length;
    const totalCount = at.before + counted - leftOut;
    const next = page.isLast
      ? { ...start, part: at.part + 1, before: totalCount }
      : { ...at, after: page.endCursor, counted, leftOut };
    return { ...kept, totalCount, endCursor: JSON.stringify(next), isLast: next.part === parts.length };
  };
}

/** The nodes that are kept, and their errors at their new places. A node that is no record is kept. */
function pick({ nodes, errors }: Page, keeps: NonNullable<Part<unknown>["keeps"]>) {
  const places = nodes.flatMap((node, from) => isRecord(node) && !keeps(node) ? [] : [from]);
  const moved = (error: FieldError): FieldError[] => {
    const [from, ...rest] = error.path ?? [];
    const to = places.indexOf(Number(from));
    return to < 0 ? [] : [{ ...error, path: [to, ...rest] }];
  };
  return { nodes: places.map((from) => nodes[from]), errors: errors.flatMap(moved) };
}

function isRecord(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null;
}
