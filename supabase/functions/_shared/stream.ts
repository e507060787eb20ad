// One slice of a run of a stream: stage, plan, apply, finish, as far as the time goes. This only fetches, checks and
// hands over; the state is the database's, so that any other call can go on with it.

import { asProblem, describe, type Problem, problem } from "./errors.ts";
import { fingerprintsOf } from "./fingerprints.ts";
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
  const { database } = dependencies;
  const next = readBatches(stream, run, dependencies, slice);
  let failure: unknown = null;
  const readOn = () => next().catch((thrown) => (failure = thrown, null));

  let state: runs.State = run;
  let batch = await next();
  const asked = batch && run.has_rows ? runs.findWanted(database, run, batch) : undefined;
  let [wanted, coming] = await Promise.all([asked && slice.time("stage", asked), readOn()]);
  while (batch) {
    const staging = runs.stagePage(database, run, batch, batch.place, wanted, coming);
    const [staged, after] = await Promise.all([slice.time("stage", staging), coming && readOn()]);
    state = staged;
    if (run.has_rows) wanted = new Set(staged.wanted);
    [batch, coming] = [coming, after];
  }
  // What was read before it counts, whatever befell what comes after.
  if (failure) throw failure;
  return state.step === "stage" ? await runs.pauseRun(database, run, slice.timings()) : state;
}

type ReadBatch = runs.Batch & { place: runs.Place };

/** Pages, several to a call of the database; one more is fetched meanwhile. Null when there is no time for any. */
function readBatches(
  stream: Stream,
  run: runs.Started,
  { connect }: Dependencies,
  slice: Slice,
): () => Promise<ReadBatch | null> {
  const { ask, pageSize, pause } = connect(run.slice_milliseconds);
  const fetchAfter = async (page: Page) => {
    await pause();
    return await readPage(ask, stream, pageSize, page.endCursor);
  };

  let coming: Promise<Page> | null = readPage(ask, stream, pageSize, run.cursor);
  let read = 0;
  const isEnough = () => slice.isLong() || read >= run.slice_rows;
  return async () => {
    const pages: Page[] = [];
    // The first page is read however little time there is.
    while (coming && countRecords(pages) < run.stage_rows && (read === 0 || !isEnough())) {
      const page: Page | null = await slice.time("fetch", slice.unlessStopped(coming)).catch((thrown) => {
        // What was read counts first; the next call meets the same failure.
        if (pages.length === 0) throw thrown;
        return null;
      });
      if (page === null) break;
      pages.push(page);
      read += page.nodes.length;
      coming = page.isLast || isEnough() ? null : fetchAfter(page);
      // Should staging fail first, the page under way is nobody's concern any more.
      coming?.catch(() => {});
    }
    return pages.length > 0 ? toBatch(stream, pages, run.has_rows) : null;
  };
}

function countRecords(pages: Page[]): number {
  return pages.reduce((count, { nodes }) => count + nodes.length, 0);
}

function toBatch(stream: Stream, pages: Page[], withFingerprints: boolean): ReadBatch {
  const reads = pages.map(({ nodes, errors }) => readRecords(stream, nodes, errors));
  const records = reads.flatMap((read) => read.records);
  const { endCursor, isLast } = pages.at(-1)!;
  return {
    records,
    rejected: reads.flatMap(({ rejected }) => rejected),
    unknownFields: reads.reduce((sum, { unknownFields }) => sum + unknownFields, 0),
    fingerprints: withFingerprints ? fingerprintsOf(records) : [],
    place: { cursor: endCursor, isLast, totalCount: Math.max(...pages.map(({ totalCount }) => totalCount)) },
  };
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

/** A run whose staging a crash emptied is still ours: without a holder it is read anew by the next call. */
async function letGo(database: runs.Database, run: runs.Held, slice: Slice): Promise<void> {
  await runs.pauseRun(database, run, slice.timings()).catch(() => {});
}

function whyTripped({ error }: runs.Report): Problem {
  const { message, ...more } = error ?? describe(problem("run_tripped", "the run was tripped"));
  return problem("run_tripped", message, more);
}
