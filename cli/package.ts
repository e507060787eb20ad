// What belongs to the command line beside its code, in a clone as in the npm package.

import { readFile } from "node:fs/promises";

/** The folder of package.json. It stands one above this file, and one above the file that the package is built into. */
const root = new URL("../", import.meta.url);

export const migrationsFolder = new URL("supabase/migrations/", root);

/** "0.1.0" */
export async function version(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
  return version;
}
