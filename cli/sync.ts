// Calls a sync function as cron does, slice after slice, and follows its run on record meanwhile.

import type postgres from "postgres";
import type { Platform } from "../local/platform.ts";
import { problem } from "../supabase/functions/_shared/problem.ts";
import { reportOf, type SyncReport } from "./reports.ts";

/** Milliseconds between two looks at the run. */
const lookEvery = 150;

export async function callSync(
  platform: Platform,
  sql: postgres.Sql,
  stream: string,
  onProgress: (done: number, total: number | null) => void,
  signal: AbortSignal,
): Promise<SyncReport> {
  const looking = setInterval(() => void look(), lookEvery);
  try {
    while (true) {
      const response = await fetch(`${platform.url}/functions/v1/sync-${stream}`, {
        method: "POST",
        headers: { apikey: platform.cronKey },
        signal,
      });
      const report = reportOf(stream, response.status, parse(await response.text()));
      // A run that is paused without a reason has only used up the time of one call.
      if (report.status !== "paused" || report.error !== null) return report;
    }
  } finally {
    clearInterval(looking);
  }

  async function look(): Promise<void> {
    const [run] = await sql<{ fetched: number; total: number | null }[]>`
      select fetched, total_count as total from sync.runs where stream = ${stream} and status = 'running'`
      .catch(() => []);
    if (run) onProgress(run.fetched, run.total);
  }
}

/** Calls detection until nothing is left to read, and returns how many notes were read. */
export async function callDetection(
  platform: Platform,
  onProgress: (left: number) => void,
  signal: AbortSignal,
): Promise<number> {
  for (let read = 0;;) {
    const response = await fetch(`${platform.url}/functions/v1/detect-pls`, {
      method: "POST",
      headers: { apikey: platform.cronKey },
      signal,
    });
    const report = await response.json();
    if (!response.ok) {
      throw problem(report.error.code, report.error.message, report.error);
    }
    read += report.notes_read;
    if (report.left === 0) return read;
    onProgress(report.left);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
