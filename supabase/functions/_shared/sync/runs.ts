// The run in the database: one function a verb of its contract, public.sync_*.

import { z } from "zod";
import { partsOf, type Problem } from "../problem.ts";
import { call, type Database } from "./database.ts";
import type { RejectedRecord } from "./records.ts";
import type { SentRecord } from "./sent-records.ts";

const state = z.object({
  step: z.enum(["stage", "plan", "apply", "finish"]),
  status: z.enum(["running", "paused", "complete", "partial", "tripped", "failed"]).default("running"),
});
const report = state.extend({
  run_id: z.number(),
  stream: z.string(),
  mark: z.number(),
  not_before: z.string().nullable(),
  /** Alerts that the webhook should hear of. */
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
  /** How many records a call reads at most, in whole pages. */
  slice_rows: z.number(),
  /** How many records, in whole pages, are staged by one call. */
  stage_rows: z.number(),
  /** The version of the database. */
  schema_version: z.number(),
  /** It reads rejected records, and not the source. */
  is_replay: z.boolean(),
  /** Whether the table holds anything; else there is nothing that the database could know. */
  has_rows: z.boolean(),
});
const answered = z.object({ wanted: z.array(z.string()) });
const staged = z.union([report.extend(answered.shape), state.extend(answered.shape)]);

export type State = z.infer<typeof state>;
export type Staged = z.infer<typeof staged>;
export type Report = z.infer<typeof report>;
/** Without a lease the run is not ours: it waits until `not_before`. */
export type Started = z.infer<typeof started>;
export type Held = { run_id: number; lease: string };
/** Milliseconds of the caller's own. */
export type Timings = { fetch: number; total: number };

export type Options = {
  dryRun: boolean;
  /** What the breaker lets pass this once. */
  allow: string[];
};

export function isReport(state: State): state is Report {
  return "run_id" in state;
}

/** @throws run_active when one is at work on the stream; request_invalid for an allowance there is not */
export function startRun(
  database: Database,
  stream: string,
  startedBy: string,
  { dryRun, allow }: Options,
): Promise<Started> {
  const args = { stream, started_by: startedBy, dry_run: dryRun, allow };
  return call(database, "sync_start_run", args, started, "run_active");
}

export type Place = { cursor: string | null; isLast: boolean; totalCount: number };

/** What is read of one page or of several, and the place after them. */
export type Batch = {
  records: SentRecord[];
  rejected: RejectedRecord[];
  unknownFields: number;
  place: Place;
};

/** Ids of the records of a batch that have to be sent: the others are as they were, and so are their rows. */
export async function findWanted(database: Database, run: Held, batch: Batch): Promise<Set<string>> {
  const args = { ...held(run), fingerprints: fingerprintsOf(batch.records) };
  return new Set((await call(database, "sync_wanted_records", args, answered)).wanted);
}

export type Staging = {
  /** Ids of the records that have to be sent; all are, where it is not given. */
  wanted?: ReadonlySet<string>;
  /** The batch to come: the answer says what of it is wanted. */
  next?: Batch | null;
  /** What was spent so far: with the last page, the run goes on at once, to its end where a chunk a step will do. */
  timings?: Timings;
};

export function stagePage(
  database: Database,
  run: Held,
  { records, rejected, unknownFields, place }: Batch,
  { wanted, next, timings }: Staging = {},
): Promise<Staged> {
  const isSent = ({ id, fingerprint }: SentRecord) => !wanted || !fingerprint || wanted.has(id);
  const sent = records.filter(isSent);
  const known = sent.length < records.length ? records.filter((record) => !isSent(record)) : [];
  const args = {
    ...held(run),
    records: `[${sent.map(({ json }) => json).join(",")}]`,
    rejected,
    cursor: place.cursor,
    is_last: place.isLast,
    total_count: place.totalCount,
    unknown_fields: unknownFields,
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

/** Compares the next records with the live rows; goes on while the step stays `plan`. It may trip the run. */
export function planRun(database: Database, run: Held): Promise<Report> {
  return call(database, "sync_plan_run", held(run), report);
}

/** Writes the next rows; goes on while the step stays `apply`. */
export function applyRun(database: Database, run: Held): Promise<Report> {
  return call(database, "sync_apply_run", held(run), report);
}

export function finishRun(database: Database, run: Held, timings: Timings): Promise<Report> {
  return call(database, "sync_finish_run", { ...held(run), timings }, report);
}

/** Lets go of the run: the next call goes on with it. */
export function pauseRun(database: Database, run: Held, timings: Timings): Promise<Report> {
  return call(database, "sync_pause_run", { ...held(run), timings }, report);
}

/** Ends the run as failed; or pauses it, where the problem may pass by itself. */
export function failRun(database: Database, run: Held, error: Problem, timings: Timings): Promise<Report> {
  const args = { ...held(run), error: partsOf(error), timings, retry_seconds: error.retrySeconds ?? null };
  return call(database, "sync_fail_run", args, report);
}

function held({ run_id, lease }: Held) {
  return { run_id, lease };
}
