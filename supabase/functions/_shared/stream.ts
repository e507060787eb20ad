// One run of a stream: stage, plan, apply, finish. This only fetches, checks and hands over; the state is the
// database's.

import { asProblem, describe, type Problem } from "./errors.ts";
import type { Ask } from "./gazelle.ts";
import { type Page, readPage, type Source } from "./pages.ts";
import { readRecords, type Shape } from "./records.ts";
import * as runs from "./runs.ts";

export type Stream = Shape & Source & { name: string };

export type Dependencies = {
  database: runs.Database;
  /** Called inside the run, so that wrong settings are on its record too. */
  connect: () => { ask: Ask; pageSize: number; pause: () => Promise<void> };
  now: () => number;
  startedBy: string;
};

export type Outcome = { report: runs.Report; problem: Problem | null };

/** @throws run_active, database_failed: when no run could be put on record */
export async function runStream(stream: Stream, dependencies: Dependencies): Promise<Outcome> {
  const { database, now, startedBy } = dependencies;
  const run = await runs.startRun(database, stream.name, startedBy);
  const clock = stopwatch(now);
  try {
    let step = run.step;
    if (step === "stage") step = await stageAll(stream, run, dependencies, clock);
    while (step === "plan") step = await clock.time("plan", runs.planRun(database, run));
    while (step === "apply") step = await clock.time("apply", runs.applyRun(database, run));
    return { report: await runs.finishRun(database, run, clock.timings()), problem: null };
  } catch (thrown) {
    const problem = asProblem(thrown);
    return { report: await runs.failRun(database, run, describe(problem), clock.timings()), problem };
  }
}

/** The next page is fetched while the last one is staged. */
async function stageAll(
  stream: Stream,
  run: runs.Run,
  { database, connect }: Dependencies,
  clock: Stopwatch,
) {
  const { ask, pageSize, pause } = connect();
  const fetchAfter = async (page: Page) => {
    await pause();
    return await readPage(ask, stream, pageSize, page.endCursor);
  };

  let step = run.step;
  let coming: Promise<Page> | null = readPage(ask, stream, pageSize, run.cursor);
  while (coming) {
    const page: Page = await clock.time("fetch", coming);
    coming = page.isLast ? null : fetchAfter(page);
    // Should staging fail first, the page under way is nobody's concern any more.
    coming?.catch(() => {});
    step = await clock.time("stage", stagePage(stream, run, database, page));
  }
  return step;
}

function stagePage(stream: Stream, run: runs.Run, database: runs.Database, page: Page) {
  const read = readRecords(stream, page.nodes, page.errors);
  return runs.stagePage(database, run, read, {
    cursor: page.endCursor,
    isLast: page.isLast,
    totalCount: page.totalCount,
  });
}

type Stopwatch = ReturnType<typeof stopwatch>;

/** Milliseconds spent waiting for each step, and in total. */
function stopwatch(now: () => number) {
  const start = now();
  const spent: runs.Timings = { fetch: 0, stage: 0, plan: 0, apply: 0 };
  return {
    async time<T>(step: string, work: Promise<T>): Promise<T> {
      const from = now();
      try {
        return await work;
      } finally {
        spent[step] = (spent[step] ?? 0) + now() - from;
      }
    },
    timings(): runs.Timings {
      const all = Object.entries({ ...spent, total: now() - start });
      return Object.fromEntries(all.map(([step, milliseconds]) => [step, Math.round(milliseconds)]));
    },
  };
}
