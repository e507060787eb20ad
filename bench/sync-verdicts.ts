// What is promised of the sync, judged from what was measured.

import { clockFor, median, ratioOf } from "./measure.ts";
import { whole } from "./report.ts";
import type { Work } from "./sync.ts";
import { ours, plain, script, stripe } from "./sync-contenders.ts";

export interface Verdict {
  name: string;
  /** Size of the table; null for what has none. */
  rows: number | null;
  value: number;
  unit: "×" | "%" | "rows" | "s" | "ms" | "MB";
  /** Null for what is told and not judged. */
  limit: number | null;
  by: "wall" | "cpu";
  ok: boolean;
}

/** Kept when the value is at most `limit`, or when there is no limit. */
export function atMost(limit: number | null, found: Omit<Verdict, "limit" | "ok">): Verdict {
  return { ...found, limit, ok: limit === null || found.value <= limit };
}

/** Below, the 25 ms that a run needs for itself decide: told, not judged. */
const leastRows = 10_000;

/** How many times as fast as another our sync must be, at least. */
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
      name: "nothing changed: WAL of that of the plain upsert",
      rows,
      value: wal,
      unit: "%",
      by: "wall",
    }),
    ...speeds,
  ];
}

/** The cost of a row in the largest table, over that in the smallest which is judged. */
export function judgeFlatness(sizes: Work[][]): Verdict[] {
  const judged = sizes.filter((works) => works[0]!.rows >= leastRows);
  const [small, large] = [judged[0], judged.at(-1)];
  if (!small || !large || small === large) return [];
  return [...new Set(small.map(({ scenario }) => scenario))].map((scenario): Verdict => {
    const { value, by } = speedRatio(find(small, scenario, ours), find(large, scenario, ours));
    const name = `${scenario}: cost of a row, of that at ${whole(small[0]!.rows)}`;
    return atMost(1.3, { name, rows: large[0]!.rows, value, unit: "×", by });
  });
}

function find(works: Work[], scenario: string, contender: string): Work {
  return works.find((work) => work.scenario === scenario && work.contender === contender)!;
}

/** How many times as many rows a second the first writes. By processor time where other programs decide about the clock. */
function speedRatio(one: Work, other: Work): { value: number; by: "wall" | "cpu" } {
  const perRow = ({ costs, written }: Work) =>
    costs.map(({ wall, cpu }) => ({ wall: wall / written, cpu: cpu === null ? null : cpu / written }));
  const [fast, slow] = [perRow(one), perRow(other)];
  const by = clockFor([[slow, fast]]);
  return { value: ratioOf(slow, fast, by)!, by };
}
