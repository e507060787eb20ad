// Judges what was measured by what is promised of the sync.

import { clockFor, median, ratioOf } from "./measure.ts";
import { whole } from "./report.ts";
import type { Work } from "./sync.ts";
import { ours, plain, script, stripe } from "./sync-contenders.ts";

export interface Verdict {
  name: string;
  /** Rows of the table; null for a verdict about something else than one table. */
  rows: number | null;
  value: number;
  unit: "×" | "%" | "rows" | "s" | "ms" | "MB";
  /** Null where the value is shown and not judged. */
  limit: number | null;
  by: "wall" | "cpu";
  ok: boolean;
}

/** Kept when the value is at most `limit`, or when there is no limit. */
export function atMost(limit: number | null, found: Omit<Verdict, "limit" | "ok">): Verdict {
  return { ...found, limit, ok: limit === null || found.value <= limit };
}

/** In a smaller table the 25 ms that any run takes outweigh its rows, so the ratios are shown and not judged. */
const leastRows = 10_000;

/** How many times as fast as a contender our sync must at least be. */
const leastSpeeds = [
  { scenario: "nothing changed", than: plain, times: 2 },
  { scenario: "1 % changed", than: plain, times: 1.5 },
  { scenario: "first load", than: plain, times: 0.8 },
  ...["first load", "nothing changed", "1 % changed", "everything changed", "blanks everywhere"].flatMap(
    (scenario) => [{ scenario, than: script, times: 20 }, { scenario, than: stripe, times: 2 }],
  ),
];

export function judgeSize(works: Work[]): Verdict[] {
  const rows = works[0]!.rows;
  const isJudged = rows >= leastRows;
  const speeds = leastSpeeds.map(({ scenario, than, times }): Verdict => {
    const { value, by } = speedRatio(find(works, scenario, ours), find(works, scenario, than));
    const limit = isJudged ? times : null;
    return {
      name: `${scenario}: times as fast as ${than}`,
      rows,
      value,
      unit: "×",
      limit,
      by,
      ok: limit === null || value >= limit,
    };
  });
  const unchanged = find(works, "nothing changed", ours);
  const unguarded = find(works, "nothing changed", plain);
  const rewritten = median(unchanged.rewritten);
  const wal = 100 * median(unchanged.wal) / median(unguarded.wal);
  return [
    atMost(0, { name: "nothing changed: rows rewritten", rows, value: rewritten, unit: "rows", by: "wall" }),
    atMost(isJudged ? 1 : null, {
      name: "nothing changed: WAL, as a part of the plain upsert's",
      rows,
      value: wal,
      unit: "%",
      by: "wall",
    }),
    ...speeds,
  ];
}

/** Judges the cost of a row in the largest table, as a multiple of that in the smallest table with judged ratios. */
export function judgeFlatness(sizes: Work[][]): Verdict[] {
  const judged = sizes.filter((works) => works[0]!.rows >= leastRows);
  const [small, large] = [judged[0], judged.at(-1)];
  if (!small || !large || small === large) return [];
  return [...new Set(small.map(({ scenario }) => scenario))].map((scenario): Verdict => {
    const { value, by } = speedRatio(find(small, scenario, ours), find(large, scenario, ours));
    const name = `${scenario}: cost of a row, as a multiple of that at ${whole(small[0]!.rows)} rows`;
    return atMost(1.3, { name, rows: large[0]!.rows, value, unit: "×", by });
  });
}

function find(works: Work[], scenario: string, contender: string): Work {
  return works.find((work) => work.scenario === scenario && work.contender === contender)!;
}

/** How many times as fast as the other the first writes rows: by wall clock, or by processor time where clockFor says so. */
function speedRatio(one: Work, other: Work): { value: number; by: "wall" | "cpu" } {
  const perRow = ({ costs, written }: Work) =>
    costs.map(({ wall, cpu }) => ({ wall: wall / written, cpu: cpu === null ? null : cpu / written }));
  const [fast, slow] = [perRow(one), perRow(other)];
  const by = clockFor([[slow, fast]]);
  return { value: ratioOf(slow, fast, by)!, by };
}
