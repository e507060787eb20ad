import assert from "node:assert/strict";
import process from "node:process";
import { goalOf, playAll } from "../fixtures/model/play.ts";

// The same operations each time: what the soak finds with seeds of its own becomes a test with a name.
const goal = goalOf(2_000, { MODEL_SEED: "1", ...process.env });

Deno.test(`${goal.operations} operations, MODEL_SEED=${goal.seed}`, async () => {
  const played = await playAll(goal);
  assert.ok(played >= goal.operations, `only ${played} operations were played`);
});
