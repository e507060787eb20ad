// One slice of a run of a stream: stage, plan, apply, finish, as far as the time goes. This only fetches, checks and
// hands over; the state is the database's, so that any other call can go on with it.

import { asProblem, partsOf, type Problem, problem } from "../problem.ts";
import { refuseNewer } from "../schema-version.ts";
import { readBatches } from "./batches.ts";
import type { Database } from "./database.ts";
import { stageRejected } from "./quarantine.ts";
import * as runs from "./runs.ts";
import { openSlice, type Slice } from "./slice.ts";
import type { Outside, Stream } from "./source.ts";

export type Dependencies = Outside & {
  startedBy: string;
  options: runs.Options;
  /** Aborted when this process is about to end. */
  stopping: AbortSignal;
};

export type Outcome = { report: runs.Report; problem: Problem | null };

/** @throws run_active, run_lost, database_failed: when there is no run to report on */
export async function runStream(stream: Stream, dependencies: Dependencies): Promise<Outcome> {
  const { database, world, startedBy, options, stopping } = dependencies;
  const started = await runs.startRun(database, stream.name, startedBy, options);
  if (started.lease === null) return { report: started, problem: null };

  const run = { run_id: started.run_id, lease: started.lease };
  const slice = openSlice(world.now, started.slice_milliseconds, stopping);
  try {
    const report = await work(stream, { ...started, ...run }, dependencies, slice);
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
  run: runs.Started & runs.Held,
  dependencies: Dependencies,
  slice: Slice,
): Promise<runs.Report> {
  const { database } = dependencies;
  refuseNewer(run.schema_version, "this edge function", "Deploy the functions of that release.");
  let state: runs.State = run;
  if (state.step === "stage") {
    state = run.is_replay
      ? await replayAll(stream, run, database, slice)
      : await stageAll(stream, run, dependencies, slice);
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
 * With a batch goes the question what is known of the next one: that is at hand, and the one after it is read, while one
 * is staged. The first page is read however little time there is.
 */
async function stageAll(
  stream: Stream,
  run: runs.Started & runs.Held,
  dependencies: Dependencies,
  slice: Slice,
): Promise<runs.State> {
  const { database, world } = dependencies;
  const reader = stream.open(dependencies, world.now() + run.slice_milliseconds);
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
  // What was read before it counts, whatever befell what comes after.
  if (failure) throw failure;
  return await orPause(state, run, database, slice);
}

async function replayAll(
  stream: Stream,
  run: runs.Started & runs.Held,
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
  run: runs.Held,
  database: Database,
  slice: Slice,
): Promise<runs.State> {
  const isLeft = state.status === "running" && state.step === "stage";
  return isLeft ? await runs.pauseRun(database, run, slice.timings()) : state;
}

/** A run whose staging a crash emptied is still ours: without a holder it is read anew by the next call. */
async function letGo(database: Database, run: runs.Held, slice: Slice): Promise<void> {
  await runs.pauseRun(database, run, slice.timings()).catch(() => {});
}

function whyTripped({ error }: runs.Report): Problem {
  const { message, ...more } = error ?? partsOf(problem("run_tripped", "the run was tripped"));
  return problem("run_tripped", message, more);
}
