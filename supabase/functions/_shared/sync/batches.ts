// Reads the pages of a source ahead, and joins them into batches of the size that one call of the database takes.

import { faultIn } from "./faults.ts";
import type { Page } from "./page.ts";
import { type Mapped, readRecords } from "./records.ts";
import type { Batch, Started } from "./runs.ts";
import { toSent } from "./sent-records.ts";
import type { Slice } from "./slice.ts";
import type { Reader } from "./source.ts";

/**
 * Gives a function that returns the next batch, or null when there is none or no time for one. While a page is
 * validated, the one after it is being fetched.
 */
export function readBatches(
  stream: Mapped,
  run: Started,
  { readPage, pause }: Reader,
  slice: Slice,
): () => Promise<Batch | null> {
  const fetchAfter = async (page: Page) => {
    await pause();
    return await readPage(page.endCursor);
  };

  let coming: Promise<Page> | null = readPage(run.cursor);
  let [pages, read] = [0, 0];
  const isEnough = () => slice.isLong() || read >= run.slice_rows;
  return async () => {
    const parts: Batch[] = [];
    const upTo = read + run.stage_rows;
    // The first page is read even if there is no time: each call must bring the run forward.
    while (coming && read < upTo && (pages === 0 || !isEnough())) {
      const page: Page | null = await slice.fetch(slice.unlessStopped(coming)).catch((thrown) => {
        // The pages that were read are staged first. The next call to this function meets the same failure.
        if (parts.length === 0) throw thrown;
        return null;
      });
      if (page === null) break;
      pages++;
      read += page.nodes.length;
      checkEnd(stream, (run.counters.fetched ?? 0) + read, page);
      coming = page.isLast || isEnough() ? null : fetchAfter(page);
      // If staging fails first, nobody waits for this page: its failure must not count as unhandled.
      coming?.catch(() => {});
      // One page at a time, since validating all of a batch at once would block the event loop.
      parts.push(toBatch(stream, page, run.has_rows));
    }
    return parts.length > 0 ? join(parts) : null;
  };
}

/** Records that come and go while pages are read can be read twice; many more than there are means that it never ends. */
const spare = 1_000;

function checkEnd({ source }: Mapped, read: number, { totalCount, isLast }: Page): void {
  if (isLast || read <= 2 * totalCount + spare) return;
  throw faultIn(source, "malformed", `${source.label}'s pages do not end`, {
    details: `${read} records were read, and there are ${totalCount}.`,
    hint: "Start the sync again later.",
  });
}

function toBatch(
  stream: Mapped,
  { nodes, errors, endCursor, isLast, totalCount, account = null }: Page,
  withFingerprints: boolean,
): Batch {
  const read = readRecords(stream, nodes, errors);
  const records = read.records.map((record) => toSent(record, withFingerprints));
  return { ...read, records, account, reached: { cursor: endCursor, isLast, totalCount } };
}

function join(parts: Batch[]): Batch {
  const { cursor, isLast } = parts.at(-1)!.reached;
  return {
    records: parts.flatMap(({ records }) => records),
    rejected: parts.flatMap(({ rejected }) => rejected),
    unknownFields: parts.reduce((sum, { unknownFields }) => sum + unknownFields, 0),
    unclear: parts.reduce((sum, { unclear }) => sum + unclear, 0),
    account: parts.find(({ account }) => account)?.account ?? null,
    reached: { cursor, isLast, totalCount: Math.max(...parts.map(({ reached }) => reached.totalCount)) },
  };
}
