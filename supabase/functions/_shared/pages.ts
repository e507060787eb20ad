// One page of a Relay connection, read and checked: what cannot be blamed on single fields fails the run.

import { z } from "zod";
import { problem } from "./errors.ts";
import type { Answer, Ask, FieldError } from "./gazelle.ts";

export type Page = {
  nodes: unknown[];
  /** Their paths begin at a node's place in the page. */
  errors: FieldError[];
  totalCount: number;
  endCursor: string | null;
  isLast: boolean;
};

export type Source = { root: string; query: string };

const connection = z.object({
  nodes: z.array(z.unknown()),
  totalCount: z.int().nonnegative(),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

/** @throws gazelle_* */
export async function readPage(ask: Ask, source: Source, first: number, after: string | null): Promise<Page> {
  const answer = await ask(source.query, { first, after });
  const errors = fieldErrors(source, answer);
  const read = z.object({ [source.root]: connection }).safeParse(answer.data);
  const found = read.data?.[source.root];
  if (!found) {
    throw problem("gazelle_malformed", `Gazelle's answer holds no page of ${source.root}`, {
      details: read.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"),
      hint: "Start the sync again later. If it stays so, Gazelle's schema has changed.",
    });
  }
  const { hasNextPage, endCursor } = found.pageInfo;
  if (hasNextPage && (endCursor === null || endCursor === after)) {
    throw problem("gazelle_malformed", `Gazelle's pages of ${source.root} do not go on`, {
      details: `There is a next page, but the end cursor stays ${JSON.stringify(endCursor)}.`,
      hint: "Start the sync again later.",
    });
  }
  return { nodes: found.nodes, errors, totalCount: found.totalCount, endCursor, isLast: !hasNextPage };
}

function fieldErrors(source: Source, answer: Answer): FieldError[] {
  return answer.errors.map((error) => {
    const [root, list, place] = error.path ?? [];
    if (root !== source.root || list !== "nodes" || typeof place !== "number") {
      throw problem("gazelle_refused", `Gazelle refused to read ${source.root}`, {
        details: error.message,
        hint: "If it names a field, Gazelle's schema has changed. Else start the sync again later.",
      });
    }
    return { message: error.message, path: error.path?.slice(2) ?? null };
  });
}
