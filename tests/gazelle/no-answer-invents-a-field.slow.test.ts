import process from "node:process";
import { assertWasWorthIt, goalOf, readAll } from "../fixtures/fuzz/play.ts";

const goal = goalOf(15_000, process.env);

Deno.test(`${goal.answers} made-up answers, FUZZ_SEED=${goal.seed}`, async () => {
  assertWasWorthIt(await readAll(goal), goal);
});
