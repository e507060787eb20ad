// `etiquette verify`: institutions, inventories, badges, protected values and references, expected against found.

import { type DatabaseOptions, withDatabase } from "../database.ts";
import { table } from "../terminal.ts";

export interface Check {
  name: string;
  expected: number;
  found: number;
  ok: boolean;
  /** Where it differs, a few of them. */
  examples: string[];
}

export interface Verified {
  checks: Check[];
  json: boolean;
}

export function verify(options: DatabaseOptions & { json?: true }, signal: AbortSignal): Promise<Verified> {
  return withDatabase(options, signal, async (sql) => {
    const checks = await sql<Check[]>`
      select name, expected::integer, found::integer, ok, examples from shop.verify()`;
    return { checks: [...checks], json: options.json ?? false };
  });
}

/** Exit code 1 when something is not as expected. */
export function printVerified({ checks, json }: Verified): Promise<number> {
  const failed = checks.filter(({ ok }) => !ok);
  if (json) { for (const check of checks) console.log(JSON.stringify(check)); }
  else {
    console.log(table(
      ["Check", "Expected", "Found", ""],
      checks.map(({ name, expected, found, ok }) => [name, expected, found, ok ? "ok" : "DIFFERS"]),
    ));
    for (const { name, examples } of failed) console.log(`✖ ${name}: ${examples.join(", ")}`);
    console.log(failed.length === 0 ? "All is as expected." : `${failed.length} of ${checks.length} differ.`);
  }
  return Promise.resolve(failed.length === 0 ? 0 : 1);
}
