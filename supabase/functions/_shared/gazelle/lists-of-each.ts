// The records of a list that hangs on each record of another: the contacts of each client. A list that is
// longer than comes with its owner is read on by itself.

import { z } from "zod";
import type { FieldError } from "../sync/page.ts";
import type { Ask } from "./client.ts";
import { errorsAt, type Listing, listRefused, readConnection, relay, valueAt } from "./lists.ts";

export type Lists = {
  /** The root field that gives the owners, and the one that gives one of them by id. */
  root: string;
  one: string;
  /** The field of an owner that holds its list. */
  list: string;
  /** Takes $first, $after, $inner, $innerAfter; selects `id` and the list of each owner. */
  query: string;
  /** Takes $id, $inner, $innerAfter: the list of one owner. */
  rest: string;
};

/** Records of a list that come with its owner. */
const inner = 20;

/** Where reading goes on, as text in the run's cursor. */
const place = z.object({
  after: z.string().nullable(),
  isLast: z.boolean(),
  /** Owners seen, the largest count that Gazelle gave of them, and the records in all their lists. */
  seen: z.int(),
  owners: z.int(),
  counted: z.int(),
  /** Lists still to be read on. */
  unread: z.array(z.object({ id: z.string(), after: z.string() })),
});

type Place = z.infer<typeof place>;
type Unread = Place["unread"][number];

const start: Place = { after: null, isLast: false, seen: 0, owners: 0, counted: 0, unread: [] };

export function listsOfEach(lists: Lists): Listing {
  return {
    queries: [lists.query, lists.rest],
    async read(ask, first, after) {
      const at = after === null ? start : place.parse(JSON.parse(after));
      const { nodes, errors, next } = at.unread.length > 0
        ? await readOn(ask, lists, at)
        : await readOwners(ask, lists, first, at);
      const isLast = next.isLast && next.unread.length === 0;
      // An owner that was counted but never seen may have a list.
      const unseen = next.isLast ? Math.max(0, next.owners - next.seen) : 0;
      return { nodes, errors, totalCount: next.counted + unseen, endCursor: JSON.stringify(next), isLast };
    },
  };
}

type Found = { nodes: unknown[]; errors: FieldError[]; next: Place };

async function readOwners(ask: Ask, lists: Lists, first: number, at: Place): Promise<Found> {
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

/** The next page of a list that did not come whole with its owner. */
async function readOn(ask: Ask, lists: Lists, at: Place): Promise<Found> {
  const [{ id, after }, ...unread] = at.unread as [Unread, ...Unread[]];
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
  );
  return found;
}

/** The records of an owner's list, with their errors; an owner without a list to read is a record that is none. */
function take(found: Found, lists: Lists, owner: unknown, errors: FieldError[]) {
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
    const [, , place, ...rest] = error.path ?? [];
    if (typeof place === "number") found.errors.push({ ...error, path: [start + place, ...rest] });
  }
  const id = isRecord(owner) ? owner.id : null;
  if (hasNextPage && endCursor !== null && typeof id === "string") {
    found.next.unread.push({ id, after: endCursor });
  }
  return { totalCount };
}

function below(error: FieldError, depth: number): FieldError {
  return { ...error, path: error.path?.slice(depth) ?? null };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
