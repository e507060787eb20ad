import assert from "node:assert/strict";
import { applyPlatform } from "../../local/migrations.ts";
import { apply, readCatalogue } from "../../release/catalogue.ts";
import { readMigrationFiles } from "../../release/checksums.ts";
import { testDatabase } from "../fixtures/database.ts";

/** What a project made before 2026-10-30 starts with: whatever is made in public is open to every caller of the API. */
const oldDefaults = ["tables", "functions", "sequences"].map((objects) =>
  `alter default privileges in schema public grant all on ${objects} to anon, authenticated, service_role`
);

Deno.test("grants are the same where the project's default privileges open every new object to everybody", async () => {
  const [open, closed] = [await grantsAfter(oldDefaults), await grantsAfter([])];
  assert.ok(closed.some((line) => line.includes("public.pls_rules")), "grants are compared");
  const isForgotten = (line: string) => line.includes("public.forgotten");
  assert.ok(open.some((line) => isForgotten(line) && line.includes("to anon")), "what nobody closes is open");
  assert.deepEqual(open.filter((line) => !isForgotten(line)), closed);
});

/** The grants of a new project's database, where these statements ran before the migrations. */
async function grantsAfter(statements: string[]): Promise<string[]> {
  await using database = await testDatabase("template0");
  const { sql } = database;
  await applyPlatform(sql);
  for (const statement of statements) await sql.unsafe(statement);
  await apply(sql, await readMigrationFiles(new URL("../../supabase/", import.meta.url)));
  await sql`create table public.forgotten (id integer)`;
  return (await readCatalogue(sql)).filter((line) => line.startsWith("grant "));
}
