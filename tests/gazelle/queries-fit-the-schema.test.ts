import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { buildSchema } from "graphql";
import { streams } from "../../supabase/functions/_shared/gazelle/index.ts";
import { queriesFitTheSchema, typesAreGenerated, typesOf } from "../checks/gazelle-types.ts";

Deno.test("the queries of the streams ask only for what Gazelle has", async () => {
  for (const { name, queries } of streams) assert.ok(queries.length > 0, name);
  assert.deepEqual((await queriesFitTheSchema()).findings, []);
});

Deno.test("a field that Gazelle has not is noticed, with its place", async () => {
  const stream = { name: "pianos", queries: ["query Pianos {\n  allPianos { nodes { id serial } }\n}"] };
  const { findings: [found] } = await queriesFitTheSchema([stream]);
  assert.equal(found?.place, "query of pianos, line 2");
  assert.match(found?.message ?? "", /Cannot query field "serial"/);
});

Deno.test("the types of the answers that are committed are those of queries and schema", async () => {
  assert.deepEqual((await typesAreGenerated(false)).findings, []);
});

Deno.test("an answer's type knows what may be null, lists, and that enums grow", () => {
  const schema = buildSchema(`
    type Query { all: [Thing!], one: Thing! }
    type Thing { id: ID!, kind: Kind, size: Float }
    enum Kind { BIG SMALL }`);
  const types = typesOf(schema, ["query Things { all { id kind } first: one { size } }"]);
  assert.match(types, /type Kind = Known<"BIG" \| "SMALL">;/);
  const [, answer] = /type Things = ([\s\S]*);\n/.exec(types) ?? [];
  assert.equal(
    answer?.replaceAll(/\s+/g, " "),
    "{ all: Array<{ id: string; kind: Kind | null; }> | null; first: { size: number | null; }; }",
  );
});

Deno.test("the functions are deployed with the versions that were tested", async () => {
  const mapped = await imports("../../supabase/functions/import_map.json");
  const tested = await imports("../../deno.json");
  assert.ok(Object.keys(mapped).length > 0);
  for (const [name, version] of Object.entries(mapped)) assert.equal(version, tested[name]);
});

async function imports(path: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(new URL(path, import.meta.url), "utf8")).imports;
}
