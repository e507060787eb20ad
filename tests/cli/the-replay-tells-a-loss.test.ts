import assert from "node:assert/strict";
import { printReplay } from "../../cli/commands/replay.ts";

const all = { values: 3, kinds: { "PLS badges": 3 } };
const fewer = { values: 2, kinds: { "PLS badges": 2 } };

const outcomes = {
  before: all,
  unprotected: fewer,
  protected: all,
  synced: all,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

Deno.test("the replay ends with 0 when only the unprotected copies lost something", async () => {
  assert.equal(await printReplay(outcomes), 0);
});

for (const lost of ["protected", "synced"]) {
  Deno.test(`the replay ends with 1 when a manual value is lost (${lost})`, async () => {
    assert.equal(await printReplay({ ...outcomes, [lost]: fewer }), 1);
  });
}
