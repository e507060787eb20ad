// A pass of PLS detection. The database does the work, a number of pianos per call, so that no call runs into the
// time limit.

import { z } from "zod";
import type { ArgumentsOf } from "../calls.ts";
import { call, type Database } from "../sync/database.ts";
import { readOptions } from "../sync/options.ts";

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
  /** Badges that would have been taken: the rules changed, or they were many. */
  badges_held: z.number(),
  overruled: z.number(),
  left: z.number(),
  mark: z.number().nullable(),
  full_pass: z.boolean(),
  dry_run: z.boolean(),
});

export type Report = z.infer<typeof report>;

/** Takes a few seconds at most; the API allows 8. */
const pianosPerCall = 2_000;

/** @throws request_invalid */
export function optionsOf(request: Request): Promise<Options> {
  return readOptions(request, options, {
    message: "detect-pls knows the options full_pass and dry_run",
    hint: 'Send no body, or for example {"dry_run": true}.',
  });
}

/**
 * Reads what changed, until nothing is left or the time is up; the next pass goes on from there. A dry run is a
 * single call: its work is rolled back, so a second call would do the same again.
 */
export async function detect(database: Database, options: Options, isOver: () => boolean): Promise<Report> {
  if (options.dry_run) return await callOnce(database, options);
  let total = await callOnce(database, { ...options, piano_limit: pianosPerCall });
  while (total.left > 0 && !isOver()) {
    total = merge(total, await callOnce(database, { piano_limit: pianosPerCall }));
  }
  return total;
}

/** Adds up two calls. What concerns the whole pass is taken from the first, what is left from the last. */
function merge(total: Report, next: Report): Report {
  return {
    ...total,
    pianos: total.pianos + next.pianos,
    notes_read: total.notes_read + next.notes_read,
    evidence_added: total.evidence_added + next.evidence_added,
    evidence_removed: total.evidence_removed + next.evidence_removed,
    badges_set: total.badges_set + next.badges_set,
    badges_taken: total.badges_taken + next.badges_taken,
    badges_held: total.badges_held + next.badges_held,
    overruled: total.overruled + next.overruled,
    left: next.left,
  };
}

function callOnce(database: Database, args: ArgumentsOf<"detect_pls">): Promise<Report> {
  return call(database, "detect_pls", args, report);
}
