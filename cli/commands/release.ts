// `etiquette release <table> <key> <column>`: gives a cell back to its source.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { valueText } from "../reports.ts";
import { run } from "../run.ts";

export interface Released {
  table: string;
  key: string;
  column: string;
  /** The value that the cell has now. */
  value: unknown;
}

export function define(command: Command): void {
  project(command)
    .description("give a cell back to the source: its last offer is written")
    .argument("<table>", "needs a person's rank, so a database and not a key")
    .argument("<key>", "the value of the identity key; several as a JSON array")
    .argument("<column>")
    .addOption(json("one JSON value: the cell, and what stands there now"))
    .action((tbl, key, column, options) =>
      run(options, (signal) => release(tbl, key, column, options, signal), { text })
    );
}

/** @throws needs_person, OW001, OW008, OW010, OW011, 42P01 */
export function release(
  tbl: string,
  key: string,
  column: string,
  options: ProjectOptions,
  signal: AbortSignal,
): Promise<Released> {
  return asPerson("release", options, signal, async (sql) => {
    const [row] = await sql<{ value: unknown }[]>`
      select ownership.release(${tbl}::text::regclass, ${key}, ${column}) as value`;
    return { table: tbl, key, column, value: row!.value };
  });
}

function text({ key, column, value }: Released): string {
  return `${column} of ${key} is the source's again. What stands there: ${valueText(value)}`;
}
