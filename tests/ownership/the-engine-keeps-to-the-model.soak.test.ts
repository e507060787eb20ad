import assert from "node:assert/strict";
import process from "node:process";
import { goalOf, playAll } from "../fixtures/model/play.ts";

const goal = goalOf(1_000_000, process.env);
const every = 10_000;

Deno.test(`${goal.operations} operations, MODEL_SEED=${goal.seed}`, async () => {
  const startedAt = performance.now();
  console.log(`${goal.operations} operations, MODEL_SEED=${goal.seed}`);
  const onProgress = (played: number) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (played % every === 0) console.log(`${played} operations after ${seconds} s`);
  };
  const played = await playAll({ ...goal, onProgress });
  assert.ok(played >= goal.operations, `only ${played} operations were played`);
});
