import assert from "node:assert/strict";
import { chooseTests } from "../fixtures/lanes.ts";

const files = [
  "tests/fixtures/functions/echo/index.ts",
  "tests/fixtures/shop.sql",
  "tests/ownership/a-key-is-kept.sql",
  "tests/ownership/a-set-is-kept.test.ts",
  "tests/ownership/a-type-is-kept.slow.test.ts",
  "tests/ownership/table.ts",
  "tests/sync/a-run-is-resumed.kill.test.ts",
  "tests/sync/a-run-is-resumed.soak.test.ts",
  "tests/sync/a-run-is-scheduled.hosted.test.ts",
];
const chosen = (...words: string[]) => chooseTests(files, words).map((file) => file.split("/").at(-1));

Deno.test("without words every test is chosen that is in no lane, and nothing that only tests share", () => {
  assert.deepEqual(chosen(), ["a-key-is-kept.sql", "a-set-is-kept.test.ts"]);
});

Deno.test("a lane's name chooses the lane", () => {
  assert.deepEqual(chosen("slow"), ["a-type-is-kept.slow.test.ts"]);
  assert.deepEqual(chosen("kill"), ["a-run-is-resumed.kill.test.ts"]);
  assert.deepEqual(chosen("soak", "hosted"), [
    "a-run-is-resumed.soak.test.ts",
    "a-run-is-scheduled.hosted.test.ts",
  ]);
});

Deno.test("another word chooses the paths that hold it; what kills, takes hours or a server is named in full", () => {
  assert.deepEqual(chosen("ownership"), [
    "a-key-is-kept.sql",
    "a-set-is-kept.test.ts",
    "a-type-is-kept.slow.test.ts",
  ]);
  assert.deepEqual(chosen(".sql"), ["a-key-is-kept.sql"]);
  assert.deepEqual(chosen("a-set", "a-type"), ["a-set-is-kept.test.ts", "a-type-is-kept.slow.test.ts"]);
  assert.deepEqual(chosen("tests/sync"), []);
  assert.deepEqual(chosen("resumed.kill"), ["a-run-is-resumed.kill.test.ts"]);
});

Deno.test("a word with a minus in front leaves out the paths that hold the rest of it", () => {
  assert.deepEqual(chosen("ownership", "-type"), ["a-key-is-kept.sql", "a-set-is-kept.test.ts"]);
  assert.deepEqual(chosen("-.sql"), ["a-set-is-kept.test.ts"]);
});
