// `etiquette run <id>`: shows what a run did: counts, checks, values by column, and samples.

import type { Command } from "commander";
import { json, project, wholeNumber } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { failures, planText, replacedAtFirst, type SyncReport } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { moment, oneLine, seconds } from "../terminal.ts";

export interface RunReport extends SyncReport {
  checks: Record<
    string,
    { is_binding: boolean; expected: number; found: number | null; passed: boolean | null }
  >;
  allow: string[];
  is_replay: boolean;
  mark: number;
  reverted_at: string | null;
}

export function define(command: Command): void {
  project(command)
    .description("show what a run did: counts, checks, values by column, samples")
    .argument("<id>", "its number, as etiquette runs lists it", wholeNumber)
    .addOption(json("one JSON value: the report with checks and plan"))
    .action((id, options) => run(options, (signal) => showRun(id, options, signal), { text }));
  project(command.command("end"))
    .description("end a run that is running or paused, as failed, whatever it waits for")
    .argument("<id>", "its number", wholeNumber)
    .addOption(json("one JSON value: the report"))
    .action((_id, _options, end: Command) => {
      // Options that the verb and this one share belong to whichever comes first.
      const options: ProjectOptions & { json?: true } = end.optsWithGlobals();
      return run(options, (signal) => endRun(end.processedArgs[0], options, signal), { text: endText });
    });
}

/** @throws PT404, PT409 if the run is over */
export function endRun(id: number, options: ProjectOptions, signal: AbortSignal): Promise<SyncReport> {
  return withProject(options, signal, (call) => call("sync_end_run", { run_id: id }));
}

function endText({ run_id, stream, counters: { fetched, total } }: SyncReport): string {
  return `Run ${run_id} of ${stream} is ended, after ${fetched} of ${total ?? "?"} records. ` +
    `etiquette sync ${stream} begins a new one.`;
}

/** @throws PT404 */
export function showRun(id: number, options: ProjectOptions, signal: AbortSignal): Promise<RunReport> {
  return withProject(options, signal, (call) => call("sync_show_run", { run_id: id }));
}

const counters = [
  "total",
  "fetched",
  "staged",
  "rejected",
  "duplicates",
  "inserted",
  "updated",
  "unchanged",
  "kept",
  "missing",
];

function text(found: RunReport): string {
  const checks = Object.entries(found.checks).map(([name, { is_binding, expected, found, passed }]) => [
    name,
    is_binding ? "binding" : "",
    expected,
    found ?? "",
    passed === null ? "" : passed ? "ok" : "DIFFERS",
  ]);
  return [
    `Run ${found.run_id} of ${found.stream}: ${kindOf(found)}${found.status}`,
    oneLine(
      `Started ${moment(found.started_at)} UTC by ${found.started_by}, ${lasted(found)}, mark ${found.mark}`,
    ),
    ...(found.not_before ? [`Waits until ${moment(found.not_before)} UTC`] : []),
    ...(found.reverted_at ? [`Taken back ${moment(found.reverted_at)} UTC`] : []),
    ...failures(found),
    ...replacedAtFirst(found),
    counters.map((name) => `${name} ${found.counters[name] ?? "–"}`).join(", "),
    ...(checks.length > 0 ? [table(["Check", "", "Expected", "Found", "Outcome"], checks)] : []),
    planText(found.plan!),
  ].join("\n");
}

function kindOf({ dry_run, is_replay }: RunReport): string {
  return `${dry_run ? "dry run, " : ""}${is_replay ? "replay of rejected records, " : ""}`;
}

function lasted({ milliseconds, slices }: RunReport): string {
  return `${seconds(milliseconds?.["total"] ?? 0)} in ${slices} ${slices === 1 ? "slice" : "slices"}`;
}
