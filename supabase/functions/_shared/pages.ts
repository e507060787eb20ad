// One page of a list of Gazelle, read and checked: what cannot be blamed on single records fails the run.

import { z } from "zod";
import { type Problem, problem } from "./errors.ts";
import type { Answer, Ask, FieldError } from "./gazelle.ts";
import { text } from "./records.ts";

export type Page = {
  nodes: unknown[];
  /** Their paths begin at a node's place in the page. */
  errors: FieldError[];
  /** How many records there are, as far as Gazelle has told yet. */
  totalCount: number;
  /** Where reading goes on. */
  endCursor: string | null;
  isLast: boolean;
};

/** @param after an end cursor of this source, or null for the first page. @throws gazelle_* */
export type Read = (ask: Ask, first: number, after: string | null) => Promise<Page>;

export type Source = {
  /** The GraphQL documents that `read` asks. */
  queries: string[];
  read: Read;
};

export function readPage(ask: Ask, source: Source, first: number, after: string | null): Promise<Page> {
  return source.read(ask, first, after);
}

/** A Relay connection at the root of the schema; the query takes $first and $after. */
export function connection(root: string, query: string, variables: Record<string, unknown> = {}): Source {
  return {
    queries: [query],
    async read(ask, first, after) {
      const answer = await ask(query, { ...variables, first, after });
      const errors = errorsAt([root, "nodes"], answer);
      return { ...readConnection(root, valueAt(answer.data, [root]), after), errors };
    },
  };
}

/** A plain list at the root of the schema: one page holds it whole. */
export function list(root: string, query: string): Source {
  return {
    queries: [query],
    async read(ask) {
      const answer = await ask(query, {});
      const nodes = valueAt(answer.data, [root]);
      const errors = errorsAt([root], answer);
      if (Array.isArray(nodes)) {
        return { nodes, errors, totalCount: nodes.length, endCursor: null, isLast: true };
      }
      throw errors[0] ? refused(root, errors[0].message) : noPage(root, "It is no list.");
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
    throw problem("gazelle_malformed", `Gazelle's pages of ${name} do not go on`, {
      details: `There is a next page, but the end cursor stays ${JSON.stringify(endCursor)}.`,
      hint: "Start the sync again later.",
    });
  }
  return { nodes, totalCount, endCursor, isLast: !hasNextPage };
}

/** The errors of an answer, with paths from the records on; @throws gazelle_refused when one lies above them. */
export function errorsAt(records: string[], answer: Answer): FieldError[] {
  return answer.errors.map(({ message, path }) => {
    const isBelow = records.every((key, depth) => path?.[depth] === key) &&
      typeof path?.[records.length] === "number";
    if (!isBelow) throw refused(records.join("."), message);
    return { message, path: path?.slice(records.length) ?? null };
  });
}

export function valueAt(data: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | null | undefined)?.[key],
    data,
  );
}

export function refused(name: string, message: string): Problem {
  return problem("gazelle_refused", `Gazelle refused to read ${name}`, {
    details: message,
    hint: "If it names a field, Gazelle's schema has changed. Else start the sync again later.",
  });
}

function noPage(name: string, details: string): Problem {
  return problem("gazelle_malformed", `Gazelle's answer holds no page of ${name}`, {
    details,
    hint: "Start the sync again later. If it stays so, Gazelle's schema has changed.",
  });
}
