import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { engineVersion } from "../../cli/install/migrations.ts";
import { harness, testDatabase } from "../fixtures/database.ts";

Deno.test("the engine tells its version: the number of its migrations, which the command line counts too", async () => {
  await using database = await testDatabase();
  const [row] = await database.sql<{ version: number }[]>`select ownership.version()`;
  const files = (await readdir(harness().migrations)).filter((file) => file.includes("_ownership_"));
  assert.equal(row!.version, files.length);
  assert.equal(row!.version, await engineVersion());
});
