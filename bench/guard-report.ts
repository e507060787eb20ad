// `npm run bench -- guard`: measures, judges, prints.

import { cpus } from "node:os";
import { table } from "../cli/table.ts";
import type { BenchServer } from "./database.ts";
import { benchGuard, type Extent } from "./guard.ts";
import type { Measure } from "./measure.ts";
import { outcome, tell, whole } from "./report.ts";

export interface GuardOptions {
  json?: true;
  quick?: true;
  /** Rows of the table that the bulk statements write. */
  rows?: number;
}

const fullExtent: Extent = {
  table: { rows: 100_000, rounds: 9 },
  singles: { rows: 500, rowsAtOnce: 1, rounds: 500 },
  peerRounds: 3,
  sizes: [{ rows: 1_000, rounds: 27 }, { rows: 100_000, rounds: 9 }, { rows: 1_000_000, rounds: 3 }],
  cells: 100_000,
  syncs: 1_000,
};

/** A copy of a small table costs more than a statement in it, so several statements share a copy and write a part each. */
const quickExtent: Extent = {
  table: { rows: 6_000, rowsAtOnce: 1_500, rounds: 4 },
  singles: { rows: 100, rowsAtOnce: 1, rounds: 100 },
  peerRounds: 1,
  sizes: [{ rows: 1_000, rounds: 3 }, { rows: 10_000, rounds: 2 }],
  cells: 5_000,
  syncs: 50,
};

/** Measures and prints. @returns whether every limit is kept */
export async function reportGuard(
  server: BenchServer,
  { json, quick, rows }: GuardOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const usual = quick ? quickExtent : fullExtent;
  const extent = { ...usual, table: { ...usual.table, rows: rows ?? usual.table.rows } };
  const measures: Measure[] = [];
  for await (const measure of benchGuard(server, extent, () => performance.now())) {
    signal.throwIfAborted();
    measures.push(measure);
    tell(measure, json);
  }
  const setting = `Postgres ${server.version}, ${cpus().length} cores, ${whole(extent.table.rows)} rows`;
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
