// `etiquette export`: writes all manual values into a JSON file, to be kept outside the database.

import { rename, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { json, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";

export interface Exported {
  file: string;
  values: number;
}

export function define(command: Command): void {
  project(command)
    .argument("<file>")
    .addOption(json("one JSON value: the file, and how many values are in it"))
    .action((file, options) => run(options, (signal) => exportValues(file, options, signal), { text }));
}

/** Writes the whole file or nothing: under another name first, which is then changed. */
export function exportValues(file: string, options: ProjectOptions, signal: AbortSignal): Promise<Exported> {
  return asPerson("export", options, signal, async (sql) => {
    const [row] = await sql<{ document: string; values: number }[]>`
      select jsonb_pretty(ownership.export()) as document,
        (select count(*)::integer from ownership.claims) as values`;
    await writeFile(`${file}.part`, row!.document + "\n", { mode: 0o600 });
    await rename(`${file}.part`, file);
    return { file, values: row!.values };
  });
}

function text({ file, values }: Exported): string {
  const noun = values === 1 ? "value is" : "values are";
  return `${values.toLocaleString("en-CA")} manual ${noun} in ${file}.`;
}
