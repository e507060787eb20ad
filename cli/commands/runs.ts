// `etiquette runs`: lists the newest runs.

import type { Command } from "commander";
import { json, limit, project } from "../options.ts";
import { type ProjectOptions, withProject } from "../project.ts";
import { failures, type SyncReport } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { moment, seconds } from "../terminal.ts";

export interface RunsOptions extends ProjectOptions {
  stream?: string;
  limit: number;
}

export function define(command: Command): void {
  project(command)
    .description("list the newest runs")
    .option("--stream <name>", "only those of this stream")
    .addOption(limit(20))
    .addOption(json("one object a run and line"))
    .action((options) => run(options, (signal) => runs(options, signal), { text }));
}

/** @throws PT404 for an unknown stream */
export function runs({ stream, limit, ...options }: RunsOptions, signal: AbortSignal): Promise<SyncReport[]> {
  return withProject(options, signal, (call) => call("sync_list_runs", { stream, row_limit: limit }));
}

const counters = ["fetched", "inserted", "updated", "kept", "rejected", "missing"];

function text(found: SyncReport[]): string {
  if (found.length === 0) return "There was no run yet: etiquette sync starts one.";
  const rows = found.map((one) => [
    one.run_id ?? 0,
    one.stream,
    one.dry_run ? `${one.status} (dry run)` : one.status,
    moment(one.started_at),
    ...counters.map((name) => one.counters[name] ?? 0),
    seconds(one.milliseconds?.["total"] ?? 0),
  ]);
  const last = failures(found[0]!);
  return [table(["Run", "Stream", "Outcome", "Started (UTC)", ...counters, "Time"], rows), ...last].join(
    "\n",
  );
}
