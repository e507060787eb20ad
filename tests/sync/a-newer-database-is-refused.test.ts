import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { schemaVersion } from "../../supabase/functions/_shared/schema-version.ts";
import { verb } from "../cli/verbs.ts";
import { smallShop, sync } from "../fixtures/syncing.ts";

Deno.test("functions and command line refuse a database that a later release upgraded", async (test) => {
  await using platform = await smallShop();
  const { sql } = platform;
  assert.equal((await sync(platform, "users")).body.status, "complete", "of its own version");
  await sql`truncate gazelle_users`;
  await sql.unsafe(`
    create or replace function sync.schema_version() returns integer language sql immutable
    set search_path = pg_catalog, pg_temp as 'select ${schemaVersion + 1}'`);

  await test.step("an edge function ends its run as failed, and writes nothing", async () => {
    const { body } = await sync(platform, "users");
    assert.equal(body.status, "failed");
    assert.equal(body.error?.code, "database_newer");
    assert.match(body.error?.message ?? "", /^The database has version 2, and this edge function knows 1\.$/);
    assert.equal((await sql`select from gazelle_users`).length, 0);
  });

  for (const way of ["URL and key", "SQL"] as const) {
    await test.step(`the command line says what to type, by ${way}`, async () => {
      const { code, output } = await verb(platform, way, "runs");
      assert.equal(code, 1);
      assert.match(output, /this command line knows 1\. \(database_newer\)[\s\S]*git pull, then npm ci/);
    });
  }
});

Deno.test("the version that the code knows is that of the schema files", async () => {
  const file = new URL("../../supabase/schemas/sync/version.sql", import.meta.url);
  const [, version] = /as \$\$\s*select (\d+)\s*\$\$/.exec(await readFile(file, "utf8")) ?? [];
  assert.equal(Number(version), schemaVersion);
});
