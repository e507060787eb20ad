// The run in the database: one function a verb of its contract, public.sync_*.

import { z } from "zod";
import { type Code, type Description, problem } from "./errors.ts";
import type { Read } from "./records.ts";

type DatabaseError = { code?: string; message: string; details?: string | null; hint?: string | null };

/** What is needed of a Supabase client that has a secret key. */
export type Database = {
  rpc(
    name: string,
    args: Record<string, unknown>,
  ): PromiseLike<{ data: unknown; error: DatabaseError | null }>;
};

const step = z.enum(["stage", "plan", "apply", "finish"]);
const stepped = z.object({ step });
const started = z.object({
  run_id: z.number(),
  lease: z.string(),
  mark: z.number(),
  step,
  cursor: z.string().nullable(),
});
const report = z.object({
  run_id: z.number(),
  stream: z.string(),
  status: z.enum(["complete", "partial", "failed"]),
  mark: z.number(),
  counters: z.record(z.string(), z.number().nullable()),
}).loose();

export type Step = z.infer<typeof step>;
export type Run = z.infer<typeof started>;
export type Report = z.infer<typeof report>;
export type Timings = Record<string, number>;

/** @throws run_active when one is at work on the stream */
export function startRun(database: Database, stream: string, startedBy: string): Promise<Run> {
  return call(database, "sync_start_run", { stream, started_by: startedBy }, started, "run_active");
}

export type Place = { cursor: string | null; isLast: boolean; totalCount: number };

export async function stagePage(database: Database, run: Run, read: Read, place: Place): Promise<Step> {
  const args = {
    ...held(run),
    records: read.records,
    rejected: read.rejected,
    cursor: place.cursor,
    is_last: place.isLast,
    total_count: place.totalCount,
    unknown_fields: read.unknownFields,
  };
  return (await call(database, "sync_stage_page", args, stepped)).step;
}

/** Compares the next records with the live rows; goes on while the step stays `plan`. */
export async function planRun(database: Database, run: Run): Promise<Step> {
  return (await call(database, "sync_plan_run", held(run), stepped)).step;
}

/** Writes the next rows; goes on while the step stays `apply`. */
export async function applyRun(database: Database, run: Run): Promise<Step> {
  return (await call(database, "sync_apply_run", held(run), stepped)).step;
}

export function finishRun(database: Database, run: Run, timings: Timings): Promise<Report> {
  return call(database, "sync_finish_run", { ...held(run), timings }, report);
}

export function failRun(database: Database, run: Run, error: Description, timings: Timings): Promise<Report> {
  return call(database, "sync_fail_run", { ...held(run), error, timings }, report);
}

function held(run: Run) {
  return { run_id: run.run_id, lease: run.lease };
}

async function call<T>(
  database: Database,
  name: string,
  args: Record<string, unknown>,
  type: z.ZodType<T>,
  conflict: Code = "run_lost",
): Promise<T> {
  const { data, error } = await database.rpc(name, args);
  if (error) {
    throw problem(error.code === "PT409" ? conflict : "database_failed", error.message, {
      details: error.details || (error.code ? `SQLSTATE ${error.code} in ${name}` : `in ${name}`),
      hint: error.hint ||
        "Check that the database is up and its migrations are applied, then start the sync again.",
    });
  }
  const parsed = type.safeParse(data);
  if (parsed.success) return parsed.data;
  throw problem("database_failed", `${name} answered something unknown`, {
    details: z.prettifyError(parsed.error),
    hint: "Apply the migrations that belong to this version of the functions.",
  });
}
