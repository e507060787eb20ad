// `npm run bench -- sync`: measures, judges, prints.

import { cpus } from "node:os";
import { table } from "../cli/table.ts";
import type { BenchServer } from "./database.ts";
import { median } from "./measure.ts";
import { outcome, printJson, whole } from "./report.ts";
import { measureSize, prepareServer, type Size, type Work } from "./sync.ts";
import { measureCall, measureShop } from "./sync-shop.ts";
import { judgeFlatness, judgeSize, type Verdict } from "./sync-verdicts.ts";

export interface SyncOptions {
  json?: true;
  quick?: true;
  /** Larger tables are left out. */
  rows: number;
}

const quickSizes: Size[] = [{ rows: 1_000, rounds: 1 }, { rows: 10_000, rounds: 1 }];
const allSizes: Size[] = [
  { rows: 1_000, rounds: 5 },
  { rows: 10_000, rounds: 5 },
  { rows: 100_000, rounds: 3 },
  { rows: 1_000_000, rounds: 1 },
];

/** Measures and prints. @returns whether every limit is kept */
export async function benchSync(server: BenchServer, { json, quick, rows }: SyncOptions): Promise<boolean> {
  const clock = () => performance.now();
  const template = await prepareServer(server);
  const verdicts: Verdict[] = [];
  const tell = (verdict: Verdict) => {
    verdicts.push(verdict);
    if (json) printJson(verdict);
    else if (!verdict.ok) console.error(`MISS ${nameOf(verdict)}`);
  };
  const sizes: Work[][] = [];
  for (const size of (quick ? quickSizes : allSizes).filter((size) => size.rows <= rows)) {
    const works = await measureSize(server, template, size, clock);
    sizes.push(works);
    if (json) works.forEach((work) => printJson(figures(work)));
    else console.log(workTable(works));
    judgeSize(works).forEach(tell);
  }
  judgeFlatness(sizes).forEach(tell);
  for await (const verdict of measureCall(server, template)) tell(verdict);
  for await (const verdict of measureShop(server, template, clock)) tell(verdict);
  if (!json) console.log(`Postgres ${server.version}, ${cpus().length} cores\n${verdictTable(verdicts)}`);
  return verdicts.every(({ ok }) => ok);
}

/** Medians over the rounds. */
function figures({ scenario, contender, rows, written, costs, ownCpu, wal, rewritten }: Work) {
  const milliseconds = median(costs.map(({ wall }) => wall));
  return {
    scenario,
    contender,
    rows,
    written,
    rowsPerSecond: written / milliseconds * 1000,
    walBytes: median(wal),
    rewritten: median(rewritten),
    functionCpu: median(ownCpu),
  };
}

function workTable(works: Work[]): string {
  const head = [
    `${whole(works[0]!.rows)} rows`,
    "",
    "rows/s",
    "WAL bytes a row",
    "Rewritten",
    "CPU of the function",
  ];
  const rows = works.map((work) => {
    const { scenario, contender, written, rowsPerSecond, walBytes, rewritten, functionCpu } = figures(work);
    return [
      scenario,
      written < work.rows ? `${contender} (of ${whole(written)})` : contender,
      whole(rowsPerSecond),
      (walBytes / written).toFixed(1),
      whole(rewritten),
      `${whole(functionCpu)} ms`,
    ];
  });
  return table(head, rows);
}

function verdictTable(verdicts: Verdict[]): string {
  const rows = verdicts.map((verdict) => [
    nameOf(verdict),
    `${verdict.value.toFixed(verdict.unit === "ms" || verdict.unit === "rows" ? 0 : 2)} ${verdict.unit}`,
    verdict.limit === null ? "" : `${verdict.limit} ${verdict.unit}`,
    verdict.unit === "×" && verdict.by === "cpu" ? "by CPU" : "",
    outcome(verdict.limit === null ? null : verdict.ok),
  ]);
  return table(["Promise", "Found", "Limit", "", ""], rows);
}

function nameOf({ name, rows }: Verdict): string {
  return rows === null ? name : `${whole(rows)} rows, ${name}`;
}
