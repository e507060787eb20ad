// `etiquette explain <table> <key> [column]`: why a cell has its value.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { valueText } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { moment } from "../terminal.ts";

/** A row of ownership.explain. */
export interface Cell {
  column_name: string;
  mode: string;
  owner: string | null;
  rank: number | null;
  since: string | null;
  value: unknown;
  offered: unknown;
  offered_at: string | null;
  elements: { element: unknown; owner: string; removed: boolean; since: string }[] | null;
  base: Record<string, string[]> | null;
  last_blocks: Block[] | null;
}

interface Block {
  writer: string;
  offered: unknown;
  kept: unknown;
  times: number;
  first_at: string;
  last_at: string;
}

export function define(command: Command): void {
  project(command)
    .description("show who owns a cell, since when, and what was kept out of it")
    .argument("<table>")
    .argument("<key>", "the value of the identity key, such as cli_9UMLkteep8EsISbG; several as a JSON array")
    .argument("[column]", "one column in detail; without it all protected ones")
    .addOption(json("one object a protected column and line"))
    .action((tbl, key, column, options) =>
      run(options, (signal) => explain(tbl, key, column, options, signal), {
        text: (cells) =>
          column === undefined ? overview(cells) : cells.map((cell) => detail(cell, key)).join("\n"),
      })
    );
}

/** @throws OW008, OW010, OW011, 42P01 */
export function explain(
  tbl: string,
  key: string,
  column: string | undefined,
  options: ProjectOptions,
  signal: AbortSignal,
): Promise<Cell[]> {
  return withProject(options, signal, (call) => call("ownership_explain", { tbl, key, col: column }));
}

function overview(cells: Cell[]): string {
  return table(
    ["Column", "Mode", "Owner", "Since (UTC)", "Value", "Offered"],
    cells.map(({ column_name, mode, owner, since, value, offered, offered_at }) => [
      column_name,
      mode,
      owner ?? "",
      moment(since),
      valueText(value, 40),
      offered_at === null ? "" : valueText(offered, 40),
    ]),
  );
}

function detail(cell: Cell, key: string): string {
  const { column_name, mode, owner, rank, since, value, offered, offered_at, elements, base, last_blocks } =
    cell;
  return [
    `${column_name} of ${key}: ${valueText(value)} (${mode})`,
    owner === null
      ? "  Nobody owns it: what a source sends is written."
      : `  Owned by ${owner}, rank ${rank}, since ${moment(since)}.`,
    ...(offered_at === null ? [] : [`  Offered last, ${moment(offered_at)}: ${valueText(offered)}.`]),
    ...(elements ?? []).map((one) =>
      `  ${valueText(one.element)} was ${one.removed ? "taken out" : "put in"} by ${one.owner}, ${
        moment(one.since)
      }.`
    ),
    ...Object.entries(base ?? {}).map(([source, set]) => `  ${source} holds ${valueText(set)}.`),
    ...(last_blocks ?? []).map((block) =>
      `  ${block.writer} was kept out ${block.times} times, last ${moment(block.last_at)}: ${
        valueText(block.offered)
      }.`
    ),
  ].join("\n");
}
