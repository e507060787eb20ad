// The steps of a run: one function for each of public.sync_* that works on it.

import { z } from "zod";
import { asProblem, partsOf, type Problem } from "../problem.ts";
import { call, type Database } from "./database.ts";
import type { Account } from "./page.ts";
import type { RejectedRecord } from "./records.ts";
import type { SentRecord } from "./sent-records.ts";

const state = z.object({
  step: z.enum(["stage", "plan", "apply", "finish"]),
  status: z.enum(["running", "paused", "complete", "partial", "degraded", "tripped", "failed"]).default(
    "running",
  ),
});
const report = state.extend({
  run_id: z.number(),
  stream: z.string(),
  mark: z.number(),
  not_before: z.string().nullable(),
  /** How many alerts are still to be posted to the webhook. */
  unposted_alerts: z.number().optional(),
  counters: z.record(z.string(), z.number().nullable()),
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.string().nullish(),
    hint: z.string().nullish(),
  }).nullable(),
}).loose();
const started = report.extend({
  lease: z.string().nullable(),
  cursor: z.string().nullable(),
  slice_milliseconds: z.number(),
  /** How many records one call reads at most, rounded up to whole pages. */
  slice_rows: z.number(),
  /** How many records are staged at once, rounded up to whole pages. */
  stage_rows: z.number(),
  /** The version of the database. */
  schema_version: z.number(),
  /** Whether the run stages rejected records again instead of reading the source. */
  is_replay: z.boolean(),
  /** Whether the table has rows. If not, no record can be known, and the database need not be asked. */
  has_rows: z.boolean(),
});
const answered = z.object({ wanted: z.array(z.string()) });
const staged = z.union([report.extend(answered.shape), state.extend(answered.shape)]);

export type State = z.infer<typeof state>;
export type Staged = z.infer<typeof staged>;
export type Report = z.infer<typeof report>;
/** Without a lease the run waits until `not_before`, and there is nothing to do. */
export type Started = z.infer<typeof started>;
/** Proves to the database that the caller is the one who works on the run. */
export type Lease = { run_id: number; lease: string };
/** Milliseconds spent by the caller, outside of the database. */
export type Timings = { fetch: number; total: number };

export type Options = {
  dryRun: boolean;
  /** Which limits of the breaker do not count for this run. */
  allow: string[];
};

export function isReport(state: State): state is Report {
  return "run_id" in state;
}

/**
 * Starts a run, or goes on with one that is paused.
 * @throws run_active; request_invalid for an unknown allowance
 */
export function startRun(
  database: Database,
  stream: string,
  startedBy: string,
  { dryRun, allow }: Options,
): Promise<Started> {
  const args = { stream, started_by: startedBy, dry_run: dryRun, allow };
  return call(database, "sync_start_run", args, started, "run_active");
}

/** How far the source has been read. */
export type Reached = { cursor: string | null; isLast: boolean; totalCount: number };

/** The records of one page, or of several in a row. */
export type Batch = {
  records: SentRecord[];
  rejected: RejectedRecord[];
  unknownFields: number;
  /** How many of the records have such a field. */
  unclear: number;
  /** Whose they are, if this batch has the first page of a call and the source tells. */
  account: Account | null;
  reached: Reached;
};

/** The ids of the records that have to be sent. The others are known: neither they nor their rows have changed. */
export async function findWanted(database: Database, run: Lease, batch: Batch): Promise<Set<string>> {
  const args = { ...leaseOf(run), fingerprints: fingerprintsOf(batch.records) };
  return new Set((await call(database, "sync_wanted_records", args, answered)).wanted);
}

export type Staging = {
  /** The ids of the records that have to be sent. All are sent if this is not given. */
  wanted?: ReadonlySet<string>;
  /** The next batch. The answer says which of its records have to be sent. */
  next?: Batch | null;
  /**
   * What the caller has spent so far. With it and the last page, the database goes on with the run at once, up to its
   * end if one chunk is enough for each step.
   */
  timings?: Timings;
};

export function stagePage(
  database: Database,
  run: Lease,
  { records, rejected, unknownFields, unclear, account, reached }: Batch,
  { wanted, next, timings }: Staging = {},
): Promise<Staged> {
  const isSent = ({ id, fingerprint }: SentRecord) => !wanted || !fingerprint || wanted.has(id);
  const sent = records.filter(isSent);
  const known = sent.length < records.length ? records.filter((record) => !isSent(record)) : [];
  const args = {
    ...leaseOf(run),
    records: `[${sent.map(({ json }) => json).join(",")}]`,
    rejected,
    cursor: reached.cursor,
    is_last: reached.isLast,
    total_count: reached.totalCount,
    unknown_fields: unknownFields,
    unclear,
    account,
    fingerprints: fingerprintsOf(sent),
    known: known.map(({ id }) => id).join("\n"),
    next: fingerprintsOf(next?.records ?? []),
    timings: timings ?? null,
  };
  return call(database, "sync_stage_page", args, staged);
}

function fingerprintsOf(records: SentRecord[]): string {
  return records.flatMap(({ fingerprint }) => fingerprint ?? []).join("\n");
}

/**
 * Compares the next chunk of records with the live rows, and may trip the run. To be repeated while the step is
 * `plan`.
 */
export function planRun(database: Database, run: Lease): Promise<Report> {
  return call(database, "sync_plan_run", leaseOf(run), report);
}

/** Writes the next chunk of rows. To be repeated while the step is `apply`. */
export function applyRun(database: Database, run: Lease): Promise<Report> {
  return call(database, "sync_apply_run", leaseOf(run), report);
}

export function finishRun(database: Database, run: Lease, timings: Timings): Promise<Report> {
  return call(database, "sync_finish_run", { ...leaseOf(run), timings }, report);
}

/** Gives up the lease. The next call goes on with the run. */
export function pauseRun(database: Database, run: Lease, timings: Timings): Promise<Report> {
  return call(database, "sync_pause_run", { ...leaseOf(run), timings }, report);
}

/**
 * Ends the run as failed, or pauses it if the problem may pass by itself. A problem that cannot be recorded as it is
 * is recorded by its code alone, for a run must not stay without an end.
 */
export async function failRun(
  database: Database,
  run: Lease,
  error: Problem,
  timings: Timings,
): Promise<Report> {
  const args = { ...leaseOf(run), error: partsOf(error), timings, retry_seconds: error.retrySeconds ?? null };
  try {
    return await call(database, "sync_fail_run", args, report);
  } catch (thrown) {
    if (asProblem(thrown).code !== "database_failed") throw thrown;
    const bare = {
      ...partsOf(error),
      message: "the run failed, and what it met cannot be recorded",
      details: null,
    };
    return await call(database, "sync_fail_run", { ...args, error: bare, retry_seconds: null }, report);
  }
}

function leaseOf({ run_id, lease }: Lease) {
  return { run_id, lease };
}
