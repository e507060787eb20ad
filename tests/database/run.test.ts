import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type TestDatabase, testDatabase } from "../fixtures/database.ts";
import { runTapFile } from "../fixtures/tap.ts";

// Every file rolls back, so that one database serves all of them.
let database: Promise<TestDatabase> | null = null;

Deno.test.afterAll(async () => await (await database)?.[Symbol.asyncDispose]());

for (const file of chosenFiles()) {
  Deno.test(file, { sanitizeOps: false, sanitizeResources: false }, async () => {
    database ??= databaseWithHelpers();
    const { url } = await database;
    const text = await readFile(new URL(file, import.meta.url), "utf8");
    const { problems } = await runTapFile(url, text, `tests/database/${file}`);
    assert.ok(problems.length === 0, problems.join("\n"));
  });
}

async function databaseWithHelpers(): Promise<TestDatabase> {
  const made = await testDatabase();
  await made.sql.unsafe(await readFile(new URL("../fixtures/helpers.sql", import.meta.url), "utf8")).simple();
  return made;
}

/** The .sql files beside this one whose path holds one of the words that the harness was asked for. */
function chosenFiles(): string[] {
  const words = (process.env["TEST_FILTER"] ?? "").split(" ").filter((word) => word !== "");
  const files = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".sql")).sort();
  const all = words.length === 0 || words.some((word) => "tests/database/run.test.ts".includes(word));
  return all ? files : files.filter((file) => words.some((word) => `tests/database/${file}`.includes(word)));
}
