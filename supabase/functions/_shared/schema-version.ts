// Functions and command line refuse a database that a later release has upgraded, since they were never tried on it.

import { problem } from "./problem.ts";

/** The version of the database that this code knows: sync.schema_version() in supabase/schemas/sync/version.sql. */
export const schemaVersion = 1;

/**
 * @param version of the database
 * @param what the code that may be too old, as the subject of a sentence
 * @throws database_newer
 */
export function refuseNewer(version: number, what: string, hint: string): void {
  if (version <= schemaVersion) return;
  throw problem(
    "database_newer",
    `The database has version ${version}, and ${what} knows ${schemaVersion}.`,
    { details: "It was upgraded by a later release. Nothing was written.", hint },
  );
}
