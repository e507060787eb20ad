// `etiquette revert <run>`: takes back what a run wrote, unless a cell was written again since.

import type { Command } from "commander";
import { json, project, wholeNumber } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { valueText } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";

export interface Reverted {
  run_id: number;
  stream: string;
  dry_run: boolean;
  stream_enabled: boolean;
  /** How many cells and rows were put back, deleted, left because they are newer, kept, or gone. */
  actions: Record<string, number>;
  samples: { external_id: string; col: string | null; action: string; stands: unknown; put_back: unknown }[];
}

export interface RevertOptions extends ProjectOptions {
  apply?: true;
}

export function define(command: Command): void {
  project(command)
    .description("take back what a run wrote; shows what it would do unless --apply is given")
    .argument("<run>", "its number, as etiquette runs lists it", wholeNumber)
    .option("--apply", "write it; without this nothing is written")
    .addOption(json("one JSON value: counts by what came of a cell, and samples"))
    .action((id, options) => run(options, (signal) => revert(id, options, signal), { text }));
}

/** @throws PT404, or PT409 if the run is not over */
export function revert(id: number, options: RevertOptions, signal: AbortSignal): Promise<Reverted> {
  return withProject(
    options,
    signal,
    (call) => call("sync_revert_run", { run_id: id, dry_run: !options.apply }),
  );
}

function text({ run_id, stream, dry_run, stream_enabled, actions, samples }: Reverted): string {
  if (Object.keys(actions).length === 0) {
    return `Run ${run_id} of ${stream} wrote nothing, or its changes are no longer on record.`;
  }
  const again =
    `The next run does it again: update sync.streams set is_enabled = false where stream = '${stream}';`;
  return [
    table(
      ["Record", "Column", "What", "Stands", "Was"],
      samples.map((one) => [
        one.external_id,
        one.col ?? "",
        one.action,
        one.col === null ? "" : valueText(one.stands, 40),
        one.col === null ? "" : valueText(one.put_back, 40),
      ]),
    ),
    Object.entries(actions).map(([action, times]) => `${action}: ${times}`).join(", "),
    ...(stream_enabled ? [again] : []),
    ...(dry_run ? ["Nothing is written yet: --apply does it."] : []),
  ].join("\n");
}
