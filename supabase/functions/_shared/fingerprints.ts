// What the database knows need not be sent: a record goes by its fingerprint first.

import { createHash } from "node:crypto";
import type { StagedRecord } from "./records.ts";

/** By external_id: 128 bits as 32 hexadecimal digits. */
export type Fingerprints = ReadonlyMap<string, string>;

/** Of an id that comes twice, the last record's. MD5 tells records apart; it defends nothing here. */
export function fingerprintsOf(records: StagedRecord[]): Fingerprints {
  return new Map(records.map((record) => [record.external_id, fingerprint(record)]));
}

function fingerprint(record: StagedRecord): string {
  return createHash("md5").update(JSON.stringify(record)).digest("hex");
}
