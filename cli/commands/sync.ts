// `etiquette sync [stream]`: runs a stream, or all streams that are due, to the end.

import type { Command } from "commander";
import { problem } from "../../supabase/functions/_shared/problem.ts";
import { reachOf } from "../../supabase/functions/_shared/sync/codes.ts";
import { json, project } from "../options.ts";
import { openProgress, type Progress } from "../progress.ts";
import type { Api } from "../calls.ts";
import { openApi, type ProjectOptions } from "../project.ts";
import { failures, isComplete, planText, replacedAtFirst, type SyncReport, syncTable } from "../reports.ts";
import { run } from "../run.ts";
import { callSync } from "../sync.ts";

export interface SyncOptions extends ProjectOptions {
  dryRun?: boolean;
  /** Every stream, due or not. */
  all?: true;
  allow?: string[];
  json?: true;
}

export function define(command: Command): void {
  project(command)
    .description("sync a stream, or every stream that is due, to the end")
    .argument("[stream]", "its name, such as clients; an unknown name lists them all")
    .option("--all", "every stream, whether it is due or not")
    .option("--dry-run", "only plan: show what would be done, and write nothing")
    .option(
      "--allow <names...>",
      "what may go beyond the breaker's shares: lose, insert, blank:<column>, replace:<column>",
    )
    .addOption(json("one object a stream and line: the report of its run"))
    .action((stream, options: SyncOptions) => {
      const progress = openProgress(options.json ?? false);
      return run(options, (signal) => sync(stream, options, signal, progress), { text, isBad });
    });
}

/** @throws no_stream, and what openApi throws */
export async function sync(
  stream: string | undefined,
  options: SyncOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<SyncReport[]> {
  const api = await openApi(options);
  // Loaded only here, because it loads the record schemas of all streams.
  const { streams } = await import("../../supabase/functions/_shared/sources.ts");
  const names = streams.map(({ name }) => name);
  if (stream !== undefined && !names.includes(stream)) throw noStream(stream, names);
  const isWhole = options.all || options.dryRun;
  const due = stream !== undefined ? [stream] : isWhole ? names : await dueStreams(api, names);

  const reports: SyncReport[] = [];
  const failed = new Set<string>();
  for (const { name, source } of streams.filter(({ name }) => due.includes(name))) {
    if (failed.has(source.name)) continue;
    const report = await syncStream(api, name, options, signal, progress);
    reports.push(report);
    progress.line(`${name}: ${report.status}`);
    const reach = reachOf(report.error?.code);
    if (report.status === "paused" || reach === "all") break;
    if (reach === "source") failed.add(source.name);
  }
  return reports;
}

/** The streams that have not run in this round yet; all of them if the last round was complete. */
function dueStreams(api: Api, streams: string[]): Promise<string[]> {
  return api.call<string[]>("sync_due_streams", { streams });
}

/** Runs one stream to the end. If a person breaks it off, the run is paused. */
async function syncStream(
  api: Api,
  stream: string,
  { dryRun = false, allow = [] }: SyncOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<SyncReport> {
  try {
    return await callSync(api, stream, signal, {
      body: JSON.stringify({ dry_run: dryRun, allow }),
      onProgress: (run) => progress.passing(`${stream}: ${run.step}, ${read(run)}`),
      onPause: (run) => progress.line(`${stream}: ${read(run)}, slice ${run.slices}`),
    });
  } catch (error) {
    if (signal.aborted) await interrupt(api, stream, progress);
    throw error;
  }
}

const read = ({ counters: { fetched, total } }: SyncReport) => `${fetched} of ${total ?? "?"} read`;

/** The call itself goes on until it finds that its lease is gone. */
async function interrupt(api: Api, stream: string, progress: Progress): Promise<void> {
  const paused = await api.call<SyncReport | null>("sync_interrupt", { stream }).catch(() => null);
  if (paused !== null) {
    progress.line(
      `Run ${paused.run_id} is paused after ${read(paused)}: etiquette sync ${stream} goes on with it.`,
    );
  }
}

function noStream(stream: string, names: string[]): Error {
  return problem("no_stream", `There is no stream ${stream}.`, { hint: `Streams: ${names.join(", ")}` });
}

export function text(reports: SyncReport[]): string {
  return [
    syncTable(reports),
    ...reports.flatMap(failures),
    ...reports.flatMap(replacedAtFirst),
    ...reports.filter(({ status }) => status === "partial").map(whyPartial),
    ...reports.flatMap(({ stream, plan }) => plan === undefined ? [] : [`\n${stream}`, planText(plan)]),
  ].join("\n");
}

function whyPartial(report: SyncReport): string {
  return `✖ ${report.stream}: ${read(report)}, or a check failed: etiquette run ${report.run_id} shows which`;
}

export function isBad(reports: SyncReport[]): boolean {
  return !reports.every(isComplete);
}
