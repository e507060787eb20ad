// `npm run bench -- guard`: measures, judges, prints.

import { cpus } from "node:os";
import { table } from "../cli/terminal.ts";
import type { BenchServer } from "./database.ts";
import { benchGuard } from "./guard.ts";
import type { Measure } from "./measure.ts";
import { outcome, tell, whole } from "./report.ts";

export interface GuardOptions {
  json?: true;
  quick?: true;
  /** Rows of the bulk statements. */
  rows: number;
}

/** Measures and prints. @returns whether every limit is kept */
export async function reportGuard(
  server: BenchServer,
  { json, quick, rows }: GuardOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const sizes = quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000];
  const rounds = quick ? 5 : 9;
  const measures: Measure[] = [];
  for await (const measure of benchGuard(server, { rows, sizes, rounds, clock: () => performance.now() })) {
    signal.throwIfAborted();
    measures.push(measure);
    tell(measure, json);
  }
  const setting = `Postgres ${server.version}, ${cpus().length} cores, ${whole(rows)} rows`;
  if (!json) console.log(`\n${setting}; * marks the ratio that is judged\n${measureTable(measures)}`);
  return measures.every(({ ok }) => ok);
}

function measureTable(measures: Measure[]): string {
  const peers = Object.keys(measures.find(({ peers }) => peers !== undefined)?.peers ?? {});
  const head = ["Measure", "Guarded", "Unguarded", "Ratio", "by CPU", "Limit", "", ...peers];
  const rows = measures.map((measure) => [
    measure.name,
    figure(measure.guarded, measure.unit),
    measure.unguarded === null ? "" : figure(measure.unguarded, measure.unit),
    ...(["wall", "cpu"] as const).map((clock) => ratio(measure, clock)),
    measure.ratio === null ? figure(measure.limit, measure.unit) : measure.limit.toFixed(2),
    outcome(measure.ok),
    ...peers.map((peer) => measure.peers?.[peer]?.toFixed(1) ?? ""),
  ]);
  return table(head, rows);
}

/** With a star when it is the ratio that is judged. */
function ratio(measure: Measure, clock: Measure["judgedBy"]): string {
  const value = clock === "wall" ? measure.ratio : measure.cpuRatio;
  return value === null ? "" : `${value.toFixed(2)}${measure.judgedBy === clock ? " *" : ""}`;
}

function figure(value: number, unit: Measure["unit"]): string {
  return `${unit === "µs/row" ? value.toFixed(1) : whole(value)} ${unit}`;
}
