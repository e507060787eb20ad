import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { harness } from "../fixtures/database.ts";
import { olderShop } from "../fixtures/older-shop.ts";

const { migrations } = harness();

Deno.test("the engine that was installed alone keeps its claims when everything else is installed", async () => {
  await using database = await olderShop();
  const { sql } = database;
  const files = (await readdir(migrations)).sort();
  const install = async (some: string[]) => {
    for (const file of some) await sql.unsafe(await readFile(`${migrations}/${file}`, "utf8")).simple();
  };
  const [engine, rest] = [
    files.filter((file) => file.includes("_ownership_")),
    files.filter((file) => !file.includes("_ownership_")),
  ];
  await install(engine);
  await sql.unsafe(`
    create table places (code text primary key, name text);
    insert into places values ('p1', 'from a source');
    select ownership.protect('places', 'name');
    update places set name = 'by hand'`).simple();
  const refused = await install(rest).then(() => null, (error: { code: string; detail: string }) => error);
  assert.equal(refused?.code, "GZ006");
  assert.match(refused!.detail, /migration repair --remote --status applied/);

  await sql.unsafe(`
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text)`)
    .simple();
  for (const file of engine) {
    const [version, ...name] = file.replace(".sql", "").split("_");
    await sql`
      insert into supabase_migrations.schema_migrations (version, name) values (${version!}, ${
      name.join("_")
    })`;
  }
  await install(rest);
  const claims = await sql`select col, key, value from ownership.claims where tbl = 'places'::regclass`;
  assert.deepEqual([...claims], [{ col: "name", key: "p1", value: "by hand" }]);
  assert.deepEqual([...await sql`select * from ownership.health()`], []);
});
