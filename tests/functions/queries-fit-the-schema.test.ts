import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { buildSchema, parse, validate } from "graphql";
import { streams } from "../../supabase/functions/_shared/streams.ts";

const schema = buildSchema(
  await readFile(new URL("../../gazelle-double/schema.graphql", import.meta.url), "utf8"),
);

for (const { name, queries } of streams) {
  Deno.test(`the queries of ${name} ask only for what Gazelle has`, () => {
    assert.ok(queries.length > 0);
    for (const query of queries) assert.deepEqual(validate(schema, parse(query)), []);
  });
}

Deno.test("a field that Gazelle has not is noticed", () => {
  const [error] = validate(schema, parse("{ allPianos { nodes { id serial } } }"));
  assert.match(error?.message ?? "", /Cannot query field "serial"/);
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
