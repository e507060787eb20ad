import assert from "node:assert/strict";
import { isBad, text } from "../../cli/commands/replay.ts";

const all = { values: 3, kinds: { "PLS badges": 3 } };
const fewer = { values: 2, kinds: { "PLS badges": 2 } };

const outcomes = {
  before: all,
  unprotected: fewer,
  protected: all,
  synced: all,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

Deno.test("the replay ends well when only the unprotected copies lost something", () => {
  assert.equal(isBad(outcomes), false);
  assert.match(text(outcomes), /kept 3 of 3 manual values/);
});

for (const lost of ["protected", "synced"]) {
  Deno.test(`the replay ends badly when a manual value is lost (${lost})`, () => {
    assert.equal(isBad({ ...outcomes, [lost]: fewer }), true);
    assert.match(text({ ...outcomes, [lost]: fewer }), /kept 2 of 3 manual values/);
  });
}
