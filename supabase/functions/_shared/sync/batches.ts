// Pages of a source, read ahead, and put together to what one call of the database takes.

import type { Page } from "./page.ts";
import { type Mapped, readRecords } from "./records.ts";
import type { Batch, Started } from "./runs.ts";
import { toSent } from "./sent-records.ts";
import type { Slice } from "./slice.ts";
import type { Reader } from "./source.ts";

/** One page is fetched while the one before it is taken apart. Answers null when there is no time for any. */
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
  let read = 0;
  const isEnough = () => slice.isLong() || read >= run.slice_rows;
  return async () => {
    const parts: Batch[] = [];
    const upTo = read + run.stage_rows;
    // The first page is read however little time there is.
    while (coming && read < upTo && (read === 0 || !isEnough())) {
      const page: Page | null = await slice.fetch(slice.unlessStopped(coming)).catch((thrown) => {
        // What was read counts first; the next call meets the same failure.
        if (parts.length === 0) throw thrown;
        return null;
      });
      if (page === null) break;
      read += page.nodes.length;
      coming = page.isLast || isEnough() ? null : fetchAfter(page);
      // Should staging fail first, the page under way is nobody's concern any more.
      coming?.catch(() => {});
      // Page by page: in one go, the answers that come meanwhile would have to wait.
      parts.push(toBatch(stream, page, run.has_rows));
    }
    return parts.length > 0 ? join(parts) : null;
  };
}

function toBatch(
  stream: Mapped,
  { nodes, errors, endCursor, isLast, totalCount }: Page,
  withFingerprints: boolean,
): Batch {
  const read = readRecords(stream, nodes, errors);
  const records = read.records.map((record) => toSent(record, withFingerprints));
  return { ...read, records, place: { cursor: endCursor, isLast, totalCount } };
}

function join(parts: Batch[]): Batch {
  const { cursor, isLast } = parts.at(-1)!.place;
  return {
    records: parts.flatMap(({ records }) => records),
    rejected: parts.flatMap(({ rejected }) => rejected),
    unknownFields: parts.reduce((sum, { unknownFields }) => sum + unknownFields, 0),
    place: { cursor, isLast, totalCount: Math.max(...parts.map(({ place }) => place.totalCount)) },
  };
}
