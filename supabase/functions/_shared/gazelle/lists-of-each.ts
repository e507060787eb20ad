// Reads lists that belong to the records of another list, such as the contacts of each client. The first page of each
// list comes with its owner; a longer list is read on by requests of its own.

import { z } from "zod";
import type { FieldError } from "../sync/page.ts";
import type { Ask } from "./client.ts";
import { endless, errorsAt, type Listing, listRefused, readConnection, relay, valueAt } from "./lists.ts";

export type Lists = {
  /** The root field that lists the owners, and the one that returns a single owner by id. */
  root: string;
  one: string;
  /** The field of an owner that is its list. */
  list: string;
  /**
   * Reads owners with the first page of their lists. Takes $first, $after, $inner, $innerAfter; selects `id` and the
   * list.
   */
  query: string;
  /** Reads a further page of one owner's list. Takes $id, $inner, $innerAfter. */
  rest: string;
};

/** How many records of a list come with its owner. */
const inner = 20;

/** Where the next page begins. The run keeps it as JSON in its cursor. */
const position = z.object({
  after: z.string().nullable(),
  isLast: z.boolean(),
  /**
   * How many owners were read, the largest count of owners that Gazelle gave, and how many records their lists have.
   */
  seen: z.int(),
  owners: z.int(),
  counted: z.int(),
  /** The lists of which further pages are to be read. */
  unread: z.array(z.object({
    id: z.string(),
    after: z.string(),
    /** How many records of the list are left to read. */
    left: z.int(),
  })),
});

type Position = z.infer<typeof position>;
type Unread = Position["unread"][number];

const start: Position = { after: null, isLast: false, seen: 0, owners: 0, counted: 0, unread: [] };

export function listsOfEach(lists: Lists): Listing {
  return {
    queries: [lists.query, lists.rest],
    async read(ask, first, after) {
      const at = after === null ? start : position.parse(JSON.parse(after));
      const { nodes, errors, next } = at.unread.length > 0
        ? await readOn(ask, lists, at)
        : await readOwners(ask, lists, first, at);
      const isLast = next.isLast && next.unread.length === 0;
      // An owner that Gazelle counted and did not return may have records too, so the run must not pass for complete.
      const unseen = next.isLast ? Math.max(0, next.owners - next.seen) : 0;
      return { nodes, errors, totalCount: next.counted + unseen, endCursor: JSON.stringify(next), isLast };
    },
  };
}

type Found = { nodes: unknown[]; errors: FieldError[]; next: Position };

async function readOwners(ask: Ask, lists: Lists, first: number, at: Position): Promise<Found> {
  const answer = await ask(lists.query, { first, after: at.after, inner, innerAfter: null });
  const errors = errorsAt([lists.root, "nodes"], answer);
  const page = readConnection(lists.root, valueAt(answer.data, [lists.root]), at.after);
  const found: Found = {
    nodes: [],
    errors: [],
    next: {
      ...at,
      after: page.endCursor,
      isLast: page.isLast,
      seen: at.seen + page.nodes.length,
      owners: Math.max(at.owners, page.totalCount),
      unread: [],
    },
  };
  page.nodes.forEach((owner, from) => {
    const own = errors.filter(({ path }) => path?.[0] === from);
    const list = take(found, lists, owner, own.map((error) => below(error, 1)));
    if (list) found.next.counted += list.totalCount;
  });
  return found;
}

/** Reads the next page of a list that is longer than what came with its owner. */
async function readOn(ask: Ask, lists: Lists, at: Position): Promise<Found> {
  const [list, ...unread] = at.unread as [Unread, ...Unread[]];
  const { id, after } = list;
  const answer = await ask(lists.rest, { id, inner, innerAfter: after });
  const foreign = answer.errors.find(({ path }) => path?.[0] !== lists.one);
  if (foreign) throw listRefused(lists.one, foreign.message);
  const found: Found = { nodes: [], errors: [], next: { ...at, unread } };
  const owner = valueAt(answer.data, [lists.one]);
  take(
    found,
    lists,
    isRecord(owner) ? { id, ...owner } : owner,
    answer.errors.map((error) => below(error, 1)),
    list,
  );
  return found;
}

/**
 * Adds the records of an owner's list, with their errors. If the owner has no readable list, it counts as one bad
 * record.
 * @param list the part of the list that was still to be read
 * @throws gazelle_malformed if the list does not end
 */
function take(found: Found, lists: Lists, owner: unknown, errors: FieldError[], list?: Unread) {
  const start = found.nodes.length;
  const read = relay.safeParse(isRecord(owner) ? owner[lists.list] : null);
  if (!read.success) {
    found.nodes.push(isRecord(owner) ? { [lists.one]: owner } : null);
    found.errors.push(...errors.map((error) => ({ ...error, path: [start, ...error.path ?? []] })));
    found.next.counted++;
    return null;
  }
  const { nodes, totalCount, pageInfo: { hasNextPage, endCursor } } = read.data;
  found.nodes.push(...nodes);
  for (const error of errors) {
    const [, , index, ...rest] = error.path ?? [];
    if (typeof index === "number") found.errors.push({ ...error, path: [start + index, ...rest] });
  }
  const id = isRecord(owner) ? owner.id : null;
  if (hasNextPage && endCursor !== null && typeof id === "string") {
    const left = (list?.left ?? totalCount) - nodes.length;
    // It may have grown since its records were counted, by a page at most.
    if (nodes.length === 0 || endCursor === list?.after || left < -inner) {
      throw endless(
        `${lists.list} of ${id}`,
        `There is a next page after ${totalCount - left} of ${totalCount} records.`,
      );
    }
    found.next.unread.push({ id, after: endCursor, left });
  }
  return { totalCount };
}

function below(error: FieldError, depth: number): FieldError {
  return { ...error, path: error.path?.slice(depth) ?? null };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
