// Records as they go to the database: what it knows need not be sent, so a record goes by its fingerprint first.

import { createHash } from "node:crypto";
import type { StagedRecord } from "./records.ts";

export type SentRecord = {
  id: string;
  json: string;
  /** A line for the database: 32 hexadecimal digits, a space, the id. Null where it has nothing to compare it to. */
  fingerprint: string | null;
};

/** @param withFingerprint an id that would not fit into a line gets none even so */
export function toSent(record: StagedRecord, withFingerprint: boolean): SentRecord {
  const id = record.external_id;
  const json = JSON.stringify(record);
  return { id, json, fingerprint: withFingerprint && !id.includes("\n") ? `${digest(json)} ${id}` : null };
}

/** 128 bits of a SHA-1 tell records apart; they defend nothing here. Processors have SHA-1 built in, and not MD5. */
function digest(json: string): string {
  return createHash("sha1").update(json).digest("hex").slice(0, 32);
}
