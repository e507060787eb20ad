// A replay stages rejected records again instead of reading the source. A record that failed validation is validated
// again; one that the table refused is staged as it was mapped then.

import { z } from "zod";
import { call, type Database } from "./database.ts";
import { type Mapped, readRecords, type StagedRecord } from "./records.ts";
import { type Lease, stagePage, type State } from "./runs.ts";
import { toSent } from "./sent-records.ts";

const kept = z.object({
  records: z.array(z.object({ is_mapped: z.boolean(), payload: z.string() })),
  last: z.number().nullable(),
  is_last: z.boolean(),
  total_count: z.number(),
});
const mapped = z.object({ external_id: z.string() }).loose();

/** Stages the next rejected records of a replay. @param after the cursor of the run */
export async function stageRejected(
  stream: Mapped,
  database: Database,
  run: Lease,
  after: string | null,
): Promise<{ state: State; cursor: string | null }> {
  const args = { run_id: run.run_id, lease: run.lease, after: Number(after ?? 0) };
  const page = await call(database, "sync_read_rejected", args, kept);
  const payloads = (isMapped: boolean) =>
    page.records.filter(({ is_mapped }) => is_mapped === isMapped).map(({ payload }) => JSON.parse(payload));

  const read = readRecords(stream, payloads(false), []);
  const again: StagedRecord[] = payloads(true).map((payload) => mapped.parse(payload));
  const cursor = page.last === null ? after : String(page.last);
  const reached = { cursor, isLast: page.is_last, totalCount: page.total_count };
  const records = [...read.records, ...again].map((record) => toSent(record, false));
  const state = await stagePage(database, run, { ...read, records, account: null, reached });
  return { state, cursor };
}
