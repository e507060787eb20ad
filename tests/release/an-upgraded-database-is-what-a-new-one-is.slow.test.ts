import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { applyPlatform } from "../../local/migrations.ts";
import { assemble, type MigrationFile } from "../../release/build.ts";
import { apply, differences, readCatalogue } from "../../release/catalogue.ts";
import { freeze, readMigrationFiles } from "../../release/checksums.ts";
import { writeNext } from "../../release/next.ts";
import { readSchemas } from "../../release/schemas.ts";
import { testDatabase } from "../fixtures/database.ts";
import { copyOfSupabase } from "../fixtures/release.ts";

const additions = `
create table shop.labels (name text primary key);
comment on table shop.labels is 'Labels.';

create function shop.label() returns text language sql set search_path = pg_catalog, pg_temp as $$ select 'x' $$;
`;

Deno.test("after a release a change makes one new migration, and an upgraded database is what a new one is", async () => {
  await using copy = await copyOfSupabase();
  await freeze(copy.supabase);
  const tags = new URL("schemas/shop/tags.sql", copy.supabase);
  await appendFile(tags, additions);
  const file = await writeNext(copy.supabase, "labels");
  const path = new URL(`migrations/${file}`, copy.supabase);
  const written = await readFile(path, "utf8");
  assert.match(written, /^-- By hand.*\n-- create table shop\.labels/m);
  assert.match(written, /^create or replace function shop\.label\(\)/m);

  await writeFile(path, written.replace(/-- By hand.*\n-- (.*)\n/, "$1;\n"));
  const [fresh, upgraded] = [
    await catalogueOf(assemble(await readSchemas(copy.supabase))),
    await catalogueOf(await readMigrationFiles(copy.supabase)),
  ];
  assert.deepEqual(differences(fresh, upgraded), { missing: [], unexpected: [] });
  const added = fresh.filter((line) => /shop\.labels?\b/.test(line)).map((line) => line.split(" ")[0]);
  assert.deepEqual(
    new Set(added),
    new Set(["table", "column", "constraint", "index", "comment", "function", "grant"]),
  );
});

async function catalogueOf(migrations: MigrationFile[]): Promise<string[]> {
  await using database = await testDatabase("template0");
  await applyPlatform(database.sql);
  await apply(database.sql, migrations);
  return await readCatalogue(database.sql);
}
