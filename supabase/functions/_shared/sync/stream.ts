// Carries a run of a stream through its steps (stage, plan, apply, finish) until the slice is over. The state of the
// run is in the database alone, so any other call can go on with it.

import { asProblem, partsOf, type Problem, problem } from "../problem.ts";
import { refuseNewer } from "../schema-version.ts";
import { readBatches } from "./batches.ts";
import type { Database } from "./database.ts";
import { stageRejected } from "./quarantine.ts";
import * as runs from "./runs.ts";
import { openSlice, type Slice } from "./slice.ts";
import type { Outside, Stream } from "./source.ts";

/** What one call is to do, and with what. */
export type Task = Outside & {
  startedBy: string;
  options: runs.Options;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
};

export type Outcome = { report: runs.Report; problem: Problem | null };

/**
 * Starts a run, or goes on with a paused one.
 * @throws run_active, run_lost, database_failed if there is no run to report on
 */
export async function runStream(stream: Stream, task: Task): Promise<Outcome> {
  const { database, world, startedBy, options, stopping } = task;
  const started = await runs.startRun(database, stream.name, startedBy, options);
  if (started.lease === null) return { report: started, problem: null };

  const run = { run_id: started.run_id, lease: started.lease };
  const slice = openSlice(world.now, started.slice_milliseconds, stopping);
  try {
    const report = await work(stream, { ...started, ...run }, task, slice);
    return { report, problem: report.status === "tripped" ? whyTripped(report) : null };
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code === "run_lost") {
      await letGo(database, run, slice);
      throw problem;
    }
    return { report: await runs.failRun(database, run, problem, slice.timings()), problem };
  } finally {
    slice.close();
  }
}

async function work(
  stream: Stream,
  run: runs.Started & runs.Lease,
  task: Task,
  slice: Slice,
): Promise<runs.Report> {
  const { database } = task;
  refuseNewer(run.schema_version, "this edge function", "Deploy the functions of that release.");
  let state: runs.State = run;
  if (state.step === "stage") {
    state = run.is_replay
      ? await replayAll(stream, run, database, slice)
      : await stageAll(stream, run, task, slice);
  }
  while (state.status === "running" && state.step !== "finish") {
    if (slice.isOver()) return await runs.pauseRun(database, run, slice.timings());
    state = state.step === "plan"
      ? await slice.unit(runs.planRun(database, run))
      : await slice.unit(runs.applyRun(database, run));
  }
  if (runs.isReport(state) && state.status !== "running") return state;
  return await runs.finishRun(database, run, slice.timings());
}

/**
 * Each call that stages a batch also asks which records of the next batch have to be sent. So two batches are in
 * memory while a third one is being read. The first page is read even if there is no time left.
 */
async function stageAll(
  stream: Stream,
  run: runs.Started & runs.Lease,
  task: Task,
  slice: Slice,
): Promise<runs.State> {
  const { database, world } = task;
  const reader = stream.open(task, world.now() + run.slice_milliseconds);
  const next = readBatches(stream, run, reader, slice);
  let failure: unknown = null;
  const readOn = () => next().catch((thrown) => (failure = thrown, null));

  let state: runs.State = run;
  let batch = await next();
  const asked = batch && run.has_rows ? runs.findWanted(database, run, batch) : undefined;
  let [wanted, coming] = await Promise.all([asked && slice.unit(asked), readOn()]);
  while (batch) {
    const timings = slice.isLong() ? undefined : slice.timings();
    const staging = runs.stagePage(database, run, batch, { wanted, next: coming, timings });
    const [staged, after] = await Promise.all([slice.unit(staging), coming && readOn()]);
    state = staged;
    if (run.has_rows) wanted = new Set(staged.wanted);
    [batch, coming] = [coming, after];
  }
  // The batches before the failure have been staged, and are not lost.
  if (failure) throw failure;
  return await orPause(state, run, database, slice);
}

async function replayAll(
  stream: Stream,
  run: runs.Started & runs.Lease,
  database: Database,
  slice: Slice,
): Promise<runs.State> {
  let at = { state: run as runs.State, cursor: run.cursor };
  while (at.state.step === "stage" && !slice.isOver()) {
    at = await slice.unit(stageRejected(stream, database, run, at.cursor));
  }
  return await orPause(at.state, run, database, slice);
}

async function orPause(
  state: runs.State,
  run: runs.Lease,
  database: Database,
  slice: Slice,
): Promise<runs.State> {
  const isLeft = state.status === "running" && state.step === "stage";
  return isLeft ? await runs.pauseRun(database, run, slice.timings()) : state;
}

/** If a crash emptied the staging tables, the lease is still valid: pausing lets the next call read everything anew. */
async function letGo(database: Database, run: runs.Lease, slice: Slice): Promise<void> {
  await runs.pauseRun(database, run, slice.timings()).catch(() => {});
}

function whyTripped({ error }: runs.Report): Problem {
  const { message, ...more } = error ?? partsOf(problem("run_tripped", "the run was tripped"));
  return problem("run_tripped", message, more);
}
