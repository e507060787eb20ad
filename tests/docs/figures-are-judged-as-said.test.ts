import assert from "node:assert/strict";
import { compare, type Cost } from "../../bench/measure.ts";

/** Three rounds of each: wall clocks as given, processor times a tenth of them unless given. */
const costs = (walls: number[], cpus = walls.map((wall): number | null => wall / 10)): Cost[] =>
  walls.map((wall, round) => ({ wall, cpu: cpus[round]! }));

const verdict = (guarded: Cost[], unguarded: Cost[]) => {
  const { ratio, cpuRatio, judgedBy, ok } = compare("", 100, { guarded, unguarded }, 1.05);
  return { ratio, cpuRatio, judgedBy, ok };
};

Deno.test("the median of the rounds' ratios is judged, by the wall clock", () => {
  const judged = verdict(costs([102, 204, 412]), costs([100, 200, 400]));
  assert.deepEqual(judged, { ratio: 1.02, cpuRatio: 1.02, judgedBy: "wall", ok: true });
  assert.equal(verdict(costs([106, 212, 424]), costs([100, 200, 400])).ok, false);
});

Deno.test("processor time is judged where the rounds disagree by more than a tenth", () => {
  const busy = costs([100, 130, 160], [104, 104, 104]);
  const judged = verdict(busy, costs([100, 100, 100], [100, 100, 100]));
  assert.deepEqual(judged, { ratio: 1.3, cpuRatio: 1.04, judgedBy: "cpu", ok: true });
});

Deno.test("the wall clock is judged where the system tells no processor time", () => {
  const untold = [null, null, null];
  const judged = verdict(costs([100, 130, 160], untold), costs([100, 100, 100], untold));
  assert.deepEqual(judged, { ratio: 1.3, cpuRatio: null, judgedBy: "wall", ok: false });
});

Deno.test("what else was measured stands beside it, against the same twin", () => {
  const rounds = { guarded: costs([100]), unguarded: costs([100]), audit: costs([300]) };
  assert.deepEqual(compare("", 100, rounds, 1).peers, { audit: 3 });
});
