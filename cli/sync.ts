// Calls functions until their work is done: one call works for some seconds, then asks for the next.

import type { Platform } from "../local/platform.ts";
import { type Parts, problem } from "../supabase/functions/_shared/problem.ts";
import { connectApi } from "./api.ts";
import { type Api, fieldsOf, functionFailed } from "./calls.ts";
import { reportOf, type SyncReport } from "./reports.ts";

export interface SyncCall {
  /** JSON with the options of the run; none unless given. */
  body?: string;
  /** Told of the run while a call works on it. */
  onProgress?(run: SyncReport): void;
  /** Told of the run after each call but the last. */
  onPause?(run: SyncReport): void;
}

/** The local platform, called as its schedule calls it. */
export function cronOf({ url, cronKey }: Platform): Api {
  return connectApi(url, cronKey);
}

/** Milliseconds between two looks at the run. */
const lookEvery = 500;

/** Calls a stream's function until its run is over, or waits for its source. */
export async function callSync(
  api: Api,
  stream: string,
  signal: AbortSignal,
  { body = "", onProgress, onPause }: SyncCall = {},
): Promise<SyncReport> {
  const looking = onProgress && setInterval(() => void look(), lookEvery);
  try {
    while (true) {
      const answer = await api.invoke(`sync-${stream}`, body, signal);
      const report = reportOf(stream, answer);
      // A run that is paused without a reason has only used up the time of one call.
      if (report.status !== "paused" || report.error !== null) return report;
      onPause?.(report);
    }
  } finally {
    clearInterval(looking);
  }

  async function look(): Promise<void> {
    const [last] = await api.call<SyncReport[]>("sync_list_runs", { stream, row_limit: 1 }).catch(() => []);
    if (last?.status === "running") onProgress!(last);
  }
}

/** Calls detection until nothing is left to read, and returns how many notes were read. */
export async function callDetection(
  api: Api,
  signal: AbortSignal,
  onProgress: (left: number) => void,
): Promise<number> {
  for (let read = 0;;) {
    const answer = await api.invoke("detect-pls", "", signal);
    const { error, notes_read, left } = fieldsOf(answer) as Detected;
    if (error) throw problem(error.code, error.message, error);
    if (notes_read === undefined) throw functionFailed("detect-pls", answer, "a report");
    read += notes_read;
    if (!left) return read;
    onProgress(left);
  }
}

interface Detected {
  notes_read?: number;
  left?: number;
  error?: Parts;
}
