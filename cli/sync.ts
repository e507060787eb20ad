// Calls functions until their work is done, since one call only works for some seconds.

import type { Platform } from "../local/platform.ts";
import { type Parts, problem } from "../supabase/functions/_shared/problem.ts";
import { connectApi } from "./api.ts";
import { type Api, fieldsOf, functionFailed } from "./calls.ts";
import { reportOf, type SyncReport } from "./reports.ts";

export interface SyncCall {
  /** The options of the run as JSON. */
  body?: string;
  /** Called now and then while the run goes on. */
  onProgress?(run: SyncReport): void;
  /** Called after each call that did not end the run. */
  onPause?(run: SyncReport): void;
}

/** The API of the local platform, with the key of its schedule. */
export function cronOf({ url, cronKey }: Platform): Api {
  return connectApi(url, cronKey);
}

/** Milliseconds between two requests for the state of the run. */
const lookEvery = 500;

/** Calls the function of a stream until the run is over, or until the source asks to wait. */
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
      // Without an error, the run is only paused because the time of the call was used up.
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
