// What the database knows need not be sent: a record goes by its fingerprint first.

import { createHash } from "node:crypto";
import type { StagedRecord } from "./records.ts";

/** A line for the database: 32 hexadecimal digits, a space, the id. */
export type Fingerprint = string;

/** One for each record, in their order; null for an id that would not fit into a line. */
export function fingerprintsOf(records: StagedRecord[]): (Fingerprint | null)[] {
  return records.map((record) => record.external_id.includes("\n") ? null : fingerprint(record));
}

/** 128 bits of a SHA-1 tell records apart; they defend nothing here. Processors have SHA-1 built in, and not MD5. */
function fingerprint(record: StagedRecord): Fingerprint {
  const digest = createHash("sha1").update(JSON.stringify(record)).digest("hex");
  return `${digest.slice(0, 32)} ${record.external_id}`;
}
