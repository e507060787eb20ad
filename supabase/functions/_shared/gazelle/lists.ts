// Reads a page of one of Gazelle's lists. An error that does not belong to a single record fails the run.

import { z } from "zod";
import type { Problem } from "../problem.ts";
import { faultIn } from "../sync/faults.ts";
import type { FieldError, Page } from "../sync/page.ts";
import { text } from "../sync/records.ts";
import type { Answer, Ask } from "./client.ts";
import { names } from "./names.ts";

export type Listing = {
  /** The GraphQL documents that `read` sends. */
  queries: string[];
  /** @param after the end cursor of the page before, or null for the first page. @throws gazelle_* */
  read: (ask: Ask, first: number, after: string | null) => Promise<Page>;
};

/** A Relay connection at the root of the schema; the query takes $first and $after. */
export function connection(root: string, query: string, variables: Record<string, unknown> = {}): Listing {
  return {
    queries: [query],
    async read(ask, first, after) {
      const answer = await ask(query, { ...variables, first, after });
      const errors = errorsAt([root, "nodes"], answer);
      return { ...readConnection(root, valueAt(answer.data, [root]), after), errors };
    },
  };
}

/** A plain list at the root of the schema: it comes as a single page. */
export function list(root: string, query: string): Listing {
  return {
    queries: [query],
    async read(ask) {
      const answer = await ask(query, {});
      const nodes = valueAt(answer.data, [root]);
      const errors = errorsAt([root], answer);
      if (Array.isArray(nodes)) {
        return { nodes, errors, totalCount: nodes.length, endCursor: null, isLast: true };
      }
      throw errors[0] ? listRefused(root, errors[0].message) : noPage(root, "It is no list.");
    },
  };
}

export const relay = z.object({
  nodes: z.array(z.unknown()),
  totalCount: z.int32().nonnegative(),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: text.nullable() }),
});

export function readConnection(name: string, value: unknown, after: string | null): Omit<Page, "errors"> {
  const read = relay.safeParse(value);
  if (!read.success) {
    const issues = read.error.issues.map((issue) => `${[name, ...issue.path].join(".")}: ${issue.message}`);
    throw noPage(name, issues.join("\n"));
  }
  const { nodes, totalCount, pageInfo: { hasNextPage, endCursor } } = read.data;
  if (hasNextPage && (endCursor === null || endCursor === after)) {
    throw endless(name, `There is a next page, but the end cursor stays ${JSON.stringify(endCursor)}.`);
  }
  if (hasNextPage && nodes.length === 0) {
    throw endless(name, "There is a next page after one without a record.");
  }
  return { nodes, totalCount, endCursor, isLast: !hasNextPage };
}

/** @param name of the list */
export function endless(name: string, details: string): Problem {
  return faultIn(names, "malformed", `Gazelle's pages of ${name} do not end`, {
    details,
    hint: "Start the sync again later.",
  });
}

/**
 * The errors of an answer, with paths that begin with the index of a record.
 * @throws gazelle_refused if one belongs to no record
 */
export function errorsAt(records: string[], answer: Answer): FieldError[] {
  return answer.errors.map(({ message, path }) => {
    const isBelow = records.every((key, depth) => path?.[depth] === key) &&
      typeof path?.[records.length] === "number";
    if (!isBelow) throw listRefused(records.join("."), message);
    return { message, path: path?.slice(records.length) ?? null };
  });
}

export function valueAt(data: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | null | undefined)?.[key],
    data,
  );
}

export function listRefused(name: string, message: string): Problem {
  return faultIn(names, "refused", `Gazelle refused to read ${name}`, {
    details: message,
    hint: "If it names a field, Gazelle's schema has changed. Otherwise start the sync again later.",
  });
}

function noPage(name: string, details: string): Problem {
  return faultIn(names, "malformed", `Gazelle's answer holds no page of ${name}`, {
    details,
    hint: "Start the sync again later. If it happens again, Gazelle's schema has changed.",
  });
}
