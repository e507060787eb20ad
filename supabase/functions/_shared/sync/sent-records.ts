// Records as they are sent to the database. Fingerprints are sent first, so that known records need not be sent at
// all.

import { createHash } from "node:crypto";
import type { StagedRecord } from "./records.ts";

export type SentRecord = {
  id: string;
  json: string;
  /** A line for the database: 32 hexadecimal digits, a space, the id. Null if the record is sent in any case. */
  fingerprint: string | null;
};

/** @param withFingerprint has no effect for an id that contains a line break */
export function toSent(record: StagedRecord, withFingerprint: boolean): SentRecord {
  const id = record.external_id;
  const json = JSON.stringify(record);
  return { id, json, fingerprint: withFingerprint && !id.includes("\n") ? `${digest(json)} ${id}` : null };
}

/**
 * 128 bits of SHA-1 are enough to tell records apart, for no attack is to be feared. Processors compute SHA-1 in
 * hardware.
 */
function digest(json: string): string {
  return createHash("sha1").update(json).digest("hex").slice(0, 32);
}
