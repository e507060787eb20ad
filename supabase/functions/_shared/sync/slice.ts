// The time that one call may work on a run, and what of it was spent on reading. What the database does it times itself.

import type { Timings } from "./runs.ts";

export type Slice = ReturnType<typeof openSlice>;

/**
 * @param now milliseconds; a clock that is put back stands still for us, one that jumps ahead ends the slice
 * @param length milliseconds; a unit of work is done in any case, so that every slice gets on
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
    /** Whether no more work should be begun ahead. */
    isLong,
    /** Whether it is time to let go of the run. */
    isOver: () => stopping.aborted || (units > 0 && isLong()),
    /** The signal outlives every slice: it must not keep them all. */
    close: () => stopping.removeEventListener("abort", stop),
    /** What is waited for, or null as soon as this process is about to end. */
    unlessStopped: <T>(work: Promise<T>): Promise<T | null> => Promise.race([work, stopped]),
    /** Every slice does a unit of work: so that it gets on. */
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
