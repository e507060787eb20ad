// Runs the pgTAP files that tests/run.ts chose, each as one test.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type TestDatabase, testDatabase } from "./fixtures/database.ts";
import { runTapFile } from "./fixtures/tap.ts";

// Every file rolls back, so that one database serves all of them.
let database: Promise<TestDatabase> | null = null;

Deno.test.afterAll(async () => await (await database)?.[Symbol.asyncDispose]());

for (const file of (process.env["TEST_PGTAP_FILES"] ?? "").split(" ").filter((file) => file !== "")) {
  Deno.test(file, { sanitizeOps: false, sanitizeResources: false }, async () => {
    database ??= databaseWithHelpers();
    const { url } = await database;
    const text = await readFile(new URL(`../${file}`, import.meta.url), "utf8");
    const { problems } = await runTapFile(url, text, file);
    assert.ok(problems.length === 0, problems.join("\n"));
  });
}

async function databaseWithHelpers(): Promise<TestDatabase> {
  const made = await testDatabase();
  await made.sql.unsafe(await readFile(new URL("fixtures/helpers.sql", import.meta.url), "utf8")).simple();
  return made;
}
