// `etiquette rejected [run]`: lists records that could not be stored, and replays them.

import type { Command } from "commander";
import { json, limit, project, wholeNumber } from "../options.ts";
import { openProgress } from "../progress.ts";
import { openApi, type ProjectOptions, withProject } from "../project.ts";
import type { SyncReport } from "../reports.ts";
import { run } from "../run.ts";
import { table } from "../table.ts";
import { isBad, sync, text as syncText } from "./sync.ts";

export interface Rejected {
  id: number;
  run_id: number;
  stream: string;
  external_id: string | null;
  path: string;
  reason: string;
  rejected_at: string;
  /** The record as it was sent. It is text, because jsonb cannot hold everything that JSON can. */
  payload: string;
  replayed_by: number | null;
  /** False after a later complete run, which has read the record again. */
  is_replayable: boolean;
}

export interface RejectedOptions extends ProjectOptions {
  limit: number;
  replay?: true;
  json?: true;
}

export function define(command: Command): void {
  project(command)
    .description("list rejected records, of a run or all that were not replayed; replay them with --replay")
    .argument("[run]", "its number, as etiquette runs lists it", wholeNumber)
    .option("--replay", "stage them again, once what stopped them is fixed")
    .addOption(limit(50))
    .addOption(json("one object a record and line; of a replay, one a stream"))
    .action((id: number | undefined, options: RejectedOptions) =>
      options.replay
        ? run(options, (signal) => replay(id, options, signal), { text: syncText, isBad })
        : run(options, (signal) => rejected(id, options, signal), { text })
    );
}

/** @throws PT404 */
export function rejected(
  id: number | undefined,
  { limit, ...options }: RejectedOptions,
  signal: AbortSignal,
): Promise<Rejected[]> {
  return withProject(options, signal, (call) => call("sync_list_rejected", { run_id: id, row_limit: limit }));
}

/**
 * Begins a replay for each of their streams, and carries it out.
 * @throws PT404 if nothing can be replayed, PT409
 */
export async function replay(
  id: number | undefined,
  options: RejectedOptions,
  signal: AbortSignal,
): Promise<SyncReport[]> {
  // The API is opened first: a replay that is begun and not carried out would block the stream.
  const api = await openApi(options);
  const begun = await api.call<SyncReport[]>("sync_begin_replay", { run_id: id });
  const reports: SyncReport[] = [];
  for (const { stream } of begun) {
    reports.push(...await sync(stream, options, signal, openProgress(options.json ?? false)));
  }
  return reports;
}

function text(records: Rejected[]): string {
  if (records.length === 0) return "No record was rejected.";
  const replayable = records.some(({ is_replayable }) => is_replayable);
  return [
    table(
      ["Record", "Run", "Stream", "Id", "Field", "Reason", "Replay"],
      records.map((one) => [
        one.id,
        one.run_id,
        one.stream,
        one.external_id ?? "",
        one.path,
        one.reason,
        one.replayed_by !== null
          ? `run ${one.replayed_by}`
          : one.is_replayable
          ? "can be"
          : "read anew since",
      ]),
    ),
    ...(replayable
      ? ["Corrected in Gazelle, the next run brings them; or: etiquette rejected --replay"]
      : []),
  ].join("\n");
}
