// `etiquette export` and `import`: every manual value as one JSON file, to keep outside the database.

import { readFile, rename, writeFile } from "node:fs/promises";
import postgres from "postgres";
import { problem } from "../../local/problem.ts";
import { type DatabaseOptions, withDatabase } from "../database.ts";
import { table } from "../terminal.ts";

export interface Exported {
  file: string;
  values: number;
}

/** Writes the file whole or not at all. */
export function exportValues(file: string, options: DatabaseOptions, signal: AbortSignal): Promise<Exported> {
  return withDatabase(options, signal, async (sql) => {
    const [row] = await sql<{ document: string; values: number }[]>`
      select jsonb_pretty(ownership.export()) as document,
        (select count(*)::integer from ownership.claims) as values`;
    await writeFile(`${file}.part`, row!.document + "\n", { mode: 0o600 });
    await rename(`${file}.part`, file);
    return { file, values: row!.values };
  });
}

export function printExported({ file, values }: Exported): Promise<number> {
  console.log(`${values.toLocaleString("en-CA")} manual values are in ${file}.`);
  return Promise.resolve(0);
}

export interface Imported {
  applied: boolean;
  actions: { action: string; column: string; values: number }[];
}

/** A dry run unless `apply` is set. A file with a mistake is refused as a whole. */
export function importValues(
  file: string,
  options: DatabaseOptions & { apply?: true },
  signal: AbortSignal,
): Promise<Imported> {
  return withDatabase(options, signal, async (sql) => {
    const text = await readFile(file, "utf8").catch((error) => {
      throw problem(
        "file_unreadable",
        `${file} cannot be read.`,
        error.message,
        "Name a file that export wrote.",
      );
    });
    const applied = options.apply ?? false;
    const actions = await sql<Imported["actions"]>`
      select action, table_name || '.' || col as column, count(*)::integer as values
      from ownership.import(${text}::text::jsonb, dry_run => ${!applied})
      group by 1, 2 order by 1, 2`.catch((error) => {
      throw refused(file, error);
    });
    return { applied, actions: [...actions] };
  });
}

function refused(file: string, error: postgres.PostgresError): Error {
  const message = `${file} is not imported: ${error.message}`;
  return problem(error.code, message, error.detail ?? "", error.hint ?? "Name a file that export wrote.");
}

export function printImported({ applied, actions }: Imported): Promise<number> {
  if (actions.length === 0) console.log("Every value of the file stands there already.");
  else {
    const rows = actions.map(({ action, column, values }) => [action, column, values]);
    console.log(table(["Action", "Column", "Values"], rows));
  }
  if (!applied && actions.length > 0) console.log("Nothing is written yet: --apply does it.");
  return Promise.resolve(0);
}
