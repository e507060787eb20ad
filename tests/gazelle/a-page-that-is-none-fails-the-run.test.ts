import assert from "node:assert/strict";
import { asProblem } from "../../supabase/functions/_shared/problem.ts";
import { pianos } from "../../supabase/functions/_shared/gazelle/pianos.ts";

const pageInfo = { hasNextPage: true, endCursor: "MQ" };
const page = { nodes: [], totalCount: 3, pageInfo };

const answers: [what: string, allPianos: unknown, details: RegExp][] = [
  ["no list", { ...page, nodes: undefined }, /^allPianos\.nodes: /],
  ["a count that no integer holds", { ...page, totalCount: 99_999_999_999 }, /^allPianos\.totalCount: /],
  ["a count below zero", { ...page, totalCount: -1 }, /^allPianos\.totalCount: /],
  ["a cursor with a NUL", { ...page, pageInfo: { ...pageInfo, endCursor: "\0" } }, /endCursor: holds a NUL/],
  ["no cursor to go on with", { ...page, pageInfo: { ...pageInfo, endCursor: null } }, /stays null/],
  [
    "the cursor it was asked with",
    { ...page, pageInfo: { ...pageInfo, endCursor: "before" } },
    /stays "before"/,
  ],
  ["nothing on it and a next page", page, /after one without a record/],
  ["nothing", null, /^allPianos: /],
];

for (const [what, allPianos, details] of answers) {
  Deno.test(`a page with ${what} is called malformed`, async () => {
    const ask = () => Promise.resolve({ data: { allPianos }, errors: [] });
    const problem = await pianos.read(ask, 100, "before").then(() => null, asProblem);
    assert.equal(problem?.code, "gazelle_malformed");
    assert.match(problem?.details ?? "", details);
  });
}

Deno.test("an error that is not one record's is Gazelle's refusal", async () => {
  for (const path of [null, [], ["allPianos"], ["allPianos", "nodes"], ["allClients", "nodes", 0, "id"]]) {
    const ask = () => Promise.resolve({ data: { allPianos: page }, errors: [{ message: "no", path }] });
    const problem = await pianos.read(ask, 100, null).then(() => null, asProblem);
    assert.deepEqual([problem?.code, problem?.details], ["gazelle_refused", "no"]);
  }
});
