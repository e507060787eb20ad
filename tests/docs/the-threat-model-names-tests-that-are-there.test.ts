import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readDocument } from "./engine.ts";

const root = new URL("../../", import.meta.url);

Deno.test("docs/threat-model.md: each attacker has a test, and each test is there", async () => {
  const text = await readDocument("threat-model.md");
  const rows = text.split("\n").filter((line) => line.startsWith("| ")).slice(1);
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const named = [...row.matchAll(/`(tests\/[^`]+)`/g)].map(([, path]) => path!);
    assert.ok(named.length > 0, `no test is named: ${row}`);
    assert.deepEqual(named.filter((path) => !existsSync(new URL(path, root))), []);
  }
});
