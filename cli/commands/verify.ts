// `etiquette verify`: institutions, inventories, badges, protected values and references, expected against found.

import type { Command } from "commander";
import { type DatabaseOptions, withDatabase } from "../database.ts";
import { database, dataFolder, json } from "../options.ts";
import { run } from "../run.ts";
import { table } from "../terminal.ts";

export interface Check {
  name: string;
  expected: number;
  found: number;
  ok: boolean;
  /** Where it differs, a few of them. */
  examples: string[];
}

export function define(command: Command): void {
  command
    .description("check institutions, badges and protected values: expected against found")
    .addOption(json("one object a check and line"))
    .addOption(database())
    .addOption(dataFolder())
    .action((options) => run(options, (signal) => verify(options, signal), { text, isBad }));
}

export function verify(options: DatabaseOptions, signal: AbortSignal): Promise<Check[]> {
  return withDatabase(options, signal, async (sql) => [
    ...await sql<Check[]>`
      select name, expected::integer, found::integer, ok, examples from shop.verify()`,
  ]);
}

function text(checks: Check[]): string {
  const failed = checks.filter(({ ok }) => !ok);
  return [
    table(
      ["Check", "Expected", "Found", ""],
      checks.map(({ name, expected, found, ok }) => [name, expected, found, ok ? "ok" : "DIFFERS"]),
    ),
    ...failed.map(({ name, examples }) => `✖ ${name}: ${examples.join(", ")}`),
    failed.length === 0 ? "All is as expected." : `${failed.length} of ${checks.length} differ.`,
  ].join("\n");
}

function isBad(checks: Check[]): boolean {
  return checks.some(({ ok }) => !ok);
}
