// A slice is the time that one call may work on a run. It also measures how much of that time was spent waiting for
// the source; the database measures its own share.

import type { Timings } from "./runs.ts";

export type Slice = ReturnType<typeof openSlice>;

/**
 * @param now milliseconds; if the clock is put back, no time passes, and if it jumps ahead, the slice ends
 * @param length milliseconds; one unit of work is done in any case, so that every slice brings the run forward
 */
export function openSlice(now: () => number, length: number, stopping: AbortSignal) {
  let fetching = 0;
  const { promise: stopped, resolve } = Promise.withResolvers<null>();
  const stop = () => resolve(null);
  if (stopping.aborted) stop();
  stopping.addEventListener("abort", stop);
  let last = now();
  let elapsed = 0;
  let units = 0;

  const passed = () => {
    const time = now();
    elapsed += Math.max(0, time - last);
    last = time;
    return elapsed;
  };
  const isLong = () => stopping.aborted || passed() >= length;

  return {
    /** Whether the time is up, so that no more pages should be read ahead. */
    isLong,
    /** Whether the run should be paused: the time is up, and a unit of work is done. */
    isOver: () => stopping.aborted || (units > 0 && isLong()),
    /** Removes the listener: the signal lives as long as the process, and would keep every slice in memory. */
    close: () => stopping.removeEventListener("abort", stop),
    /** The result of the work, or null as soon as the process is about to end. */
    unlessStopped: <T>(work: Promise<T>): Promise<T | null> => Promise.race([work, stopped]),
    /** Waits for a unit of work, and counts it. */
    async unit<T>(work: Promise<T>): Promise<T> {
      const result = await work;
      units++;
      return result;
    },
    async fetch<T>(work: Promise<T>): Promise<T> {
      const from = passed();
      try {
        return await work;
      } finally {
        fetching += passed() - from;
      }
    },
    timings: (): Timings => ({ fetch: Math.round(fetching), total: Math.round(passed()) }),
  };
}
