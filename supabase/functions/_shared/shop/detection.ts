// A pass of PLS detection: the database does the work, slice by slice, so that no call needs more than its timeout.

import { z } from "zod";
import type { ArgumentsOf } from "../calls.ts";
import { problem } from "../problem.ts";
import { call, type Database } from "../sync/database.ts";

const options = z.strictObject({
  full_pass: z.boolean().default(false),
  dry_run: z.boolean().default(false),
});

export type Options = z.infer<typeof options>;

const report = z.object({
  pianos: z.number(),
  notes_read: z.number(),
  evidence_added: z.number(),
  evidence_removed: z.number(),
  badges_set: z.number(),
  badges_taken: z.number(),
  overruled: z.number(),
  left: z.number(),
  mark: z.number().nullable(),
  full_pass: z.boolean(),
  dry_run: z.boolean(),
});

export type Report = z.infer<typeof report>;

/** Pianos a call: a few seconds at most, where the API allows 8. */
const slice = 2_000;

/** @throws request_invalid, with one line of details a mistake */
export function readOptions(body: string): Options {
  const parsed = options.safeParse(body.trim() === "" ? {} : asJson(body));
  if (parsed.success) return parsed.data;
  throw problem("request_invalid", "detect-pls knows the options full_pass and dry_run", {
    details: z.prettifyError(parsed.error),
    hint: 'Send no body, or for example {"dry_run": true}.',
  });
}

function asJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/**
 * Reads what changed, until nothing is left or `isOver` says so; the next pass goes on where this one stopped. A dry run is
 * one call: what it did is taken back, so there is no going on.
 */
export async function detect(database: Database, options: Options, isOver: () => boolean): Promise<Report> {
  if (options.dry_run) return await callOnce(database, options);
  let total = await callOnce(database, { ...options, piano_limit: slice });
  while (total.left > 0 && !isOver()) {
    total = merge(total, await callOnce(database, { piano_limit: slice }));
  }
  return total;
}

/** The sum of two calls; what is said of the whole pass is the first one's, what is left the last one's. */
function merge(total: Report, next: Report): Report {
  return {
    ...total,
    pianos: total.pianos + next.pianos,
    notes_read: total.notes_read + next.notes_read,
    evidence_added: total.evidence_added + next.evidence_added,
    evidence_removed: total.evidence_removed + next.evidence_removed,
    badges_set: total.badges_set + next.badges_set,
    badges_taken: total.badges_taken + next.badges_taken,
    overruled: total.overruled + next.overruled,
    left: next.left,
  };
}

function callOnce(database: Database, args: ArgumentsOf<"detect_pls">): Promise<Report> {
  return call(database, "detect_pls", args, report);
}
