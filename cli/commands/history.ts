// `etiquette history <table> <key> [column]`: lists what happened to the owned cells of a row.

import type { Command } from "commander";
import { json, limit, project } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { valueText } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { moment } from "../terminal.ts";

export interface Entry {
  id: number;
  at: string;
  col: string;
  element: string;
  event: string;
  writer: string;
  role: string;
  /** The signed-in user, if the write came through the API. */
  sub: string | null;
  run: string | null;
  old_value: unknown;
  new_value: unknown;
}

export interface HistoryOptions extends ProjectOptions {
  limit: number;
}

export function define(command: Command): void {
  project(command)
    .description("list what happened to the owned cells of a row, newest first")
    .argument("<table>")
    .argument("<key>", "the value of the identity key; several as a JSON array")
    .argument("[column]")
    .addOption(limit(50))
    .addOption(json("one object an entry and line"))
    .action((tbl, key, column, options) =>
      run(options, (signal) => history(tbl, key, column, options, signal), { text })
    );
}

/** @throws OW008, OW010, OW011, 42P01 */
export function history(
  tbl: string,
  key: string,
  column: string | undefined,
  { limit, ...options }: HistoryOptions,
  signal: AbortSignal,
): Promise<Entry[]> {
  return withProject(
    options,
    signal,
    (call) => call("ownership_list_history", { tbl, key, col: column, row_limit: limit }),
  );
}

function text(entries: Entry[]): string {
  if (entries.length === 0) return "No cell of it was ever owned.";
  return table(
    ["At (UTC)", "Column", "Event", "Writer", "Was", "Became"],
    entries.map(({ at, col, event, writer, sub, old_value, new_value }) => [
      moment(at),
      col,
      event,
      sub === null ? writer : `${writer} ${sub}`,
      valueText(old_value, 40),
      valueText(new_value, 40),
    ]),
  );
}
