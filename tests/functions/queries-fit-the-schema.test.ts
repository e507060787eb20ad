import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { buildSchema, parse, validate } from "graphql";
import { clients } from "../../supabase/functions/_shared/clients.ts";
import { pianos } from "../../supabase/functions/_shared/pianos.ts";

const schema = buildSchema(
  await readFile(new URL("../../gazelle-double/schema.graphql", import.meta.url), "utf8"),
);

for (const stream of [clients, pianos]) {
  Deno.test(`the query of ${stream.name} asks only for what Gazelle has`, () => {
    assert.deepEqual(validate(schema, parse(stream.query)), []);
  });
}

Deno.test("a field that Gazelle has not is noticed", () => {
  const [error] = validate(schema, parse(pianos.query.replace("serialNumber", "serial")));
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
