import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { readDocument } from "../docs/engine.ts";
import { renderManualColumns } from "../docs/manual-columns.ts";
import { testDatabase } from "../fixtures/database.ts";

const hint = "renew it with `UPDATE_DOCS=1 npm test -- manual-fields`";

Deno.test("manual fields are documented: docs/manual-columns.md is what the database says", async () => {
  await using database = await testDatabase();
  const text = await renderManualColumns(database.sql);
  if (process.env["UPDATE_DOCS"] !== undefined) {
    await writeFile(new URL("../../docs/manual-columns.md", import.meta.url), text);
  }
  assert.equal(await readDocument("manual-columns.md"), text, hint);

  const protectedColumns = await database.sql`select col from ownership.policies`;
  assert.ok(protectedColumns.length > 10);
  for (const { col } of protectedColumns) assert.ok(text.includes(`| \`${col}\` |`), `${col} is not in it`);
  await database.sql`select ownership.protect('gazelle_pianos', 'year')`;
  assert.notEqual(await renderManualColumns(database.sql), text, "another policy is seen");
});
