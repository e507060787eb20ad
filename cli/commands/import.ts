// `etiquette import`: brings back the manual values of an exported file.

import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type postgres from "postgres";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { json, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";

export interface Imported {
  applied: boolean;
  actions: { action: string; column: string; values: number }[];
}

export function define(command: Command): void {
  project(command)
    .description("show what an exported file would bring back; with --apply bring it back")
    .argument("<file>")
    .option("--apply", "write it; without this nothing is written")
    .addOption(json("one JSON value: what is, or would be, done to how many values of a column"))
    .action((file, options) => run(options, (signal) => importValues(file, options, signal), { text }));
}

/** A dry run unless `apply` is set. If the file has a mistake, nothing of it is imported. */
export function importValues(
  file: string,
  options: ProjectOptions & { apply?: true },
  signal: AbortSignal,
): Promise<Imported> {
  return asPerson("import", options, signal, async (sql) => {
    const text = await readFile(file, "utf8").catch((error) => {
      throw problem("file_unreadable", `${file} cannot be read.`, {
        details: error.message,
        hint: "Name a file that export wrote.",
      });
    });
    const applied = options.apply ?? false;
    const actions = await sql<Imported["actions"]>`
      select action, table_name || '.' || col as column, count(*)::integer as values
      from ownership.import(${text}::text::jsonb, dry_run => ${!applied})
      group by 1, 2 order by 1, 2`.catch((error) => {
      throw importFailed(file, error);
    });
    return { applied, actions: [...actions] };
  });
}

function importFailed(file: string, error: postgres.PostgresError): Error {
  const message = `${file} is not imported: ${error.message}`;
  return problem(error.code, message, {
    details: error.detail,
    hint: error.hint ?? "Name a file that export wrote.",
  });
}

function text({ applied, actions }: Imported): string {
  if (actions.length === 0) return "Every value of the file stands there already.";
  const rows = actions.map(({ action, column, values }) => [action, column, values]);
  const done = table(["Action", "Column", "Values"], rows);
  return applied ? done : `${done}\nNothing is written yet: --apply does it.`;
}
