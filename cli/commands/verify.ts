// `etiquette verify`: compares institutions, inventories, badges, protected values and references with what is
// expected.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { oneLine } from "../terminal.ts";

export interface Check {
  name: string;
  expected: number;
  found: number;
  ok: boolean;
  /** Some of the differences. */
  examples: string[];
}

export function define(command: Command): void {
  project(command)
    .description(
      "check institutions, badges and protected values: expected against found; exit code 1 when they differ",
    )
    .addOption(json("one object a check and line"))
    .action((options) => run(options, (signal) => verify(options, signal), { text, isBad }));
}

export function verify(options: ProjectOptions, signal: AbortSignal): Promise<Check[]> {
  return withProject(options, signal, (call) => call("shop_verify"));
}

function text(checks: Check[]): string {
  const failed = checks.filter(({ ok }) => !ok);
  return [
    table(
      ["Check", "Expected", "Found", ""],
      checks.map(({ name, expected, found, ok }) => [name, expected, found, ok ? "ok" : "DIFFERS"]),
    ),
    ...failed.map(({ name, examples }) => oneLine(`✖ ${name}: ${examples.join(", ")}`)),
    failed.length === 0 ? "All is as expected." : `${failed.length} of ${checks.length} differ.`,
  ].join("\n");
}

function isBad(checks: Check[]): boolean {
  return checks.some(({ ok }) => !ok);
}
