// `etiquette carry [gone] [receiver]`: what people own of a record that is gone goes to the record that took its place.

import type { Command } from "commander";
import { json, project } from "../options.ts";
import { asPerson, type ProjectOptions } from "../project.ts";
import { valueText } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { moment, oneLine } from "../terminal.ts";

export interface CarryOptions extends ProjectOptions {
  over?: string[];
  apply?: true;
}

export interface LeftBehind {
  table: string;
  key: string;
  name: string | null;
  gone_since: string;
  /** Which columns, with the tags that people set. */
  owned: string[];
  /** Where its pianos and other records went, most first. */
  receivers: { receiver: string; pianos: number; records: number }[];
}

export interface Carried {
  applied: boolean;
  cells: {
    table: string;
    column: string;
    /** `carried`, `would carry`, or `stays`. */
    action: string;
    current_value: unknown;
    carried_value: unknown;
    detail: string;
  }[];
}

export function define(command: Command): void {
  project(command)
    .description(
      "carry what people own of a record that is gone over to the one that took its place; or list such",
    )
    .argument(
      "[gone]",
      "a client, piano or contact that was merged in Gazelle; without it, those that are listed",
    )
    .argument("[receiver]", "the one that it was merged into")
    .option("--over <columns...>", "these also where the receiver has another value of Gazelle's")
    .option("--apply", "write it; without this nothing is written")
    .addOption(
      json("one object a record and line; with a receiver, one JSON value: what is, or would be, done"),
    )
    .action((gone, receiver, options: CarryOptions & { json?: true }) => {
      if (gone === undefined) {
        return run(options, (signal) => leftBehind(options, signal), { text: listText });
      }
      if (receiver === undefined) command.error("error: name the record that took its place, too");
      return run(options, (signal) => carry(gone, receiver, options, signal), { text });
    });
}

/** @throws needs_person */
export function leftBehind(options: ProjectOptions, signal: AbortSignal): Promise<LeftBehind[]> {
  return asPerson("carry", options, signal, async (sql) => [
    ...await sql<LeftBehind[]>`
      select b.tbl::text as table, b.key, b.name, b.gone_since, b.owned, coalesce((
        select jsonb_agg(to_jsonb(r) - 'gone' order by r.pianos desc, r.records desc)
        from shop.receivers_of(array[b.key]) r), '[]') as receivers
      from shop.left_behind() b
      order by b.gone_since desc, b.key`,
  ]);
}

/** @throws needs_person, OW001, PT404, PT409 */
export function carry(
  gone: string,
  receiver: string,
  { over, apply, ...options }: CarryOptions,
  signal: AbortSignal,
): Promise<Carried> {
  return asPerson("carry", options, signal, async (sql) => {
    const applied = apply ?? false;
    const cells = await sql<Carried["cells"]>`
      select table_name::text as table, col as column, action, current_value, carried_value, detail
      from shop.carry_over(${gone}, ${receiver}, ${over ?? []}::name[], ${!applied})`;
    return { applied, cells: [...cells] };
  });
}

function listText(records: LeftBehind[]): string {
  if (records.length === 0) return "People own nothing of a record that is gone.";
  return records.flatMap(({ key, name, gone_since, owned, receivers }) => [
    oneLine(
      `${[key, name].filter(Boolean).join(" ")}, gone since ${moment(gone_since)} UTC: ${owned.join("; ")}`,
    ),
    ...receivers.map(({ receiver, pianos, records }) =>
      oneLine(
        `  ${pianos} pianos and ${
          records - pianos
        } other records are with ${receiver}: etiquette carry ${key} ${receiver}`,
      )
    ),
    ...(receivers.length === 0 ? ["  Nothing of it went elsewhere."] : []),
  ]).join("\n");
}

function text({ applied, cells }: Carried): string {
  const shown = table(
    ["Table", "Column", "What", "Stands", "Carried", "Why"],
    cells.map(({ table, column, action, current_value, carried_value, detail }) => [
      table,
      column,
      action,
      valueText(current_value, 30),
      valueText(carried_value, 30),
      detail,
    ]),
  );
  return [
    shown,
    ...(cells.some(({ detail }) => detail === "something else stands there")
      ? ["--over <columns> writes these over what Gazelle has there."]
      : []),
    ...(applied ? [] : ["Nothing is written yet: --apply does it."]),
  ].join("\n");
}
