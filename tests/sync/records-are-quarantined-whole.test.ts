import assert from "node:assert/strict";
import fc from "fast-check";
import { pianos } from "../../supabase/functions/_shared/gazelle/pianos.ts";
import { readRecords } from "../../supabase/functions/_shared/sync/records.ts";

const rejections: [string, unknown, string][] = [
  ["no id", { make: "Yamaha" }, "id"],
  ["an empty id", { id: "" }, "id"],
  ["a blank id", { id: " " }, "id"],
  ["an id that no index holds", { id: "ins_".repeat(750) }, "id"],
  ["a client's id that no index holds", { id: "ins_1", client: { id: "cli_".repeat(750) } }, "client.id"],
  ["a wrong type", { id: "ins_1", year: "1921" }, "year"],
  ["a year no integer holds", { id: "ins_1", year: 99999999999 }, "year"],
  ["null tags", { id: "ins_1", tags: null }, "tags"],
  ["a null tag", { id: "ins_1", tags: ["a", null] }, "tags.1"],
  ["a NUL", { id: "ins_1", notes: "a\0b" }, "notes"],
  ["an unpaired surrogate", { id: "ins_1", location: "\ud83c" }, "location"],
  ["a date that is none", { id: "ins_1", damppChaserMfgDate: "spring" }, "damppChaserMfgDate"],
  ["nothing", null, ""],
];

for (const [what, node, path] of rejections) {
  Deno.test(`a record with ${what} is rejected as sent; the rest of the page goes on`, () => {
    const { records, rejected } = readRecords(pianos, [node, { id: "ins_2" }], []);
    assert.deepEqual(records, [{ external_id: "ins_2" }]);
    assert.equal(rejected.length, 1);
    assert.equal(rejected[0]?.path, path);
    assert.deepEqual(JSON.parse(rejected[0]?.payload ?? ""), node);
  });
}

Deno.test("a record nulled by an error keeps Gazelle's own words as the reason", () => {
  const { rejected } = readRecords(pianos, [null], [{ message: "no tags today", path: [0, "tags"] }]);
  assert.equal(rejected[0]?.reason, "Gazelle answered an error: no tags today");
  assert.equal(rejected[0]?.path, "tags");
});

Deno.test("values that nobody knew are data", () => {
  const { records } = readRecords(pianos, [{ id: "ins_1", status: "ON_LOAN", type: "HOLOGRAM" }], []);
  assert.deepEqual(records, [{ external_id: "ins_1", status: "ON_LOAN", type: "HOLOGRAM" }]);
});

Deno.test("whatever comes is either staged or rejected, and no value is invented", () => {
  const node = fc.oneof(
    fc.anything(),
    fc.record({
      id: fc.string(),
      tags: fc.anything(),
      year: fc.anything(),
      notes: fc.string({ unit: "binary" }),
    }),
  );
  fc.assert(fc.property(node, (node) => {
    const { records, rejected } = readRecords(pianos, [node], []);
    assert.equal(records.length + rejected.length, 1);
    const sent = Object.values((node ?? {}) as Record<string, unknown>);
    for (const value of Object.values(records[0] ?? {})) assert.ok(sent.some((given) => same(given, value)));
  }));
});

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
