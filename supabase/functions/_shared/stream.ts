// One slice of a run of a stream: stage, plan, apply, finish, as far as the time goes. This only fetches, checks and
// hands over; the state is the database's, so that any other call can go on with it.

import { asProblem, describe, type Problem, problem } from "./errors.ts";
import type { Ask } from "./gazelle.ts";
import { type Page, readPage, type Source } from "./pages.ts";
import { stageRejected } from "./quarantine.ts";
import { readRecords, type Shape } from "./records.ts";
import * as runs from "./runs.ts";
import { openSlice, type Slice } from "./slice.ts";

export type Stream = Shape & Source & { name: string };

export type Connection = { ask: Ask; pageSize: number; pause: () => Promise<void> };

export type Dependencies = {
  database: runs.Database;
  /** Called inside the run, so that wrong settings are on its record too. @param budget in milliseconds */
  connect: (budget: number) => Connection;
  now: () => number;
  startedBy: string;
  options: runs.Options;
  /** Aborted when this process is about to end. */
  stopping: AbortSignal;
};

export type Outcome = { report: runs.Report; problem: Problem | null };

/** @throws run_active, run_lost, database_failed: when there is no run to report on */
export async function runStream(stream: Stream, dependencies: Dependencies): Promise<Outcome> {
  const { database, now, startedBy, options, stopping } = dependencies;
  const started = await runs.startRun(database, stream.name, startedBy, options);
  if (started.lease === null) return { report: started, problem: null };

  const run = { run_id: started.run_id, lease: started.lease };
  const slice = openSlice(now, started.slice_milliseconds, stopping);
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
  let state: runs.State = run;
  if (state.step === "stage") {
    state = run.is_replay
      ? await replayAll(stream, run, database, slice)
      : await stageAll(stream, run, dependencies, slice);
  }
  while (state.status === "running" && state.step !== "finish") {
    if (slice.isOver()) return await runs.pauseRun(database, run, slice.timings());
    state = state.step === "plan"
      ? await slice.time("plan", runs.planRun(database, run))
      : await slice.time("apply", runs.applyRun(database, run));
  }
  if (runs.isReport(state) && state.status !== "running") return state;
  return await runs.finishRun(database, run, slice.timings());
}

/** The next page is fetched while the last one is staged. The first one is read however little time there is. */
async function stageAll(
  stream: Stream,
  run: runs.Started & runs.Held,
  { database, connect }: Dependencies,
  slice: Slice,
): Promise<runs.State> {
  const { ask, pageSize, pause } = connect(run.slice_milliseconds);
  const fetchAfter = async (page: Page) => {
    await pause();
    return await readPage(ask, stream, pageSize, page.endCursor);
  };

  let state: runs.State = run;
  let coming: Promise<Page> | null = readPage(ask, stream, pageSize, run.cursor);
  while (coming) {
    const page: Page | null = await slice.time("fetch", slice.unlessStopped(coming));
    if (page === null) break;
    coming = page.isLast || slice.isLong() ? null : fetchAfter(page);
    // Should staging fail first, the page under way is nobody's concern any more.
    coming?.catch(() => {});
    state = await slice.time("stage", stagePage(stream, run, database, page));
    if (slice.isOver()) break;
  }
  return state.step === "stage" ? await runs.pauseRun(database, run, slice.timings()) : state;
}

async function replayAll(
  stream: Stream,
  run: runs.Started & runs.Held,
  database: runs.Database,
  slice: Slice,
): Promise<runs.State> {
  let at = { state: run as runs.State, cursor: run.cursor };
  while (at.state.step === "stage" && !slice.isOver()) {
    at = await slice.time("stage", stageRejected(stream, database, run, at.cursor));
  }
  return at.state.step === "stage" ? await runs.pauseRun(database, run, slice.timings()) : at.state;
}

function stagePage(stream: Stream, run: runs.Held, database: runs.Database, page: Page) {
  const read = readRecords(stream, page.nodes, page.errors);
  return runs.stagePage(database, run, read, {
    cursor: page.endCursor,
    isLast: page.isLast,
    totalCount: page.totalCount,
  });
}

/** A run whose staging a crash emptied is still ours: without a holder it is read anew by the next call. */
async function letGo(database: runs.Database, run: runs.Held, slice: Slice): Promise<void> {
  await runs.pauseRun(database, run, slice.timings()).catch(() => {});
}

function whyTripped({ error }: runs.Report): Problem {
  const { message, ...more } = error ?? describe(problem("run_tripped", "the run was tripped"));
  return problem("run_tripped", message, more);
}
