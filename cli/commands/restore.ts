// `etiquette restore`: puts manual values back to what they were at a mark, before a run, or at a time.

import { type Command, InvalidArgumentError, Option } from "commander";
import type postgres from "postgres";
import { callBySql } from "../database.ts";
import { json, project, wholeNumber } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { valueText } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";

export interface RestoreOptions extends ProjectOptions {
  mark?: number;
  run?: number;
  time?: string;
  now?: true;
  client?: string;
  table?: string;
  column?: string[];
  key?: string[];
  people?: true;
  by?: string[];
  until?: string;
  apply?: true;
  json?: true;
}

export interface Restored {
  applied: boolean;
  mark: number;
  cells: Cell[];
}

interface Cell {
  table: string;
  column: string;
  key: string;
  /** `restored`, `would restore`, or why the cell stays as it is. */
  action: string;
  current_value: unknown;
  restored_value: unknown;
  detail: string | null;
}

export function define(command: Command): void {
  const scope = ["table", "column", "key", "people", "by", "until"];
  project(command)
    .description("put manual values back to what they were; shows what it would do unless --apply is given")
    .addOption(new Option("--mark <number>", "a mark").argParser(wholeNumber).conflicts(["run", "time"]))
    .addOption(new Option("--run <id>", "just before a run").argParser(wholeNumber).conflicts("time"))
    .addOption(
      new Option("--time <when>", "the last mark up to then, such as 2026-01-19T05:00Z").argParser(parseTime),
    )
    .addOption(
      new Option("--now", "what should stand there now; first repairs what protects it, if it is applied")
        .conflicts(["mark", "run", "time"]),
    )
    .addOption(
      new Option("--client <id>", "a client, its pianos, contacts and configuration").conflicts(scope),
    )
    .option("--table <name>", "only this table")
    .option("--column <names...>", "only these columns")
    .option("--key <keys...>", "only these rows")
    .option("--people", "people's own changes after that point as well")
    .option("--by <names...>", "of people's changes those of these writers or signed-in users")
    .addOption(new Option("--until <when>", "of people's changes those up to then").argParser(parseTime))
    .option("--apply", "write it; without this nothing is written")
    .addOption(json("one JSON value: the mark, whether it was applied, and each cell with what came of it"))
    .action((options: RestoreOptions) => {
      const { mark, run: id, time, now } = options;
      if (mark === undefined && id === undefined && time === undefined && !now) {
        command.error("error: name the point to go back to: --now, --mark, --run or --time");
      }
      return run(options, (signal) => restore(options, signal), { text });
    });
}

/** @throws needs_person, OW001, OW008, OW009, OW012, PT404 */
export function restore(options: RestoreOptions, signal: AbortSignal): Promise<Restored> {
  return asPerson("restore", options, signal, async (sql) => {
    const applied = options.apply ?? false;
    if (options.now && applied) await sql`select ownership.repair()`;
    const mark = await markOf(sql, options);
    const found = options.client === undefined
      ? sql`select * from ownership.restore(${mark}, ${options.table ?? null}::text::regclass,
          ${options.column ?? null}::name[], ${!applied}, ${options.key ?? null}::text[],
          ${options.people ?? false}, ${options.by ?? null}::text[], ${options.until ?? null}::timestamptz)`
      : sql`select * from shop.restore_client(${options.client}, ${mark}, ${!applied})`;
    const cells = await sql<Cell[]>`
      select table_name::text as table, col as column, key, action, current_value, restored_value, detail
      from (${found}) found`;
    return { applied, mark, cells: [...cells] };
  });
}

async function markOf(sql: postgres.Sql, { mark, run, time, now }: RestoreOptions): Promise<number> {
  if (mark !== undefined) return mark;
  if (now) {
    const [row] = await sql<{ mark: number }[]>`select ownership.mark('restore --now')::integer as mark`;
    return row!.mark;
  }
  if (run !== undefined) {
    return (await callBySql(sql)<{ mark: number }>("sync_show_run", { run_id: run })).mark;
  }
  const [row] = await sql<{ mark: number }[]>`select ownership.mark_at(${time!})::integer as mark`;
  return row!.mark;
}

function parseTime(text: string): string {
  if (!Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("It must be a time as 2026-01-19T05:00Z or 2026-01-19T00:00-05:00.");
}

const most = 30;

function text({ applied, mark, cells }: Restored): string {
  if (cells.length === 0) return `Every manual value is what it was at mark ${mark}.`;
  const counts = countBy(cells, ({ action }) => action);
  return [
    table(
      ["Table", "Column", "Key", "What", "Stands", "Was"],
      cells.slice(0, most).map((cell) => [
        cell.table,
        cell.column,
        cell.key,
        cell.action,
        valueText(cell.current_value, 30),
        valueText(cell.restored_value, 30),
      ]),
    ),
    ...(cells.length > most ? [`and ${cells.length - most} more: --json shows them all`] : []),
    [...counts].map(([action, count]) => `${action}: ${count}`).join(", "),
    ...(!applied && counts.has("would restore") ? ["Nothing is written yet: --apply does it."] : []),
  ].join("\n");
}

function countBy<T>(all: T[], keyOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}
