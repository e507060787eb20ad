// Reports of runs, and their text for a person.

import { type Parts, partsOf } from "../supabase/functions/_shared/problem.ts";
import { type Answer, fieldsOf, functionFailed } from "./calls.ts";
import { table } from "./table.ts";
import { oneLine, seconds } from "./terminal.ts";

export interface SyncReport {
  stream: string;
  /** complete, partial, degraded, tripped, failed, refused, or paused if the source asked to wait. */
  status: string;
  run_id?: number;
  dry_run?: boolean;
  step?: string;
  slices?: number;
  started_by?: string;
  started_at?: string;
  finished_at?: string | null;
  not_before?: string | null;
  counters: Record<string, number | null>;
  milliseconds: Record<string, number> | null;
  error: Parts | null;
  plan?: Plan;
  /** Of the first run of a stream: by column, how many values it replaces, and how many stood there. */
  replaced_at_first?: Record<string, [replaced: number, standing: number]> | null;
}

export interface Plan {
  insert: number;
  update: number;
  /** How many rows were missing from this and the last complete read. */
  missing: number;
  /** How many rows were missing from this read, those included. */
  lacking: number;
  unchanged: number;
  columns: Record<string, Partial<Record<"filled" | "replaced" | "blanked" | "kept" | "standing", number>>>;
  samples: Sample[];
}

export interface Sample {
  effect: string;
  column: string | null;
  external_id: string;
  stands: unknown;
  sent: unknown;
}

/** The report in the answer of a stream's function, or one that says that there was none. */
export function reportOf(stream: string, answer: Answer): SyncReport {
  const nothing = { stream, status: "refused", counters: {}, milliseconds: {}, error: null };
  const { status, ...report } = fieldsOf(answer);
  if (typeof status === "string") return { ...nothing, status, ...report };
  return { ...nothing, error: partsOf(functionFailed(`sync-${stream}`, answer, "a report")) };
}

export function isComplete({ status }: SyncReport): boolean {
  return status === "complete";
}

const counters = ["inserted", "updated", "unchanged", "kept", "rejected"];

export function syncTable(reports: SyncReport[]): string {
  return table(
    ["Sync", "Outcome", ...counters, "Time"],
    reports.map((report) => [
      report.stream,
      report.status,
      ...counters.map((name) => report.counters[name] ?? null),
      seconds(report.milliseconds?.["total"] ?? 0),
    ]),
  );
}

export function failures({ stream, error }: SyncReport): string[] {
  if (error === null || error === undefined) return [];
  return [
    oneLine(`✖ ${stream}: ${error.message} (${error.code})`),
    ...[error.details, error.hint].filter(Boolean).map((line) => `  ${line!.replaceAll("\n", "\n  ")}`),
  ];
}

/** What the first run of a stream replaced of that which another program had written. */
export function replacedAtFirst({ stream, replaced_at_first: columns }: SyncReport): string[] {
  const told = Object.entries(columns ?? {}).map(([name, [replaced, standing]]) =>
    `  ${name} ${replaced.toLocaleString("en-CA")} of ${standing.toLocaleString("en-CA")}`
  );
  return told.length === 0
    ? []
    : [`${stream}: the first sync replaces what another program wrote, in`, ...told];
}

const effects = ["filled", "replaced", "blanked", "kept"] as const;

/** What a run did or would do: how many rows, how many values by column, and some samples. */
export function planText(plan: Plan, most = 10): string {
  const { insert, update, missing, lacking, unchanged, columns, samples } = plan;
  const rows = Object.entries(columns).map((
    [name, by],
  ) => [name, ...effects.map((effect) => by[effect] ?? 0)]);
  const others = samples.length - most;
  return [
    `Plan: insert ${insert}, update ${update}, leave ${unchanged}, mark missing ${missing}`,
    ...(lacking > missing
      ? [`  ${lacking - missing} more: missing, if the next complete read lacks them too`]
      : []),
    ...(rows.length > 0 ? [table(["Column", ...effects], rows)] : []),
    ...samples.slice(0, most).map(sampleText),
    ...(others > 0 ? [`  and ${others} more samples: --json shows them all`] : []),
  ].join("\n");
}

function sampleText({ effect, column, external_id: id, stands, sent }: Sample): string {
  if (column === null) return oneLine(`  ${effect} ${id}`);
  return oneLine(`  ${effect} ${column} of ${id}: ${valueText(stands)} stands, ${valueText(sent)} sent`);
}

/** A value as JSON, cut to the length of a line. */
export function valueText(value: unknown, most = 60): string {
  const text = JSON.stringify(value) ?? "null";
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
